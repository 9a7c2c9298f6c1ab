/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_START_EVENTS_H
#define THAW_AUDIT_START_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thaw/recording_events.h"

/* A process that began before until_ns, and whose start is not to be told: it has been, or will be.
 */
struct thaw_start_told {
    uint32_t process;
    uint64_t until_ns;
};

/*
 * The events of one process tree: a small recording, with a session's begin first and its end last.
 * What led to the tree (a host that has been there for long) is in it as processes that were
 * present.
 */
struct thaw_start_events {
    const struct thaw_event *events; /* by time */
    size_t count;
    const char *given_up; /* why they are not all, for people; "" they are */
    const char *ended;    /* why those without a first reply have none; "" the events tell it */
    bool further;         /* its host has had other workers before */
    const struct thaw_start_told *told;
    size_t told_count;
};

#endif
