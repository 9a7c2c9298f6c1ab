/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lint/formats.h"
#include "lint/lint.h"
#include "lint/view.h"
#include "report/junit.h"
#include "report/keys.h"

/*
 * A case for each finding, by rules: an error fails, warnings and notes pass and have their words
 * in system-out, what is suppressed is skipped with its reason. A rule that found nothing is a case
 * that passes; one that could not be checked is skipped. The case "app.complete" is an error when
 * something could not be read: then the others may say too little.
 */

static const char *class_of(struct thaw_junit *junit, const char *area, const char *id)
{
    return thaw_summary_format(&junit->summary, "thaw.lint.%s%s%s", area, *area ? "." : "", id);
}

static void write_issue(struct thaw_junit *junit, const struct thaw_issue *issue)
{
    struct thaw_summary *summary = &junit->summary;
    const char *text = thaw_summary_format(summary, "%s: %s More: thaw explain %s.",
                                           thaw_issue_level_word(issue->level),
                                           thaw_issue_sentences(summary, issue), issue->id);

    thaw_junit_case(junit, class_of(junit, thaw_key_string(issue->lint, "area"), issue->id),
                    issue->text, issue->elsewhere ? "" : issue->path, issue->line);
    if (issue->suppressed)
        thaw_junit_element(junit, "skipped", NULL,
                           thaw_summary_format(summary, "suppressed: %s",
                                               thaw_summary_text(summary, issue->suppressed,
                                                                 "reason")),
                           NULL);
    else if (issue->level == THAW_ISSUE_ERROR)
        thaw_junit_element(junit, "failure", issue->id, issue->text, text);
    if (issue->suppressed || issue->level != THAW_ISSUE_ERROR)
        thaw_junit_element(junit, "system-out", NULL, NULL, text);
    thaw_junit_case_end(junit);
}

static bool is_found(const struct thaw_junit *junit, const char *id)
{
    for (size_t i = 0; i < junit->issues.list.count; i++)
        if (!strcmp(junit->issues.list.items[i].id, id))
            return true;
    return false;
}

static void write_not_found(struct thaw_junit *junit, const char *id)
{
    const struct thaw_lint_rule *rule = thaw_lint_rule_find(id);

    thaw_junit_case(junit, class_of(junit, rule ? rule->area : "", id), "not found", "", 0);
    thaw_junit_case_end(junit);
}

static void write_unchecked(struct thaw_junit *junit, const json_t *entry)
{
    struct thaw_summary *summary = &junit->summary;

    thaw_junit_case(junit,
                    class_of(junit, thaw_key_string(entry, "area"), thaw_key_string(entry, "id")),
                    "not checked", "", 0);
    thaw_junit_element(junit, "skipped", NULL,
                       thaw_summary_format(summary, "needs: %s",
                                           thaw_summary_text(summary, entry, "needs")),
                       NULL);
    thaw_junit_case_end(junit);
}

static void write_complete(struct thaw_junit *junit)
{
    const char *incomplete = thaw_lint_view_incomplete(&junit->summary);

    thaw_junit_case(junit, "thaw.lint", "app.complete", "", 0);
    if (*incomplete)
        thaw_junit_element(junit, "error", "incomplete", incomplete, NULL);
    thaw_junit_case_end(junit);
}

static void write_cases(struct thaw_junit *junit)
{
    const json_t *report = junit->summary.report, *id, *entry;
    size_t i;

    write_complete(junit);
    for (i = 0; i < junit->issues.list.count; i++)
        write_issue(junit, &junit->issues.list.items[i]);
    json_array_foreach(json_object_get(report, "checked"), i, id)
    {
        if (!is_found(junit, json_string_value(id)))
            write_not_found(junit, json_string_value(id));
    }
    json_array_foreach(json_object_get(report, "unchecked"), i, entry)
        write_unchecked(junit, entry);
}

int thaw_lint_write_junit(const json_t *lint, const struct thaw_report_options *options,
                          FILE *stream, struct thaw_error *error)
{
    struct thaw_junit junit;

    (void)options;
    thaw_junit_begin(&junit, lint, stream);
    if (!junit.summary.failed && thaw_lint_issues(&junit.summary, &junit.issues))
        write_cases(&junit);
    return thaw_junit_end(&junit, "", error);
}
