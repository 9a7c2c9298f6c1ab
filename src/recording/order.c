/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "recording/order.h"

struct key {
    uint64_t time_ns;
    int rank_before_time;
    int rank_after_time;
    size_t index;
};

static struct key key_of(const struct thaw_event *event, size_t index)
{
    return (struct key){
        .time_ns = event->time_ns,
        .rank_before_time = event->kind == THAW_EVENT_SESSION_BEGIN ? 0 : 1,
        .rank_after_time = event->kind == THAW_EVENT_SESSION_END ? 1 : 0,
        .index = index,
    };
}

static int compare_keys(const void *left, const void *right)
{
    const struct key *a = left, *b = right;

    if (a->rank_before_time != b->rank_before_time)
        return a->rank_before_time - b->rank_before_time;
    if (a->time_ns != b->time_ns)
        return a->time_ns < b->time_ns ? -1 : 1;
    if (a->rank_after_time != b->rank_after_time)
        return a->rank_after_time - b->rank_after_time;
    return a->index < b->index ? -1 : a->index > b->index;
}

static int is_in_order(const struct thaw_event *events, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct key before = key_of(&events[i - 1], i - 1);
        struct key after = key_of(&events[i], i);

        if (compare_keys(&before, &after) > 0)
            return 0;
    }
    return 1;
}

/* Brings each event to its place, along the cycles of the permutation: a second array of them would
 * be the largest piece of memory there is. */
static void permute(struct thaw_event *events, struct key *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct thaw_event held = events[i];
        size_t to = i;

        while (keys[to].index != i) {
            size_t from = keys[to].index;

            events[to] = events[from];
            keys[to].index = to;
            to = from;
        }
        events[to] = held;
        keys[to].index = to;
    }
}

int thaw_order_events(struct thaw_event *events, size_t count)
{
    struct key *keys;

    if (is_in_order(events, count))
        return 0;
    keys = calloc(count, sizeof(*keys));
    if (!keys)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        keys[i] = key_of(&events[i], i);
    qsort(keys, count, sizeof(*keys), compare_keys);
    permute(events, keys, count);
    free(keys);
    return 0;
}
