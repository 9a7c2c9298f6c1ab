/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over orchestrators of Durable Functions: what they call, and how. */
#include <string.h>

#include "lint/code.h"
#include "lint/look.h"
#include "lint/rules.h"

static bool has_source(const struct thaw_lint *lint)
{
    return lint->project->has_source;
}

static bool is_orchestrators(const struct thaw_lint *lint, const struct thaw_app_call *call)
{
    return thaw_lint_function_kind(lint, call) == THAW_FUNCTION_ORCHESTRATOR;
}

/* What the facts say of a method of the context, NULL: no such call. */
static const json_t *scheduled(const struct thaw_lint *lint, const struct thaw_app_call *call)
{
    size_t length = strlen(THAW_LINT_CONTEXT);

    if (strncmp(call->name, THAW_LINT_CONTEXT, length) != 0)
        return NULL;
    return thaw_lint_fact(lint->facts, "python_code", "durable", call->name + length);
}

/* --- orchestrator-nondeterministic --- */

/* What blocks is told by the rule for that, once. */
static bool differs_on_replay(const struct thaw_lint *lint, const struct thaw_app_call *call)
{
    return is_orchestrators(lint, call) && !thaw_lint_blocking(lint, call) &&
           thaw_lint_fact(lint->facts, "python_code", "nondeterministic", call->name);
}

static const char *why_differs(const char *class)
{
    static const struct {
        const char *class, *why;
    } rows[] = {
        {"time", "a replay has another time"},
        {"random", "a replay draws another value"},
        {"io", "a replay does it again, and may be answered differently"},
        {"environment", "settings may have changed between two replays"},
        {"thread", "a replay doesn't wait for what runs beside it"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (!strcmp(class, rows[i].class))
            return rows[i].why;
    return "a replay may have another result";
}

static void tell_nondeterministic(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                                  const struct thaw_app_call *const *calls, size_t count)
{
    const json_t *entry =
        thaw_lint_fact(lint->facts, "python_code", "nondeterministic", calls[0]->name);
    const char *instead = thaw_lint_fact_text(entry, "instead");
    struct thaw_lint_finding *finding =
        thaw_lint_add(lint, rule, &calls[0]->place, thaw_lint_call_subject(lint, calls[0]),
                      "the orchestrator calls %s(): %s", calls[0]->name,
                      why_differs(thaw_lint_fact_text(entry, "class")));

    thaw_lint_evidence(lint, finding, "%s(), in %s", calls[0]->name,
                       thaw_lint_where(lint, calls[0]));
    thaw_lint_callers(lint, finding, calls, count);
    thaw_lint_source(lint, finding, entry);
    thaw_lint_source(lint, finding, thaw_lint_behaviour(lint, "orchestrator-replay"));
    thaw_lint_fix(lint, finding, "use %s",
                  *instead ? instead : "an activity for it, and its result here");
}

static void check_nondeterministic(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    thaw_lint_each_site(lint, rule, differs_on_replay, tell_nondeterministic);
}

/* --- orchestrator-blocks --- */

static bool blocks_orchestrator(const struct thaw_lint *lint, const struct thaw_app_call *call)
{
    return is_orchestrators(lint, call) && thaw_lint_blocking(lint, call);
}

static void tell_blocks(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                        const struct thaw_app_call *const *calls, size_t count)
{
    struct thaw_lint_finding *finding =
        thaw_lint_add(lint, rule, &calls[0]->place, thaw_lint_call_subject(lint, calls[0]),
                      "the orchestrator waits in %s(), again on each replay", calls[0]->name);
    const json_t *replaced =
        thaw_lint_fact(lint->facts, "python_code", "nondeterministic", calls[0]->name);
    const char *instead = thaw_lint_fact_text(replaced, "instead");

    thaw_lint_evidence(lint, finding, "%s(), in %s", calls[0]->name,
                       thaw_lint_where(lint, calls[0]));
    if (calls[0]->seconds >= 0)
        thaw_lint_evidence(lint, finding, "its argument: %g", calls[0]->seconds);
    thaw_lint_callers(lint, finding, calls, count);
    thaw_lint_source(lint, finding, thaw_lint_blocking(lint, calls[0]));
    thaw_lint_source(lint, finding, thaw_lint_behaviour(lint, "orchestrator-thread"));
    thaw_lint_source(lint, finding, thaw_lint_behaviour(lint, "orchestrator-replay"));
    thaw_lint_fix(lint, finding, "%s",
                  *instead ? thaw_lint_text(lint, "use %s", instead)
                           : "move it into an activity; to wait, yield context.create_timer()");
}

static void check_blocks(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    thaw_lint_each_site(lint, rule, blocks_orchestrator, tell_blocks);
}

/* --- orchestrator-not-generator, orchestrator-async, activity-without-retry --- */

/* The first call of function that schedules something; with_retry: of those that have a variant
 * that tries again. */
static const struct thaw_app_call *first_scheduled(const struct thaw_lint *lint, size_t function,
                                                   bool with_retry, size_t *ret_count)
{
    const struct thaw_app_call *first = NULL;

    *ret_count = 0;
    for (size_t i = 0; i < lint->project->call_count; i++) {
        const struct thaw_app_call *call = &lint->project->calls[i];
        const json_t *entry = call->function == function ? scheduled(lint, call) : NULL;

        if (!entry || !(with_retry ? *thaw_lint_fact_text(entry, "with_retry") != '\0'
                                   : thaw_lint_fact_is(entry, "schedules")))
            continue;
        first = first ? first : call;
        ++*ret_count;
    }
    return first;
}

static void check_not_generator(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->function_count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];
        const struct thaw_app_call *call;
        struct thaw_lint_finding *finding;
        size_t count;

        if (function->kind != THAW_FUNCTION_ORCHESTRATOR || function->is_generator ||
            function->is_async)
            continue;
        call = first_scheduled(lint, i, false, &count);
        if (!call || *call->via) /* a helper may be a generator that it returns */
            continue;
        finding = thaw_lint_add(lint, rule, &function->place, function->name,
                                "%s() calls %s() and never yields: nothing is scheduled",
                                function->name, thaw_lint_method(call->name));
        thaw_lint_evidence(lint, finding, "%s: context.%s(), without a yield in the function",
                           thaw_lint_place_text(lint, &call->place), thaw_lint_method(call->name));
        thaw_lint_source(lint, finding, thaw_lint_behaviour(lint, "orchestrator-replay"));
        thaw_lint_fix(lint, finding, "write: result = yield context.%s(…)",
                      thaw_lint_method(call->name));
    }
}

static void check_async(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->function_count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];
        struct thaw_lint_finding *finding;

        if (function->kind != THAW_FUNCTION_ORCHESTRATOR || !function->is_async)
            continue;
        finding = thaw_lint_add(lint, rule, &function->place, function->name,
                                "the orchestrator %s() is a coroutine, which is never run",
                                function->name);
        thaw_lint_evidence(lint, finding, "async def %s: the library runs generators only",
                           function->handler);
        thaw_lint_source(lint, finding, thaw_lint_behaviour(lint, "orchestrator-async"));
        thaw_lint_fix(lint, finding, "write def instead of async def, and yield instead of await");
    }
}

static bool has_retrying_call(const struct thaw_lint *lint, size_t function)
{
    for (size_t i = 0; i < lint->project->call_count; i++) {
        const struct thaw_app_call *call = &lint->project->calls[i];

        if (call->function == function && thaw_lint_fact_is(scheduled(lint, call), "retries"))
            return true;
    }
    return false;
}

/* The first activity call of an orchestrator that has no retrying one; NULL: it has, or calls none.
 */
static const struct thaw_app_call *unretried(const struct thaw_lint *lint, size_t function,
                                             size_t *ret_count)
{
    if (lint->project->functions[function].kind != THAW_FUNCTION_ORCHESTRATOR ||
        !thaw_lint_is_live(&lint->project->functions[function]) ||
        has_retrying_call(lint, function))
        return NULL;
    return first_scheduled(lint, function, true, ret_count);
}

/* One finding for all orchestrators: an app does it in one way or the other. */
static void check_without_retry(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    enum { MOST = THAW_LINT_EVIDENCE_MAX - 2 };
    const struct thaw_app_call *first = NULL, *call;
    const char *name = "";
    struct thaw_lint_finding *finding;
    size_t count = 0, calls;

    for (size_t i = 0; i < lint->project->function_count; i++) {
        call = unretried(lint, i, &calls);
        if (!call || count++)
            continue;
        first = call;
        name = lint->project->functions[i].name;
    }
    if (!first)
        return;
    finding = count == 1
                  ? thaw_lint_add(lint, rule, &first->place, "activities",
                                  "%s() calls activities without retry options", name)
                  : thaw_lint_add(lint, rule, &first->place, "activities",
                                  "%zu orchestrators call activities without retry options", count);
    thaw_lint_evidence(lint, finding,
                       "an activity that fails once ends the orchestration, unless it is caught");
    for (size_t i = 0, told = 0; i < lint->project->function_count && told < MOST; i++) {
        call = unretried(lint, i, &calls);
        if (!call)
            continue;
        told++;
        thaw_lint_evidence(lint, finding, "%s: %s() calls %s(), %zu call%s in all",
                           thaw_lint_place_text(lint, &call->place),
                           lint->project->functions[i].name, thaw_lint_method(call->name), calls,
                           calls == 1 ? "" : "s");
    }
    if (count > MOST)
        thaw_lint_evidence(lint, finding, "and %zu more", count - MOST);
    thaw_lint_source(lint, finding, scheduled(lint, first));
    thaw_lint_fix(lint, finding, "call %s() with RetryOptions, or catch what the activity raises",
                  thaw_lint_fact_text(scheduled(lint, first), "with_retry"));
}

/* --- rows --- */

const struct thaw_lint_rule thaw_rule_orchestrator_nondeterministic = {
    .kind =
        {
            .id = "orchestrator-nondeterministic",
            .severity = "error",
            .title = "an orchestrator calls what has another result on each replay",
            .needs = "the source of the app's functions",
            .explanation =
                "An orchestrator is run again from its beginning each time something that it "
                "waits for is done. What it scheduled before is not done again: the library takes "
                "the results from the history, in their order. This only works when the code "
                "takes the same way each time.\n"
                "\n"
                "The time of day, random numbers, new GUIDs, environment variables, files and "
                "other services may answer differently the second time. The orchestration then "
                "stops with a non-determinism error, or goes on with values that belong to no "
                "run, which is worse.\n"
                "\n"
                "It is told for calls in an orchestrator and in functions of the app that it "
                "calls. Which calls these are is a table of dated facts.\n"
                "\n"
                "How to change it: context.current_utc_datetime for the time, context.new_uuid() "
                "for a GUID, an activity for everything else: value = yield "
                "context.call_activity(\"read_setting\", \"NAME\"). The activity's result is kept "
                "in the history.\n"
                "\n"
                "What may go wrong: orchestrations that are under way when the code changes are "
                "replayed with the new code. Let them end first, or use another task hub.",
        },
    .area = "durable",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_source,
    .check = check_nondeterministic,
};

const struct thaw_lint_rule thaw_rule_orchestrator_blocks = {
    .kind =
        {
            .id = "orchestrator-blocks",
            .severity = "error",
            .title = "an orchestrator waits for the network, a process or a clock itself",
            .needs = "the source of the app's functions",
            .explanation =
                "An orchestrator should only decide what is done next. Each replay runs its code "
                "from the beginning, so that a wait of 5 s in it costs 5 s per step, and a "
                "request to another service is sent once per step.\n"
                "\n"
                "Orchestrators of a worker share one thread: while one of them waits, none of the "
                "others goes on.\n"
                "\n"
                "How to change it: instead of time.sleep(60), yield context.create_timer("
                "context.current_utc_datetime + timedelta(seconds=60)): the worker is free "
                "meanwhile, and may even be stopped. Requests go into an activity, or yield "
                "context.call_http(\"GET\", url).\n"
                "\n"
                "What may go wrong: an activity may run more than once; what it does should "
                "bear that.",
        },
    .area = "durable",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_source,
    .check = check_blocks,
};

const struct thaw_lint_rule thaw_rule_orchestrator_not_generator = {
    .kind =
        {
            .id = "orchestrator-not-generator",
            .severity = "error",
            .title = "an orchestrator schedules work and never yields",
            .needs = "the source of the app's functions",
            .explanation =
                "context.call_activity() and its like only make a task. The library learns of it "
                "when the orchestrator yields it. A function without any yield is no generator: "
                "its result is taken as the orchestration's output at once, and the work is never "
                "scheduled.\n"
                "\n"
                "If it returns the task itself, the orchestration fails, since a task is no "
                "JSON.\n"
                "\n"
                "How to change it: result = yield context.call_activity(\"name\", input). For "
                "several at once, gather the tasks in a list and yield "
                "context.task_all(tasks).\n"
                "\n"
                "It isn't told where another function of the app makes the call: that may be a "
                "generator whose tasks are yielded.",
        },
    .area = "durable",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_source,
    .check = check_not_generator,
};

const struct thaw_lint_rule thaw_rule_orchestrator_async = {
    .kind =
        {
            .id = "orchestrator-async",
            .severity = "error",
            .title = "an orchestrator is a coroutine",
            .needs = "the source of the app's functions",
            .explanation =
                "The library for Python calls an orchestrator, and goes on with what it returns "
                "if that is a generator. A coroutine (async def) is none, nor is an asynchronous "
                "generator: nobody awaits it, and it is taken as the output, which then can't be "
                "written as JSON. Each orchestration fails.\n"
                "\n"
                "Orchestrators would gain nothing from it either: they wait by yielding, and "
                "while they wait, nothing of them runs.\n"
                "\n"
                "How to change it: def run(context): and result = yield "
                "context.call_activity(…). Activities and the function that starts the "
                "orchestration may be async.",
        },
    .area = "durable",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_source,
    .check = check_async,
};

const struct thaw_lint_rule thaw_rule_activity_without_retry = {
    .kind =
        {
            .id = "activity-without-retry",
            .severity = "note",
            .title = "activities are called without retry options",
            .needs = "the source of the app's functions",
            .explanation =
                "An activity that raises makes the yield in the orchestrator raise; if nothing "
                "catches it, the whole orchestration has failed. Activities are where an app "
                "talks to others, and most of what fails there works a moment later.\n"
                "\n"
                "The policy of retries in host.json or of a decorator has no effect here: it is "
                "about triggers.\n"
                "\n"
                "How to change it: options = df.RetryOptions(first_retry_interval_in_milliseconds"
                "=5000, max_number_of_attempts=3), then yield "
                "context.call_activity_with_retry(\"name\", options, input).\n"
                "\n"
                "What may go wrong: what has been done half is done again. Where that does harm, "
                "catch the error in the orchestrator and undo it instead; then suppress this note "
                "with that reason.",
        },
    .area = "durable",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_source,
    .check = check_without_retry,
};
