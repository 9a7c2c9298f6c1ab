/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "audit/kept_events.h"
#include "recording/decode.h"

int thaw_kept_events_add(struct thaw_kept_events *kept, const struct thaw_event *event,
                         struct thaw_error *error)
{
    return thaw_encode_event(&kept->encoder, event, error);
}

size_t thaw_kept_events_bytes(const struct thaw_kept_events *kept)
{
    return kept->encoder.capacity;
}

/* The bytes are our own: they are as they were written. */
static int recall_one(struct thaw_decoder *decoder, struct thaw_event_list *list,
                      struct thaw_error *error)
{
    struct thaw_event *event = thaw_array_add(&list->events);
    int taken = event ? thaw_decode_event(decoder, event) : -ENOMEM;

    if (taken > 0)
        return 0;
    if (event)
        list->events.count--;
    return taken < 0 ? thaw_error_memory(error) : 0;
}

int thaw_kept_events_recall(const struct thaw_kept_events *kept, struct thaw_event_list *list,
                            struct thaw_error *error)
{
    struct thaw_decoder decoder = {.bytes = kept->encoder.bytes,
                                   .length = kept->encoder.length,
                                   .arena = &list->arena};
    int code = 0;

    if (!thaw_array_reserve(&list->events, list->events.count + kept->encoder.records + 3))
        return thaw_error_memory(error);
    while (!code && decoder.position < decoder.length)
        code = recall_one(&decoder, list, error);
    return code;
}

int thaw_kept_events_sift(struct thaw_kept_events *kept,
                          bool (*stay)(void *context, const struct thaw_event *event),
                          void *context, struct thaw_error *error)
{
    struct thaw_event_list list = {0};
    struct thaw_kept_events sifted = {0};
    int code = thaw_kept_events_recall(kept, &list, error);

    for (size_t i = 0; !code && i < list.events.count; i++)
        if (stay(context, &list.events.items[i]))
            code = thaw_kept_events_add(&sifted, &list.events.items[i], error);
    thaw_event_list_free(&list);
    if (code) {
        thaw_kept_events_free(&sifted);
        return code;
    }
    thaw_kept_events_free(kept);
    *kept = sifted;
    return 0;
}

void thaw_kept_events_free(struct thaw_kept_events *kept)
{
    thaw_encode_free(&kept->encoder);
}

void thaw_event_list_free(struct thaw_event_list *list)
{
    thaw_array_free(&list->events);
    thaw_arena_free(&list->arena);
}
