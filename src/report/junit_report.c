/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/junit.h"
#include "report/keys.h"
#include "report/summary_parts.h"
#include "report/writers.h"
#include "thaw/analysis.h"

/*
 * JUnit's XML, as CI systems read it. A case for each issue: an error of the app fails, warnings
 * and notes pass and have their words in system-out, what is suppressed is skipped with its reason.
 * A kind of finding that was looked for in vain is a case that passes; one that could not be looked
 * for is skipped. The case "measurement.complete" is an error when something was not seen: then the
 * others may say too little. Cases have no times: these are not times of tests.
 */

static const char *class_of(struct thaw_junit *junit, const char *id)
{
    return thaw_summary_format(&junit->summary, "thaw.%s", id);
}

/* "warning: requests is not needed … (thaw explain lazy-import)" */
static const char *issue_text(struct thaw_junit *junit, const struct thaw_issue *issue)
{
    return thaw_summary_format(&junit->summary, "%s: %s%s%s%s", thaw_issue_level_word(issue->level),
                               thaw_issue_sentences(&junit->summary, issue),
                               issue->finding ? " More: thaw explain " : "",
                               issue->finding ? issue->id : "", issue->finding ? "." : "");
}

static void write_issue(struct thaw_junit *junit, const struct thaw_issue *issue)
{
    thaw_junit_case(junit, class_of(junit, issue->id), issue->text,
                    issue->elsewhere ? "" : issue->path, issue->line);
    if (issue->suppressed) {
        thaw_junit_element(junit, "skipped", NULL,
                           thaw_summary_format(&junit->summary, "suppressed: %s",
                                               thaw_summary_text(&junit->summary, issue->suppressed,
                                                                 "reason")),
                           NULL);
    } else if (issue->level == THAW_ISSUE_ERROR) {
        thaw_junit_element(junit, "failure", issue->id, issue->text, issue_text(junit, issue));
    }
    if (issue->suppressed || issue->level != THAW_ISSUE_ERROR)
        thaw_junit_element(junit, "system-out", NULL, NULL, issue_text(junit, issue));
    thaw_junit_case_end(junit);
}

static void write_complete(struct thaw_junit *junit)
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
    thaw_junit_case(junit, "thaw", "measurement.complete", "", 0);
    if (!complete || unread)
        thaw_junit_element(junit, "error", "incomplete", verdict, text);
    else if (*text)
        thaw_junit_element(junit, "system-out", NULL, NULL, text);
    thaw_junit_case_end(junit);
}

static void write_unsought(struct thaw_junit *junit, const char *id, const char *needs)
{
    thaw_junit_case(junit, class_of(junit, id), "not looked for", "", 0);
    thaw_junit_element(junit, "skipped", NULL,
                       thaw_summary_format(&junit->summary, "needs: %s", needs), NULL);
    thaw_junit_case_end(junit);
}

static void write_not_found(struct thaw_junit *junit, const char *id)
{
    thaw_junit_case(junit, class_of(junit, id), "not found", "", 0);
    thaw_junit_case_end(junit);
}

static bool is_found(const struct thaw_junit *junit, const char *id)
{
    for (size_t i = 0; i < junit->issues.list.count; i++)
        if (!strcmp(junit->issues.list.items[i].id, id))
            return true;
    return false;
}

/* What it needs, where it was not looked for; else NULL. */
static const char *unsought_needs(struct thaw_junit *junit, const struct thaw_finding_kind *kind)
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
static void write_kinds(struct thaw_junit *junit)
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
            write_not_found(junit, kinds[i]->id);
        }
    }
}

static void write_target_kinds(struct thaw_junit *junit)
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
        write_not_found(junit, kinds[i].id);
    }
}

static void write_cases(struct thaw_junit *junit)
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
    struct thaw_junit junit;
    const char *started;

    (void)options;
    thaw_junit_begin(&junit, report, stream);
    started = thaw_summary_text(&junit.summary, json_object_get(report, "run"), "started");
    if (!junit.summary.failed && thaw_issues_find(&junit.summary, &junit.issues))
        write_cases(&junit);
    return thaw_junit_end(&junit, started, error);
}
