/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_PROCESSES_H
#define THAW_REPORT_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thaw/timeline.h"

/* Which process of the timeline an event is about: a pid is used again after its process ended. */
struct thaw_processes {
    const struct thaw_timeline_process **by_pid; /* by pid, then start */
    size_t count;
};

/* False when memory is short. The timeline must outlive it. */
bool thaw_processes_index(struct thaw_processes *processes, const struct thaw_timeline *timeline);

/*
 * The id of the process that had the pid at time_ns: the last one started by then, or the first
 * one when the event is older than all of them. 0 when the timeline has no such pid.
 */
uint32_t thaw_processes_find(const struct thaw_processes *processes, uint32_t pid,
                             uint64_t time_ns);

void thaw_processes_release(struct thaw_processes *processes);

#endif
