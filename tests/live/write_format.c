/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "gate/gate.h"
#include "lint/formats.h"
#include "report/read_report.h"
#include "thaw/report.h"

/*
 * write_format FORMAT REPORT: writes a JSON report in another format of the table, so that tests
 * can render reports that no target gives. "gate:FORMAT" writes the verdict of a gate,
 * "lint:FORMAT" what lint found.
 */

static const struct thaw_report_format *report_formats(void)
{
    return thaw_report_formats();
}

static const struct {
    const char *mark;
    const struct thaw_report_format *(*formats)(void);
} documents[] = {{"gate:", thaw_gate_formats}, {"lint:", thaw_lint_formats}, {"", report_formats}};

static int read_json(const char *path, bool is_report, json_t **ret, struct thaw_error *error)
{
    json_error_t place;

    if (is_report)
        return thaw_report_read_file(path, ret, error);
    *ret = json_load_file(path, 0, &place);
    return *ret ? 0 : -1;
}

static int write_as(const char *name, const char *path, json_t **report, struct thaw_error *error)
{
    const struct thaw_report_format *row;
    size_t i = 0;
    int code;

    while (strncmp(name, documents[i].mark, strlen(documents[i].mark)) != 0)
        i++;
    row = documents[i].formats();
    while (row->name && strcmp(row->name, name + strlen(documents[i].mark)) != 0)
        row++;
    code = read_json(path, !*documents[i].mark, report, error);
    if (!code)
        code = row->name ? row->write(*report, NULL, stdout, error) : -1;
    return code;
}

int main(int argc, char **argv)
{
    struct thaw_error error = {0};
    json_t *report = NULL;
    int code = argc == 3 ? write_as(argv[1], argv[2], &report, &error) : -1;

    if (code)
        fprintf(stderr, "%s\n", error.message);
    json_decref(report);
    return code ? 1 : 0;
}
