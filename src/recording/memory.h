/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_RECORDING_MEMORY_H
#define THAW_RECORDING_MEMORY_H

#include "base/arena.h"
#include "base/array.h"
#include "thaw/recording.h"

/* What a loaded recording owns. The events move while they are read: they are put into
 * recording->events when all are there and in order. */
struct thaw_recording_memory {
    struct thaw_arena arena;
    THAW_ARRAY(struct thaw_event) events;
};

/* An empty one, to be freed by thaw_recording_free(); NULL when memory is short. */
struct thaw_recording *thaw_recording_new(void);

#endif
