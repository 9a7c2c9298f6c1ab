/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "capture/kernel_record.h"

static union thaw_kernel_record record, room;

/* As bpf/usage.h sends it: what follows usage stands behind the header. */
static size_t without_usage(size_t size)
{
    unsigned char *bytes = (unsigned char *)&record;
    size_t header = sizeof(struct thaw_kernel_header), usage = sizeof(struct thaw_kernel_usage);

    memmove(bytes + header, bytes + header + usage, size - header - usage);
    record.header.without = THAW_KERNEL_WITHOUT_USAGE;
    record.header.size = (uint32_t)(size - usage);
    return size - usage;
}

static void usage_is_put_in(void **state)
{
    const union thaw_kernel_record *whole;
    size_t size;

    (void)state;
    memset(&room, 0xff, sizeof(room));
    record.import_begin = (struct thaw_kernel_import_begin){
        .header = {.kind = THAW_KERNEL_IMPORT_BEGIN, .time_ns = 5, .tgid = 6, .tid = 7},
        .stack = 8,
        .name_bytes = 4,
        .name_width = 1,
        .name = "json",
    };
    size = without_usage(104 + 4);
    whole = thaw_kernel_record_whole(&record, &size, &room);
    assert_ptr_equal(whole, &room);
    assert_int_equal(size, 104 + 4);
    assert_non_null(thaw_kernel_record_check(whole, size));
    assert_int_equal(whole->header.size, size);
    assert_int_equal(whole->header.without, 0);
    assert_int_equal(whole->header.tid, 7);
    assert_int_equal(whole->import_begin.stack, 8);
    assert_int_equal(whole->import_begin.usage.memory_bytes, 0);
    assert_memory_equal(whole->import_begin.name, "json", 4);
}

static void what_lacks_nothing_stays(void **state)
{
    size_t size = sizeof(record.frame_end);

    (void)state;
    record.frame_end =
        (struct thaw_kernel_frame_end){.header = {.kind = THAW_KERNEL_IMPORT_END}, .stack = 9};
    assert_ptr_equal(thaw_kernel_record_whole(&record, &size, &room), &record);
    assert_int_equal(size, sizeof(record.frame_end));
}

/* Too short for a header, or too long for any record. */
static void others_are_left_to_the_check(void **state)
{
    static unsigned char bytes[sizeof(union thaw_kernel_record) + 8];
    struct thaw_kernel_header header = {.kind = THAW_KERNEL_IMPORT_END,
                                        .without = THAW_KERNEL_WITHOUT_USAGE};
    size_t size = sizeof(header) - 1;

    (void)state;
    memcpy(bytes, &header, sizeof(header));
    assert_ptr_equal(thaw_kernel_record_whole(bytes, &size, &room), bytes);
    assert_int_equal(size, sizeof(header) - 1);
    size = sizeof(bytes);
    assert_ptr_equal(thaw_kernel_record_whole(bytes, &size, &room), bytes);
    size = sizeof(header); /* nothing behind the header: a record that is too short */
    assert_null(thaw_kernel_record_check(thaw_kernel_record_whole(bytes, &size, &room), size));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usage_is_put_in),
        cmocka_unit_test(what_lacks_nothing_stays),
        cmocka_unit_test(others_are_left_to_the_check),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
