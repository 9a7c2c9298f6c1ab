/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "recording/decode.h"
#include "recording/encode.h"
#include "recording_sample.h"

/* Encodes in one chunk, decodes, compares. */
static void round_trip(const struct thaw_event *events, size_t count)
{
    struct thaw_encoder encoder = {0};
    struct thaw_arena arena = {0};
    struct thaw_decoder decoder = {.arena = &arena};

    assert_int_equal(thaw_encode_begin(&encoder, 5, NULL), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(thaw_encode_event(&encoder, &events[i], NULL), 0);
    assert_int_equal(encoder.records, count);
    decoder.bytes = encoder.bytes + 5;
    decoder.length = encoder.length - 5;
    for (size_t i = 0; i < count; i++) {
        struct thaw_event event;

        assert_int_equal(thaw_decode_event(&decoder, &event), 1);
        sample_assert_equal(&event, &events[i]);
    }
    assert_int_equal(decoder.position, decoder.length);
    thaw_arena_free(&arena);
    thaw_encode_free(&encoder);
}

static void every_kind_comes_back(void **state)
{
    static const uint64_t times[] = {UINT64_MAX, 0, INT64_MAX, UINT64_MAX};
    size_t count;
    const struct thaw_kind *kinds = thaw_kinds_all(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        struct thaw_event events[SAMPLE_COUNT];

        for (int values = 0; values < SAMPLE_COUNT; values++)
            events[values] = sample_event(&kinds[i], values, times[values]);
        round_trip(events, SAMPLE_COUNT);
    }
}

/* The struct's members by name: the table can't be wrong in the same way on both sides. */
static void members_are_what_they_are_called(void **state)
{
    struct thaw_event event = {
        .kind = THAW_EVENT_FILE_OPEN,
        .time_ns = 5,
        .pid = 300,
        .tid = 299,
        .file_open = {.path = "x", .result = -2},
    };
    /* kind 26, length 8; time +5, pid +300, tid -1 (zigzag); "x"; -2 */
    static const unsigned char bytes[] = {26, 7, 10, 0xD8, 0x04, 1, 1, 'x', 3};
    struct thaw_encoder encoder = {0};

    (void)state;
    assert_int_equal(thaw_encode_begin(&encoder, 0, NULL), 0);
    assert_int_equal(thaw_encode_event(&encoder, &event, NULL), 0);
    assert_int_equal(encoder.length, sizeof(bytes));
    assert_memory_equal(encoder.bytes, bytes, sizeof(bytes));
    thaw_encode_free(&encoder);
}

/* Fields at the end that say nothing take no room: kind, length, time, pid, tid. */
static void an_empty_event_has_five_bytes(void **state)
{
    struct thaw_event event = {.kind = THAW_EVENT_MESSAGE};
    struct thaw_encoder encoder = {0};

    (void)state;
    assert_int_equal(thaw_encode_begin(&encoder, 0, NULL), 0);
    assert_int_equal(thaw_encode_event(&encoder, &event, NULL), 0);
    assert_int_equal(encoder.length, 5);
    thaw_encode_free(&encoder);
}

/* A NULL text is as good as "": capture need not fill what it does not know. */
static void null_is_the_empty_text(void **state)
{
    struct thaw_event event = {.kind = THAW_EVENT_FUNCTION, .function = {.script = "last.py"}};

    (void)state;
    round_trip(&event, 1);
}

static void limits_are_told_and_nothing_is_added(void **state)
{
    char *text = calloc(1, THAW_TEXT_LIMIT_BYTES + 2);
    const char **items = calloc(THAW_LIST_LIMIT + 1, sizeof(*items));
    struct thaw_event event = {.kind = THAW_EVENT_PROCESS_EXEC};
    struct thaw_encoder encoder = {0};
    struct thaw_error error = {0};

    (void)state;
    assert_true(text && items);
    assert_int_equal(thaw_encode_begin(&encoder, 0, NULL), 0);
    memset(text, 'x', THAW_TEXT_LIMIT_BYTES);
    event.process_exec.executable = text;
    round_trip(&event, 1);
    text[THAW_TEXT_LIMIT_BYTES] = 'x';
    assert_int_equal(thaw_encode_event(&encoder, &event, &error), -E2BIG);
    assert_non_null(strstr(error.message, "process.exec: field executable"));
    sample_assert_one_line(error.message);

    event = (struct thaw_event){.kind = THAW_EVENT_MACHINE};
    for (size_t i = 0; i <= THAW_LIST_LIMIT; i++)
        items[i] = "";
    event.machine.signs = (struct thaw_texts){items, THAW_LIST_LIMIT};
    round_trip(&event, 1);
    event.machine.signs.count++;
    assert_int_equal(thaw_encode_event(&encoder, &event, &error), -E2BIG);

    text[THAW_TEXT_LIMIT_BYTES] = '\0';
    for (size_t i = 0; i < 300; i++)
        items[i] = text;
    event.machine.signs.count = 300;
    assert_int_equal(thaw_encode_event(&encoder, &event, &error), -E2BIG);
    assert_non_null(strstr(error.message, "event machine has"));
    event.kind = 999;
    assert_int_equal(thaw_encode_event(&encoder, &event, &error), -EINVAL);
    assert_non_null(strstr(error.message, "999"));
    assert_int_equal(encoder.length, 0);
    assert_int_equal(encoder.records, 0);
    thaw_encode_free(&encoder);
    free(items);
    free(text);
}

static int decode_one(const unsigned char *bytes, size_t length, struct thaw_event *event,
                      struct thaw_decoder *decoder, struct thaw_arena *arena)
{
    unsigned char *copy = malloc(length ? length : 1);
    int result;

    assert_non_null(copy);
    memcpy(copy, bytes, length);
    *decoder = (struct thaw_decoder){.bytes = copy, .length = length, .arena = arena};
    result = thaw_decode_event(decoder, event);
    decoder->bytes = NULL;
    free(copy);
    return result;
}

static void other_versions_fields_are_passed_over_or_empty(void **state)
{
    /* file.open with a field behind its last; and without any. */
    static const unsigned char more[] = {26, 10, 10, 4, 0, 1, 'x', 3, 3, 'n', 'e', 'w'};
    static const unsigned char less[] = {26, 3, 10, 4, 0};
    struct thaw_arena arena = {0};
    struct thaw_decoder decoder;
    struct thaw_event event;

    (void)state;
    assert_int_equal(decode_one(more, sizeof(more), &event, &decoder, &arena), 1);
    assert_int_equal(decoder.position, sizeof(more));
    assert_string_equal(event.file_open.path, "x");
    assert_int_equal(event.file_open.result, -2);
    assert_int_equal(decode_one(less, sizeof(less), &event, &decoder, &arena), 1);
    assert_string_equal(event.file_open.path, "");
    assert_int_equal(event.file_open.result, 0);
    assert_int_equal(event.time_ns, 5);
    assert_int_equal(event.pid, 2);
    assert_int_equal(event.tid, 2);
    thaw_arena_free(&arena);
}

/* A record of an unknown kind carries time and pid on to the next one's differences. */
static void unknown_kinds_are_skipped(void **state)
{
    static const unsigned char bytes[] = {0xE7, 0x07, 5, 10, 4, 0, 0xFF, 0xFF, 26, 3, 2, 2, 0};
    struct thaw_arena arena = {0};
    struct thaw_decoder decoder = {.bytes = bytes, .length = sizeof(bytes), .arena = &arena};
    struct thaw_event event;

    (void)state;
    assert_int_equal(thaw_decode_event(&decoder, &event), 0);
    assert_int_equal(thaw_decode_event(&decoder, &event), 1);
    assert_int_equal(event.kind, THAW_EVENT_FILE_OPEN);
    assert_int_equal(event.time_ns, 6);
    assert_int_equal(event.pid, 3);
    thaw_arena_free(&arena);
}

static const struct bad_record {
    const char *bytes;
    size_t length;
    const char *defect;
} bad_records[] = {
#define BAD(literal, words)                                                                        \
    {                                                                                              \
        literal, sizeof(literal) - 1, words                                                        \
    }
    BAD("", "shorter than its head"),
    BAD("\x1a", "shorter than its head"),
    BAD("\x1a\x02\x0a\x04", "shorter than its head"),
    BAD("\x1a\x04\x0a\x04\x00", "goes beyond its chunk"),
    BAD("\x1a\xff\xff\xff\xff\x0f\x0a", "goes beyond its chunk"),
    BAD("\x80\x80\x04\x03\x0a\x04\x00", "kind is out of range"),
    /* a varint of 65 bits, one without an end */
    BAD("\x1a\x0c\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02\x00\x00", "shorter than its head"),
    BAD("\x1a\x0b\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80", "shorter than its head"),
    /* pid -1, pid 2^32, tid -1 */
    BAD("\x1a\x03\x00\x01\x00", "process number"),
    BAD("\x1a\x07\x00\x80\x80\x80\x80\x20\x00", "process number"),
    BAD("\x1a\x03\x00\x00\x01", "process number"),
    BAD("\x1a\x05\x00\x00\x00\x02x", "text goes beyond"),
    BAD("\x1a\x05\x00\x00\x00\x80\x80", "text goes beyond"),
    BAD("\x1a\x06\x00\x00\x00\x02x\0", "NUL"),
    BAD("\x1a\x06\x00\x00\x00\x01x\x80", "number goes beyond"),
    BAD("\x0b\x04\x00\x00\x00\x80", "number goes beyond"),
    /* machine with a list: more items than bytes, an item that is cut */
    BAD("\x06\x08\x00\x00\x00\x00\x00\x00\x02\x00", "list goes beyond"),
    BAD("\x06\x09\x00\x00\x00\x00\x00\x00\x02\x00\x01", "text goes beyond"),
};

static void bad_records_are_refused(void **state)
{
    struct thaw_arena arena = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(bad_records) / sizeof(bad_records[0]); i++) {
        const struct bad_record *row = &bad_records[i];
        struct thaw_decoder decoder;
        struct thaw_event event;
        int result =
            decode_one((const unsigned char *)row->bytes, row->length, &event, &decoder, &arena);

        if (result != -EBADMSG || !decoder.defect || !strstr(decoder.defect, row->defect))
            fail_msg("row %zu: %d, \"%s\"", i, result, decoder.defect ? decoder.defect : "");
        assert_int_equal(decoder.position, 0);
    }
    thaw_arena_free(&arena);
}

/* A text of 64 KiB and a byte, a list of 65,537 "", a record of 16 MiB and a byte. */
static void too_much_is_refused_though_it_is_there(void **state)
{
    static const unsigned char text[] = {12, 0x87, 0x80, 4, 0, 0, 0, 0x81, 0x80, 4};
    static const unsigned char list[] = {6, 0x8A, 0x80, 4, 0, 0, 0, 0, 0, 0, 0x81, 0x80, 4};
    static const unsigned char record[] = {12, 0x81, 0x80, 0x80, 8};
    size_t size = (17U << 20);
    unsigned char *bytes = calloc(1, size);
    struct thaw_arena arena = {0};
    struct thaw_decoder decoder = {.bytes = bytes, .length = size, .arena = &arena};
    struct thaw_event event;

    (void)state;
    assert_non_null(bytes);
    memcpy(bytes, text, sizeof(text));
    assert_int_equal(thaw_decode_event(&decoder, &event), -EBADMSG);
    assert_string_equal(decoder.defect, "a text is too long");
    memcpy(bytes, list, sizeof(list));
    assert_int_equal(thaw_decode_event(&decoder, &event), -EBADMSG);
    assert_string_equal(decoder.defect, "a list is too long");
    memcpy(bytes, record, sizeof(record));
    assert_int_equal(thaw_decode_event(&decoder, &event), -EBADMSG);
    assert_string_equal(decoder.defect, "a record is too long");
    assert_null(arena.blocks);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_comes_back),
        cmocka_unit_test(members_are_what_they_are_called),
        cmocka_unit_test(an_empty_event_has_five_bytes),
        cmocka_unit_test(null_is_the_empty_text),
        cmocka_unit_test(limits_are_told_and_nothing_is_added),
        cmocka_unit_test(other_versions_fields_are_passed_over_or_empty),
        cmocka_unit_test(unknown_kinds_are_skipped),
        cmocka_unit_test(bad_records_are_refused),
        cmocka_unit_test(too_much_is_refused_though_it_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
