/* SPDX-License-Identifier: Apache-2.0 */
/* Scaling within an instance: worker processes and threads against the app's handlers. */
#include <string.h>
#include <strings.h>

#include "lint/code.h"
#include "lint/look.h"
#include "lint/rules.h"
#include "report/keys.h"

#define THREADS "PYTHON_THREADPOOL_THREAD_COUNT"
#define PROCESSES "FUNCTIONS_WORKER_PROCESS_COUNT"

/* A number of a deployed setting; false: not set, or not known. */
static bool number_of(const struct thaw_lint *lint, const char *name, double *ret,
                      const struct thaw_setting **ret_setting)
{
    return thaw_lint_number(thaw_lint_setting_value(lint, name, ret_setting), ret);
}

/* A handler of many calls at a time: not of timers, nor of Durable's own kinds. */
static bool serves_many(const struct thaw_app_function *function)
{
    static const char *const triggers[] = {"httpTrigger", "queueTrigger", "serviceBusTrigger",
                                           "eventHubTrigger", "eventGridTrigger"};

    for (size_t i = 0; i < sizeof(triggers) / sizeof(*triggers); i++)
        if (thaw_lint_is_live(function) && function->kind == THAW_FUNCTION_PLAIN &&
            thaw_lint_function_is(function, triggers[i]))
            return true;
    return false;
}

/* A call of a sync handler that waits for something outside; NULL none. */
static const struct thaw_app_call *waiting_call(const struct thaw_lint *lint,
                                                const json_t **ret_entry)
{
    for (size_t i = 0; i < lint->project->call_count; i++) {
        const struct thaw_app_call *call = &lint->project->calls[i];
        const struct thaw_app_function *function;
        const json_t *entry;

        if (call->function >= lint->project->function_count)
            continue;
        function = &lint->project->functions[call->function];
        if (function->is_async || !serves_many(function))
            continue;
        entry = thaw_lint_blocking(lint, call);
        if (!entry || thaw_lint_fact_is(entry, "cpu"))
            continue;
        *ret_entry = entry;
        return call;
    }
    return NULL;
}

static bool has_source_and_settings(const struct thaw_lint *lint)
{
    return lint->project->has_source && thaw_lint_has_functions(lint) &&
           thaw_lint_has_settings(lint);
}

static void check_sync_wait(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_setting *threads_set, *processes_set;
    double threads, processes = 1;
    const struct thaw_app_call *call;
    struct thaw_lint_finding *finding;
    const json_t *entry;

    if (!number_of(lint, THREADS, &threads, &threads_set) || threads != 1)
        return;
    if (!number_of(lint, PROCESSES, &processes, &processes_set) && processes_set)
        return;
    call = waiting_call(lint, &entry);
    if (!call || (processes > 1 && !*thaw_lint_without_effect(lint, PROCESSES)))
        return;
    finding = thaw_lint_add(lint, rule, &threads_set->place, THREADS,
                            "one thread for all calls: while a sync handler waits, the others do, "
                            "too");
    thaw_lint_evidence(lint, finding, "%s is 1, %s is %s", THREADS, PROCESSES,
                       !processes_set  ? "not set (1)"
                       : processes > 1 ? "not in effect (1)"
                                       : "1");
    thaw_lint_evidence(lint, finding, "%s calls %s() at %s",
                       lint->project->functions[call->function].name, call->name,
                       thaw_lint_place_text(lint, &call->place));
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "settings", THREADS));
    thaw_lint_source(lint, finding, entry);
    thaw_lint_fix(lint, finding, "raise %s (8, say), or make the handlers async", THREADS);
}

const struct thaw_lint_rule thaw_rule_sync_handlers_wait = {
    .kind =
        {
            .id = "sync-handlers-wait",
            .severity = "warning",
            .title = "sync handlers that wait share a single thread",
            .needs = "the app's Python files and the settings that are deployed",
            .explanation =
                "The worker calls handlers without async in a pool of threads. With "
                "PYTHON_THREADPOOL_THREAD_COUNT 1 there is one: a handler that waits for a service "
                "or a database makes each later call wait for it. The instance is idle and slow, "
                "and the platform answers with more instances, that is with more cold starts.\n"
                "\n"
                "Told only where that setting is 1, there is one worker process, and a sync "
                "handler "
                "of HTTP, a queue, Service Bus, Event Hubs or Event Grid makes a call that is "
                "known to wait.\n"
                "\n"
                "How to change it: PYTHON_THREADPOOL_THREAD_COUNT 4 to 32 for handlers that wait; "
                "or async handlers with a library that can be awaited (aiohttp, httpx, the .aio "
                "clients of Azure).\n"
                "\n"
                "What may go wrong: more threads need code that bears them. Clients shared by "
                "threads have to be made for it, and a global that is written by a handler isn't.",
        },
    .area = "scaling",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_source_and_settings,
    .check = check_sync_wait,
};

/* --- threads that nothing uses --- */

static bool hands_off(const struct thaw_lint *lint)
{
    for (size_t i = 0; i < lint->project->call_count; i++)
        if (lint->project->calls[i].flags & THAW_CALL_HANDED_OFF)
            return true;
    return false;
}

static void check_threads_idle(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_setting *setting = thaw_lint_deployed(lint, THREADS);
    struct thaw_lint_finding *finding;
    size_t count = 0;

    if (!setting || hands_off(lint))
        return;
    for (size_t i = 0; i < lint->project->function_count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];

        if (!thaw_lint_is_live(function))
            continue;
        /* A web app's own handlers may be of either kind. */
        if (!function->is_async || function->kind == THAW_FUNCTION_ASGI)
            return;
        count++;
    }
    if (!count)
        return;
    finding = thaw_lint_add(lint, rule, &setting->place, THREADS,
                            "%s has nothing to do: all %zu handlers are async", THREADS, count);
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "settings", THREADS));
    thaw_lint_fix(lint, finding, "remove it; what bounds async handlers is what they await");
}

const struct thaw_lint_rule thaw_rule_threads_do_nothing = {
    .kind =
        {
            .id = "threads-do-nothing",
            .severity = "note",
            .title = "a number of threads is set, but no handler runs in one",
            .needs = "the app's Python files and the settings that are deployed",
            .explanation =
                "PYTHON_THREADPOOL_THREAD_COUNT sizes the pool in which the worker calls handlers "
                "that are not async. Handlers with async def run on the event loop, one thread for "
                "all of them; the setting does not touch them.\n"
                "\n"
                "Often it was raised to make an app quicker whose async handlers block. That is "
                "another matter: thaw explain blocking-call-in-async.\n"
                "\n"
                "How to change it: remove the setting. Where a handler has to call what can't be "
                "awaited, hand it off: await asyncio.to_thread(call, argument).\n"
                "\n"
                "What may go wrong: nothing; if a handler without async is added, the default pool "
                "takes it.",
        },
    .area = "scaling",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_source_and_settings,
    .check = check_threads_idle,
};

/* --- worker processes --- */

/* What a recording saw of the imports, in ns; 0: nothing. */
static double import_ns(const struct thaw_lint *lint)
{
    const json_t *track, *phase;
    double sum = 0;
    size_t i, j;

    json_array_foreach(json_object_get(lint->recording, "tracks"), i, track)
    {
        if (!json_is_true(json_object_get(track, "headline")))
            continue;
        json_array_foreach(json_object_get(track, "phases"), j, phase)
        {
            if (!strcmp(thaw_key_string(phase, "name"), "import"))
                sum += json_number_value(json_object_get(phase, "end_ns")) -
                       json_number_value(json_object_get(phase, "start_ns"));
        }
    }
    return sum;
}

static void check_processes(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const json_t *entry = thaw_lint_azure_fact(lint, "settings", PROCESSES);
    const struct thaw_project_fact *fact;
    const struct thaw_setting *setting;
    struct thaw_lint_finding *finding;
    double count, seconds;

    if (!number_of(lint, PROCESSES, &count, &setting) || count <= 1 ||
        *thaw_lint_without_effect(lint, PROCESSES))
        return;
    finding = thaw_lint_add(lint, rule, &setting->place, PROCESSES,
                            "%.0f worker processes: each imports the app again", count);
    if (thaw_lint_fact_number(entry, "spawned_every_s", &seconds))
        thaw_lint_evidence(lint, finding,
                           "the host starts one every %g s, so the last is there after %g s",
                           seconds, (count - 1) * seconds);
    if (import_ns(lint) > 0)
        thaw_lint_evidence(lint, finding,
                           "imports took %.2f s in the recording: %.1f s of CPU or "
                           "wait in all",
                           import_ns(lint) / 1e9, count * import_ns(lint) / 1e9);
    fact = thaw_project_fact(lint->project, THAW_FACT_SKU, NULL);
    if (fact && *fact->value)
        thaw_lint_evidence(lint, finding, "they share an instance of %s (%s)", fact->value,
                           thaw_lint_place_text(lint, &fact->place));
    thaw_lint_source(lint, finding, entry);
    thaw_lint_fix(lint, finding,
                  "keep 1 unless handlers are bound by CPU; for waiting take threads "
                  "or async");
}

const struct thaw_lint_rule thaw_rule_worker_processes_multiply_imports = {
    .kind =
        {
            .id = "worker-processes-multiply-imports",
            .severity = "note",
            .title = "several worker processes, each of which imports the whole app",
            .needs = "the settings that are deployed",
            .explanation =
                "FUNCTIONS_WORKER_PROCESS_COUNT above 1 starts that many Python processes on every "
                "instance, one every 10 s. Each imports the app, holds its own memory and its own "
                "clients, and takes its CPU from the calls that run meanwhile. A call that is "
                "given "
                "to a process that has just started has a cold start of its own.\n"
                "\n"
                "It pays where handlers are bound by CPU and the instance has several cores: "
                "Python "
                "runs one thread at a time in a process. It does not where handlers wait, and not "
                "on an instance of one core.\n"
                "\n"
                "How to change it: leave it at 1 and raise PYTHON_THREADPOOL_THREAD_COUNT, or make "
                "handlers async. Keep it where a load test shows that more processes serve more.\n"
                "\n"
                "What may go wrong: caches and counters in globals are a process's own; with one "
                "process, code that was never called by two threads at once may be.",
        },
    .area = "scaling",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_settings,
    .check = check_processes,
};

/* --- Flex: calls at a time --- */

/* The first handler without async that HTTP calls. */
static const struct thaw_app_function *sync_http(const struct thaw_lint *lint)
{
    for (size_t i = 0; i < lint->project->function_count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];

        if (thaw_lint_is_http(function) && function->kind == THAW_FUNCTION_PLAIN &&
            !function->is_async)
            return function;
    }
    return NULL;
}

/* How many sync handlers a worker runs at once at the most; false: not known. */
static bool threads_of(const struct thaw_lint *lint, double *ret, const json_t **ret_source,
                       bool *ret_is_set)
{
    const struct thaw_setting *setting;

    *ret_is_set = number_of(lint, THREADS, ret, &setting);
    *ret_source = thaw_lint_azure_fact(lint, "settings", THREADS);
    if (*ret_is_set)
        return true;
    if (setting)
        return false;
    *ret_source = thaw_lint_azure_fact(lint, "limits", "python_threads_default_most");
    return thaw_lint_fact_number(*ret_source, "value", ret);
}

static void check_http_concurrency(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_app_function *function = sync_http(lint);
    const struct thaw_project_fact *fact = NULL;
    double promised, threads;
    const json_t *source;
    bool is_set;

    if (!function || !threads_of(lint, &threads, &source, &is_set))
        return;
    while ((fact = thaw_project_fact(lint->project, THAW_FACT_HTTP_CONCURRENCY, fact))) {
        struct thaw_lint_finding *finding;

        if (!thaw_lint_number(fact->value, &promised) || promised <= threads)
            continue;
        finding = thaw_lint_add(lint, rule, &fact->place, "perInstanceConcurrency",
                                "an instance is sent %.0f requests at a time, its worker has "
                                "%s%.0f threads for them",
                                promised, is_set ? "" : "at most ", threads);
        thaw_lint_evidence(lint, finding, "not async: %s", thaw_lint_function_text(lint, function));
        thaw_lint_evidence(lint, finding, is_set ? "%s is %.0f" : "%s is not set: %.0f at most",
                           THREADS, threads);
        thaw_lint_confidence(finding, is_set ? "high" : "medium");
        thaw_lint_source(lint, finding, source);
        thaw_lint_fix(lint, finding,
                      "lower perInstanceConcurrency to %.0f, set %s, or make the "
                      "handlers async",
                      threads, THREADS);
    }
}

static bool can_check_http_concurrency(const struct thaw_lint *lint)
{
    return lint->project->has_source &&
           thaw_project_fact(lint->project, THAW_FACT_HTTP_CONCURRENCY, NULL);
}

const struct thaw_lint_rule thaw_rule_http_concurrency_high = {
    .kind =
        {
            .id = "http-concurrency-high",
            .severity = "warning",
            .title = "an instance is promised more requests at a time than its worker takes",
            .needs = "the app's Python files and a template that states perInstanceConcurrency",
            .explanation =
                "On Flex Consumption perInstanceConcurrency says how many HTTP requests an "
                "instance "
                "is sent at a time; a new instance comes only when all have that many. Handlers "
                "without async run in the worker's threads: what is beyond their number waits in "
                "the process, while the platform takes the instance for busy as intended.\n"
                "\n"
                "The threads are PYTHON_THREADPOOL_THREAD_COUNT, else Python's own default, which "
                "is 32 at the most and on an instance of one core far fewer. There is one worker "
                "process on Flex.\n"
                "\n"
                "How to change it: lower perInstanceConcurrency, or raise the threads, or make the "
                "handlers async with libraries that can be awaited.\n"
                "\n"
                "What may go wrong: a lower number means more instances for the same load, hence "
                "more cold starts; a higher number of threads more memory. thaw record shows how "
                "many calls are really served at once.",
        },
    .area = "scaling",
    .platforms = THAW_LINT_AZURE,
    .can_check = can_check_http_concurrency,
    .check = check_http_concurrency,
};
