/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_FRAME_EVENTS_H
#define THAW_TIMELINE_FRAME_EVENTS_H

#include "timeline/import_stack.h"

/* What events about the frames of a thread have in common, whatever their kind. */

/* What the events of frames' ends have in common. */
struct thaw_frame_end {
    enum thaw_frame_kind kind;
    uint64_t stack;
    uint64_t strand;
    bool failed;
};

/* Of an event that ends a frame. */
struct thaw_frame_end thaw_frame_event_end(const struct thaw_event *event);

/* Is it about a frame, or about what happens inside? */
bool thaw_frame_event_is(uint16_t kind);

/* Which of the thread's strands it is about. */
uint64_t thaw_frame_event_strand(const struct thaw_event *event);

/* What is told of files may have begun before, and is in pieces: loading.c has its time. */
bool thaw_frame_event_of_files(uint16_t kind);

/* Does it tell what the thread has used? */
bool thaw_frame_event_tells_usage(uint16_t kind);

#endif
