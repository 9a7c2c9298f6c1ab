/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/diff.h"
#include "report/writers.h"

static const struct thaw_report_format formats[] = {
    {"json", "all of it; its schema is printed by `thaw schema diff`", thaw_write_json, false},
    {"html",
     "one page for a browser, which loads nothing: all of it, with both import trees in one",
     thaw_write_diff_html, false},
    {"markdown", "for a comment on a pull request: the verdict, tables; 65,536 characters at most",
     thaw_write_diff_markdown, false},
    {"summary", "for a terminal: the verdict, phases, what came and went", thaw_write_diff, false},
    {0},
};

const struct thaw_report_format *thaw_diff_formats(void)
{
    return formats;
}
