/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "gate/gate.h"
#include "report/read_report.h"
#include "thaw/report.h"

/*
 * write_format FORMAT REPORT: writes a JSON report in another format of the table, so that tests
 * can render reports that no target gives. "gate:FORMAT" writes the verdict of a gate.
 */

static const char gate_mark[] = "gate:";

static int read_json(const char *path, bool is_gate, json_t **ret, struct thaw_error *error)
{
    json_error_t place;

    if (!is_gate)
        return thaw_report_read_file(path, ret, error);
    *ret = json_load_file(path, 0, &place);
    return *ret ? 0 : -1;
}

int main(int argc, char **argv)
{
    bool is_gate = argc == 3 && !strncmp(argv[1], gate_mark, strlen(gate_mark));
    const char *name = is_gate ? argv[1] + strlen(gate_mark) : argv[1];
    const struct thaw_report_format *row = is_gate ? thaw_gate_formats() : thaw_report_formats();
    struct thaw_error error = {0};
    json_t *report = NULL;
    int code = argc == 3 ? read_json(argv[2], is_gate, &report, &error) : -1;

    while (row->name && argc == 3 && strcmp(row->name, name) != 0)
        row++;
    if (!code)
        code = row->name ? row->write(report, NULL, stdout, &error) : -1;
    if (code)
        fprintf(stderr, "%s\n", error.message);
    json_decref(report);
    return code ? 1 : 0;
}
