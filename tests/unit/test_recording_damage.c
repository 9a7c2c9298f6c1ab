/* SPDX-License-Identifier: Apache-2.0 */
#define TIMEOUT_SECONDS 300
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "recording/encode.h"
#include "recording/file.h"
#include "recording_sample.h"

#define CHUNK_EVENTS 8

static struct sample_file whole;

static int make_whole(void **state)
{
    (void)state;
    whole = sample_file_make(CHUNK_EVENTS);
    return 0;
}

static int free_whole(void **state)
{
    (void)state;
    sample_file_free(&whole);
    return 0;
}

/* How many events the chunks have that lie before byte end as a whole. */
static size_t events_before(size_t end)
{
    size_t position = THAW_FILE_HEADER_BYTES, count = 0;

    while (position + THAW_FILE_CHUNK_HEAD_BYTES <= end) {
        struct thaw_file_chunk chunk = thaw_file_chunk(whole.bytes + position);

        position += THAW_FILE_CHUNK_HEAD_BYTES + chunk.length;
        if (position <= end)
            count += chunk.records;
    }
    return count;
}

static void assert_prefix(const struct thaw_recording *recording, size_t count)
{
    assert_int_equal(recording->count, count);
    for (size_t i = 0; i < count; i++)
        sample_assert_equal(&recording->events[i], &whole.events[i]);
}

static void the_whole_file_loads(void **state)
{
    struct thaw_recording *recording = NULL;

    (void)state;
    assert_int_equal(sample_parse(whole.bytes, whole.length, &recording, NULL), 0);
    assert_prefix(recording, whole.count);
    assert_true(recording->finished);
    assert_string_equal(recording->defect, "");
    assert_int_equal(recording->unknown_kinds, 0);
    assert_true(whole.count > 100);
    thaw_recording_free(recording);
}

static void cut_inside_the_header_is_an_error(void **state)
{
    (void)state;
    for (size_t cut = 0; cut < THAW_FILE_HEADER_BYTES; cut++) {
        struct thaw_recording *recording = NULL;
        struct thaw_error error = {0};

        assert_int_equal(sample_parse(whole.bytes, cut, &recording, &error), -EBADMSG);
        assert_null(recording);
        assert_int_equal(error.code, -EBADMSG);
        assert_non_null(strstr(error.message, cut ? "cut short inside its header" : "empty"));
        sample_assert_one_line(error.message);
    }
}

static void cut_at_every_byte_still_loads(void **state)
{
    (void)state;
    for (size_t cut = THAW_FILE_HEADER_BYTES; cut < whole.length; cut++) {
        struct thaw_recording *recording = NULL;

        assert_int_equal(sample_parse(whole.bytes, cut, &recording, NULL), 0);
        assert_prefix(recording, events_before(cut));
        assert_false(recording->finished);
        sample_assert_one_line(recording->defect);
        thaw_recording_free(recording);
    }
}

/* What a flip may do: nothing but lose everything from its chunk on, and say so. */
static void check_flip(size_t place, unsigned char mask)
{
    struct thaw_recording *recording = NULL;
    struct thaw_error error = {0};
    int result;

    whole.bytes[place] ^= mask;
    result = sample_parse(whole.bytes, whole.length, &recording, &error);
    whole.bytes[place] ^= mask;
    if (place < 12) { /* magic and version */
        assert_true(result == -EBADMSG || result == -ENOTSUP);
        sample_assert_one_line(error.message);
        return;
    }
    assert_int_equal(result, 0);
    if (place < THAW_FILE_HEADER_BYTES) { /* reserved */
        assert_prefix(recording, whole.count);
        assert_true(recording->finished);
    } else {
        assert_prefix(recording, events_before(place));
        assert_false(recording->finished);
        sample_assert_one_line(recording->defect);
    }
    thaw_recording_free(recording);
}

static void every_flipped_byte_is_noticed(void **state)
{
    (void)state;
    for (size_t place = 0; place < whole.length; place++) {
        check_flip(place, (unsigned char)(1U << place % 8));
        check_flip(place, 0xFF);
    }
}

/* Chunks that are right by themselves, but not where they stand. */
static void chunks_out_of_place_are_noticed(void **state)
{
    size_t first = THAW_FILE_HEADER_BYTES;
    size_t second =
        first + THAW_FILE_CHUNK_HEAD_BYTES + thaw_file_chunk(whole.bytes + first).length;
    unsigned char *copy = malloc(whole.length);
    struct thaw_recording *recording = NULL;

    (void)state;
    assert_non_null(copy);
    memcpy(copy, whole.bytes, first);
    memcpy(copy + first, whole.bytes + second, whole.length - second);
    assert_int_equal(sample_parse(copy, whole.length - second + first, &recording, NULL), 0);
    assert_prefix(recording, 0);
    assert_false(recording->finished);
    assert_non_null(strstr(recording->defect, "chunk 1 stands where 0 belongs"));
    thaw_recording_free(recording);
    free(copy);
}

static void what_follows_the_closing_mark_is_noticed(void **state)
{
    unsigned char *copy = malloc(whole.length + 3);
    struct thaw_recording *recording = NULL;
    char wanted[96];

    (void)state;
    assert_non_null(copy);
    memcpy(copy, whole.bytes, whole.length);
    memcpy(copy + whole.length, "abc", 3);
    assert_int_equal(sample_parse(copy, whole.length + 3, &recording, NULL), 0);
    assert_prefix(recording, whole.count);
    assert_true(recording->finished);
    snprintf(wanted, sizeof(wanted),
             "byte %zu: something follows the closing mark (3 bytes not read)", whole.length);
    assert_string_equal(recording->defect, wanted);
    thaw_recording_free(recording);
    free(copy);
}

/* A file of one chunk with these records, checksum right, closing mark in place. */
static size_t make_file(unsigned char *out, uint32_t version, const void *records, size_t length,
                        uint32_t count)
{
    struct thaw_file_chunk chunk = {.magic = THAW_FILE_CHUNK_MAGIC,
                                    .length = (uint32_t)length,
                                    .records = count};
    struct thaw_file_chunk mark = {.magic = THAW_FILE_CLOSE_MAGIC, .sequence = 1};
    unsigned char *head = out + THAW_FILE_HEADER_BYTES;
    unsigned char *payload = head + THAW_FILE_CHUNK_HEAD_BYTES;

    thaw_file_put_header(out, version);
    memcpy(payload, records, length);
    thaw_file_put_chunk(head, &chunk, payload);
    thaw_file_put_chunk(payload + length, &mark, payload + length);
    return (size_t)(payload + length + THAW_FILE_CHUNK_HEAD_BYTES - out);
}

static void a_bad_record_in_a_good_chunk_ends_the_reading(void **state)
{
    /* process.fork, then a record that is too long for the chunk */
    static const unsigned char records[] = {11, 4, 2, 4, 0, 1, 11, 5, 2, 4, 0, 1};
    unsigned char bytes[256];
    size_t length = make_file(bytes, THAW_RECORDING_VERSION, records, sizeof(records), 2);
    struct thaw_recording *recording = NULL;

    (void)state;
    assert_int_equal(sample_parse(bytes, length, &recording, NULL), 0);
    assert_int_equal(recording->count, 1);
    assert_int_equal(recording->events[0].process_fork.parent, 1);
    assert_false(recording->finished);
    assert_string_equal(recording->defect,
                        "byte 46: a record goes beyond its chunk (30 bytes not read)");
    thaw_recording_free(recording);
}

static void a_wrong_count_of_records_is_noticed(void **state)
{
    static const unsigned char records[] = {11, 4, 2, 4, 0, 1};
    unsigned char bytes[256];
    size_t length = make_file(bytes, THAW_RECORDING_VERSION, records, sizeof(records), 2);
    struct thaw_recording *recording = NULL;

    (void)state;
    assert_int_equal(sample_parse(bytes, length, &recording, NULL), 0);
    assert_int_equal(recording->count, 1);
    assert_false(recording->finished);
    assert_non_null(strstr(recording->defect, "chunk 0 has 1 records instead of 2"));
    thaw_recording_free(recording);
}

static void unknown_kinds_are_counted(void **state)
{
    static const unsigned char records[] = {0xE7, 0x07, 3, 2, 4, 0, 11, 4, 2, 4, 0, 1};
    unsigned char bytes[256];
    size_t length = make_file(bytes, THAW_RECORDING_VERSION, records, sizeof(records), 2);
    struct thaw_recording *recording = NULL;

    (void)state;
    assert_int_equal(sample_parse(bytes, length, &recording, NULL), 0);
    assert_int_equal(recording->count, 1);
    assert_int_equal(recording->unknown_kinds, 1);
    assert_true(recording->finished);
    assert_string_equal(recording->defect, "");
    thaw_recording_free(recording);
}

static void other_versions_are_refused(void **state)
{
    struct thaw_recording *recording = NULL;
    struct thaw_error error = {0};
    unsigned char bytes[256];
    size_t length = make_file(bytes, THAW_RECORDING_VERSION + 1, "", 0, 0);

    (void)state;
    assert_int_equal(sample_parse(bytes, length, &recording, &error), -ENOTSUP);
    assert_non_null(strstr(error.message, "version 2"));
    sample_assert_one_line(error.message);
    length = make_file(bytes, 0, "", 0, 0);
    assert_int_equal(sample_parse(bytes, length, &recording, &error), -EBADMSG);
    assert_int_equal(sample_parse("#!/bin/sh\nexit 0\n", 17, &recording, &error), -EBADMSG);
    assert_non_null(strstr(error.message, "not a recording"));
    assert_null(recording);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_file_loads),
        cmocka_unit_test(cut_inside_the_header_is_an_error),
        cmocka_unit_test(cut_at_every_byte_still_loads),
        cmocka_unit_test(every_flipped_byte_is_noticed),
        cmocka_unit_test(chunks_out_of_place_are_noticed),
        cmocka_unit_test(what_follows_the_closing_mark_is_noticed),
        cmocka_unit_test(a_bad_record_in_a_good_chunk_ends_the_reading),
        cmocka_unit_test(a_wrong_count_of_records_is_noticed),
        cmocka_unit_test(unknown_kinds_are_counted),
        cmocka_unit_test(other_versions_are_refused),
    };

    return cmocka_run_group_tests(tests, make_whole, free_whole);
}
