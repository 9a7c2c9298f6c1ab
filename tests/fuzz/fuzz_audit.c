/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/reduce.h"
#include "audit/starts.h"
#include "thaw/recording.h"

/*
 * A recording in either form, told event by event as the daemon is told of a machine: whatever it
 * holds, starts are within their bounds, add up, and leave nothing behind.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BYTES_MOST ((size_t)65536)

static void check(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

static void check_start(const struct thaw_start *start)
{
    uint64_t counted_ns = start->unattributed_ns;

    for (size_t i = 0; i < start->phase_count; i++)
        counted_ns += start->phases[i].counted ? start->phases[i].ns : 0;
    check(counted_ns == start->total_ns, "counted phases and what is unattributed are the total");
    check(start->modules_failed <= start->modules, "modules that failed are modules");
    check(start->import_count <= 8 && start->import_count <= start->modules, "imports are few");
    for (size_t i = 0; i < start->import_count; i++)
        check(start->imports[i].parent <= i, "imports come behind what asked for them");
    check(start->complete == !*start->incomplete, "what is incomplete says why");
    check(!start->answered || !*start->ended, "what has answered did not end before");
}

static int take_over(void *context, const struct thaw_start_events *tree, struct thaw_error *error)
{
    struct thaw_reduction reduction;

    (void)context;
    check(tree->count >= 2, "a session has a begin and an end");
    if (thaw_reduce(tree, &(struct thaw_reduction_rules){.imports = 8}, &reduction, error) < 0)
        abort();
    for (size_t i = 0; i < reduction.starts.count; i++)
        check_start(&reduction.starts.items[i]);
    thaw_reduction_free(&reduction);
    return 0;
}

static void pass(void *context, uint32_t process)
{
    (void)context;
    (void)process;
}

static void feed(const struct thaw_recording *recording, enum thaw_starts_of of)
{
    struct thaw_starts_limits limits = thaw_starts_usual_limits;
    struct thaw_starts_calls calls = {NULL, take_over, pass, pass};
    struct thaw_starts *starts = NULL;
    struct thaw_starts_state state;

    limits.bytes = BYTES_MOST;
    limits.events = 200;
    limits.processes = 100;
    if (thaw_starts_open(of, &limits, &calls, &starts, NULL) < 0)
        abort();
    for (size_t i = 0; i < recording->count; i++) {
        if (thaw_starts_take(starts, &recording->events[i], NULL) < 0)
            abort();
        if (i % 8 == 0 && thaw_starts_tick(starts, recording->events[i].time_ns, NULL) < 0)
            abort();
        thaw_starts_state(starts, &state);
        check(state.bytes <= BYTES_MOST, "memory is within its bound");
    }
    if (thaw_starts_finish(starts, "thaw ended", NULL) < 0)
        abort();
    thaw_starts_state(starts, &state);
    check(!state.open && !state.bytes, "nothing is left");
    thaw_starts_free(starts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_recording *recording = NULL;

    if (thaw_recording_parse(data, size, &recording, NULL) < 0)
        return 0;
    feed(recording, THAW_STARTS_OF_PLATFORMS);
    feed(recording, THAW_STARTS_OF_ALL);
    thaw_recording_free(recording);
    return 0;
}
