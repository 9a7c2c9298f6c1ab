/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/http2_frame.h"
#include "wire_log.h"

/*
 * Whole connections. The logs are of real workers; what they must give is what Google's protobuf
 * library read at the host (tests/unit/data/wire/make.py).
 */
#define TIMEOUT_SECONDS 300

static const char *const logs[] = {"indexed", "large", "missing_module", "placeholder",
                                   "worker_1_1_9"};
enum { LOG_COUNT = sizeof(logs) / sizeof(logs[0]) };

/* A log, taken apart. */
struct sample {
    struct wire_bytes log;
    struct wire_side sides[2];
    char *expected[2];
};

static struct sample sample_load(const char *name)
{
    struct sample sample;
    char file[64];

    snprintf(file, sizeof(file), "%s.wire", name);
    sample.log = wire_load(file);
    snprintf(file, sizeof(file), "%s.txt", name);
    for (int way = 0; way < 2; way++) {
        sample.sides[way] = wire_side_of(&sample.log, way);
        sample.expected[way] = wire_expected(file, way);
        assert_true(strlen(sample.expected[way]) > 100);
    }
    return sample;
}

static void sample_free(struct sample *sample)
{
    wire_free(&sample->log);
    for (int way = 0; way < 2; way++) {
        wire_side_free(&sample->sides[way]);
        free(sample->expected[way]);
    }
}

static void assert_as_expected(struct wire_run *run, const struct sample *sample)
{
    for (int way = 0; way < 2; way++)
        assert_string_equal(wire_collector_text(&run->collector, way), sample->expected[way]);
    assert_int_equal(thaw_wire_verdict(run->stream), THAW_WIRE_VERDICT_YES);
    assert_int_equal(wire_run_counters(run)->lost_sync, 0);
    assert_int_equal(wire_run_counters(run)->malformed, 0);
    assert_int_equal(wire_run_counters(run)->messages,
                     run->collector.counts[0] + run->collector.counts[1]);
}

static void test_logs_as_they_were_captured(void **state)
{
    (void)state;
    for (int i = 0; i < LOG_COUNT; i++) {
        struct sample sample = sample_load(logs[i]);
        struct wire_piece piece;
        size_t position = 1;
        struct wire_run run;

        wire_run_open(&run, true);
        while (wire_log_next(sample.log.data, sample.log.length, &position, &piece))
            wire_run_feed(&run, piece.outgoing, piece.bytes, piece.captured, piece.length);
        assert_as_expected(&run, &sample);
        assert_int_equal(wire_run_counters(&run)->truncated, 0);
        wire_run_close(&run);
        sample_free(&sample);
    }
}

static void test_cut_at_every_byte(void **state)
{
    (void)state;
    for (int i = 0; i < LOG_COUNT; i++) {
        struct sample sample = sample_load(logs[i]);
        size_t longest = 0;

        for (int way = 0; way < 2; way++)
            if (sample.sides[way].bytes.length > longest)
                longest = sample.sides[way].bytes.length;
        for (size_t cut = 0; cut <= longest; cut += longest > 20000 ? 997 : 1) {
            struct wire_run run;

            wire_run_open(&run, true);
            for (int way = 1; way >= 0; way--) {
                const struct wire_bytes *bytes = &sample.sides[way].bytes;
                size_t first = cut < bytes->length ? cut : bytes->length;

                wire_run_feed(&run, way, bytes->data, first, first);
                wire_run_feed(&run, way, bytes->data + first, bytes->length - first,
                              bytes->length - first);
            }
            assert_as_expected(&run, &sample);
            wire_run_close(&run);
        }
        sample_free(&sample);
    }
}

static void feed_in_random_pieces(struct wire_run *run, const struct sample *sample, uint32_t most,
                                  uint32_t *random)
{
    for (int way = 1; way >= 0; way--) {
        const struct wire_bytes *bytes = &sample->sides[way].bytes;

        for (size_t position = 0; position < bytes->length;) {
            size_t length = 1 + wire_random(random, most);

            if (length > bytes->length - position)
                length = bytes->length - position;
            wire_run_feed(run, way, bytes->data + position, length, length);
            position += length;
        }
    }
}

static void test_random_pieces(void **state)
{
    static const uint32_t sizes[] = {1, 2, 9, 40, 300, 5000, 20000};
    uint32_t random = 7;

    (void)state;
    for (int i = 0; i < LOG_COUNT; i++) {
        struct sample sample = sample_load(logs[i]);

        for (size_t j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
            for (int round = 0; round < 8; round++) {
                struct wire_run run;

                wire_run_open(&run, true);
                feed_in_random_pieces(&run, &sample, sizes[j], &random);
                assert_as_expected(&run, &sample);
                wire_run_close(&run);
            }
        }
        sample_free(&sample);
    }
}

/*
 * Are the messages of text, by type and size, some of those expected, in their order? A type that
 * was not seen is "unknown" and matches any. Returns how many are there.
 */
static size_t assert_some_of(const char *text, const char *expected)
{
    size_t count = 0;

    for (; *text; text = strchr(text, '\n') + 1) {
        char type[64], wanted_type[64];
        unsigned long bytes, wanted_bytes;
        bool found = false;

        if (sscanf(text, "%*s %63s bytes=%lu", type, &bytes) != 2 || text[0] == ' ')
            continue;
        while (!found && *expected) {
            if (expected[0] != ' ' &&
                sscanf(expected, "%*s %63s bytes=%lu", wanted_type, &wanted_bytes) == 2)
                found = bytes == wanted_bytes &&
                        (!strcmp(type, wanted_type) || !strcmp(type, "unknown"));
            expected = strchr(expected, '\n') + 1;
        }
        if (!found)
            fail_msg("%s of %lu bytes was never sent here", type, bytes);
        count++;
    }
    return count;
}

static size_t count_messages(const char *expected)
{
    return assert_some_of(expected, expected);
}

/* Every call copied up to `most` bytes only. */
static void test_holes_at_the_end_of_calls(void **state)
{
    static const uint32_t sizes[] = {16384, 8192, 4096, 1024, 512, 256, 64};

    (void)state;
    for (int i = 0; i < LOG_COUNT; i++) {
        struct sample sample = sample_load(logs[i]);

        for (size_t j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
            struct wire_piece piece;
            size_t position = 1, missing = 0;
            struct wire_run run;

            wire_run_open(&run, true);
            while (wire_log_next(sample.log.data, sample.log.length, &position, &piece))
                wire_run_feed(&run, piece.outgoing, piece.bytes,
                              piece.length < sizes[j] ? piece.length : sizes[j], piece.length);
            for (int way = 0; way < 2; way++)
                missing +=
                    count_messages(sample.expected[way]) -
                    assert_some_of(wire_collector_text(&run.collector, way), sample.expected[way]);
            if (sizes[j] >= 1024)
                assert_int_equal(missing, 0);
            if (missing)
                assert_true(wire_run_counters(&run)->lost_sync > 0);
            wire_run_close(&run);
        }
        sample_free(&sample);
    }
}

/* Holes anywhere: losses are counted, and nothing is made up. */
static void test_random_holes(void **state)
{
    uint32_t random = 11;

    (void)state;
    for (int round = 0; round < 400; round++) {
        struct sample sample = sample_load(logs[round % LOG_COUNT]);
        size_t missing = 0;
        struct wire_run run;

        wire_run_open(&run, true);
        for (int way = 1; way >= 0; way--) {
            const struct wire_bytes *bytes = &sample.sides[way].bytes;

            for (size_t position = 0; position < bytes->length;) {
                size_t length = 1 + wire_random(&random, 600);
                size_t captured;

                if (length > bytes->length - position)
                    length = bytes->length - position;
                captured =
                    wire_random(&random, 10) ? length : wire_random(&random, (uint32_t)length);
                wire_run_feed(&run, way, bytes->data + position, captured, length);
                position += length;
            }
            missing +=
                count_messages(sample.expected[way]) -
                assert_some_of(wire_collector_text(&run.collector, way), sample.expected[way]);
        }
        if (missing)
            assert_true(wire_run_counters(&run)->lost_sync + wire_run_counters(&run)->undecided >
                        0);
        wire_run_close(&run);
        sample_free(&sample);
    }
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);

    return length >= end_length && !strcmp(text + length - end_length, end);
}

/* Joined before the k-th piece: from there on every message that begins with a piece is seen. */
static void test_joined_in_the_middle(void **state)
{
    (void)state;
    for (int i = 0; i < LOG_COUNT; i++) {
        struct sample sample = sample_load(logs[i]);
        struct wire_piece piece = {0};
        size_t begin = 1;
        struct wire_run whole;

        wire_run_open(&whole, true);
        while (begin < sample.log.length) {
            size_t position = begin;
            struct wire_run run;

            wire_run_open(&run, false);
            while (wire_log_next(sample.log.data, sample.log.length, &position, &piece))
                wire_run_feed(&run, piece.outgoing, piece.bytes, piece.captured, piece.length);
            for (int way = 0; way < 2; way++) {
                const char *text = wire_collector_text(&run.collector, way);
                size_t before = whole.collector.counts[way];

                assert_true(ends_with(sample.expected[way], text));
                /* A piece of a large message may come first: that message is not seen whole. */
                assert_true(run.collector.counts[way] + before + (strcmp(logs[i], "large") == 0) >=
                            count_messages(sample.expected[way]));
            }
            wire_run_close(&run);
            assert_true(wire_log_next(sample.log.data, sample.log.length, &begin, &piece));
            wire_run_feed(&whole, piece.outgoing, piece.bytes, piece.captured, piece.length);
        }
        wire_run_close(&whole);
        sample_free(&sample);
    }
}

/* The data of all DATA frames of one side. */
static struct wire_bytes data_of(const struct wire_bytes *bytes)
{
    struct wire_bytes data = {0};
    size_t position = memcmp(bytes->data, "PRI", 3) ? 0 : 24;

    while (position + 9 <= bytes->length) {
        struct thaw_http2_frame frame = thaw_http2_frame_read(bytes->data + position);

        if (frame.type == 0 && !(frame.flags & 8))
            wire_put(&data, bytes->data + position + 9, frame.length);
        position += 9 + frame.length;
    }
    assert_int_equal(position, bytes->length);
    return data;
}

static void test_tiny_frames(void **state)
{
    (void)state;
    for (int i = 0; i < LOG_COUNT; i++) {
        struct sample sample = sample_load(logs[i]);

        for (size_t frame_length = 1; frame_length < 40; frame_length += 1 + frame_length / 5) {
            struct wire_run run;

            wire_run_open(&run, true);
            for (int way = 1; way >= 0; way--) {
                struct wire_bytes data = data_of(&sample.sides[way].bytes);
                struct wire_bytes bytes = {0};

                wire_put_opening(&bytes, way, 1);
                wire_put_data(&bytes, 1, &data, frame_length);
                wire_run_feed(&run, way, bytes.data, bytes.length, bytes.length);
                wire_free(&bytes);
                wire_free(&data);
            }
            assert_as_expected(&run, &sample);
            wire_run_close(&run);
        }
        sample_free(&sample);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logs_as_they_were_captured),
        cmocka_unit_test(test_cut_at_every_byte),
        cmocka_unit_test(test_random_pieces),
        cmocka_unit_test(test_holes_at_the_end_of_calls),
        cmocka_unit_test(test_random_holes),
        cmocka_unit_test(test_joined_in_the_middle),
        cmocka_unit_test(test_tiny_frames),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
