/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire_log.h"

/*
 * A connection decoded while memory is short: each allocation fails once, in turn. The sources
 * that allocate are compiled in here, with these functions in the place of the C library's.
 */
static size_t allocations, failing; /* failing: the number of the one that fails, 0 for none */

static bool must_fail(void)
{
    return ++allocations == failing;
}

static void *short_calloc(size_t count, size_t size)
{
    return must_fail() ? NULL : calloc(count, size);
}

static void *short_realloc(void *memory, size_t size)
{
    return must_fail() ? NULL : realloc(memory, size);
}

static void *short_reallocarray(void *memory, size_t count, size_t size)
{
    return must_fail() ? NULL : reallocarray(memory, count, size);
}

#define calloc short_calloc
#define realloc short_realloc
#define reallocarray short_reallocarray
#include "../../src/base/array.c"
#include "../../src/platform/grpc.c"
#include "../../src/platform/azure_stream.c"
#undef calloc
#undef realloc
#undef reallocarray

#include "platform/azure_functions.h"

static size_t count_lines(const char *text, char first)
{
    size_t count = 0;

    for (; *text; text = strchr(text, '\n') + 1)
        count += text[0] == first;
    return count;
}

/* Decodes the log with one failing allocation; returns how many there were. */
static size_t decode(const struct wire_bytes *log, size_t number, size_t wanted)
{
    struct wire_collector collector;
    struct thaw_wire_stream *stream;
    struct wire_piece piece;
    struct thaw_error error;
    size_t position = 1;
    int result;

    allocations = 0;
    failing = number;
    wire_collector_open(&collector);
    result = thaw_wire_open(&thaw_azure_functions, true, &collector.consumer, &stream, &error);
    assert_int_equal(result, number == 1 ? -ENOMEM : 0);
    while (!result && wire_log_next(log->data, log->length, &position, &piece)) {
        struct thaw_wire_chunk chunk = {.outgoing = piece.outgoing,
                                        .bytes = piece.bytes,
                                        .captured = piece.captured,
                                        .length = piece.length};

        assert_int_equal(thaw_wire_feed(stream, &chunk, &error), 0);
    }
    if (!result) {
        const struct thaw_wire_counters *counters = thaw_wire_counters(stream);

        /* No message is lost, but what was not kept of one is not known. */
        assert_int_equal(collector.counts[0] + collector.counts[1] + counters->undecided, wanted);
        assert_int_equal(counters->lost_sync, 0);
        assert_int_equal(counters->memory_short, number > 1);
        thaw_wire_close(stream);
    }
    wire_collector_close(&collector);
    failing = 0;
    return allocations;
}

static void test_each_allocation_fails(void **state)
{
    struct wire_bytes log = wire_load("large.wire");
    char *sent = wire_expected("large.txt", true), *received = wire_expected("large.txt", false);
    size_t wanted = count_lines(sent, 'o') + count_lines(received, 'i');
    size_t total = decode(&log, 0, wanted);

    (void)state;
    assert_true(total >= 10); /* the stream, the list of functions, buffers as they grow */
    for (size_t number = 1; number <= total; number++)
        decode(&log, number, wanted);
    wire_free(&log);
    free(sent);
    free(received);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_allocation_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
