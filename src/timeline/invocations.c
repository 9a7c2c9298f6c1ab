/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "timeline/exchanges.h"
#include "timeline/functions.h"
#include "timeline/invocations.h"
#include "timeline/by_time.h"

/* "http" for "httpTrigger": in the arena, NULL when memory is short. */
static const char *kind_of(struct thaw_arena *arena, const struct thaw_platform *platform,
                           const char *trigger)
{
    const char *end = platform && platform->trigger_end ? platform->trigger_end : "";
    size_t length = strlen(trigger), end_length = strlen(end);

    if (length > end_length && !strcasecmp(trigger + length - end_length, end))
        length -= end_length;
    return thaw_arena_text(arena, trigger, length);
}

/*
 * The exchange behind which the first invocation is the cold one: in a placeholder the one that
 * made it a customer's. NULL: a worker that was up before the recording, and may have served.
 */
static const struct thaw_exchange *find_beginning(const struct thaw_build *build,
                                                  const struct thaw_process_facts *facts)
{
    const struct thaw_exchange *exchanges = &build->exchanges.items[facts->first_exchange];
    bool set_up = false;

    for (size_t i = 0; i < facts->exchange_count; i++) {
        if (exchanges[i].kind->role == THAW_EXCHANGE_SPECIALIZE)
            return &exchanges[i];
        set_up |= exchanges[i].kind->role == THAW_EXCHANGE_SETUP;
    }
    return !facts->was_running || facts->hello || facts->ready || set_up ? exchanges : NULL;
}

static bool fill(struct thaw_build *build, const struct thaw_exchange *exchange,
                 const struct thaw_functions *functions, struct thaw_invocation *invocation)
{
    const struct thaw_message *request = &exchange->request->message;
    const char *platform = thaw_build_process(build, exchange->process)->platform;

    invocation->track = thaw_build_facts(build, exchange->process)->track;
    invocation->function = thaw_functions_name(functions, request->function_id);
    invocation->kind =
        kind_of(&build->memory->arena, thaw_platforms_of_message(platform, request->type),
                thaw_functions_trigger(functions, request->function_id));
    invocation->invocation_id = request->invocation_id;
    invocation->request = request;
    invocation->start_ns = exchange->request->time_ns;
    invocation->end_ns = thaw_exchange_answered_ns(exchange);
    invocation->status = exchange->response ? exchange->response->message.status : "";
    return invocation->kind != NULL;
}

static bool collect_process(struct thaw_build *build, const struct thaw_process_facts *facts,
                            const struct thaw_functions *functions)
{
    const struct thaw_exchange *beginning = find_beginning(build, facts);
    bool cold = beginning != NULL;

    for (size_t i = 0; i < facts->exchange_count; i++) {
        const struct thaw_exchange *exchange = &build->exchanges.items[facts->first_exchange + i];
        struct thaw_invocation *invocation;

        if (exchange->kind->role != THAW_EXCHANGE_INVOCATION)
            continue;
        invocation = thaw_array_add(&build->memory->invocations);
        if (!invocation || !fill(build, exchange, functions, invocation))
            return false;
        invocation->cold = cold && exchange >= beginning;
        cold &= !invocation->cold;
    }
    return true;
}

static bool collect(struct thaw_build *build, const struct thaw_functions *functions)
{
    for (uint32_t id = 1; id <= build->facts_count; id++)
        if (thaw_build_facts(build, id)->exchange_count &&
            !collect_process(build, thaw_build_facts(build, id), functions))
            return false;
    return true;
}

bool thaw_invocations_build(struct thaw_build *build)
{
    struct thaw_functions functions;
    bool enough =
        thaw_functions_collect(&functions, build->recording) && collect(build, &functions) &&
        thaw_by_time_order(build->memory->invocations.items, build->memory->invocations.count,
                           sizeof(struct thaw_invocation),
                           offsetof(struct thaw_invocation, start_ns));

    thaw_functions_free(&functions);
    return enough;
}
