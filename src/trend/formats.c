/* SPDX-License-Identifier: Apache-2.0 */
#include "report/writers.h"
#include "trend/trend.h"

static const struct thaw_report_format formats[] = {
    {"json", "all of it; its schema is printed by `thaw schema history`", thaw_write_json, 0},
    {"html", "one page for a browser, which loads nothing and runs nothing: a chart of each metric",
     thaw_write_trend_html, 0},
    {"markdown",
     "for a comment or a job's summary: what changed, tables; 65,536 characters at most",
     thaw_write_trend_markdown, 0},
    {"csv", "a row for each value", thaw_write_trend_csv, 0},
    {"summary", "for a terminal: the latest values, their trend, what changed with which commit",
     thaw_write_trend_summary, 0},
    {0},
};

const struct thaw_report_format *thaw_trend_formats(void)
{
    return formats;
}
