/* SPDX-License-Identifier: Apache-2.0 */
/* Timeouts: the app's own limit against the plan's, and work that outlasts an HTTP reply. */
#include <math.h>
#include <string.h>

#include "lint/look.h"
#include "lint/rules.h"

#define TIMEOUT "functionTimeout"

/* A sleep in a handler from here on is waiting for something, no pause between attempts. */
static const double long_sleep_s = 30;

/* "00:05:00", with days where there are any. */
static const char *span_text(struct thaw_lint *lint, double seconds)
{
    unsigned long whole = (unsigned long)seconds;
    unsigned long days = whole / 86400;

    whole %= 86400;
    return days ? thaw_lint_text(lint, "%lu.%02lu:%02lu:%02lu", days, whole / 3600,
                                 whole % 3600 / 60, whole % 60)
                : thaw_lint_text(lint, "%02lu:%02lu:%02lu", whole / 3600, whole % 3600 / 60,
                                 whole % 60);
}

/* The app's own limit in s; INFINITY: unbounded. False: not set, or not known. */
static bool timeout_of(struct thaw_lint *lint, struct thaw_lint_host_value *value, double *ret)
{
    if (!thaw_lint_host(lint, TIMEOUT, value) || !*value->text)
        return false;
    *ret = strcmp(value->text, "-1") != 0 ? thaw_lint_seconds(value->text) : (double)INFINITY;
    return *ret >= 0;
}

/* "00:05:00 to 00:30:00": the defaults of all plans. */
static const char *default_range(struct thaw_lint *lint)
{
    const json_t *plans = thaw_lint_facts_section(lint->facts, "azure_functions", "plans"), *plan;
    double least = INFINITY, most = 0, seconds;
    size_t i;

    json_array_foreach(plans, i, plan)
    {
        if (!thaw_lint_fact_number(plan, "timeout_default_s", &seconds))
            continue;
        least = fmin(least, seconds);
        most = fmax(most, seconds);
    }
    return thaw_lint_text(lint, "%s to %s", span_text(lint, fmin(least, most)),
                          span_text(lint, most));
}

static void check_not_set(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const json_t *plan = thaw_lint_plan(lint);
    struct thaw_project_place root = {.file = ""};
    struct thaw_lint_host_value value;
    struct thaw_lint_finding *finding;
    double seconds;

    if (thaw_lint_host(lint, TIMEOUT, &value))
        return;
    thaw_project_host(lint->project, "", &root, NULL);
    if (thaw_lint_fact_number(plan, "timeout_default_s", &seconds)) {
        finding = thaw_lint_add(lint, rule, &root, TIMEOUT,
                                "functionTimeout is not set: what hangs runs for %s, the default "
                                "of %s",
                                span_text(lint, seconds), thaw_lint_plan_title(lint));
        thaw_lint_plan_evidence(lint, finding);
    } else {
        finding = thaw_lint_add(lint, rule, &root, TIMEOUT,
                                "functionTimeout is not set: what hangs runs for %s, by the plan",
                                default_range(lint));
    }
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "host", TIMEOUT));
    thaw_lint_fix(lint, finding,
                  "set \"functionTimeout\" in host.json to what the slowest function may take");
}

static bool can_check_not_set(const struct thaw_lint *lint)
{
    return thaw_lint_has_host(lint) && thaw_lint_has_functions(lint);
}

const struct thaw_lint_rule thaw_rule_timeout_not_set = {
    .kind =
        {
            .id = "timeout-not-set",
            .severity = "note",
            .title = "the time a function may take is left to the plan's default",
            .needs = "host.json and the app's functions",
            .explanation =
                "functionTimeout of host.json ends a function that takes longer. Its default is "
                "the "
                "plan's: 5 minutes on Consumption, 30 on the others. Left out, the same app has "
                "another limit after a move to another plan, and what hangs is paid for until "
                "then.\n"
                "\n"
                "The host does not end the handler alone: it ends the worker process, and with it "
                "whatever else runs there. The next call is a cold start.\n"
                "\n"
                "How to change it: \"functionTimeout\": \"00:02:00\" at the root of host.json – "
                "above what the slowest function needs, cold start and its calls included, and "
                "below what you would wait for.\n"
                "\n"
                "What may go wrong: too tight a limit ends long batches; look at the longest "
                "durations in Application Insights first.",
        },
    .area = "timeouts",
    .platforms = THAW_LINT_AZURE,
    .can_check = can_check_not_set,
    .check = check_not_set,
};

static void check_beyond_plan(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    struct thaw_lint_host_value value;
    struct thaw_lint_finding *finding;
    double seconds, most;

    if (!thaw_lint_fact_number(thaw_lint_plan(lint), "timeout_most_s", &most) ||
        !timeout_of(lint, &value, &seconds) || seconds <= most)
        return;
    finding =
        thaw_lint_add(lint, rule, &value.place, TIMEOUT, "functionTimeout is %s, %s ends at %s",
                      value.text, thaw_lint_plan_title(lint), span_text(lint, most));
    thaw_lint_plan_evidence(lint, finding);
    thaw_lint_fix(lint, finding, "set it to %s or less, or move to a plan without a bound",
                  span_text(lint, most));
}

const struct thaw_lint_rule thaw_rule_timeout_beyond_plan = {
    .kind =
        {
            .id = "timeout-beyond-plan",
            .severity = "error",
            .title = "functionTimeout is longer than the plan allows",
            .needs = "host.json and the plan",
            .explanation =
                "Consumption allows 10 minutes at the most. With a longer functionTimeout, or with "
                "-1, the host does not start: it says that the value is out of range, and every "
                "call fails.\n"
                "\n"
                "On Flex Consumption, Premium, Dedicated and Container Apps there is no upper "
                "bound. "
                "The 60 minutes that are often said of Premium are only a grace: for so long an "
                "execution is left alone when an instance is taken away; updates of the platform "
                "give 10 minutes.\n"
                "\n"
                "How to change it: \"functionTimeout\": \"00:10:00\" on Consumption. For longer "
                "work take Durable Functions, whose activities are short each, or another plan.\n"
                "\n"
                "What may go wrong: HTTP callers get no reply after 230 s, whatever the timeout: "
                "thaw explain http-longer-than-230s.",
        },
    .area = "timeouts",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_plan_and_host,
    .check = check_beyond_plan,
};

/* What ends an HTTP reply: of the plan, else of all. */
static const json_t *http_limit(const struct thaw_lint *lint, double *ret)
{
    const json_t *plan = thaw_lint_plan(lint), *limit;

    if (thaw_lint_fact_number(plan, "http_timeout_s", ret))
        return plan;
    limit = thaw_lint_azure_fact(lint, "limits", "http_response_s");
    return thaw_lint_fact_number(limit, "value", ret) ? limit : NULL;
}

static size_t count_live(const struct thaw_lint *lint)
{
    size_t count = 0;

    for (size_t i = 0; i < lint->project->function_count; i++)
        count += thaw_lint_is_live(&lint->project->functions[i]);
    return count;
}

static void check_http(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_app_function *first;
    size_t count = thaw_lint_count_http(lint, &first);
    struct thaw_lint_host_value value;
    struct thaw_lint_finding *finding;
    const json_t *limit;
    double seconds, most;

    /* It is one value for all: other triggers may need it. */
    if (!count || count < count_live(lint) || !timeout_of(lint, &value, &seconds) ||
        !(limit = http_limit(lint, &most)) || seconds <= most)
        return;
    finding = thaw_lint_add(lint, rule, &value.place, TIMEOUT,
                            "functionTimeout is %s, but callers by HTTP get no reply after %.0f s",
                            value.text, most);
    thaw_lint_evidence(lint, finding, "all functions are called by HTTP, %zu of them: %s%s", count,
                       thaw_lint_function_text(lint, first), count == 1 ? "" : " …");
    thaw_lint_source(lint, finding, limit);
    thaw_lint_fix(lint, finding,
                  "answer 202 at once and do what is long in a queue or "
                  "Durable Functions");
}

static bool can_check_http(const struct thaw_lint *lint)
{
    return thaw_lint_has_host(lint) && thaw_lint_has_functions(lint);
}

const struct thaw_lint_rule thaw_rule_http_longer_than_230s = {
    .kind =
        {
            .id = "http-longer-than-230s",
            .severity = "note",
            .title = "functions may run longer than an HTTP caller is kept waiting",
            .needs = "host.json and the app's functions",
            .explanation =
                "The load balancer in front of every plan ends an HTTP request that is idle for "
                "230 s. The function goes on until functionTimeout, is paid for, and its reply "
                "reaches nobody; the caller tries again, and then it runs twice.\n"
                "\n"
                "A cold start counts: what the instance, the worker and the imports take is part "
                "of the 230 s.\n"
                "\n"
                "How to change it: a handler that takes long answers 202 with the address of a "
                "status, puts the work into a queue, or starts an orchestration of Durable "
                "Functions: client.create_check_status_response(req, instance_id).\n"
                "\n"
                "It isn't told where the app has functions of other triggers, too: the timeout is "
                "one value for all, and these may need it.",
        },
    .area = "timeouts",
    .platforms = THAW_LINT_AZURE,
    .can_check = can_check_http,
    .check = check_http,
};

/* --- long work --- */

static bool is_sleep(const char *name)
{
    return !strcmp(name, "time.sleep") || !strcmp(name, "asyncio.sleep");
}

static void tell_sleep(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                       const struct thaw_app_function *function, const struct thaw_app_call *call)
{
    bool is_long = !isnan(call->seconds) && call->seconds >= long_sleep_s;
    struct thaw_lint_finding *finding;
    double most;

    if (!is_long && !(call->flags & THAW_CALL_IN_LOOP))
        return;
    /* Pauses between a few attempts are short and stand in loops, too. */
    if (!is_long && (isnan(call->seconds) || call->seconds < 1))
        return;
    finding = is_long ? thaw_lint_add(lint, rule, &call->place, function->name,
                                      "%s sleeps for %g s while its HTTP caller waits",
                                      function->name, call->seconds)
                      : thaw_lint_add(lint, rule, &call->place, function->name,
                                      "%s waits in a loop, %g s each time, while its HTTP caller "
                                      "waits",
                                      function->name, call->seconds);
    if (!is_long)
        thaw_lint_confidence(finding, "medium");
    thaw_lint_evidence(lint, finding, "%s() at %s%s%s", call->name,
                       thaw_lint_place_text(lint, &call->place), *call->via ? ", in " : "",
                       call->via);
    thaw_lint_source(lint, finding, http_limit(lint, &most));
    thaw_lint_fix(lint, finding,
                  "answer 202 and wait elsewhere: a durable timer, or a message that becomes "
                  "visible later");
}

static void check_long_work(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->call_count; i++) {
        const struct thaw_app_call *call = &lint->project->calls[i];

        if (call->function < lint->project->function_count && is_sleep(call->name) &&
            thaw_lint_is_http(&lint->project->functions[call->function]))
            tell_sleep(lint, rule, &lint->project->functions[call->function], call);
    }
}

static bool has_calls(const struct thaw_lint *lint)
{
    return lint->project->has_source && thaw_lint_has_functions(lint);
}

const struct thaw_lint_rule thaw_rule_long_work_in_handler = {
    .kind =
        {
            .id = "long-work-in-handler",
            .severity = "warning",
            .title = "a handler called by HTTP waits for long, or polls",
            .needs = "the app's Python files",
            .explanation =
                "A handler that sleeps is paid for by the second, takes one of the worker's "
                "threads (or, with time.sleep in a coroutine, all of it), and has its caller cut "
                "off after 230 s. A loop that asks again and again whether something is done is "
                "the same in small pieces.\n"
                "\n"
                "Told are sleeps of 30 s and more with a literal number, and sleeps of a second "
                "and more in a loop, in the handler and in the app's functions that it calls.\n"
                "\n"
                "How to change it: in an orchestrator of Durable Functions a wait costs nothing:\n"
                "  yield context.create_timer(context.current_utc_datetime + "
                "timedelta(minutes=1))\n"
                "Or put a message into a queue that becomes visible later.\n"
                "\n"
                "What may go wrong: callers that expect the result in the reply have to be changed "
                "to ask for it. A loop with few, bounded attempts may stay: suppress it.",
        },
    .area = "timeouts",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_calls,
    .check = check_long_work,
};
