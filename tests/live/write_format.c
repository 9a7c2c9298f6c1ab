/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "report/read_report.h"
#include "thaw/report.h"

/*
 * write_format FORMAT REPORT: writes a JSON report in another format of the table, so that tests
 * can render reports that no target gives.
 */
int main(int argc, char **argv)
{
    const struct thaw_report_format *row = thaw_report_formats();
    struct thaw_error error = {0};
    json_t *report = NULL;
    int code = argc == 3 ? thaw_report_read_file(argv[2], &report, &error) : -1;

    while (row->name && argc == 3 && strcmp(row->name, argv[1]) != 0)
        row++;
    if (!code)
        code = row->name ? row->write(report, NULL, stdout, &error) : -1;
    if (code)
        fprintf(stderr, "%s\n", error.message);
    json_decref(report);
    return code ? 1 : 0;
}
