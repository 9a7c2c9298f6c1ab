/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/trials_parts.h"
#include "report/writers.h"

static const struct thaw_report_format formats[] = {
    {"json", "all of it; its schema is printed by `thaw schema trials`", thaw_write_json, 0},
    {"csv", "a row for each run", thaw_trials_write_csv, 0},
    {"markdown", "for a comment on a pull request: the tables", thaw_trials_write_markdown, 0},
    {"summary", "for a terminal", thaw_trials_write_summary, 0},
    {0},
};

const struct thaw_report_format *thaw_trials_formats(void)
{
    return formats;
}
