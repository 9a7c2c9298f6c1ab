/* SPDX-License-Identifier: Apache-2.0 */
/* init-near-limit: a start that nearly takes, or takes, longer than its platform waits. */
#include <string.h>

#include "analysis/findings.h"
#include "platform/platform.h"

/* Starts of one app differ by that much from machine to machine: what takes four fifths of a limit
 * here is over it on some. */
#define NEAR 0.8

struct wait {
    const struct thaw_platform_limit *limit;
    uint64_t ns; /* it took */
};

static const struct thaw_platform *platform_of(const struct thaw_analysis *analysis)
{
    const struct thaw_track *track = analysis->memory->track;
    const char *name = analysis->timeline->processes[track->process - 1].platform;

    return *name ? thaw_platforms_find(name) : NULL;
}

static bool can_find(const struct thaw_analysis *analysis)
{
    const struct thaw_platform *platform = platform_of(analysis);

    return platform && platform->limit_count;
}

static bool is_near(const struct thaw_platform_limit *limit, uint64_t ns)
{
    return (double)ns >= NEAR * (double)limit->ns;
}

/* The longest limit that is near; shorter ones are another plan's, or are over already. */
static void take(const struct thaw_platform *platform, enum thaw_wire_meaning request, uint64_t ns,
                 struct wait *wait)
{
    for (size_t i = 0; i < platform->limit_count; i++) {
        const struct thaw_platform_limit *limit = &platform->limits[i];

        if (limit->request == request && is_near(limit, ns) &&
            (!wait->limit || limit->ns >= wait->limit->ns))
            *wait = (struct wait){limit, ns};
    }
}

/* From the worker's start until it asks for work: all before its first invocation. */
static uint64_t ready_after_ns(const struct thaw_analysis *analysis)
{
    const struct thaw_track *track = analysis->memory->track;
    uint64_t born_ns = analysis->timeline->processes[track->process - 1].start_ns;
    uint64_t start_ns = born_ns > track->start_ns ? born_ns : track->start_ns;

    for (size_t i = 0; i < track->phase_count; i++)
        if (!strcmp(track->phases[i].name, "first-invocation"))
            return track->phases[i].start_ns > start_ns ? track->phases[i].start_ns - start_ns : 0;
    return 0;
}

static enum thaw_wire_meaning asked_for(enum thaw_wire_meaning answer)
{
    return answer == THAW_WIRE_MEANING_INIT_END         ? THAW_WIRE_MEANING_INIT_BEGIN
           : answer == THAW_WIRE_MEANING_SPECIALIZE_END ? THAW_WIRE_MEANING_SPECIALIZE_BEGIN
                                                        : THAW_WIRE_MEANING_NONE;
}

/* Requests with a limit come once for a worker: the answer is to the one before it. */
static void take_messages(const struct thaw_analysis *analysis,
                          const struct thaw_platform *platform, struct wait *wait)
{
    const struct thaw_recording *recording = analysis->timeline->recording;
    const struct thaw_track *track = analysis->memory->track;
    uint32_t pid = analysis->timeline->processes[track->process - 1].pid;
    uint64_t asked_ns[2] = {0};

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];
        enum thaw_wire_meaning meaning, request;

        if (event->kind != THAW_EVENT_MESSAGE || event->pid != pid ||
            event->time_ns > track->end_ns)
            continue;
        meaning = thaw_platform_meaning(platform, event->message.type);
        request = asked_for(meaning);
        if (meaning == THAW_WIRE_MEANING_INIT_BEGIN ||
            meaning == THAW_WIRE_MEANING_SPECIALIZE_BEGIN)
            asked_ns[meaning == THAW_WIRE_MEANING_INIT_BEGIN] = event->time_ns;
        else if (request != THAW_WIRE_MEANING_NONE &&
                 asked_ns[request == THAW_WIRE_MEANING_INIT_BEGIN])
            take(platform, request,
                 event->time_ns - asked_ns[request == THAW_WIRE_MEANING_INIT_BEGIN], wait);
    }
}

static bool find(struct thaw_analysis *analysis)
{
    const struct thaw_platform *platform = platform_of(analysis);
    struct wait wait = {0};
    struct thaw_finding *finding;

    take(platform, THAW_WIRE_MEANING_NONE, ready_after_ns(analysis), &wait);
    take_messages(analysis, platform, &wait);
    if (!wait.limit)
        return true;
    finding = thaw_finding_add(analysis, &thaw_finding_init_near_limit.kind);
    if (!finding)
        return false;
    finding->title =
        thaw_finding_text(analysis,
                          wait.ns < wait.limit->ns
                              ? "the start takes %.1f of the %.0f s that the platform allows"
                              : "the start takes %.1f s, the platform allows %.0f s",
                          (double)wait.ns / 1e9, (double)wait.limit->ns / 1e9);
    finding->risk = "needs a look";
    finding->fix = "make what is dearest in this report wait for its first use";
    thaw_finding_evidence(analysis, finding, wait.limit->words);
    return !analysis->memory->short_of_memory;
}

const struct thaw_finding_row thaw_finding_init_near_limit = {
    .kind =
        {
            .id = "init-near-limit",
            .severity = "error",
            .title = "the start takes nearly as long as the platform waits, or longer",
            .needs = "a recognised platform that limits a worker's start",
            .explanation =
                "Platforms give up on a worker that is not ready in time, end it and start another "
                "one: the request waits for both, or fails. A start that takes four fifths of that "
                "time here will take all of it on a busier machine.\n"
                "\n"
                "Limits: AWS Lambda ends an init after 10 s and begins it anew within the first "
                "invocation. Azure Functions on the Flex Consumption plan waits for 30 s, which "
                "can't "
                "be changed; other plans for 60 s at the most.\n"
                "\n"
                "Saving: none of its own; the other findings say what is worth doing.\n"
                "\n"
                "How to change it: import later what the first call does not need (thaw explain "
                "lazy-import), fetch nothing over the network while importing (thaw explain "
                "network-at-import), ship bytecode (thaw explain compiled-at-start), and give the "
                "start more CPU (thaw explain cpu-starved).",
        },
    .can_find = can_find,
    .find = find,
};
