/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/formats.h"
#include "gate/gate.h"
#include "report/writers.h"

static const struct thaw_report_format formats[] = {
    {"summary", "for a terminal: the verdict, all budgets, why and by whom they are broken",
     thaw_gate_write_summary, 0},
    {"json", "all of it; its schema is printed by `thaw schema gate`", thaw_write_json, 0},
    {"markdown", "for a pull request's comment or a job's summary; 65,536 characters at most",
     thaw_gate_write_markdown, 0},
    {"junit", "JUnit XML: a case for each budget; what can't be told is skipped or an error",
     thaw_gate_write_junit, 0},
    {"sarif", "for code scanning, SARIF 2.1.0: broken budgets where the import stands",
     thaw_gate_write_sarif, 0},
    {"gitlab", "GitLab's code quality report: likewise, with severity", thaw_gate_write_gitlab, 0},
    {"github", "annotations of GitHub's jobs (workflow commands), ten of each level at most",
     thaw_gate_write_github, 0},
    {0},
};

const struct thaw_report_format *thaw_gate_formats(void)
{
    return formats;
}
