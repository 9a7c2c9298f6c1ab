/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/junit.h"
#include "report/summary_parts.h"
#include "report/xml_text.h"

static const char *escaped(struct thaw_junit *junit, const char *text)
{
    const char *escaped_text = thaw_xml_text(&junit->summary.arena, text);

    junit->summary.failed |= !escaped_text;
    return escaped_text ? escaped_text : "";
}

void thaw_junit_begin(struct thaw_junit *junit, const json_t *report, FILE *stream)
{
    *junit = (struct thaw_junit){0};
    thaw_summary_begin_texts(&junit->summary, report, stream);
    junit->cases = open_memstream(&junit->text, &junit->length);
    junit->summary.failed |= !junit->cases;
}

void thaw_junit_case(struct thaw_junit *junit, const char *class, const char *name,
                     const char *path, uint64_t line)
{
    junit->tests++;
    if (!junit->cases)
        return;
    fprintf(junit->cases, "    <testcase classname=\"%s\" name=\"%s\"", escaped(junit, class),
            escaped(junit, name));
    if (*path)
        fprintf(junit->cases, " file=\"%s\"", escaped(junit, path));
    if (*path && line)
        fprintf(junit->cases, " line=\"%" PRIu64 "\"", line);
    junit->is_bare = true;
}

void thaw_junit_element(struct thaw_junit *junit, const char *element, const char *type,
                        const char *message, const char *text)
{
    junit->failures += !strcmp(element, "failure");
    junit->errors += !strcmp(element, "error");
    junit->skipped += !strcmp(element, "skipped");
    if (!junit->cases)
        return;
    fprintf(junit->cases, "%s      <%s", junit->is_bare ? ">\n" : "", element);
    junit->is_bare = false;
    if (type)
        fprintf(junit->cases, " type=\"%s\"", escaped(junit, type));
    if (message)
        fprintf(junit->cases, " message=\"%s\"", escaped(junit, message));
    if (text)
        fprintf(junit->cases, ">%s</%s>\n", escaped(junit, text), element);
    else
        fputs("/>\n", junit->cases);
}

void thaw_junit_case_end(struct thaw_junit *junit)
{
    if (junit->cases)
        fputs(junit->is_bare ? "/>\n" : "    </testcase>\n", junit->cases);
}

static void write_document(struct thaw_junit *junit, const char *started)
{
    FILE *stream = junit->summary.stream;
    const char *counts =
        thaw_summary_format(&junit->summary, "tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"",
                            junit->tests, junit->failures, junit->errors);

    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", stream);
    fprintf(stream, "<testsuites name=\"thaw\" %s>\n", counts);
    fprintf(stream, "  <testsuite name=\"thaw\" %s skipped=\"%zu\"", counts, junit->skipped);
    if (*started)
        fprintf(stream, " timestamp=\"%s\"", escaped(junit, started));
    fprintf(stream, ">\n%s  </testsuite>\n</testsuites>\n", junit->text);
}

int thaw_junit_end(struct thaw_junit *junit, const char *started, struct thaw_error *error)
{
    int code;

    junit->summary.failed |= junit->cases && fclose(junit->cases) != 0;
    if (!junit->summary.failed)
        write_document(junit, started);
    thaw_issues_free(&junit->issues);
    code = thaw_summary_end(&junit->summary, error);
    free(junit->text);
    return code;
}
