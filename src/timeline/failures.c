/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/exchanges.h"
#include "timeline/failures.h"
#include "timeline/functions.h"
#include "timeline/lookup.h"
#include "timeline/paths.h"
#include "timeline/by_time.h"

/* Imports of one module that led to nothing are followed so far down. */
#define DEPTH_MOST 64

struct failures {
    struct thaw_build *build;
    struct thaw_functions functions;
    struct thaw_lookup answers; /* exchange + 1, by the event that answers it */
};

static const struct thaw_platform *platform_of(const struct thaw_build *build, uint32_t process,
                                               const char *type)
{
    return thaw_platforms_of_message(thaw_build_process(build, process)->platform, type);
}

static bool led_to_nothing(const struct thaw_module *module)
{
    return module->status == THAW_MODULE_FAILED || module->status == THAW_MODULE_NOT_FOUND;
}

/* Is a name part of a module's dotted name, as of "__app__.First.helper" "First" is? */
static bool has_part(const char *dotted, const char *name)
{
    size_t length = strlen(name);

    for (const char *part = dotted; part; part = strchr(part, '.'), part += part ? 1 : 0)
        if (!strncmp(part, name, length) && (part[length] == '.' || !part[length]))
            return true;
    return false;
}

/*
 * Could a module have been imported for what a request is about? A host asks for all functions at
 * once, and they are loaded one after another: a function's import is told by its folder.
 */
static bool is_asked_for(const struct thaw_module *module, const struct thaw_message *request)
{
    if (!*request->function_id || !*request->directory)
        return true;
    return *module->file ? thaw_path_below(module->file, request->directory)
                         : has_part(module->name, thaw_path_base(request->directory));
}

/*
 * The import below a module (id, 0: in the process) and in a time that raised last, NULL none; in
 * the process only what was asked for.
 */
static const struct thaw_module *raised_last(const struct thaw_build *build,
                                             const struct thaw_exchange *exchange, uint32_t parent,
                                             uint64_t from_ns, uint64_t until_ns)
{
    const struct thaw_process_facts *facts = thaw_build_facts(build, exchange->process);
    const struct thaw_module *found = NULL;

    for (size_t i = 0; i < facts->module_count; i++) {
        const struct thaw_module *module = thaw_build_module(build, facts, i);
        uint64_t end_ns = module->start_ns + module->total_ns;

        if (module->start_ns > until_ns)
            break;
        if (led_to_nothing(module) && module->parent == parent && module->start_ns >= from_ns &&
            end_ns <= until_ns && (!found || end_ns > found->start_ns + found->total_ns) &&
            (parent || is_asked_for(module, &exchange->request->message)))
            found = module;
    }
    return found;
}

/*
 * What made an answer a failure: the outermost import that raised last, then what raised in it.
 * That a module is caught raising (an optional import) does not make the one above it raise.
 */
static uint32_t culprit(const struct thaw_build *build, const struct thaw_exchange *exchange)
{
    uint64_t from_ns = exchange->request->time_ns;
    const struct thaw_module *module =
        raised_last(build, exchange, 0, from_ns, exchange->response->time_ns);

    for (int depth = 0; module && depth < DEPTH_MOST; depth++) {
        const struct thaw_module *below =
            raised_last(build, exchange, module->id, from_ns, module->start_ns + module->total_ns);

        if (!below)
            return module->id;
        module = below;
    }
    return module ? module->id : 0;
}

static const char *name_of(const struct failures *failures, const struct thaw_message *message)
{
    return thaw_functions_name(&failures->functions, message->function_id);
}

static bool collect_answers(struct failures *failures)
{
    const struct thaw_build *build = failures->build;

    for (size_t i = 0; i < build->exchanges.count; i++) {
        const struct thaw_event *response = build->exchanges.items[i].response;

        if (response && !thaw_lookup_set_number(&failures->answers,
                                                (uint64_t)(response - build->recording->events),
                                                (uint32_t)i + 1))
            return false;
    }
    return true;
}

/* The exchange that an event of the recording answers, NULL none. */
static const struct thaw_exchange *exchange_of(const struct failures *failures,
                                               const struct thaw_event *response)
{
    const struct thaw_build *build = failures->build;
    uint32_t row =
        thaw_lookup_number(&failures->answers, (uint64_t)(response - build->recording->events), 0);

    return row ? &build->exchanges.items[row - 1] : NULL;
}

/* An answer that is no success. */
static bool take_answer(struct failures *failures, const struct thaw_event *event, uint32_t process)
{
    struct thaw_build *build = failures->build;
    const struct thaw_platform *platform = platform_of(build, process, event->message.type);
    const struct thaw_exchange *exchange = exchange_of(failures, event);
    struct thaw_failure *failure = thaw_array_add(&build->memory->failures);

    if (!failure)
        return false;
    *failure = (struct thaw_failure){
        .process = process,
        .time_ns = event->time_ns,
        .message = event->message.type,
        .status = event->message.status,
        .exception = event->message.failure,
        .function = name_of(failures, &event->message),
        .words = thaw_platform_failure_words(platform, event->message.type, event->message.failure),
    };
    if (exchange && exchange->kind->role != THAW_EXCHANGE_INVOCATION)
        failure->module = culprit(build, exchange);
    return true;
}

/* An answer that never came. */
static bool take_debt(struct failures *failures, const struct thaw_exchange *exchange)
{
    struct thaw_build *build = failures->build;
    const struct thaw_timeline_process *process = thaw_build_process(build, exchange->process);
    const char *type = exchange->kind->request;
    uint64_t end_ns = process->end_ns ? process->end_ns : build->observed_end_ns;
    uint64_t waited_ns = thaw_build_less(end_ns, exchange->request->time_ns);
    const struct thaw_platform_limit *limit =
        thaw_platform_limit(platform_of(build, exchange->process, type), type, waited_ns);
    struct thaw_failure *failure;

    if (!process->end_ns && !limit)
        return true;
    failure = thaw_array_add(&build->memory->failures);
    if (!failure)
        return false;
    *failure = (struct thaw_failure){
        .process = exchange->process,
        .time_ns = end_ns,
        .message = exchange->kind->response,
        .status = "unanswered",
        .exception = "",
        .function = name_of(failures, &exchange->request->message),
        .waited_ns = waited_ns,
        .words = limit ? limit->words : "",
    };
    return true;
}

static bool is_failure(const struct thaw_event *event)
{
    return event->kind == THAW_EVENT_MESSAGE && event->message.outgoing && *event->message.status &&
           strcmp(event->message.status, "success") != 0;
}

static bool take_all(struct failures *failures)
{
    const struct thaw_build *build = failures->build;

    for (size_t i = 0; i < build->recording->count; i++)
        if (is_failure(&build->recording->events[i]) && build->event_process[i] &&
            !take_answer(failures, &build->recording->events[i], build->event_process[i]))
            return false;
    for (size_t i = 0; i < build->exchanges.count; i++)
        if (!build->exchanges.items[i].response && !take_debt(failures, &build->exchanges.items[i]))
            return false;
    return true;
}

bool thaw_failures_build(struct thaw_build *build)
{
    struct failures failures = {.build = build};
    bool enough =
        thaw_functions_collect(&failures.functions, build->recording) &&
        collect_answers(&failures) && take_all(&failures) &&
        thaw_by_time_order(build->memory->failures.items, build->memory->failures.count,
                           sizeof(struct thaw_failure), offsetof(struct thaw_failure, time_ns));

    thaw_lookup_free(&failures.answers);
    thaw_functions_free(&failures.functions);
    return enough;
}
