/* SPDX-License-Identifier: Apache-2.0 */
/* Cold starts: instances that are kept ready, and what is done in their place. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lint/look.h"
#include "lint/recorded.h"
#include "lint/rules.h"

/* A first reply that takes longer is felt: then what was a note is a warning. */
static const double felt_s = 1;

/* Timers from here on are for work, not for keeping something warm. */
static const double keep_alive_most_s = 600;

static void check_kept_warm(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const json_t *plan = thaw_lint_plan(lint);
    bool is_flex = thaw_lint_plan_is(lint, "flex");
    const struct thaw_project_fact *elastic = thaw_lint_nothing_elastic(lint);
    const struct thaw_app_function *first;
    double first_reply_s = thaw_recorded_joins(lint) ? thaw_recorded_first_reply_s(lint) : -1;
    struct thaw_lint_finding *finding;

    if (!thaw_lint_count_http(lint, &first) || !thaw_lint_fact_is(plan, "always_ready"))
        return;
    if (thaw_lint_keeps_ready(lint) || (!is_flex && !elastic))
        return;
    finding =
        thaw_lint_add(lint, rule, elastic ? &elastic->place : &lint->project->plan.place,
                      "always-ready",
                      "no instance is kept ready for HTTP on %s: the first caller waits for a "
                      "cold start",
                      thaw_lint_plan_title(lint));
    thaw_lint_evidence(lint, finding, "called by HTTP: %s", thaw_lint_function_text(lint, first));
    thaw_lint_evidence(lint, finding,
                       is_flex ? "the template states no alwaysReady of http"
                               : "minimumElasticInstanceCount is 0");
    if (first_reply_s > 0)
        thaw_lint_evidence(lint, finding, "the recording's first reply took %.2f s", first_reply_s);
    if (first_reply_s > felt_s)
        thaw_lint_severity(finding, "warning");
    thaw_lint_plan_evidence(lint, finding);
    thaw_lint_fix(lint, finding,
                  is_flex ? "scaleAndConcurrency.alwaysReady: [{name: 'http', instanceCount: 1}]"
                          : "minimumElasticInstanceCount: 1");
}

const struct thaw_lint_rule thaw_rule_no_instance_kept_warm = {
    .kind =
        {
            .id = "no-instance-kept-warm",
            .severity = "note",
            .title = "HTTP functions without an instance that is kept ready",
            .needs = "the plan, and a template of the app that was read as a whole",
            .explanation =
                "Flex Consumption and Premium can keep instances that have loaded the app. On Flex "
                "that is alwaysReady, 0 by default, for a group of functions: http, blob, durable, "
                "or function:NAME. On Premium it is minimumElasticInstanceCount. Without one, the "
                "first call after a quiet time waits for an instance, the worker and all imports.\n"
                "\n"
                "It is a note: kept instances are paid for by the hour, and for many apps a slow "
                "first call is fine. With a recording whose first reply took more than a second it "
                "is a warning.\n"
                "\n"
                "How to change it:\n"
                "  scaleAndConcurrency: { alwaysReady: [{ name: 'http', instanceCount: 1 }] }\n"
                "With zone redundancy it takes two.\n"
                "\n"
                "What may go wrong: calls beyond what the kept instances take still start cold. "
                "Make "
                "the start itself shorter first (thaw report), then decide whether the rest is "
                "worth the price.",
        },
    .area = "cold-start",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_knows_templates_and_plan,
    .check = check_kept_warm,
};

/* --- timers that keep warm --- */

/* The fields of a schedule, at most six; how many there are. */
static size_t fields_of(const char *schedule, const char **fields, size_t *lengths)
{
    size_t count = 0;

    while (*(schedule += strspn(schedule, " "))) {
        size_t length = strcspn(schedule, " ");

        if (count == 6)
            return 0;
        fields[count] = schedule;
        lengths[count++] = length;
        schedule += length;
    }
    return count;
}

static bool is_any(const char *field, size_t length)
{
    return length == 1 && *field == '*';
}

/* Seconds between two calls of a schedule that repeats within the hour (NCRONTAB, with or without
 * seconds, or a time span); 0: another one. */
static double period_s(const char *schedule)
{
    const char *fields[6];
    size_t lengths[6], count, minute;
    double span;

    if (strchr(schedule, ':') && !strchr(schedule, ' ')) {
        span = thaw_lint_seconds(schedule);
        return span > 0 ? span : 0;
    }
    count = fields_of(schedule, fields, lengths);
    if (count < 5)
        return 0;
    minute = count - 5;
    for (size_t i = minute + 1; i < count; i++)
        if (!is_any(fields[i], lengths[i]))
            return 0;
    if (is_any(fields[minute], lengths[minute]))
        return 60;
    if (!strncmp(fields[minute], "*/", 2) || !strncmp(fields[minute], "0/", 2))
        return 60 * strtod(fields[minute] + 2, NULL);
    return 0;
}

static bool is_named_for_it(const char *name)
{
    static const char *const words[] = {"warm",       "keepalive", "keep_alive",
                                        "keep-alive", "stayawake", "stay_awake"};

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (strcasestr(name, words[i]))
            return true;
    return false;
}

/* Does it write to a log, and do nothing else that can be told? */
static bool only_logs(const struct thaw_lint *lint, size_t at)
{
    size_t count = 0;

    if (!lint->project->has_source || lint->project->functions[at].binding_count > 1)
        return false;
    for (size_t i = 0; i < lint->project->call_count; i++) {
        const struct thaw_app_call *call = &lint->project->calls[i];

        if (call->function != at)
            continue;
        if (strncmp(call->name, "logging.", 8) != 0)
            return false;
        count++;
    }
    return count > 0;
}

static void check_keep_alive(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->function_count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];
        const struct thaw_app_binding *trigger = thaw_app_trigger(function);
        bool is_named = is_named_for_it(function->name);
        struct thaw_lint_finding *finding;
        double period;

        if (!thaw_lint_is_live(function) || !thaw_lint_function_is(function, "timerTrigger") ||
            !trigger->schedule)
            continue;
        period = period_s(trigger->schedule);
        if (period <= 0 || period > keep_alive_most_s || (!is_named && !only_logs(lint, i)))
            continue;
        finding = thaw_lint_add(lint, rule, &trigger->place, function->name,
                                is_named ? "%s is called every %g minutes to keep the app warm"
                                         : "%s is called every %g minutes and only writes to a log",
                                function->name, period / 60);
        if (is_named)
            thaw_lint_evidence(lint, finding, "it is named for it");
        else
            thaw_lint_evidence(lint, finding,
                               "nothing else is called in it: a sample, or it keeps the app warm");
        thaw_lint_confidence(finding, is_named ? "medium" : "low");
        if (!is_named)
            thaw_lint_severity(finding, "note");
        if (thaw_lint_plan(lint))
            thaw_lint_plan_evidence(lint, finding);
        thaw_lint_fix(lint, finding,
                      thaw_lint_fact_is(thaw_lint_plan(lint), "always_ready")
                          ? "remove it; keep an instance ready (thaw explain no-instance-kept-warm)"
                          : "remove it; take a plan that keeps instances ready, and make the start "
                            "shorter");
    }
}

const struct thaw_lint_rule thaw_rule_keep_alive_timer = {
    .kind =
        {
            .id = "keep-alive-timer",
            .severity = "warning",
            .title = "a timer is there to keep the app warm",
            .needs = "the app's functions",
            .explanation =
                "A timer that calls an app every few minutes so that it is not unloaded is an old "
                "recipe for Consumption. It keeps one instance: the second caller at a time gets a "
                "new one, cold. On Flex Consumption it does not even do that for HTTP: timers and "
                "HTTP functions run on different instances there.\n"
                "\n"
                "Told are timers of ten minutes and less that are named for it; and as a note, "
                "with low confidence, those whose handler does nothing but write to a log: it may "
                "as well be a template's that was left in.\n"
                "\n"
                "How to change it: on Flex alwaysReady for http, on Premium one instance is ready "
                "by itself, on Dedicated alwaysOn. And shorten the start: thaw report says what it "
                "is made of.\n"
                "\n"
                "What may go wrong: a timer of that kind may do something on the side, such as "
                "refreshing a cache of that one instance. It never did so for the others.",
        },
    .area = "cold-start",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_functions,
    .check = check_keep_alive,
};
