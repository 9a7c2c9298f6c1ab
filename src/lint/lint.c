/* SPDX-License-Identifier: Apache-2.0 */
/* From rules to findings: what is checked, what is suppressed, what is told in which order. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "lint/look.h"
#include "lint/outcome.h"
#include "lint/platforms.h"
#include "lint/rules.h"

static bool is_disabled(const struct thaw_lint_question *question, const char *id)
{
    for (size_t i = 0; question->disabled && question->disabled[i]; i++)
        if (!strcmp(question->disabled[i], id))
            return true;
    return false;
}

#define KEEP(outcome, list, value)                                                                 \
    do {                                                                                           \
        __typeof__((outcome)->list.items) added = thaw_array_add(&(outcome)->list);                \
        (outcome)->lint.failed |= !added;                                                          \
        if (added)                                                                                 \
            *added = (value);                                                                      \
    } while (0)

static void check_rule(struct thaw_lint_outcome *outcome, const struct thaw_lint_rule *rule)
{
    if (rule->can_check && !rule->can_check(&outcome->lint)) {
        KEEP(outcome, unchecked, rule);
        return;
    }
    KEEP(outcome, checked, rule);
    rule->check(&outcome->lint, rule);
}

/* Of an app of another language only that it is one, and what of its files can't be read. */
static bool is_for_all_languages(const struct thaw_lint_rule *rule)
{
    return rule == &thaw_rule_not_a_python_app || !strcmp(rule->area, "files");
}

/* Of a folder above apps, what holds whatever it is: as one app they would be judged falsely. */
static bool is_for_all_folders(const struct thaw_lint_rule *rule)
{
    return rule == &thaw_rule_host_missing || !strcmp(rule->area, "files") ||
           !strcmp(rule->area, "secrets");
}

/* Of another platform's rules nothing is said: there is nothing to be known for them. */
static void check_all(struct thaw_lint_outcome *outcome)
{
    unsigned platform = thaw_lint_platform_row(outcome->question->project->platform.value)->bit;
    bool is_other = platform == THAW_LINT_AZURE && !thaw_lint_is_python(&outcome->lint);
    bool is_above = platform == THAW_LINT_OTHER && outcome->question->project->nested;
    size_t count;
    const struct thaw_lint_rule *const *rules = thaw_lint_rules(&count);

    for (size_t i = 0; i < count && !outcome->lint.failed; i++)
        if (rules[i]->platforms & platform && rules[i] != &thaw_rule_unused_suppression &&
            !is_disabled(outcome->question, rules[i]->kind.id) &&
            (!is_other || is_for_all_languages(rules[i])) &&
            (!is_above || is_for_all_folders(rules[i])))
            check_rule(outcome, rules[i]);
}

/* What rests on old facts is not sure, however sure it was. */
static void lower_confidence(struct thaw_lint_outcome *outcome)
{
    for (size_t i = 0; outcome->facts_expired && i < outcome->lint.findings.count; i++) {
        struct thaw_lint_finding *finding = &outcome->lint.findings.items[i];

        if (finding->rule != &thaw_rule_facts_expired && !strcmp(finding->confidence, "high"))
            finding->confidence = "medium";
    }
}

/* --- suppressions --- */

static bool is_set(const char *text)
{
    return text && *text;
}

static bool counts_today(const struct thaw_suppression *suppression, const char *today)
{
    return !is_set(suppression->until) || strcmp(suppression->until, today) >= 0;
}

/* A finding of lint's is about no module, so that one with a module is about none of them. */
static bool is_about(const struct thaw_suppression *suppression,
                     const struct thaw_lint_finding *finding)
{
    return !strcmp(suppression->id, finding->rule->kind.id) && !is_set(suppression->module) &&
           (!is_set(suppression->file) ||
            thaw_text_ends_with_path(finding->place.file, suppression->file)) &&
           (!is_set(suppression->subject) || !strcmp(suppression->subject, finding->subject));
}

/* The first one that counts; *used says of each whether it is about any finding. */
static const struct thaw_suppression *find(const struct thaw_lint_question *question, bool *used,
                                           const struct thaw_lint_finding *finding)
{
    const struct thaw_suppression *found = NULL;

    for (size_t i = 0; i < question->suppression_count; i++) {
        const struct thaw_suppression *entry = &question->suppressions[i];

        if (!is_about(entry, finding) || !counts_today(entry, question->today))
            continue;
        used[i] = true;
        found = found ? found : entry;
    }
    return found;
}

static void take_out(struct thaw_lint_outcome *outcome, bool *used)
{
    size_t kept = 0;

    for (size_t i = 0; i < outcome->lint.findings.count; i++) {
        struct thaw_lint_finding *finding = &outcome->lint.findings.items[i];
        const struct thaw_suppression *by = find(outcome->question, used, finding);
        struct thaw_lint_suppressed suppressed = {*finding, by};

        if (by)
            KEEP(outcome, suppressed, suppressed);
        else
            outcome->lint.findings.items[kept++] = *finding;
    }
    outcome->lint.findings.count = kept;
}

static bool was_checked(const struct thaw_lint_outcome *outcome, const char *id)
{
    for (size_t i = 0; i < outcome->checked.count; i++)
        if (!strcmp(outcome->checked.items[i]->kind.id, id))
            return true;
    return false;
}

/* thaw.json suppresses a report's findings as well: only what was looked for here can be unused. */
static void suppress(struct thaw_lint_outcome *outcome)
{
    const struct thaw_lint_question *question = outcome->question;
    bool *used = calloc(question->suppression_count + 1, sizeof(*used));

    outcome->lint.failed |= !used;
    if (!used)
        return;
    take_out(outcome, used);
    for (size_t i = 0; i < question->suppression_count; i++)
        if (!used[i] && was_checked(outcome, question->suppressions[i].id))
            KEEP(outcome, lint.unused, &question->suppressions[i]);
    free(used);
    if (!is_disabled(question, thaw_rule_unused_suppression.kind.id))
        check_rule(outcome, &thaw_rule_unused_suppression);
}

/* --- what is told, in which order --- */

static void leave_out(struct thaw_lint_outcome *outcome)
{
    int least = thaw_lint_severity_rank(outcome->question->profile->severity);
    size_t kept = 0;

    for (size_t i = 0; i < outcome->lint.findings.count; i++) {
        struct thaw_lint_finding *finding = &outcome->lint.findings.items[i];

        if (thaw_lint_severity_rank(finding->severity) < least)
            outcome->below++;
        else
            outcome->lint.findings.items[kept++] = *finding;
    }
    outcome->lint.findings.count = kept;
}

static int compare_numbers(uint32_t left, uint32_t right)
{
    return (left > right) - (left < right);
}

static int compare(const void *left_item, const void *right_item)
{
    const struct thaw_lint_finding *left = left_item, *right = right_item;
    int order = thaw_lint_severity_rank(right->severity) - thaw_lint_severity_rank(left->severity);

    if (!order)
        order = strcmp(left->place.file, right->place.file);
    if (!order)
        order = compare_numbers(left->place.line, right->place.line);
    if (!order)
        order = compare_numbers(left->place.column, right->place.column);
    if (!order)
        order = strcmp(left->rule->kind.id, right->rule->kind.id);
    if (!order)
        order = strcmp(left->subject, right->subject);
    return order ? order : strcmp(left->title, right->title);
}

static void sort(struct thaw_lint_outcome *outcome)
{
    if (outcome->lint.findings.count)
        qsort(outcome->lint.findings.items, outcome->lint.findings.count,
              sizeof(*outcome->lint.findings.items), compare);
}

static void outcome_free(struct thaw_lint_outcome *outcome)
{
    thaw_array_free(&outcome->lint.findings);
    thaw_array_free(&outcome->lint.unused);
    thaw_array_free(&outcome->suppressed);
    thaw_array_free(&outcome->checked);
    thaw_array_free(&outcome->unchecked);
    thaw_arena_free(&outcome->lint.arena);
}

int thaw_lint_check(const struct thaw_lint_question *question, json_t **ret,
                    struct thaw_error *error)
{
    struct thaw_lint_outcome outcome = {
        .question = question,
        .lint = {.project = question->project,
                 .facts = question->facts,
                 .recording = question->recording,
                 .today = question->today,
                 .suppressions_name = question->suppressions_name},
        .facts_expired = strcmp(question->today, thaw_lint_facts_expires(question->facts)) > 0,
    };
    int code;

    check_all(&outcome);
    lower_confidence(&outcome);
    suppress(&outcome);
    leave_out(&outcome);
    sort(&outcome);
    code =
        outcome.lint.failed ? thaw_error_memory(error) : thaw_lint_document(&outcome, ret, error);
    outcome_free(&outcome);
    return code;
}

/* --- of a document --- */

size_t thaw_lint_count(const json_t *lint, const char *severity)
{
    int least = thaw_lint_severity_rank(severity);
    const json_t *finding;
    size_t count = 0, i;

    json_array_foreach(json_object_get(lint, "findings"), i, finding)
    {
        const char *own = json_string_value(json_object_get(finding, "severity"));

        count += own && thaw_lint_severity_rank(own) >= least;
    }
    return count;
}

bool thaw_lint_is_complete(const json_t *lint)
{
    return json_is_true(json_object_get(lint, "complete"));
}
