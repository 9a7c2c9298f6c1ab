/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/grpc.h"
#include "wire_log.h"

static uint32_t asked_captured, asked_length;

/* In these tests a message begins with 'M'. */
static bool begins_with_m(const uint8_t *bytes, uint32_t captured, uint32_t length)
{
    asked_captured = captured;
    asked_length = length;
    return captured > 0 && length > 0 && bytes[0] == 'M';
}

/* What a reader gave. */
struct outcome {
    size_t messages, holes, broken;
    struct thaw_grpc_message last;
    char text[64]; /* the first bytes of the last message */
};

static struct thaw_grpc reader_at_start(void)
{
    struct thaw_grpc reader = thaw_grpc_reader(begins_with_m);

    thaw_grpc_begin(&reader);
    return reader;
}

static void note(struct outcome *outcome, const struct thaw_grpc_message *message)
{
    size_t length = message->captured < 63 ? message->captured : 63;

    outcome->messages++;
    outcome->last = *message;
    if (length)
        memcpy(outcome->text, message->bytes, length);
    outcome->text[length] = '\0';
    assert_true(message->captured <= message->length);
    assert_true(message->captured <= THAW_GRPC_KEPT_BYTES);
}

static void read_slice(struct thaw_grpc *reader, struct outcome *outcome, uint64_t time_ns,
                       const void *bytes, size_t captured, size_t length, bool frame_start)
{
    struct thaw_grpc_slice slice = {bytes, (uint32_t)captured, (uint32_t)length, frame_start,
                                    time_ns};
    struct thaw_grpc_message message;
    enum thaw_grpc_result result;

    while ((result = thaw_grpc_next(reader, &slice, &message)) != THAW_GRPC_MORE) {
        outcome->holes += result == THAW_GRPC_HOLE;
        outcome->broken += result == THAW_GRPC_BROKEN;
        if (result == THAW_GRPC_MESSAGE)
            note(outcome, &message);
    }
    assert_int_equal(slice.length, 0);
}

static void put(struct wire_bytes *bytes, const char *text)
{
    struct wire_bytes message = {0};

    wire_put(&message, text, strlen(text));
    wire_put_grpc(bytes, &message);
    wire_free(&message);
}

static void test_messages_cut_anywhere(void **state)
{
    struct wire_bytes bytes = {0};

    (void)state;
    put(&bytes, "Mfirst");
    put(&bytes, "");
    put(&bytes, "Mthe third");
    for (size_t cut = 0; cut <= bytes.length; cut++) {
        struct thaw_grpc reader = reader_at_start();
        struct outcome outcome = {0};

        read_slice(&reader, &outcome, 10, bytes.data, cut, cut, true);
        read_slice(&reader, &outcome, 20, bytes.data + cut, bytes.length - cut, bytes.length - cut,
                   true);
        assert_int_equal(outcome.messages, 3);
        assert_string_equal(outcome.text, "Mthe third");
        assert_int_equal(outcome.last.first_byte_ns, cut > 16 ? 10 : 20);
        assert_int_equal(outcome.last.last_byte_ns, cut == bytes.length ? 10 : 20);
        thaw_grpc_free(&reader);
    }
    wire_free(&bytes);
}

static void test_only_the_first_bytes_are_kept(void **state)
{
    struct wire_bytes body = {0}, bytes = {0};
    struct thaw_grpc reader = reader_at_start();
    struct outcome outcome = {0};

    (void)state;
    wire_put_fill(&body, 'M', 1000000);
    wire_put_grpc(&bytes, &body);
    put(&bytes, "Mnext");
    for (size_t position = 0; position < bytes.length; position += 1000) {
        size_t length = bytes.length - position < 1000 ? bytes.length - position : 1000;

        read_slice(&reader, &outcome, 100 + position, bytes.data + position, length, length, false);
        assert_true(reader.kept_capacity <= THAW_GRPC_KEPT_BYTES);
        if (outcome.messages == 1 && outcome.last.length == 1000000) {
            assert_int_equal(outcome.last.captured, THAW_GRPC_KEPT_BYTES);
            assert_int_equal(outcome.last.first_byte_ns, 100);
            assert_int_equal(outcome.last.last_byte_ns, 100 + 1000000);
        }
    }
    assert_int_equal(outcome.messages, 2);
    assert_string_equal(outcome.text, "Mnext");
    assert_true(reader.kept_capacity <= 4096); /* given back */
    thaw_grpc_free(&reader);
    wire_free(&body);
    wire_free(&bytes);
}

/* Memory follows the bytes seen. */
static void test_an_announcement_takes_no_memory(void **state)
{
    struct thaw_grpc reader = reader_at_start();
    struct outcome outcome = {0};

    (void)state;
    read_slice(&reader, &outcome, 1, "\0\x7f\xff\xff\xffM", 6, 6, true);
    assert_true(reader.kept_capacity <= 512);
    assert_int_equal(outcome.messages, 0);
    thaw_grpc_free(&reader);
}

static void test_a_hole_within_a_message(void **state)
{
    struct wire_bytes bytes = {0};
    struct thaw_grpc reader = reader_at_start();
    struct outcome outcome = {0};

    (void)state;
    put(&bytes, "Mbefore the hole and after");
    read_slice(&reader, &outcome, 1, bytes.data, 12, 20, true);
    read_slice(&reader, &outcome, 2, bytes.data + 20, bytes.length - 20, bytes.length - 20, false);
    assert_int_equal(outcome.messages, 1);
    assert_int_equal(outcome.holes, 0);
    assert_string_equal(outcome.text, "Mbefore"); /* nothing from behind the hole */
    assert_false(outcome.last.last_byte_estimated);
    assert_int_equal(outcome.last.last_byte_ns, 2);
    wire_free(&bytes);
    thaw_grpc_free(&reader);
}

/* A hole over a prefix: found again where a frame begins with a plausible message only. */
static void test_a_hole_over_a_prefix(void **state)
{
    struct wire_bytes bytes = {0}, next = {0}, other = {0};
    struct thaw_grpc reader = reader_at_start();
    struct outcome outcome = {0};

    (void)state;
    put(&bytes, "Mone");
    put(&bytes, "Mtwo");
    put(&next, "Mthree");
    put(&other, "not plausible");
    read_slice(&reader, &outcome, 1, bytes.data, 7, bytes.length, true);
    assert_int_equal(outcome.messages, 1); /* the first one ended in the hole, surely */
    assert_false(outcome.last.last_byte_estimated);
    assert_int_equal(outcome.holes, 1);
    read_slice(&reader, &outcome, 2, next.data, next.length, next.length, false);
    read_slice(&reader, &outcome, 3, other.data, other.length, other.length, true);
    assert_int_equal(outcome.messages, 1);
    read_slice(&reader, &outcome, 4, next.data, next.length, next.length, true);
    assert_int_equal(outcome.messages, 2);
    assert_string_equal(outcome.text, "Mthree");
    assert_int_equal(asked_captured, 6);
    assert_int_equal(asked_length, 6);
    assert_int_equal(outcome.last.first_byte_ns, 4);
    assert_false(outcome.last.last_byte_estimated);
    wire_free(&bytes);
    wire_free(&next);
    wire_free(&other);
    thaw_grpc_free(&reader);
}

/* 995 bytes and a prefix in frames of 100; the framing is lost after the first one. */
static void test_the_end_is_counted_out(void **state)
{
    enum { LEFT = 900 + 9 * 9 }; /* as there are 9 more frames, with their headers */
    struct wire_bytes body = {0}, bytes = {0};

    (void)state;
    wire_put_fill(&body, 'M', 995);
    wire_put_grpc(&bytes, &body);
    for (int missing = 0; missing < 2; missing++) {
        struct thaw_grpc reader = reader_at_start();
        struct outcome outcome = {0};

        read_slice(&reader, &outcome, 1, bytes.data, 100, 100, true);
        thaw_grpc_lose(&reader, 100);
        read_slice(&reader, &outcome, 2, NULL, 0, 500, false);
        assert_int_equal(outcome.messages, 0);
        read_slice(&reader, &outcome, 3, NULL, 0, LEFT - 500 - missing, false);
        assert_int_equal(outcome.messages, !missing);
        read_slice(&reader, &outcome, 4, NULL, 0, 50, false);
        assert_int_equal(outcome.messages, 1);
        assert_true(outcome.last.last_byte_estimated);
        assert_int_equal(outcome.last.last_byte_ns, missing ? 4 : 3);
        assert_int_equal(outcome.last.captured, 95);
        thaw_grpc_free(&reader);
    }
    wire_free(&body);
    wire_free(&bytes);
}

/* The next message begins before the last one was counted out: that was its end. */
static void test_the_next_message_ends_the_last_one(void **state)
{
    struct thaw_grpc reader = reader_at_start();
    struct wire_bytes next = {0};
    struct outcome outcome = {0};

    (void)state;
    put(&next, "Mnext");
    read_slice(&reader, &outcome, 1, "\0\0\0\2\0Mlong", 10, 10, true);
    thaw_grpc_lose(&reader, 100);
    read_slice(&reader, &outcome, 2, NULL, 0, 100, false);
    read_slice(&reader, &outcome, 3, next.data, 5, 5, true); /* too short to tell */
    assert_int_equal(outcome.messages, 0);
    read_slice(&reader, &outcome, 4, next.data, next.length, next.length, true);
    assert_int_equal(outcome.messages, 2);
    assert_string_equal(outcome.text, "Mnext");
    assert_false(outcome.last.last_byte_estimated);
    wire_free(&next);
    thaw_grpc_free(&reader);
}

/* Found again although the head comes in pieces, down to a byte each; its times are those. */
static void test_found_again_in_pieces(void **state)
{
    struct wire_bytes bytes = {0};

    (void)state;
    put(&bytes, "Mfound");
    for (size_t size = 1; size <= bytes.length; size++) {
        struct thaw_grpc reader = thaw_grpc_reader(begins_with_m);
        struct outcome outcome = {0};
        uint64_t time_ns = 10;

        for (size_t position = 0; position < bytes.length; position += size) {
            size_t length = bytes.length - position < size ? bytes.length - position : size;

            read_slice(&reader, &outcome, time_ns++, bytes.data + position, length, length,
                       position == 0);
        }
        read_slice(&reader, &outcome, 100, bytes.data, bytes.length, bytes.length, false);
        assert_int_equal(outcome.messages, 2);
        assert_string_equal(outcome.text, "Mfound");
        assert_int_equal(outcome.last.first_byte_ns, 100);
        thaw_grpc_free(&reader);

        reader = thaw_grpc_reader(begins_with_m); /* up to its last byte */
        outcome = (struct outcome){0};
        read_slice(&reader, &outcome, 1, bytes.data, size, size, true);
        read_slice(&reader, &outcome, 2, bytes.data + size, bytes.length - size,
                   bytes.length - size, false);
        assert_int_equal(outcome.messages, 1);
        assert_int_equal(outcome.last.first_byte_ns, 1);
        assert_int_equal(outcome.last.last_byte_ns, size < bytes.length ? 2 : 1);
        assert_string_equal(outcome.text, "Mfound");
        thaw_grpc_free(&reader);
    }
    wire_free(&bytes);
}

/* A head that turns out to be none is counted as part of the open message. */
static void test_a_false_candidate_is_counted(void **state)
{
    struct thaw_grpc reader = reader_at_start();
    struct outcome outcome = {0};

    (void)state;
    read_slice(&reader, &outcome, 1, "\0\0\0\0\62Mlong", 10, 10, true);
    thaw_grpc_lose(&reader, 1000); /* 45 bytes and a header to come */
    read_slice(&reader, &outcome, 2, "\0\0\0\0\5other", 10, 10, true);
    read_slice(&reader, &outcome, 3, "\0\0\0", 3, 40, true);
    assert_int_equal(outcome.messages, 0);
    read_slice(&reader, &outcome, 4, "xxxx", 4, 4, true);
    assert_int_equal(outcome.messages, 0); /* it may still become a head */
    read_slice(&reader, &outcome, 5, "xxxx", 4, 4, true);
    assert_int_equal(outcome.messages, 1);
    assert_int_equal(outcome.last.last_byte_ns, 4);
    thaw_grpc_free(&reader);
}

static void test_a_hole_in_place_of_a_candidate(void **state)
{
    struct thaw_grpc reader = thaw_grpc_reader(begins_with_m);
    struct outcome outcome = {0};

    (void)state;
    read_slice(&reader, &outcome, 1, NULL, 0, 100, true);
    read_slice(&reader, &outcome, 2, "\0\0\0\0", 4, 100, true);
    read_slice(&reader, &outcome, 3, NULL, 0, 100, true);
    assert_int_equal(outcome.messages, 0);
    read_slice(&reader, &outcome, 4, "\0\0\0\0\1M", 6, 6, true);
    assert_int_equal(outcome.messages, 1);
    thaw_grpc_free(&reader);
}

static void test_broken_prefixes(void **state)
{
    static const char *const prefixes[] = {"\2\0\0\0\1a", "\0\x80\0\0\0a", "{\"json",
                                           "\xff\xff\xff\xff\xff_"};

    (void)state;
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        struct thaw_grpc reader = reader_at_start();
        struct outcome outcome = {0};

        read_slice(&reader, &outcome, 1, prefixes[i], 6, 6, true);
        assert_int_equal(outcome.broken, 1);
        assert_int_equal(outcome.messages, 0);
        thaw_grpc_free(&reader);
    }
}

static void test_compressed_and_unfinished(void **state)
{
    struct thaw_grpc reader = reader_at_start();
    struct thaw_grpc_message message;
    struct outcome outcome = {0};

    (void)state;
    assert_false(thaw_grpc_finish(&reader, &message));
    read_slice(&reader, &outcome, 1, "\1\0\0\0\2xy", 7, 7, true);
    assert_true(outcome.last.compressed);
    read_slice(&reader, &outcome, 2, "\0\0\0\0\11Mhalf", 10, 10, true);
    assert_true(thaw_grpc_finish(&reader, &message));
    assert_true(message.unfinished);
    assert_int_equal(message.length, 9);
    assert_int_equal(message.captured, 5);
    assert_int_equal(message.first_byte_ns, 2);
    assert_false(thaw_grpc_finish(&reader, &message));
    thaw_grpc_free(&reader);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_cut_anywhere),
        cmocka_unit_test(test_only_the_first_bytes_are_kept),
        cmocka_unit_test(test_an_announcement_takes_no_memory),
        cmocka_unit_test(test_a_hole_within_a_message),
        cmocka_unit_test(test_a_hole_over_a_prefix),
        cmocka_unit_test(test_the_end_is_counted_out),
        cmocka_unit_test(test_the_next_message_ends_the_last_one),
        cmocka_unit_test(test_found_again_in_pieces),
        cmocka_unit_test(test_a_false_candidate_is_counted),
        cmocka_unit_test(test_a_hole_in_place_of_a_candidate),
        cmocka_unit_test(test_broken_prefixes),
        cmocka_unit_test(test_compressed_and_unfinished),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
