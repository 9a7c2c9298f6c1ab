/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "gate/issues.h"
#include "gate/view.h"
#include "report/keys.h"
#include "report/summary_parts.h"
#include "thaw/analysis.h"

#define NEEDS "a budget in thaw.json"

enum kind { OVER_BUDGET, FORBIDDEN_IMPORT, INCONCLUSIVE, UNMEASURED, KINDS };

static const struct thaw_finding_kind kinds[KINDS] = {
    [OVER_BUDGET] = {"over-budget", "error", "a budget of cold starts is broken", NEEDS,
                     "What the app loads, ships or takes until its first reply is more than its "
                     "thaw.json allows: in all, or more than before.\n\n"
                     "How to change it: import it in the function that needs it, do without it, or "
                     "raise the budget where the change is worth it."},
    [FORBIDDEN_IMPORT] = {"forbidden-import", "error",
                          "a forbidden module is imported before the first reply",
                          "a list of forbidden modules in thaw.json",
                          "thaw.json says that this module must not be imported at a cold start, "
                          "and it is.\n\n"
                          "How to change it: import it in the function that needs it, or allow it "
                          "in thaw.json with a reason and a last day."},
    [INCONCLUSIVE] = {"inconclusive-budget", "warning",
                      "whether a budget of time is kept can't be told", NEEDS,
                      "The runs differ so much from one another that a test finds the budget "
                      "neither kept nor broken. It is no pass.\n\n"
                      "How to change it: make more runs, or measure on a machine that does nothing "
                      "else."},
    [UNMEASURED] = {"unmeasured-budget", "error", "a budget could not be measured", NEEDS,
                    "What the budget is about could not be seen here, or by no run. It is no "
                    "pass.\n\n"
                    "How to change it: measure with the rights and programs that it needs, or let "
                    "thaw.json take it for a warning."},
};

const struct thaw_finding_kind *thaw_gate_issue_kinds(size_t *ret_count)
{
    *ret_count = KINDS;
    return kinds;
}

static enum kind kind_of(const json_t *check, const char *status)
{
    if (!strcmp(status, "inconclusive"))
        return INCONCLUSIVE;
    if (!strcmp(status, "unmeasured"))
        return UNMEASURED;
    return strcmp(thaw_key_string(check, "kind"), "forbidden") != 0 ? OVER_BUDGET
                                                                    : FORBIDDEN_IMPORT;
}

/* "counts": false where thaw.json takes it for less. */
static enum thaw_issue_level level_of(const json_t *check, const char *status)
{
    bool counts = !json_is_false(json_object_get(check, "counts"));

    if (!strcmp(status, "fail"))
        return THAW_ISSUE_ERROR;
    if (!strcmp(status, "unmeasured"))
        return counts ? THAW_ISSUE_ERROR : THAW_ISSUE_WARNING;
    return !strcmp(status, "allowed") ? THAW_ISSUE_NOTE : THAW_ISSUE_WARNING;
}

static void set_place(struct thaw_summary *summary, struct thaw_issue *issue)
{
    const json_t *place = json_object_get(issue->check, "location"), *offender;
    size_t i;

    issue->elsewhere = true;
    json_array_foreach(json_object_get(issue->check, "offenders"), i, offender)
    {
        if (!*thaw_key_string(offender, "file"))
            continue;
        place = offender;
        issue->elsewhere = false;
        break;
    }
    issue->path = thaw_summary_raw(summary, place, "file");
    issue->line = thaw_summary_number(place, "line");
}

enum { offenders_said = 3 };

static void append(struct thaw_summary *summary, const char **text, const char *sentence)
{
    if (*sentence)
        *text = thaw_summary_format(summary, "%s%s%s", *text, **text ? " " : "", sentence);
}

/* The test, the offenders in a sentence each, the exception, what to do. */
static const char *sentences(struct thaw_summary *summary, const json_t *check)
{
    size_t more = thaw_gate_view_rest(check, offenders_said), i;
    const char *text = thaw_gate_view_test(summary, check);
    const json_t *offender;

    json_array_foreach(json_object_get(check, "offenders"), i, offender)
    {
        if (i < offenders_said)
            append(summary, &text,
                   thaw_summary_format(summary, "%s.",
                                       thaw_gate_view_offender(summary, check, offender)));
    }
    if (more)
        append(summary, &text, thaw_summary_format(summary, "And %zu more.", more));
    append(summary, &text, thaw_gate_view_exception(summary, check));
    append(summary, &text, thaw_gate_view_advice(summary, check));
    return text;
}

static void add(struct thaw_summary *summary, struct thaw_issues *issues, const json_t *check)
{
    const char *status = thaw_key_string(check, "status");
    const char *reason = thaw_gate_view_reason(summary, check);
    const char *title = thaw_gate_view_title(summary, check);
    struct thaw_issue *issue = thaw_array_add(&issues->list);

    summary->failed |= !issue;
    if (!issue)
        return;
    *issue = (struct thaw_issue){.kind = &kinds[kind_of(check, status)],
                                 .level = level_of(check, status),
                                 .more = sentences(summary, check),
                                 .subject = thaw_summary_raw(summary, check, "id"),
                                 .check = check};
    issue->id = issue->kind->id;
    issue->text =
        *reason ? thaw_summary_format(summary, "%s%s%s", title, *title ? ": " : "", reason) : title;
    if (!strcmp(status, "allowed"))
        issue->suppressed = json_object_get(check, "allowed");
    set_place(summary, issue);
}

bool thaw_gate_issues(struct thaw_summary *summary, struct thaw_issues *ret)
{
    const json_t *const *told = thaw_gate_view_told(summary);

    *ret = (struct thaw_issues){0};
    for (size_t i = 0; told[i]; i++)
        add(summary, ret, told[i]);
    thaw_issues_set_fingerprints(summary, ret);
    return !summary->failed;
}
