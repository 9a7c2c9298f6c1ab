/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "timeline/exchanges.h"
#include "timeline/invocations.h"
#include "timeline/lookup.h"
#include "timeline/starts.h"

/* By function_id, the event + 1 that tells. */
struct functions {
    struct thaw_lookup names;
    struct thaw_lookup triggers;
};

/* "http" for "httpTrigger": in the arena, NULL when memory is short. */
static const char *kind_of(struct thaw_arena *arena, const char *trigger)
{
    static const char end[] = "Trigger";
    size_t length = strlen(trigger), end_length = sizeof(end) - 1;

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
    return !facts->was_running || facts->hello || set_up ? exchanges : NULL;
}

static bool fill(struct thaw_build *build, const struct thaw_exchange *exchange,
                 const struct functions *functions, struct thaw_invocation *invocation)
{
    const struct thaw_message *request = &exchange->request->message;
    const struct thaw_event *events = build->recording->events;
    uint32_t name = thaw_lookup_text(&functions->names, request->function_id, 0);
    uint32_t trigger = thaw_lookup_text(&functions->triggers, request->function_id, 0);

    invocation->track = thaw_build_facts(build, exchange->process)->track;
    invocation->function = name ? events[name - 1].function.name : "";
    invocation->kind = "";
    if (trigger)
        invocation->kind = kind_of(&build->memory->arena, events[trigger - 1].function.trigger);
    invocation->invocation_id = request->invocation_id;
    invocation->request = request;
    invocation->start_ns = exchange->request->time_ns;
    invocation->end_ns = thaw_exchange_answered_ns(exchange);
    invocation->status = exchange->response ? exchange->response->message.status : "";
    return invocation->kind != NULL;
}

static bool collect_process(struct thaw_build *build, const struct thaw_process_facts *facts,
                            const struct functions *functions)
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

static bool collect(struct thaw_build *build, const struct functions *functions)
{
    for (uint32_t id = 1; id <= build->facts_count; id++)
        if (thaw_build_facts(build, id)->exchange_count &&
            !collect_process(build, thaw_build_facts(build, id), functions))
            return false;
    return true;
}

static bool sort(struct thaw_build *build)
{
    size_t count = build->memory->invocations.count;
    struct thaw_start *starts = calloc(count + 1, sizeof(*starts));
    bool enough = starts != NULL;

    for (size_t i = 0; enough && i < count; i++)
        starts[i] =
            (struct thaw_start){build->memory->invocations.items[i].start_ns, 0, (uint32_t)i};
    if (enough) {
        thaw_starts_sort(starts, count);
        enough = thaw_starts_apply(starts, count, build->memory->invocations.items,
                                   sizeof(struct thaw_invocation));
    }
    free(starts);
    return enough;
}

/* A function may be told of several times, each time with less or more. */
static bool take_function(struct functions *functions, const struct thaw_function *function,
                          uint32_t row)
{
    return (!*function->name ||
            thaw_lookup_set_text(&functions->names, function->function_id, row)) &&
           (!*function->trigger ||
            thaw_lookup_set_text(&functions->triggers, function->function_id, row));
}

bool thaw_invocations_build(struct thaw_build *build)
{
    const struct thaw_recording *recording = build->recording;
    struct functions functions = {0};
    bool enough = true;

    for (size_t i = 0; enough && i < recording->count; i++)
        if (recording->events[i].kind == THAW_EVENT_FUNCTION)
            enough = take_function(&functions, &recording->events[i].function, (uint32_t)i + 1);
    enough = enough && collect(build, &functions) && sort(build);
    thaw_lookup_free(&functions.names);
    thaw_lookup_free(&functions.triggers);
    return enough;
}
