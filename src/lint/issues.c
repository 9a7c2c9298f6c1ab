/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "lint/lint.h"
#include "lint/view.h"
#include "report/keys.h"
#include "report/summary_parts.h"

static void append(struct thaw_summary *summary, const char **text, const char *format,
                   const char *part)
{
    const char *piece = *format && *part ? thaw_summary_format(summary, "%s%s.", format, part) : "";

    if (*piece)
        *text = thaw_summary_format(summary, "%s%s%s", *text, **text ? " " : "", piece);
}

/* "Seen: a; b. To do: c. Source: https://…" */
static const char *sentences(struct thaw_summary *summary, const json_t *finding)
{
    size_t count = json_array_size(json_object_get(finding, "evidence")), i;
    const char *text = "", *seen = "";
    const json_t *source;

    for (i = 0; i < count; i++)
        seen = thaw_summary_format(summary, "%s%s%s", seen, i ? "; " : "",
                                   thaw_lint_view_evidence(summary, finding, i));
    append(summary, &text, "Seen: ", seen);
    append(summary, &text, "To do: ", thaw_summary_text(summary, finding, "fix"));
    json_array_foreach(json_object_get(finding, "sources"), i, source)
        append(summary, &text, "Source: ", thaw_lint_view_source(summary, source));
    return text;
}

static void set_place(struct thaw_summary *summary, struct thaw_issue *issue)
{
    const json_t *location = json_object_get(issue->lint, "location");
    const char *folder = thaw_summary_raw(summary, json_object_get(summary->report, "app"), "path");

    issue->path = thaw_summary_raw(summary, location, "file");
    issue->line = thaw_summary_number(location, "line");
    issue->column = thaw_summary_number(location, "column");
    issue->end_line = thaw_summary_number(location, "end_line");
    issue->elsewhere = !*issue->path;
    if (issue->elsewhere)
        issue->path = thaw_lint_view_join(summary, folder, "");
    else if (!thaw_summary_is(location, "named"))
        issue->path = thaw_lint_view_join(summary, folder, issue->path);
}

static void add(struct thaw_summary *summary, struct thaw_issues *issues, const json_t *finding,
                const json_t *suppressed)
{
    struct thaw_issue *issue = thaw_array_add(&issues->list);
    const struct thaw_lint_rule *rule;

    summary->failed |= !issue;
    if (!issue)
        return;
    *issue = (struct thaw_issue){
        .id = thaw_summary_text(summary, finding, "id"),
        .level = thaw_lint_view_level(finding),
        .text = thaw_summary_text(summary, finding, "title"),
        .more = sentences(summary, finding),
        .subject = thaw_summary_raw(summary, finding, "subject"),
        .fingerprint = strtoull(thaw_key_string(finding, "fingerprint"), NULL, 16),
        .lint = finding,
        .suppressed = suppressed,
    };
    rule = thaw_lint_rule_find(issue->id);
    issue->kind = rule ? &rule->kind : NULL;
    set_place(summary, issue);
}

bool thaw_lint_issues(struct thaw_summary *summary, struct thaw_issues *ret)
{
    const json_t *finding, *entry;
    size_t i;

    *ret = (struct thaw_issues){0};
    json_array_foreach(json_object_get(summary->report, "findings"), i, finding)
        add(summary, ret, finding, NULL);
    json_array_foreach(json_object_get(summary->report, "suppressed"), i, entry)
        add(summary, ret, json_object_get(entry, "finding"), entry);
    return !summary->failed;
}
