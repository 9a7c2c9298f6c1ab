/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/issues.h"
#include "report/keys.h"
#include "report/summary_parts.h"
#include "report/writers.h"
#include "report/xml_text.h"
#include "thaw/analysis.h"

/*
 * JUnit's XML, as CI systems read it. A case for each issue: an error of the app fails, warnings
 * and notes pass and have their words in system-out, what is suppressed is skipped with its reason.
 * A kind of finding that was looked for in vain is a case that passes; one that could not be looked
 * for is skipped. The case "measurement.complete" is an error when something was not seen: then the
 * others may say too little. Cases have no times: these are not times of tests.
 */

struct junit {
    struct thaw_summary summary;
    struct thaw_issues issues;
    FILE *cases; /* written first, as they are counted before them */
    size_t tests, failures, errors, skipped;
};

static const char *escaped(struct junit *junit, const char *text)
{
    const char *escaped_text = thaw_xml_text(&junit->summary.arena, text);

    junit->summary.failed |= !escaped_text;
    return escaped_text ? escaped_text : "";
}

/* Begins a case; class and name are not escaped yet. */
static void begin_case(struct junit *junit, const char *class, const char *name)
{
    junit->tests++;
    fprintf(junit->cases, "    <testcase classname=\"%s\" name=\"%s\"", escaped(junit, class),
            escaped(junit, name));
}

static void write_element(struct junit *junit, const char *element, const char *type,
                          const char *message, const char *text)
{
    fprintf(junit->cases, "      <%s", element);
    if (type)
        fprintf(junit->cases, " type=\"%s\"", escaped(junit, type));
    if (message)
        fprintf(junit->cases, " message=\"%s\"", escaped(junit, message));
    if (text)
        fprintf(junit->cases, ">%s</%s>\n", escaped(junit, text), element);
    else
        fputs("/>\n", junit->cases);
}

/* "warning: requests is not needed … (thaw explain lazy-import)" */
static const char *issue_text(struct junit *junit, const struct thaw_issue *issue)
{
    return thaw_summary_format(&junit->summary, "%s: %s%s%s%s", thaw_issue_level_word(issue->level),
                               thaw_issue_sentences(&junit->summary, issue),
                               issue->finding ? " More: thaw explain " : "",
                               issue->finding ? issue->id : "", issue->finding ? "." : "");
}

static void write_issue(struct junit *junit, const struct thaw_issue *issue)
{
    begin_case(junit, thaw_summary_format(&junit->summary, "thaw.%s", issue->id), issue->text);
    if (!issue->elsewhere) {
        fprintf(junit->cases, " file=\"%s\"", escaped(junit, issue->path));
        if (issue->line)
            fprintf(junit->cases, " line=\"%" PRIu64 "\"", issue->line);
    }
    fputs(">\n", junit->cases);
    if (issue->suppressed) {
        junit->skipped++;
        write_element(junit, "skipped", NULL,
                      thaw_summary_format(&junit->summary, "suppressed: %s",
                                          thaw_summary_text(&junit->summary, issue->suppressed,
                                                            "reason")),
                      NULL);
    } else if (issue->level == THAW_ISSUE_ERROR) {
        junit->failures++;
        write_element(junit, "failure", issue->id, issue->text, issue_text(junit, issue));
    }
    if (issue->suppressed || issue->level != THAW_ISSUE_ERROR)
        write_element(junit, "system-out", NULL, NULL, issue_text(junit, issue));
    fputs("    </testcase>\n", junit->cases);
}

static void write_complete(struct junit *junit)
{
    struct thaw_summary *summary = &junit->summary;
    const char *const *lines = thaw_summary_written(summary, thaw_summary_not_seen, NULL);
    bool complete = thaw_summary_is(summary->report, "complete");
    size_t unread = thaw_key_unread(summary->report);
    const char *verdict = complete && unread
                              ? thaw_summary_format(summary,
                                                    "INCOMPLETE: %zu files or folders of the "
                                                    "target could not be read",
                                                    unread)
                              : thaw_summary_verdict(summary, NULL);
    const char *text = "";

    for (size_t i = 0; lines[i]; i++)
        text = thaw_summary_format(summary, "%s%s%s", text, i ? "; " : "",
                                   thaw_summary_unled(lines[i]));
    begin_case(junit, "thaw", "measurement.complete");
    if (complete && !unread && !*text) {
        fputs("/>\n", junit->cases);
        return;
    }
    fputs(">\n", junit->cases);
    if (!complete || unread) {
        junit->errors++;
        write_element(junit, "error", "incomplete", verdict, text);
    } else {
        write_element(junit, "system-out", NULL, NULL, text);
    }
    fputs("    </testcase>\n", junit->cases);
}

static void write_unsought(struct junit *junit, const char *id, const char *needs)
{
    begin_case(junit, thaw_summary_format(&junit->summary, "thaw.%s", id), "not looked for");
    fputs(">\n", junit->cases);
    junit->skipped++;
    write_element(junit, "skipped", NULL, thaw_summary_format(&junit->summary, "needs: %s", needs),
                  NULL);
    fputs("    </testcase>\n", junit->cases);
}

static bool is_found(const struct junit *junit, const char *id)
{
    for (size_t i = 0; i < junit->issues.list.count; i++)
        if (!strcmp(junit->issues.list.items[i].id, id))
            return true;
    return false;
}

/* What it needs, where it was not looked for; else NULL. */
static const char *unsought_needs(struct junit *junit, const struct thaw_finding_kind *kind)
{
    const json_t *unsought;
    size_t i;

    if (!json_is_array(json_object_get(junit->summary.report, "findings")))
        return kind->needs;
    json_array_foreach(json_object_get(junit->summary.report, "not_looked_for"), i, unsought)
    {
        if (!strcmp(thaw_key_string(unsought, "id"), kind->id))
            return thaw_summary_text(&junit->summary, unsought, "needs");
    }
    return NULL;
}

/* A target without a recording is not searched for any. */
static void write_kinds(struct junit *junit)
{
    size_t count;
    const struct thaw_finding_kind *const *kinds = thaw_finding_kinds(&count);

    if (!json_is_object(json_object_get(junit->summary.report, "run")))
        return;
    for (size_t i = 0; i < count; i++) {
        const char *needs = unsought_needs(junit, kinds[i]);

        if (needs) {
            write_unsought(junit, kinds[i]->id, needs);
        } else if (!is_found(junit, kinds[i]->id)) {
            begin_case(junit, thaw_summary_format(&junit->summary, "thaw.%s", kinds[i]->id),
                       "not found");
            fputs("/>\n", junit->cases);
        }
    }
}

static void write_target_kinds(struct junit *junit)
{
    size_t count;
    const struct thaw_finding_kind *kinds = thaw_issue_target_kinds(&count);
    bool has_libraries = thaw_summary_list(junit->summary.report, "libraries");

    if (!json_is_object(json_object_get(junit->summary.report, "target")))
        return;
    for (size_t i = 0; i < count; i++) {
        if (is_found(junit, kinds[i].id))
            continue;
        if (!strcmp(kinds[i].id, "missing-library") && !has_libraries) {
            write_unsought(junit, kinds[i].id, "the shared objects, which were not looked at");
            continue;
        }
        begin_case(junit, thaw_summary_format(&junit->summary, "thaw.%s", kinds[i].id),
                   "not found");
        fputs("/>\n", junit->cases);
    }
}

static void write_document(struct junit *junit, const char *cases)
{
    const json_t *run = json_object_get(junit->summary.report, "run");
    const char *started = thaw_summary_text(&junit->summary, run, "started");
    FILE *stream = junit->summary.stream;
    const char *counts =
        thaw_summary_format(&junit->summary, "tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"",
                            junit->tests, junit->failures, junit->errors);

    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", stream);
    fprintf(stream, "<testsuites name=\"thaw\" %s>\n", counts);
    fprintf(stream, "  <testsuite name=\"thaw\" %s skipped=\"%zu\"", counts, junit->skipped);
    if (*started)
        fprintf(stream, " timestamp=\"%s\"", escaped(junit, started));
    fprintf(stream, ">\n%s  </testsuite>\n</testsuites>\n", cases);
}

static void write_cases(struct junit *junit)
{
    write_complete(junit);
    for (size_t i = 0; i < junit->issues.list.count; i++)
        write_issue(junit, &junit->issues.list.items[i]);
    write_kinds(junit);
    write_target_kinds(junit);
}

int thaw_write_junit(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                     struct thaw_error *error)
{
    struct junit junit = {0};
    char *cases = NULL;
    size_t length = 0;
    int code;

    (void)options;
    thaw_summary_begin_texts(&junit.summary, report, stream);
    junit.cases = open_memstream(&cases, &length);
    junit.summary.failed |= !junit.cases;
    if (junit.cases && thaw_issues_find(&junit.summary, &junit.issues))
        write_cases(&junit);
    junit.summary.failed |= junit.cases && fclose(junit.cases) != 0;
    if (!junit.summary.failed)
        write_document(&junit, cases);
    thaw_issues_free(&junit.issues);
    code = thaw_summary_end(&junit.summary, error);
    free(cases);
    return code;
}
