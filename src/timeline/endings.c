/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/endings.h"
#include "timeline/retries.h"

/* A start of so many percent of its platform's limit came close to it, or was ended by it. */
enum { CLOSE_PERCENT = 80, LEAST_PERCENT = 95, MOST_PERCENT = 120 };

static double seconds(uint64_t ns)
{
    return (double)ns / 1e9;
}

/* "; AWS Lambda's limit …", where the time is about that; "" where not. */
static const char *limit_words(struct thaw_build *build, uint32_t process, uint64_t ns,
                               unsigned least, unsigned most)
{
    const struct thaw_platform_limit *limit = thaw_platform_start_limit(
        thaw_platforms_find(thaw_build_process(build, process)->platform));
    uint64_t percent = limit ? limit->ns / 100 : 0;

    if (!percent || ns < percent * least || ns > percent * most)
        return "";
    return thaw_arena_format(&build->memory->arena, "; %s", limit->words);
}

static const char *words_of_failure(struct thaw_build *build, const struct thaw_track *track,
                                    const struct thaw_message *failure)
{
    uint64_t start_ns = thaw_build_process(build, track->process)->start_ns;

    return thaw_arena_format(&build->memory->arena, "gave up its init after %.1f s: %s",
                             seconds(thaw_build_less(failure->last_ns, start_ns)),
                             *failure->failure ? failure->failure : failure->type);
}

static const char *words_of_end(struct thaw_build *build, const struct thaw_track *track)
{
    const struct thaw_timeline_process *process = thaw_build_process(build, track->process);
    uint64_t ns = thaw_build_less(process->end_ns, process->start_ns);
    const char *limit = limit_words(build, track->process, ns, LEAST_PERCENT, MOST_PERCENT);

    if (!limit)
        return NULL;
    if (process->exit_signal)
        return thaw_arena_format(&build->memory->arena,
                                 "was ended by signal %u after %.1f s, before it was ready%s",
                                 process->exit_signal, seconds(ns), limit);
    return thaw_arena_format(&build->memory->arena,
                             "exited with status %d after %.1f s, before it was ready%s",
                             (int)process->exit_code, seconds(ns), limit);
}

static const char *words_of_retry(struct thaw_build *build, const struct thaw_track *track)
{
    uint32_t first = thaw_build_facts(build, track->process)->retry_of;

    return thaw_arena_format(&build->memory->arena,
                             "began anew what the worker with pid %u had not finished",
                             thaw_build_process(build, first)->pid);
}

/* The limit is one for what asks for work by itself: nobody else's wait is in that time. */
static const char *words_of_success(struct thaw_build *build, const struct thaw_track *track)
{
    const struct thaw_process_facts *facts = thaw_build_facts(build, track->process);
    uint64_t ns, start_ns = thaw_build_process(build, track->process)->start_ns;
    const char *limit;

    if (!facts->ready || facts->was_running)
        return "";
    ns = thaw_build_less(facts->ready->time_ns, start_ns);
    limit = limit_words(build, track->process, ns, CLOSE_PERCENT, MOST_PERCENT);
    if (!limit || !*limit)
        return limit;
    return thaw_arena_format(&build->memory->arena, "took %.1f s to get ready%s", seconds(ns),
                             limit);
}

bool thaw_endings_build(struct thaw_build *build)
{
    for (size_t i = 0; i < build->memory->tracks.count; i++) {
        struct thaw_track *track = &build->memory->tracks.items[i];
        const struct thaw_process_facts *facts = thaw_build_facts(build, track->process);
        const struct thaw_event *failure = facts->failure;

        if (strcmp(thaw_build_process(build, track->process)->role, "worker") != 0)
            continue;
        if (facts->retry_of)
            track->retry_of = thaw_build_facts(build, facts->retry_of)->track;
        if (failure)
            track->words = words_of_failure(build, track, &failure->message);
        else if (thaw_retries_ended_early(build, track->process))
            track->words = words_of_end(build, track);
        else if (track->retry_of)
            track->words = words_of_retry(build, track);
        else
            track->words = words_of_success(build, track);
        if (!track->words)
            return false;
    }
    return true;
}
