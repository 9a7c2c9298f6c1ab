/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html_fill.h"
#include "report/writers.h"

/* html_page.S (objects are named after their source without its ending) */
extern const char thaw_html_page[];
extern const char thaw_html_page_end[];

/* The page of a report: reports/dist/report.html. */
int thaw_write_html(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                    struct thaw_error *error)
{
    return thaw_html_fill(thaw_html_page, thaw_html_page_end, report,
                          options ? options->modules : NULL, stream, error);
}
