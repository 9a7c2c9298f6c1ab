/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/formats.h"
#include "report/writers.h"

static const struct thaw_report_format formats[] = {
    {"summary", "for a terminal: findings by severity and area, place first as compilers have it",
     thaw_lint_write_summary, 0},
    {"json", "all of it; its schema is printed by `thaw schema lint`", thaw_write_json, 0},
    {"markdown", "for a pull request's comment or a job's summary; 65,536 characters at most",
     thaw_lint_write_markdown, 0},
    {"junit", "JUnit XML: a case for each finding and each rule that found nothing",
     thaw_lint_write_junit, 0},
    {"sarif", "for code scanning, SARIF 2.1.0: findings with line and column",
     thaw_lint_write_sarif, 0},
    {"gitlab", "GitLab's code quality report: likewise, with severity", thaw_lint_write_gitlab, 0},
    {"github", "annotations of GitHub's jobs (workflow commands), ten of each level at most",
     thaw_lint_write_github, 0},
    {0},
};

const struct thaw_report_format *thaw_lint_formats(void)
{
    return formats;
}
