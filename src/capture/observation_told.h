/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_OBSERVATION_TOLD_H
#define THAW_CAPTURE_OBSERVATION_TOLD_H

#include "base/arena.h"
#include "base/array.h"
#include "capture/observation.h"
#include "thaw/recording.h"

/*
 * What goes on to who observes: events are passed on as they are, but for those of processes whose
 * start is over or that are of no interest; what is lost, and what could not be attached, is
 * added up.
 */
struct thaw_told {
    struct thaw_observation_sink sink;
    struct thaw_told_process *processes; /* uthash: those of which not all is passed on */
    THAW_ARRAY(struct thaw_observation_loss) losses;
    THAW_ARRAY(struct thaw_observation_probe) missing;
    struct thaw_arena arena; /* of their texts: bounded, as equal ones are kept once */
    uint64_t tended_ns;
    uint64_t memory_short; /* events that were passed on but not added up */
};

/* How much of a process is passed on. */
enum thaw_told_part {
    THAW_TOLD_ALL,
    THAW_TOLD_MESSAGES, /* it has started: what its link says, and its processes */
    THAW_TOLD_EXECS,    /* it is of no interest, until it executes something else */
};

/* The writer's sink (struct thaw_recording_sink). */
int thaw_told_event(void *context, const struct thaw_event *event, struct thaw_error *error);

/* Without memory for it, all of the process goes on to be told. */
void thaw_told_limit(struct thaw_told *told, uint32_t process, enum thaw_told_part part);

/* Forgets processes that are gone without a word; some times a minute are enough. */
void thaw_told_tend(struct thaw_told *told);

/* Whether some probe is missing whose name begins so. */
bool thaw_told_misses(const struct thaw_told *told, const char *name);

/* A loss that no event tells of: its count up to now. of_events: of anybody's that is followed. */
void thaw_told_count(struct thaw_told *told, const char *cause, const char *what, uint64_t count,
                     bool of_events);

void thaw_told_free(struct thaw_told *told);

#endif
