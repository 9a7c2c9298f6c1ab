/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/http2.h"
#include "platform/http2_frame.h"
#include "wire_log.h"

enum { DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE };

/* What a reader gave for some inputs. */
struct outcome {
    struct wire_bytes data; /* of all DATA events; a hole is a row of '?' */
    size_t opened, ended, reset, lost, skipped, foreign, frames;
    uint64_t passed_over;
    bool malformed;
};

static void note_data(struct outcome *outcome, const struct thaw_http2_event *event)
{
    assert_true(event->length > 0);
    outcome->frames += event->frame_start;
    wire_put(&outcome->data, event->bytes, event->captured);
    wire_put_fill(&outcome->data, '?', event->length - event->captured);
}

static void note(struct outcome *outcome, const struct thaw_http2_event *event)
{
    switch (event->kind) {
    case THAW_HTTP2_EVENT_OPEN:
        outcome->opened++;
        outcome->ended += event->end_stream;
        break;
    case THAW_HTTP2_EVENT_DATA:
        note_data(outcome, event);
        break;
    case THAW_HTTP2_EVENT_RESET:
        outcome->reset++;
        break;
    case THAW_HTTP2_EVENT_LOST:
        outcome->lost++;
        outcome->malformed |= event->malformed;
        outcome->passed_over += event->length;
        break;
    case THAW_HTTP2_EVENT_SKIPPED:
        outcome->skipped++;
        outcome->passed_over += event->length;
        break;
    case THAW_HTTP2_EVENT_FOREIGN:
        outcome->foreign++;
        break;
    }
}

static void read_call(struct thaw_http2 *reader, const struct wire_bytes *bytes, size_t start,
                      size_t captured, size_t length, struct outcome *outcome)
{
    uint8_t *copy = calloc(captured ? captured : 1, 1);
    struct thaw_http2_input input = thaw_http2_input(copy, (uint32_t)captured, (uint32_t)length);
    struct thaw_http2_event event;

    assert_non_null(copy);
    if (captured)
        memcpy(copy, bytes->data + start, captured);
    while (thaw_http2_next(reader, &input, &event))
        note(outcome, &event);
    assert_int_equal(input.length, 0);
    free(copy);
}

static void assert_data(struct outcome *outcome, const char *data)
{
    assert_int_equal(outcome->data.length, strlen(data));
    assert_memory_equal(outcome->data.data, data, strlen(data));
    wire_free(&outcome->data);
}

/* Every kind of frame, DATA with and without padding, an empty one, a frame of an unknown type. */
static struct wire_bytes every_frame(void)
{
    struct wire_bytes bytes = {0};

    wire_put_opening(&bytes, true, 1);
    wire_put_frame(&bytes, DATA, 0, 1, "one ", 4);
    wire_put_frame(&bytes, SETTINGS, 1, 0, "", 0);
    wire_put_frame(&bytes, DATA, 8, 1, "\3two \0\0\0", 8);
    wire_put_frame(&bytes, DATA, 0, 1, "", 0);
    wire_put_frame(&bytes, DATA, 8, 1, "\0three ", 7);
    wire_put_frame(&bytes, PING, 0, 0, "12345678", 8);
    wire_put_frame(&bytes, WINDOW_UPDATE, 0, 1, "\0\0\0\1", 4);
    wire_put_frame(&bytes, HEADERS, 0x2c, 3, "\2\0\0\0\1\20block\0\0", 13); /* PADDED, PRIORITY */
    wire_put_frame(&bytes, 9, 4, 3, "continued", 9);
    wire_put_frame(&bytes, DATA, 8, 3, "\2\0\0", 3); /* padding only */
    wire_put_frame(&bytes, PRIORITY, 0, 3, "\0\0\0\1\20", 5);
    wire_put_frame(&bytes, 0x10, 7, 0, "unknown", 7);
    wire_put_frame(&bytes, RST_STREAM, 0, 3, "\0\0\0\10", 4);
    wire_put_frame(&bytes, DATA, 1, 1, "four", 4);
    wire_put_frame(&bytes, HEADERS, 5, 1, "trailers", 8);
    wire_put_frame(&bytes, GOAWAY, 0, 0, "\0\0\0\1\0\0\0\0", 8);
    return bytes;
}

static void assert_every_frame(struct outcome *outcome)
{
    assert_data(outcome, "one two three four");
    assert_int_equal(outcome->frames, 4);
    assert_int_equal(outcome->opened, 3);
    assert_int_equal(outcome->ended, 1);
    assert_int_equal(outcome->reset, 1);
    assert_int_equal(outcome->lost + outcome->skipped + outcome->foreign, 0);
}

static void test_every_frame_cut_anywhere(void **state)
{
    struct wire_bytes bytes = every_frame();

    (void)state;
    for (size_t first = 0; first <= bytes.length; first++) {
        for (size_t second = first; second <= bytes.length; second++) {
            struct thaw_http2 reader = thaw_http2_reader(true);
            struct outcome outcome = {0};

            read_call(&reader, &bytes, 0, first, first, &outcome);
            read_call(&reader, &bytes, first, second - first, second - first, &outcome);
            read_call(&reader, &bytes, second, bytes.length - second, bytes.length - second,
                      &outcome);
            assert_every_frame(&outcome);
        }
    }
    wire_free(&bytes);
}

static void test_a_byte_a_call(void **state)
{
    struct wire_bytes bytes = every_frame();
    struct thaw_http2 reader = thaw_http2_reader(true);
    struct outcome outcome = {0};

    (void)state;
    for (size_t i = 0; i < bytes.length; i++)
        read_call(&reader, &bytes, i, 1, 1, &outcome);
    assert_every_frame(&outcome);
    wire_free(&bytes);
}

/* SETTINGS, then DATA of 100 bytes. The DATA frame's header is at 9, its data at 18. */
static struct wire_bytes one_data_frame(void)
{
    struct wire_bytes bytes = {0}, data = {0};

    wire_put_frame(&bytes, SETTINGS, 0, 0, "", 0);
    wire_put_fill(&data, 'd', 100);
    wire_put_frame(&bytes, DATA, 0, 1, data.data, data.length);
    wire_free(&data);
    return bytes;
}

static void test_a_hole_at_every_place(void **state)
{
    struct wire_bytes frame = one_data_frame();

    (void)state;
    for (size_t hole = 0; hole < frame.length; hole++) {
        struct thaw_http2 reader = thaw_http2_reader(true);
        struct outcome outcome = {0};

        read_call(&reader, &frame, 0, hole, frame.length, &outcome);
        assert_int_equal(outcome.lost, hole < 18);
        assert_int_equal(outcome.data.length, hole < 18 ? 0 : 100);
        assert_false(outcome.malformed);
        read_call(&reader, &frame, 0, frame.length, frame.length, &outcome);
        assert_int_equal(outcome.lost, hole < 18); /* in sync again, or still */
        assert_int_equal(outcome.skipped, 0);
        assert_int_equal(outcome.data.length, hole < 18 ? 100 : 200);
        wire_free(&outcome.data);
    }
    wire_free(&frame);
}

/* Through every kind of frame: data is found whole, or a loss is told. */
static void test_a_hole_in_every_frame(void **state)
{
    struct wire_bytes bytes = every_frame();

    (void)state;
    for (size_t hole = 0; hole < bytes.length; hole++) {
        struct thaw_http2 reader = thaw_http2_reader(true);
        struct outcome outcome = {0};

        read_call(&reader, &bytes, 0, hole, hole + 1, &outcome);
        read_call(&reader, &bytes, hole + 1, bytes.length - hole - 1, bytes.length - hole - 1,
                  &outcome);
        assert_true(outcome.lost == 1 || outcome.data.length == 18);
        assert_false(outcome.malformed);
        wire_free(&outcome.data);
    }
    wire_free(&bytes);
}

static void test_bytes_passed_over_are_counted(void **state)
{
    struct wire_bytes frame = one_data_frame();
    struct thaw_http2 reader = thaw_http2_reader(true);
    struct outcome outcome = {0};

    (void)state;
    /* 4 bytes of the second header are there: they count as well. */
    read_call(&reader, &frame, 0, 13, frame.length, &outcome);
    assert_int_equal(outcome.passed_over, frame.length - 9);
    read_call(&reader, &frame, 20, 50, 60, &outcome); /* payload: no frame begins here */
    assert_int_equal(outcome.skipped, 1);
    assert_int_equal(outcome.passed_over, frame.length - 9 + 60);
    wire_free(&frame);
}

static void test_broken_frames(void **state)
{
    static const struct {
        uint8_t type, flags;
        uint32_t stream_id;
        size_t length;
    } broken[] = {
        {SETTINGS, 0, 0, 5},      {SETTINGS, 0, 1, 6},     {PING, 0, 0, 7},     {PING, 0, 1, 8},
        {RST_STREAM, 0, 1, 5},    {RST_STREAM, 0, 0, 4},   {PRIORITY, 0, 1, 4}, {PRIORITY, 0, 0, 5},
        {WINDOW_UPDATE, 0, 0, 3}, {DATA, 0, 0, 10},        {DATA, 8, 1, 0},     {HEADERS, 4, 0, 10},
        {GOAWAY, 0, 0, 7},        {PUSH_PROMISE, 0, 1, 3}, {9, 0, 0, 4},        {0x47, 0, 1, 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        struct thaw_http2 reader = thaw_http2_reader(true);
        struct wire_bytes bytes = {0};
        struct outcome outcome = {0};

        wire_put_opening(&bytes, true, 1);
        wire_put_frame(&bytes, broken[i].type, broken[i].flags, broken[i].stream_id, "0123456789",
                       broken[i].length);
        read_call(&reader, &bytes, 0, bytes.length, bytes.length, &outcome);
        assert_int_equal(outcome.lost, 1);
        assert_true(outcome.malformed);
        wire_free(&bytes);
    }
}

static void test_more_padding_than_frame(void **state)
{
    struct thaw_http2 reader = thaw_http2_reader(true);
    struct wire_bytes bytes = {0};
    struct outcome outcome = {0};

    (void)state;
    wire_put_opening(&bytes, false, 1);
    wire_put_frame(&bytes, DATA, 8, 1, "\4abc", 4);
    read_call(&reader, &bytes, 0, bytes.length, bytes.length, &outcome);
    assert_int_equal(outcome.lost, 1);
    assert_true(outcome.malformed);
    wire_free(&bytes);
}

static void test_joined_in_the_middle(void **state)
{
    struct thaw_http2 reader = thaw_http2_reader(false);
    struct wire_bytes bytes = {0};
    struct outcome outcome = {0};

    (void)state;
    wire_put_fill(&bytes, 'x', 200);
    read_call(&reader, &bytes, 0, bytes.length, bytes.length, &outcome);
    assert_int_equal(outcome.skipped, 1);
    wire_free(&bytes);

    wire_put_frame(&bytes, WINDOW_UPDATE, 0, 0, "\0\0\0\1", 4);
    wire_put_frame(&bytes, DATA, 0, 7, "data", 4);
    read_call(&reader, &bytes, 0, bytes.length, bytes.length, &outcome);
    assert_int_equal(outcome.lost, 0);
    assert_data(&outcome, "data");
    wire_free(&bytes);

    reader = thaw_http2_reader(false); /* from its start after all */
    bytes = every_frame();
    read_call(&reader, &bytes, 0, bytes.length, bytes.length, &outcome);
    assert_int_equal(outcome.skipped, 1);
    assert_int_equal(outcome.opened, 3);
    assert_data(&outcome, "one two three four");
    wire_free(&bytes);

    reader = thaw_http2_reader(false); /* nothing but the preface */
    wire_put(&bytes, THAW_HTTP2_PREFACE, THAW_HTTP2_PREFACE_BYTES);
    read_call(&reader, &bytes, 0, bytes.length, bytes.length, &outcome);
    assert_int_equal(outcome.skipped, 1);
    assert_int_equal(reader.state, THAW_HTTP2_HEADER);
    wire_free(&bytes);
}

static bool is_chain(const struct wire_bytes *bytes, uint32_t highest_stream_id)
{
    return thaw_http2_frame_chain(bytes->data, (uint32_t)bytes->length, highest_stream_id);
}

static void test_plausible_chains(void **state)
{
    struct wire_bytes bytes = {0};

    (void)state;
    assert_false(is_chain(&bytes, 0));
    wire_put_frame(&bytes, DATA, 0, 5, "0123456789", 10);
    bytes.length -= 5; /* the rest is in a later call */
    assert_true(is_chain(&bytes, 0));
    assert_true(is_chain(&bytes, 5));
    assert_true(is_chain(&bytes, 1));
    bytes.length = 8;
    assert_false(is_chain(&bytes, 0));
    bytes.length = 0;
    wire_put_frame(&bytes, DATA, 0, 1, "0123456789", 10);
    wire_put(&bytes, "no frame here", 13); /* the second link decides */
    assert_false(is_chain(&bytes, 1));

    for (int i = 0; i < 6; i++) {
        static const struct {
            uint8_t type, flags;
            uint32_t stream_id;
        } frames[] = {{DATA, 2, 1},     {DATA, 0, 2}, {DATA, 0, 100001}, {DATA, 0, 1u << 31 | 1},
                      {SETTINGS, 1, 0}, {0x10, 0, 0}};

        bytes.length = 0;
        wire_put_frame(&bytes, frames[i].type, frames[i].flags, frames[i].stream_id, "012345", 6);
        assert_false(is_chain(&bytes, 1));
    }
    wire_free(&bytes);
}

/* How rarely other bytes are taken for frames; a number, so that a loosened rule is noticed. */
static void test_random_bytes_are_hardly_ever_a_chain(void **state)
{
    uint32_t random = 5, taken = 0;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        uint8_t bytes[64];

        for (size_t j = 0; j < sizeof(bytes); j++)
            bytes[j] = (uint8_t)wire_random(&random, 256);
        taken += thaw_http2_frame_chain(bytes, sizeof(bytes), 1);
    }
    assert_int_equal(taken, 0);
}

static void test_strangers(void **state)
{
    static const char *const texts[] = {"GET / HTTP/1.1\r\n", "PRI * HTTP/2.1",
                                        "HTTP/1.1 200 OK\r\n", "\x16\x03\x03\1\1\1\1\1\1"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct thaw_http2 reader = thaw_http2_reader(true);
        struct wire_bytes bytes = {0};
        struct outcome outcome = {0};

        wire_put(&bytes, texts[i], strlen(texts[i]));
        read_call(&reader, &bytes, 0, bytes.length, bytes.length, &outcome);
        read_call(&reader, &bytes, 0, bytes.length, bytes.length, &outcome);
        assert_int_equal(outcome.foreign, 2);
        wire_free(&bytes);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_frame_cut_anywhere),
        cmocka_unit_test(test_a_byte_a_call),
        cmocka_unit_test(test_a_hole_at_every_place),
        cmocka_unit_test(test_a_hole_in_every_frame),
        cmocka_unit_test(test_bytes_passed_over_are_counted),
        cmocka_unit_test(test_broken_frames),
        cmocka_unit_test(test_more_padding_than_frame),
        cmocka_unit_test(test_joined_in_the_middle),
        cmocka_unit_test(test_plausible_chains),
        cmocka_unit_test(test_random_bytes_are_hardly_ever_a_chain),
        cmocka_unit_test(test_strangers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
