/* SPDX-License-Identifier: Apache-2.0 */
#include "report/writers.h"
#include "trend/fleet.h"

static const struct thaw_report_format formats[] = {
    {"json", "all of it; its schema is printed by `thaw schema audit`", thaw_write_json, 0},
    {"html", "one page for a browser, which loads nothing and runs nothing", thaw_write_fleet_html,
     0},
    {"markdown", "for a comment or a page of a wiki; 65,536 characters at most",
     thaw_write_fleet_markdown, 0},
    {"csv", "a row for each app and day", thaw_write_fleet_csv, 0},
    {"summary", "for a terminal: what became worse, starts by app and day, what they took",
     thaw_write_fleet_summary, 0},
    {0},
};

const struct thaw_report_format *thaw_fleet_formats(void)
{
    return formats;
}
