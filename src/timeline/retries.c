/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/retries.h"

static bool is_worker(const struct thaw_build *build, uint32_t process)
{
    return !strcmp(thaw_build_process(build, process)->role, "worker");
}

/* It asked for work, was given some, or said that a function is loaded. */
static bool was_ready(const struct thaw_build *build, uint32_t process)
{
    const struct thaw_platform *platform =
        thaw_platforms_find(thaw_build_process(build, process)->platform);
    const struct thaw_process_facts *facts = thaw_build_facts(build, process);

    if (facts->ready || facts->was_running)
        return true;
    for (size_t i = 0; i < facts->exchange_count; i++) {
        const struct thaw_exchange *exchange = &build->exchanges.items[facts->first_exchange + i];

        if (exchange->kind->role == THAW_EXCHANGE_INVOCATION)
            return true;
        if (exchange->response &&
            thaw_platform_meaning(platform, exchange->response->message.type) ==
                THAW_WIRE_MEANING_LOAD_END)
            return true;
    }
    return false;
}

bool thaw_retries_ended_early(const struct thaw_build *build, uint32_t process)
{
    return is_worker(build, process) && thaw_build_process(build, process)->end_ns &&
           !was_ready(build, process);
}

/* Ids are in order of start. Of what waits for a successor each host has one list, latest first. */
struct waiting {
    uint32_t *latest; /* by the host's id - 1: a worker, 0 none */
    uint32_t *before; /* by the worker's id - 1: the one before it */
};

/* Takes the latest that had ended by then off the host's list, 0 none. */
static uint32_t take_ended(const struct thaw_build *build, struct waiting *waiting, uint32_t host,
                           uint64_t start_ns)
{
    uint32_t *link = &waiting->latest[host - 1];

    while (*link) {
        uint32_t process = *link;

        if (thaw_build_process(build, process)->end_ns <= start_ns) {
            *link = waiting->before[process - 1];
            return process;
        }
        link = &waiting->before[process - 1];
    }
    return 0;
}

bool thaw_retries_build(struct thaw_build *build)
{
    size_t size = build->facts_count * sizeof(uint32_t);
    struct waiting waiting = {
        .latest = thaw_arena_allocate(&build->memory->arena, size + 1),
        .before = thaw_arena_allocate(&build->memory->arena, size + 1),
    };

    if (!waiting.latest || !waiting.before)
        return false;
    memset(waiting.latest, 0, size);
    memset(waiting.before, 0, size);
    for (uint32_t id = 1; id <= build->facts_count; id++) {
        const struct thaw_timeline_process *process = thaw_build_process(build, id);
        uint32_t host = process->parent;

        if (!host || !is_worker(build, id))
            continue;
        thaw_build_facts(build, id)->retry_of =
            take_ended(build, &waiting, host, process->start_ns);
        if (thaw_retries_ended_early(build, id)) {
            waiting.before[id - 1] = waiting.latest[host - 1];
            waiting.latest[host - 1] = id;
        }
    }
    return true;
}
