/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_KEPT_EVENTS_H
#define THAW_AUDIT_KEPT_EVENTS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/array.h"
#include "recording/encode.h"
#include "thaw/error.h"
#include "thaw/recording_events.h"

/*
 * Events in memory, in the bytes that a recording has for them: some 30 instead of the 232 of
 * struct thaw_event, texts included. Zeroed it is empty.
 */
struct thaw_kept_events {
    struct thaw_encoder encoder;
};

/* A copy of the event. What can't be recorded (-E2BIG, -EINVAL) is not kept; -ENOMEM. */
int thaw_kept_events_add(struct thaw_kept_events *kept, const struct thaw_event *event,
                         struct thaw_error *error);

/* The bytes of memory it takes. */
size_t thaw_kept_events_bytes(const struct thaw_kept_events *kept);

/* Events again, in the order in which they came; texts are in the arena. */
struct thaw_event_list {
    THAW_ARRAY(struct thaw_event) events;
    struct thaw_arena arena;
};

/* Adds all to the list. -ENOMEM, with the list as it was or longer. */
int thaw_kept_events_recall(const struct thaw_kept_events *kept, struct thaw_event_list *list,
                            struct thaw_error *error);

/* Keeps only those that stay() wants. -ENOMEM, with nothing gone. */
int thaw_kept_events_sift(struct thaw_kept_events *kept,
                          bool (*stay)(void *context, const struct thaw_event *event),
                          void *context, struct thaw_error *error);

void thaw_kept_events_free(struct thaw_kept_events *kept);
void thaw_event_list_free(struct thaw_event_list *list);

#endif
