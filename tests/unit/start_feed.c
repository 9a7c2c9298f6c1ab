/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "start_feed.h"

static int take_over(void *context, const struct thaw_start_events *tree, struct thaw_error *error)
{
    struct start_feed *feed = context;
    struct thaw_reduction reduction;
    int code = thaw_reduce(tree, &feed->rules, &reduction, error);

    feed->trees++;
    if (code || !feed->keep) {
        thaw_reduction_free(&reduction);
        return code;
    }
    *thaw_array_add(&feed->reductions) = reduction;
    for (size_t i = 0; i < reduction.starts.count; i++)
        *thaw_array_add(&feed->told) = &reduction.starts.items[i];
    return 0;
}

static void take_started(void *context, uint32_t process)
{
    struct start_feed *feed = context;

    if (feed->keep)
        *thaw_array_add(&feed->started) = process;
}

static void take_forgotten(void *context, uint32_t process)
{
    struct start_feed *feed = context;

    if (feed->keep)
        *thaw_array_add(&feed->forgotten) = process;
}

void start_feed_open(struct start_feed *feed, enum thaw_starts_of of,
                     const struct thaw_starts_limits *limits)
{
    struct thaw_starts_calls calls = {
        .context = feed, .over = take_over, .started = take_started, .forget = take_forgotten};

    *feed = (struct start_feed){.rules = {.imports = 100}, .keep = true};
    assert_int_equal(thaw_starts_open(of, limits, &calls, &feed->starts, NULL), 0);
}

static bool is_of_session(uint16_t kind)
{
    return kind <= THAW_EVENT_SESSION_END || kind == THAW_EVENT_COST ||
           kind == THAW_EVENT_LIBRARY || kind == THAW_EVENT_INVENTORY_SYMBOL ||
           (kind >= THAW_EVENT_INVENTORY_INTERPRETER && kind <= THAW_EVENT_INVENTORY_REQUIREMENT);
}

static void move(struct thaw_event *event, uint64_t later_ns, uint32_t pids)
{
    event->time_ns += later_ns;
    event->pid += event->pid ? pids : 0;
    event->tid += event->tid ? pids : 0;
    if (event->kind == THAW_EVENT_PROCESS_FORK)
        event->process_fork.parent += pids;
    if (event->kind == THAW_EVENT_PROCESS_PRESENT) {
        event->process_present.parent += pids;
        event->process_present.start_ns += later_ns;
    }
    if (event->kind == THAW_EVENT_MESSAGE)
        event->message.last_ns += later_ns;
    if (event->kind == THAW_EVENT_FIRST_BYTES) {
        event->first_bytes.acceptor += pids;
        event->first_bytes.peer += event->first_bytes.peer ? pids : 0;
    }
}

void start_feed_recording(struct start_feed *feed, const struct thaw_recording *recording,
                          uint64_t later_ns, uint32_t pids)
{
    for (size_t i = 0; i < recording->count; i++) {
        struct thaw_event event = recording->events[i];

        if (is_of_session(event.kind))
            continue;
        move(&event, later_ns, pids);
        assert_int_equal(thaw_starts_take(feed->starts, &event, NULL), 0);
    }
}

void start_feed_end(struct start_feed *feed)
{
    assert_int_equal(thaw_starts_finish(feed->starts, "thaw ended", NULL), 0);
}

void start_feed_close(struct start_feed *feed)
{
    for (size_t i = 0; i < feed->reductions.count; i++)
        thaw_reduction_free(&feed->reductions.items[i]);
    thaw_array_free(&feed->reductions);
    thaw_array_free(&feed->told);
    thaw_array_free(&feed->started);
    thaw_array_free(&feed->forgotten);
    thaw_starts_free(feed->starts);
}

void start_feed_check_empty(const struct start_feed *feed)
{
    struct thaw_starts_state counts;

    thaw_starts_state(feed->starts, &counts);
    assert_int_equal(counts.open, 0);
    assert_int_equal(counts.bytes, 0);
}

struct thaw_recording *start_feed_golden(const char *name)
{
    struct thaw_recording *recording = NULL;
    char path[256];

    snprintf(path, sizeof(path), "tests/golden/%s/recording.txt", name);
    assert_int_equal(thaw_recording_load(path, &recording, NULL), 0);
    return recording;
}
