/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/diff.h"
#include "report/html_fill.h"

/* diff_html_page.S */
extern const char thaw_diff_html_page[];
extern const char thaw_diff_html_page_end[];

/* The page of a comparison: reports/dist/diff.html. */
int thaw_write_diff_html(const json_t *diff, const struct thaw_report_options *options,
                         FILE *stream, struct thaw_error *error)
{
    (void)options;
    return thaw_html_fill(thaw_diff_html_page, thaw_diff_html_page_end, diff, NULL, stream, error);
}
