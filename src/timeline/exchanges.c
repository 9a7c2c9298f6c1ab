/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "timeline/exchanges.h"
#include "timeline/lookup.h"

/* Exchanges that wait for a response, in order; indexes + 1. Answered ones are passed over. */
struct queue {
    uint32_t first;
    uint32_t last;
};

struct exchanges {
    struct thaw_build *build;
    THAW_ARRAY(struct queue) queues;
    struct thaw_lookup by_key;      /* queue of a process, kind and id */
    struct thaw_lookup by_kind;     /* queue of a process and kind */
    struct thaw_lookup connections; /* that began with the link's first message */
    struct thaw_lookup connects;    /* event + 1 that opened a connection */
};

static const char *id_of(const struct thaw_platform_exchange *kind,
                         const struct thaw_message *message)
{
    switch (kind->key) {
    case THAW_EXCHANGE_BY_FUNCTION:
        return message->function_id;
    case THAW_EXCHANGE_BY_INVOCATION:
        return message->invocation_id;
    case THAW_EXCHANGE_BY_ORDER:
        break;
    }
    return "";
}

static const char *key_of(struct thaw_build *build, uint32_t process,
                          const struct thaw_platform_exchange *kind, const char *id)
{
    return thaw_arena_format(&build->memory->arena, "%u %s %s", process, kind->request, id);
}

/* The queue's index, made when it is new; UINT32_MAX when memory is short. */
static uint32_t queue_of(struct exchanges *exchanges, struct thaw_lookup *queues, const char *key)
{
    uint32_t index = thaw_lookup_text(queues, key, UINT32_MAX);

    if (index != UINT32_MAX)
        return index;
    index = (uint32_t)exchanges->queues.count;
    if (!thaw_array_add(&exchanges->queues) || !thaw_lookup_set_text(queues, key, index))
        return UINT32_MAX;
    return index;
}

/* Puts the newest exchange at the end of a queue. */
static void append(struct exchanges *exchanges, uint32_t index, bool by_key)
{
    struct queue *queue = &exchanges->queues.items[index];
    uint32_t newest = (uint32_t)exchanges->build->exchanges.count;

    if (queue->first) {
        struct thaw_exchange *last = &exchanges->build->exchanges.items[queue->last - 1];

        *(by_key ? &last->next_of_key : &last->next_of_kind) = newest;
    } else {
        queue->first = newest;
    }
    queue->last = newest;
}

static bool add_request(struct exchanges *exchanges, const struct thaw_event *event,
                        uint32_t process, const struct thaw_platform_exchange *kind)
{
    struct thaw_build *build = exchanges->build;
    const char *key = key_of(build, process, kind, id_of(kind, &event->message));
    const char *any = key_of(build, process, kind, "");
    uint32_t by_key = key ? queue_of(exchanges, &exchanges->by_key, key) : UINT32_MAX;
    uint32_t by_kind = any ? queue_of(exchanges, &exchanges->by_kind, any) : UINT32_MAX;
    struct thaw_exchange *exchange = thaw_array_add(&build->exchanges);

    if (by_key == UINT32_MAX || by_kind == UINT32_MAX || !exchange)
        return false;
    *exchange = (struct thaw_exchange){.kind = kind, .process = process, .request = event};
    append(exchanges, by_key, true);
    append(exchanges, by_kind, false);
    return true;
}

/* Takes answered ones off the front; the first that still waits, NULL none. */
static struct thaw_exchange *waiting_in(struct exchanges *exchanges, uint32_t index, bool by_key)
{
    struct queue *queue;

    if (index == UINT32_MAX)
        return NULL;
    queue = &exchanges->queues.items[index];
    while (queue->first) {
        struct thaw_exchange *exchange = &exchanges->build->exchanges.items[queue->first - 1];

        if (!exchange->response)
            return exchange;
        queue->first = by_key ? exchange->next_of_key : exchange->next_of_kind;
    }
    return NULL;
}

/* The request of the same id; one that lost its id; any, when the response lost its own. */
static bool add_response(struct exchanges *exchanges, const struct thaw_event *event,
                         uint32_t process, const struct thaw_platform_exchange *kind)
{
    const char *id = id_of(kind, &event->message);
    const char *key = key_of(exchanges->build, process, kind, id);
    const char *without = key_of(exchanges->build, process, kind, "");
    struct thaw_exchange *exchange;

    if (!key || !without)
        return false;
    exchange = waiting_in(exchanges, thaw_lookup_text(&exchanges->by_key, key, UINT32_MAX), true);
    if (!exchange)
        exchange =
            waiting_in(exchanges, thaw_lookup_text(&exchanges->by_key, without, UINT32_MAX), true);
    if (!exchange && !*id)
        exchange = waiting_in(exchanges, thaw_lookup_text(&exchanges->by_kind, without, UINT32_MAX),
                              false);
    if (exchange)
        exchange->response = event;
    else if (kind->role == THAW_EXCHANGE_INVOCATION)
        thaw_build_facts(exchanges->build, process)->unasked++;
    return true;
}

/* What opened the message's connection, NULL not seen. */
static const struct thaw_event *connect_of(const struct exchanges *exchanges,
                                           const struct thaw_event *event)
{
    uint32_t connect = thaw_lookup_number(&exchanges->connects, event->message.connection, 0);

    return connect ? &exchanges->build->recording->events[connect - 1] : NULL;
}

static bool take_hello(struct exchanges *exchanges, const struct thaw_event *event,
                       struct thaw_process_facts *facts)
{
    if (!facts->hello) {
        facts->hello = event;
        facts->connect = connect_of(exchanges, event);
    }
    return thaw_lookup_set_number(&exchanges->connections, event->message.connection, 1);
}

/* A worker that ran before, on a connection that was there before, may have asked before. */
static void take_ready(const struct exchanges *exchanges, const struct thaw_event *event,
                       struct thaw_process_facts *facts)
{
    const struct thaw_event *connect = connect_of(exchanges, event);

    if (facts->ready || (facts->was_running && !connect))
        return;
    facts->ready = event;
    if (!facts->connect)
        facts->connect = connect;
}

static bool take_message(struct exchanges *exchanges, const struct thaw_event *event,
                         uint32_t process)
{
    struct thaw_process_facts *facts = thaw_build_facts(exchanges->build, process);
    const struct thaw_platform *platform =
        thaw_platforms_of_message(thaw_build_process(exchanges->build, process)->platform,
                                  event->message.type);
    enum thaw_wire_meaning meaning = thaw_platform_meaning(platform, event->message.type);
    const struct thaw_platform_exchange *kind;
    bool is_response;

    if (meaning == THAW_WIRE_MEANING_HELLO)
        return take_hello(exchanges, event, facts);
    /* Another connection of the worker, say to a collector, is not the platform's link. */
    if (facts->hello && !thaw_lookup_number(&exchanges->connections, event->message.connection, 0))
        return true;
    if (meaning == THAW_WIRE_MEANING_READY)
        take_ready(exchanges, event, facts);
    if (meaning == THAW_WIRE_MEANING_INIT_FAILED && !facts->failure)
        facts->failure = event;
    kind = thaw_platform_exchange(platform, event->message.type, &is_response);
    if (!kind)
        return true;
    return is_response ? add_response(exchanges, event, process, kind)
                       : add_request(exchanges, event, process, kind);
}

static bool take_events(struct exchanges *exchanges)
{
    const struct thaw_recording *recording = exchanges->build->recording;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];
        uint32_t process = exchanges->build->event_process[i];

        if (!process)
            continue;
        if (event->kind == THAW_EVENT_CONNECT &&
            !thaw_lookup_set_number(&exchanges->connects, event->connect.connection,
                                    (uint32_t)i + 1))
            return false;
        if (event->kind == THAW_EVENT_MESSAGE && !take_message(exchanges, event, process))
            return false;
    }
    return true;
}

static int compare(const void *left, const void *right)
{
    const struct thaw_exchange *a = left, *b = right;

    if (a->process != b->process)
        return a->process < b->process ? -1 : 1;
    return a->request < b->request ? -1 : a->request > b->request;
}

static void list_by_process(struct thaw_build *build)
{
    if (build->exchanges.count)
        qsort(build->exchanges.items, build->exchanges.count, sizeof(struct thaw_exchange),
              compare);
    for (size_t i = build->exchanges.count; i > 0; i--) {
        struct thaw_process_facts *facts =
            thaw_build_facts(build, build->exchanges.items[i - 1].process);

        facts->first_exchange = i - 1;
        facts->exchange_count++;
    }
}

bool thaw_exchanges_build(struct thaw_build *build)
{
    struct exchanges exchanges = {.build = build};
    bool enough = take_events(&exchanges);

    if (enough)
        list_by_process(build);
    thaw_array_free(&exchanges.queues);
    thaw_lookup_free(&exchanges.by_key);
    thaw_lookup_free(&exchanges.by_kind);
    thaw_lookup_free(&exchanges.connections);
    thaw_lookup_free(&exchanges.connects);
    return enough;
}

uint64_t thaw_exchange_answered_ns(const struct thaw_exchange *exchange)
{
    const struct thaw_event *response = exchange->response;

    if (!response)
        return 0;
    return response->message.last_ns > response->time_ns ? response->message.last_ns
                                                         : response->time_ns;
}
