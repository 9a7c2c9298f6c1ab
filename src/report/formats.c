/* SPDX-License-Identifier: Apache-2.0 */
#include "report/writers.h"

static const struct thaw_report_format formats[] = {
    {"json", "the whole report; its schema is printed by `thaw schema`", thaw_write_json,
     THAW_REPORT_SECTIONS | THAW_REPORT_MAKES_MODULES},
    {"html", "one page for a browser, which loads nothing: phases, imports, packages, libraries",
     thaw_write_html, THAW_REPORT_SECTIONS | THAW_REPORT_MAKES_MODULES},
    {"summary", "for a terminal: total, phases, costliest imports, what was not seen",
     thaw_write_summary, 0},
    {"cyclonedx", "a bill of materials, CycloneDX 1.6: distributions, libraries, who needs whom",
     thaw_write_cyclonedx, 0},
    {"sarif", "findings for code scanning, SARIF 2.1.0: where, how much, why, what to do",
     thaw_write_sarif, 0},
    {"markdown", "for a pull request's comment or a job's summary, as GitHub shows it",
     thaw_write_markdown, 0},
    {"junit", "JUnit XML: error-level findings fail, an incomplete measurement is an error",
     thaw_write_junit, 0},
    {"gitlab", "GitLab's code quality report: findings with path, line and severity",
     thaw_write_gitlab, 0},
    {"chrome-trace",
     "a trace for Perfetto, chrome://tracing and speedscope: phases, imports, calls",
     thaw_write_chrome_trace, 0},
    {"speedscope", "profiles for speedscope: phases, and the imports of each thread",
     thaw_write_speedscope, 0},
    {"folded", "stacks of imports for flame graphs, with their own time in microseconds",
     thaw_write_folded, 0},
    {"importtime", "what `python -X importtime` would print, of one process, for tuna and others",
     thaw_write_importtime, 0},
    {"otlp", "spans for OpenTelemetry, as JSON: an ExportTraceServiceRequest", thaw_write_otlp, 0},
    {"openmetrics", "metrics of one cold start, as Prometheus and others read them",
     thaw_write_openmetrics, 0},
    {"csv", "a table of modules, RFC 4180: a row each, the report's keys as columns",
     thaw_write_csv, 0},
    {0},
};

const struct thaw_report_format *thaw_report_formats(void)
{
    return formats;
}
