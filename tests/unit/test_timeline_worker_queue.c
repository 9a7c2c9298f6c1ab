/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "timeline/worker_queue.h"

enum { MOST = 512 };

/* Calls of several workers, answered by a queue of its own: the oracle. */
struct queue {
    struct thaw_queued calls[MOST];
    uint64_t expected_ns[MOST];
    size_t count;
};

/* So many calls for a worker that serves at_once of them; each comes gap_ns behind the last. */
static void add(struct queue *queue, uint32_t worker, size_t count, size_t at_once, uint64_t gap_ns,
                uint64_t (*serve_ns)(size_t number))
{
    uint64_t free_ns[MOST] = {0};

    for (size_t i = 0; i < count; i++) {
        struct thaw_queued *call = &queue->calls[queue->count];
        size_t server = 0;

        for (size_t j = 1; j < at_once; j++)
            if (free_ns[j] < free_ns[server])
                server = j;
        *call = (struct thaw_queued){.worker = worker,
                                     .cold = i == 0,
                                     .start_ns = 1000000 + i * gap_ns};
        queue->expected_ns[queue->count] =
            free_ns[server] > call->start_ns ? free_ns[server] : call->start_ns;
        free_ns[server] = queue->expected_ns[queue->count] + serve_ns(i);
        call->end_ns = free_ns[server];
        queue->count++;
    }
}

/* Some 200 ms, give or take 2 %. */
static uint64_t alike(size_t number)
{
    return 200000000 + number * 7919 % 17 * 500000;
}

static uint64_t any(size_t number)
{
    return 1000000 + number * number * 7919 % 401 * 1000000;
}

static void assert_derived(struct queue *queue, uint32_t at_once)
{
    struct thaw_capacity capacity;

    assert_true(thaw_worker_queue_find(queue->calls, queue->count, &capacity));
    assert_int_equal(capacity.status, THAW_CAPACITY_DERIVED);
    assert_int_equal(capacity.at_once, at_once);
    assert_true(capacity.waited >= 4);
    for (size_t i = 0; i < queue->count; i++)
        assert_int_equal(queue->calls[i].running_ns, queue->expected_ns[i]);
}

/* 16 requests at once, over all numbers of workers and threads that 16 requests can show. */
static void bursts(void **state)
{
    (void)state;
    for (uint32_t workers = 1; workers <= 4; workers++)
        for (uint32_t at_once = 1; at_once * workers <= 8; at_once++) {
            struct queue queue = {0};

            for (uint32_t i = 0; i < workers; i++)
                add(&queue, i + 1, 16 / workers, at_once, 100000, alike);
            assert_derived(&queue, at_once);
        }
}

static void a_long_queue(void **state)
{
    struct queue queue = {0};

    (void)state;
    add(&queue, 1, 500, 32, 100000, alike);
    assert_derived(&queue, 32);
}

/* What nothing waited for has no limit that could be seen. */
static void no_limit(void **state)
{
    struct queue queue = {0};
    struct thaw_capacity capacity;

    (void)state;
    add(&queue, 1, 16, 64, 100000, alike);
    assert_true(thaw_worker_queue_find(queue.calls, queue.count, &capacity));
    assert_int_equal(capacity.status, THAW_CAPACITY_AT_LEAST);
    assert_int_equal(capacity.at_once, 16);
    for (size_t i = 0; i < queue.count; i++)
        assert_int_equal(queue.calls[i].running_ns, queue.calls[i].start_ns);
}

/* One comes when another is in the middle: fewer servers would explain all but the first. */
static void a_steady_stream_tells_no_limit(void **state)
{
    (void)state;
    for (uint64_t gap_ns = 20000000; gap_ns <= 150000000; gap_ns += 10000000) {
        struct queue queue = {0};
        struct thaw_capacity capacity;

        add(&queue, 1, 60, 64, gap_ns, alike);
        assert_true(thaw_worker_queue_find(queue.calls, queue.count, &capacity));
        assert_int_not_equal(capacity.status, THAW_CAPACITY_DERIVED);
    }
}

static void one_at_a_time(void **state)
{
    struct queue queue = {0};
    struct thaw_capacity capacity;

    (void)state;
    add(&queue, 1, 16, 4, 300000000, alike);
    assert_true(thaw_worker_queue_find(queue.calls, queue.count, &capacity));
    assert_int_equal(capacity.status, THAW_CAPACITY_AT_LEAST);
    assert_int_equal(capacity.at_once, 1);
}

static void assert_unknown(struct queue *queue)
{
    struct thaw_capacity capacity;

    assert_true(thaw_worker_queue_find(queue->calls, queue->count, &capacity));
    assert_int_equal(capacity.status, THAW_CAPACITY_UNKNOWN);
    assert_int_equal(capacity.at_once, 0);
    assert_true(capacity.reason[0]);
    for (size_t i = 0; i < queue->count; i++)
        assert_int_equal(queue->calls[i].running_ns, queue->calls[i].start_ns);
}

static void what_cannot_be_told(void **state)
{
    struct queue different = {0}, few = {0}, none = {0}, slow_first = {0};

    (void)state;
    for (size_t at_once = 1; at_once <= 4; at_once++) {
        different.count = 0;
        add(&different, 1, 40, at_once, 100000, any);
        assert_unknown(&different);
    }
    add(&few, 1, 4, 2, 100000, alike);
    assert_unknown(&few);
    assert_unknown(&none);
    /* Its first call took 3 s, so that there is nothing to hold the others against. */
    add(&slow_first, 1, 16, 1, 100000, alike);
    for (size_t i = 0; i < slow_first.count; i++)
        slow_first.calls[i].end_ns += 3000000000;
    assert_unknown(&slow_first);
}

/* Those that are never answered keep their place. */
static void unanswered(void **state)
{
    struct queue queue = {0};
    struct thaw_capacity capacity;

    (void)state;
    add(&queue, 1, 16, 2, 100000, alike);
    for (size_t i = 12; i < queue.count; i++)
        queue.calls[i].end_ns = UINT64_MAX;
    assert_true(thaw_worker_queue_find(queue.calls, queue.count, &capacity));
    assert_int_equal(capacity.status, THAW_CAPACITY_DERIVED);
    assert_int_equal(capacity.at_once, 2);
    assert_int_equal(queue.calls[13].running_ns, queue.expected_ns[13]);
    assert_int_equal(queue.calls[14].running_ns, UINT64_MAX);
}

/* Short calls in between, whose times differ as they will, do no harm: five of 100 ms still tell.
 */
static void short_functions_are_not_compared(void **state)
{
    static const uint64_t ends_ms[] = {3, 110, 210, 310, 410, 510, 525, 530};
    static const uint64_t starts_ms[] = {0, 10, 10, 10, 10, 10, 111, 529};
    struct queue queue = {.count = 8};
    struct thaw_capacity capacity;

    (void)state;
    for (size_t i = 0; i < queue.count; i++)
        queue.calls[i] = (struct thaw_queued){.function = i == 0 || i > 5,
                                              .cold = i == 0,
                                              .start_ns = 1 + starts_ms[i] * 1000000,
                                              .end_ns = 1 + ends_ms[i] * 1000000};
    assert_true(thaw_worker_queue_find(queue.calls, queue.count, &capacity));
    assert_int_equal(capacity.status, THAW_CAPACITY_DERIVED);
    assert_int_equal(capacity.at_once, 1);
    assert_int_equal(capacity.compared, 5);
}

static void memory_runs_short(void **state)
{
    struct queue queue = {0};
    struct thaw_capacity capacity;

    (void)state;
    add(&queue, 1, 16, 2, 100000, alike);
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        bool enough = thaw_worker_queue_find(queue.calls, queue.count, &capacity);

        chaos_malloc_pause();
        assert_int_equal(enough, !chaos_malloc_failed());
    }
    assert_int_equal(capacity.at_once, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bursts),
        cmocka_unit_test(a_long_queue),
        cmocka_unit_test(no_limit),
        cmocka_unit_test(a_steady_stream_tells_no_limit),
        cmocka_unit_test(one_at_a_time),
        cmocka_unit_test(what_cannot_be_told),
        cmocka_unit_test(unanswered),
        cmocka_unit_test(short_functions_are_not_compared),
        cmocka_unit_test(memory_runs_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
