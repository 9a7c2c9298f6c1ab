/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "timeline/exchanges.h"
#include "timeline/mark_collector.h"
#include "timeline/by_time.h"

bool thaw_mark_collector_add(struct thaw_mark_collector *collector, enum thaw_mark_kind kind,
                             uint64_t time_ns, enum thaw_confidence confidence, const char *words)
{
    struct thaw_mark *mark = words ? thaw_array_add(&collector->marks->marks) : NULL;

    if (!mark)
        return false;
    *mark = (struct thaw_mark){
        .kind = kind,
        .time_ns = time_ns,
        .confidence = confidence,
        .words = words,
        .within = "",
    };
    return true;
}

const char *thaw_mark_collector_words(const struct thaw_mark_collector *collector, const char *what,
                                      uint32_t pid)
{
    return thaw_arena_format(&collector->build->memory->arena, "%s %u", what, pid);
}

const char *thaw_listen_words(const struct thaw_mark_collector *collector,
                              const struct thaw_event *listen)
{
    return thaw_mark_collector_words(collector, "listen on", (uint32_t)listen->listen.port);
}

struct thaw_mark_collector thaw_mark_collector_of(const struct thaw_mark_collector *collector,
                                                  uint32_t process)
{
    struct thaw_mark_collector other = {
        .build = collector->build,
        .id = process,
        .process = thaw_build_process(collector->build, process),
        .facts = thaw_build_facts(collector->build, process),
        .marks = collector->marks,
    };

    if (other.facts->exchange_count)
        other.exchanges = &other.build->exchanges.items[other.facts->first_exchange];
    return other;
}

bool thaw_mark_collector_sets_up(const struct thaw_mark_collector *collector,
                                 const struct thaw_exchange *exchange)
{
    return exchange->kind->role != THAW_EXCHANGE_INVOCATION &&
           (!collector->invocation || exchange->request < collector->invocation->request);
}

const struct thaw_exchange *
thaw_mark_collector_last_answer(const struct thaw_mark_collector *collector, uint64_t from_ns,
                                uint64_t until_ns)
{
    const struct thaw_exchange *found = NULL;

    for (size_t i = 0; i < collector->facts->exchange_count; i++) {
        const struct thaw_exchange *exchange = &collector->exchanges[i];
        uint64_t answered_ns = thaw_exchange_answered_ns(exchange);

        if (thaw_mark_collector_sets_up(collector, exchange) && answered_ns &&
            answered_ns <= until_ns && answered_ns >= from_ns &&
            (!found || answered_ns > thaw_exchange_answered_ns(found)))
            found = exchange;
    }
    return found;
}

/* All marks lie within the track. */
static void clip(struct thaw_marks *marks)
{
    struct thaw_mark *items = marks->marks.items;

    marks->start_ns = marks->end_ns = items[0].time_ns;
    for (size_t i = 0; i < marks->marks.count; i++) {
        bool ends = items[i].kind & (THAW_MARK_REPLY | THAW_MARK_END | THAW_MARK_WORKER);

        if (ends && items[i].time_ns > marks->end_ns)
            marks->end_ns = items[i].time_ns;
    }
    for (size_t i = 0; i < marks->marks.count; i++) {
        if (items[i].time_ns < marks->start_ns)
            items[i].time_ns = marks->start_ns;
        if (items[i].time_ns > marks->end_ns)
            items[i].time_ns = marks->end_ns;
    }
}

static bool collect(struct thaw_build *build, uint32_t process, struct thaw_marks *ret,
                    bool (*function)(struct thaw_mark_collector *))
{
    const struct thaw_mark_collector empty = {.build = build, .marks = ret};
    struct thaw_mark_collector collector = thaw_mark_collector_of(&empty, process);

    memset(ret, 0, sizeof(*ret));
    if (!function(&collector))
        return false;
    clip(ret);
    return thaw_by_time_order(ret->marks.items, ret->marks.count, sizeof(struct thaw_mark),
                              offsetof(struct thaw_mark, time_ns));
}

bool thaw_marks_of_worker(struct thaw_build *build, uint32_t process, struct thaw_marks *ret)
{
    return collect(build, process, ret, thaw_worker_marks_collect);
}

bool thaw_marks_of_server(struct thaw_build *build, uint32_t process, struct thaw_marks *ret)
{
    return collect(build, process, ret, thaw_server_marks_collect);
}

bool thaw_marks_of_script(struct thaw_build *build, uint32_t process, struct thaw_marks *ret)
{
    return collect(build, process, ret, thaw_script_marks_collect);
}
