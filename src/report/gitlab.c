/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "base/text.h"
#include "report/gitlab.h"
#include "report/summary_parts.h"
#include "report/values.h"
#include "report/writers.h"

/*
 * GitLab's code quality report: a list of issues and nothing beside it. So what has no file of its
 * own stands at the requirement or the app's file where it can be changed, a line that is not known
 * is the first one, an incomplete measurement is an issue, and what is suppressed is left out.
 */

static const char *severity(enum thaw_issue_level level)
{
    static const char *const words[] = {
        [THAW_ISSUE_NOTE] = "info",
        [THAW_ISSUE_WARNING] = "minor",
        [THAW_ISSUE_ERROR] = "critical",
    };

    return words[level];
}

static json_t *location(struct thaw_values *values, struct thaw_summary *summary,
                        const struct thaw_issue *issue)
{
    json_t *object = thaw_values_object(values), *lines = thaw_values_object(values);
    const char *path = thaw_text_for_terminal(&summary->arena, issue->path);

    summary->failed |= !path;
    thaw_values_set_text(values, object, "path", path && *path ? path : ".");
    thaw_values_set_number(values, lines, "begin", issue->line ? issue->line : 1);
    thaw_values_set(values, object, "lines", lines);
    return object;
}

static void add(struct thaw_values *values, struct thaw_summary *summary, json_t *list,
                const struct thaw_issue *issue, const char *description)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "description", description);
    thaw_values_set_text(values, object, "check_name", issue->id);
    thaw_values_set_text(values, object, "fingerprint",
                         thaw_summary_format(summary, "%016" PRIx64, issue->fingerprint));
    thaw_values_set_text(values, object, "severity", severity(issue->level));
    thaw_values_set(values, object, "location", location(values, summary, issue));
    thaw_values_append(values, list, object);
}

static json_t *document(struct thaw_values *values, struct thaw_summary *summary,
                        const struct thaw_issues *issues, const struct thaw_issue *first)
{
    json_t *list = thaw_values_array(values);

    if (first)
        add(values, summary, list, first, first->text);
    for (size_t i = 0; i < issues->list.count; i++) {
        const struct thaw_issue *issue = &issues->list.items[i];

        if (!issue->suppressed)
            add(values, summary, list, issue, thaw_issue_sentences(summary, issue));
    }
    return list;
}

int thaw_gitlab_end(struct thaw_summary *summary, struct thaw_issues *issues,
                    const struct thaw_issue *first, const struct thaw_report_options *options,
                    struct thaw_error *error)
{
    struct thaw_values values = {0};
    json_t *made = summary->failed ? NULL : document(&values, summary, issues, first);
    int code = !made || values.failed || summary->failed
                   ? thaw_error_memory(error)
                   : thaw_write_json(made, options, summary->stream, error);

    json_decref(made);
    thaw_issues_free(issues);
    thaw_arena_free(&summary->arena);
    return code;
}

/* Its fingerprint is that of no other: all the others are hashes. */
static struct thaw_issue incomplete(struct thaw_summary *summary, struct thaw_issues *issues)
{
    struct thaw_issue issue = {.id = "incomplete-measurement", .level = THAW_ISSUE_NOTE};

    thaw_places_anywhere(issues->places, &issue);
    issue.text = thaw_summary_verdict(summary, NULL);
    return issue;
}

int thaw_write_gitlab(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                      struct thaw_error *error)
{
    struct thaw_summary summary;
    struct thaw_issues issues;
    struct thaw_issue first;
    bool has_first;

    thaw_summary_begin_texts(&summary, report, stream);
    has_first = thaw_issues_find(&summary, &issues) && !thaw_summary_is(summary.report, "complete");
    if (has_first)
        first = incomplete(&summary, &issues);
    return thaw_gitlab_end(&summary, &issues, has_first ? &first : NULL, options, error);
}
