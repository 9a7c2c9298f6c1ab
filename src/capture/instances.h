/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_INSTANCES_H
#define THAW_CAPTURE_INSTANCES_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/wire.h"

/*
 * Numbers for the ids of orchestrations' instances, in the order in which a session sees them. An
 * id itself is the user's: only its number goes to the recording. Zeroed it is empty.
 */
struct thaw_instances {
    struct thaw_instance *first;
    bool forgets;          /* beyond the most that are told apart the oldest gives way */
    uint64_t last;         /* number that was given */
    uint64_t not_followed; /* messages of instances beyond the most that are told apart */
    uint64_t memory_short; /* messages whose instance got no number for lack of memory */
};

/* The id's number, from 1, given when it is new; 0: it is empty, or it got none (counted). */
uint64_t thaw_instances_number(struct thaw_instances *instances, struct thaw_wire_text id);

/* Forgets all. */
void thaw_instances_free(struct thaw_instances *instances);

#endif
