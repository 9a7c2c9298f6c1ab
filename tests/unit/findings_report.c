/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "findings_report.h"
#include "thaw/report.h"

int findings_report_write(const json_t *report, const char *format, FILE *stream,
                          struct thaw_error *error)
{
    const struct thaw_report_format *row = thaw_report_formats();

    while (row->name && strcmp(row->name, format) != 0)
        row++;
    assert_non_null(row->name);
    return row->write(report, NULL, stream, error);
}

char *findings_report_written(const json_t *report, const char *format)
{
    struct thaw_error error = {0};
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);

    assert_non_null(stream);
    assert_int_equal(findings_report_write(report, format, stream, &error), 0);
    assert_int_equal(fclose(stream), 0);
    assert_int_equal(strlen(text), length);
    return text;
}

json_t *findings_report_json(const json_t *report, const char *format)
{
    char *text = findings_report_written(report, format);
    json_t *made = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

    assert_non_null(made);
    free(text);
    return made;
}

void findings_report_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no \"%s\" in:\n%s", part, text);
}

void findings_report_lacks(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("\"%s\" in:\n%s", part, text);
}

json_t *findings_report_finding(const char *id, const char *severity, const char *title,
                                const char *file, int line)
{
    json_t *location = *file ? json_pack("{s:s, s:i}", "file", file, "line", line) : json_null();

    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:[s], s:s, s:[i], s:n, s:n, s:s, s:[], s:[], "
                     "s:[], s:n}",
                     "id", id, "severity", severity, "confidence", "high", "title", title,
                     "location", location, "evidence", "so it was seen", "risk", "safe", "modules",
                     2, "saving", "moves_to", "fix", "do this", "reasons", "first_calls", "imports",
                     "proof");
}

json_t *findings_report(json_t *findings)
{
    json_t *report = json_pack(
        "{s:s, s:{s:s}, s:b, s:{s:s, s:s, s:s}, s:[{s:i, s:s, s:s, s:s}, {s:i, s:s, s:s, s:s}], "
        "s:[{s:s, s:s, s:i}], s:o, s:[], s:[]}",
        "schema", "thaw-report/1", "tool", "version", "0.1.0", "complete", 1, "run", "directory",
        "/srv/app", "started", "2026-11-23T03:00:00.000Z", "backend", "ebpf", "modules", "id", 1,
        "name", "app", "owner", "app", "path", "/srv/app/api/app.py", "id", 2, "name", "pandas.io",
        "owner", "package", "distribution", "Pandas", "requirements", "file", "requirements.txt",
        "name", "pandas", "line", 7, "findings", findings, "suppressed", "not_looked_for");

    assert_non_null(report);
    return report;
}
