/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/protobuf.h"
#include "wire_log.h"

static enum thaw_protobuf_result read_all(struct thaw_protobuf_reader reader, size_t *ret_count)
{
    struct thaw_protobuf_field field;
    enum thaw_protobuf_result result;

    *ret_count = 0;
    while ((result = thaw_protobuf_next(&reader, &field)) == THAW_PROTOBUF_FIELD)
        (*ret_count)++;
    assert_int_equal(thaw_protobuf_next(&reader, &field), result);
    return result;
}

static enum thaw_protobuf_result read_bytes(const char *bytes, size_t length)
{
    struct thaw_protobuf_reader reader =
        thaw_protobuf_message((const uint8_t *)bytes, length, length);
    struct thaw_protobuf_field field;

    return thaw_protobuf_next(&reader, &field);
}

/* One field of every type: 1 = 300, 2 = "text", 3 = 64 bits, 4 = 32 bits, 5 = {1 = 7}. */
static struct wire_bytes sample(void)
{
    struct wire_bytes bytes = {0}, nested = {0};

    wire_put_number(&bytes, 1, 300);
    wire_put_text(&bytes, 2, "text");
    wire_put(&bytes, "\x19\1\2\3\4\5\6\7\x88", 9);
    wire_put(&bytes, "\x25\x78\x56\x34\x92", 5);
    wire_put_number(&nested, 1, 7);
    wire_put_nested(&bytes, 5, &nested);
    return bytes;
}

static void test_fields_of_every_type(void **state)
{
    struct wire_bytes bytes = sample();
    struct thaw_protobuf_reader reader =
        thaw_protobuf_message(bytes.data, bytes.length, bytes.length);
    struct thaw_protobuf_field field;

    (void)state;
    assert_int_equal(thaw_protobuf_next(&reader, &field), THAW_PROTOBUF_FIELD);
    assert_int_equal(field.number, 1);
    assert_int_equal(field.type, THAW_PROTOBUF_VARINT);
    assert_int_equal(field.value, 300);
    assert_int_equal(thaw_protobuf_next(&reader, &field), THAW_PROTOBUF_FIELD);
    assert_int_equal(field.type, THAW_PROTOBUF_BYTES);
    assert_int_equal(field.length, 4);
    assert_memory_equal(field.bytes, "text", 4);
    assert_int_equal(thaw_protobuf_next(&reader, &field), THAW_PROTOBUF_FIELD);
    assert_int_equal(field.type, THAW_PROTOBUF_FIXED64);
    assert_true(field.value == 0x8807060504030201u);
    assert_int_equal(thaw_protobuf_next(&reader, &field), THAW_PROTOBUF_FIELD);
    assert_int_equal(field.type, THAW_PROTOBUF_FIXED32);
    assert_int_equal(field.value, 0x92345678u);
    assert_int_equal(thaw_protobuf_next(&reader, &field), THAW_PROTOBUF_FIELD);
    reader = thaw_protobuf_nested(&field);
    assert_int_equal(thaw_protobuf_next(&reader, &field), THAW_PROTOBUF_FIELD);
    assert_int_equal(field.value, 7);
    assert_int_equal(thaw_protobuf_next(&reader, &field), THAW_PROTOBUF_END);
    wire_free(&bytes);
}

static void test_every_prefix_is_truncated(void **state)
{
    struct wire_bytes bytes = sample();
    size_t whole, before = 0;

    (void)state;
    assert_int_equal(read_all(thaw_protobuf_message(bytes.data, bytes.length, bytes.length),
                              &whole),
                     THAW_PROTOBUF_END);
    assert_int_equal(whole, 5);
    for (size_t cut = 0; cut < bytes.length; cut++) {
        uint8_t *copy = malloc(cut ? cut : 1); /* exact, so that a read beyond it is seen */
        enum thaw_protobuf_result result;
        size_t count;

        assert_non_null(copy);
        memcpy(copy, bytes.data, cut);
        result = read_all(thaw_protobuf_message(copy, cut, bytes.length), &count);
        /* The last field may reach beyond the bytes at hand and yet be known. */
        assert_true(result == THAW_PROTOBUF_TRUNCATED || (count == 5 && cut >= bytes.length - 2));
        assert_true(count >= before);
        before = count;
        free(copy);
    }
    wire_free(&bytes);
}

static void test_a_field_beyond_the_bytes_at_hand(void **state)
{
    static const uint8_t bytes[] = {0x0a, 100, 'a', 'b', 'c'};
    struct thaw_protobuf_reader reader = thaw_protobuf_message(bytes, sizeof(bytes), 110);
    struct thaw_protobuf_field field;

    (void)state;
    assert_int_equal(thaw_protobuf_next(&reader, &field), THAW_PROTOBUF_FIELD);
    assert_int_equal(field.length, 100);
    assert_int_equal(field.captured, 3);
    assert_int_equal(thaw_protobuf_next(&reader, &field), THAW_PROTOBUF_TRUNCATED);
    reader = thaw_protobuf_nested(&field);
    assert_int_equal(reader.length, 100);
}

static void test_broken_bytes(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
    } broken[] = {
        {"\x0b", 1},                                        /* group start */
        {"\x0c", 1},                                        /* group end */
        {"\x0e\1", 2},                                      /* wire type 6 */
        {"\x0f\1", 2},                                      /* wire type 7 */
        {"\x02\1a", 3},                                     /* field number 0 */
        {"\x0a\5abc", 5},                                   /* longer than the message */
        {"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 11}, /* 2^64 - 1 bytes */
        {"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\2", 11}, /* beyond 64 bits */
        {"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 12},
        {"\x08\x80", 2}, /* ends within a number */
        {"\x09\1\2\3", 4},
        {"\x0d\1\2\3", 4},
        {"\x80\x80\x80\x80\x10\1", 6}, /* field number 2^29 */
        {"\x80", 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
        assert_int_equal(read_bytes(broken[i].bytes, broken[i].length), THAW_PROTOBUF_MALFORMED);
}

static void test_largest_values(void **state)
{
    struct wire_bytes bytes = {0};
    struct thaw_protobuf_reader reader;
    struct thaw_protobuf_field field;

    (void)state;
    wire_put_number(&bytes, (1u << 29) - 1, UINT64_MAX);
    reader = thaw_protobuf_message(bytes.data, bytes.length, bytes.length);
    assert_int_equal(thaw_protobuf_next(&reader, &field), THAW_PROTOBUF_FIELD);
    assert_int_equal(field.number, (1u << 29) - 1);
    assert_true(field.value == UINT64_MAX);
    assert_int_equal(read_bytes("", 0), THAW_PROTOBUF_END);
    wire_free(&bytes);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_of_every_type),
        cmocka_unit_test(test_every_prefix_is_truncated),
        cmocka_unit_test(test_a_field_beyond_the_bytes_at_hand),
        cmocka_unit_test(test_broken_bytes),
        cmocka_unit_test(test_largest_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
