/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/coverage.h"

static bool has_probe(const struct thaw_recording *recording, const char *name)
{
    for (size_t i = 0; i < recording->count; i++)
        if (recording->events[i].kind == THAW_EVENT_PROBE &&
            !strcmp(recording->events[i].probe.name, name) &&
            !strcmp(recording->events[i].probe.status, "attached"))
            return true;
    return false;
}

/* What is told of each process, so that what is not told is not taken for none. */
bool thaw_coverage_build(struct thaw_build *build)
{
    const struct thaw_recording *recording = build->recording;
    bool waits = has_probe(recording, "thread.waits"), disk = has_probe(recording, "files.disk");

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];
        struct thaw_timeline_process *process;

        if (!build->event_process[i])
            continue;
        process = thaw_build_process(build, build->event_process[i]);
        process->saw_lookups |= event->kind == THAW_EVENT_FILE_LOOKUPS;
        process->saw_usage |= event->usage.minor_faults || event->usage.memory_bytes;
        process->saw_waits = process->saw_usage && waits;
        process->saw_disk = process->saw_usage && disk;
    }
    return true;
}
