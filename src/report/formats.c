/* SPDX-License-Identifier: Apache-2.0 */
#include "report/writers.h"

static const struct thaw_report_format formats[] = {
    {"json", "the whole report; its schema is printed by `thaw schema`", thaw_write_json, true},
    {"html", "one page for a browser, which loads nothing: phases, imports, packages, libraries",
     thaw_write_html, true},
    {"summary", "for a terminal: total, phases, costliest imports, what was not seen",
     thaw_write_summary, false},
    {"cyclonedx", "a bill of materials, CycloneDX 1.6: distributions, libraries, who needs whom",
     thaw_write_cyclonedx, false},
    {"sarif", "findings for code scanning, SARIF 2.1.0: where, how much, why, what to do",
     thaw_write_sarif, false},
    {"markdown", "for a pull request's comment or a job's summary, as GitHub shows it",
     thaw_write_markdown, false},
    {"junit", "JUnit XML: error-level findings fail, an incomplete measurement is an error",
     thaw_write_junit, false},
    {"gitlab", "GitLab's code quality report: findings with path, line and severity",
     thaw_write_gitlab, false},
    {0},
};

const struct thaw_report_format *thaw_report_formats(void)
{
    return formats;
}
