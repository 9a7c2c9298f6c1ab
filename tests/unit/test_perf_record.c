/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/perf_event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <cmocka.h>

#include "capture/perf_ring.h"

/* A record that is being put together, as perf_event_open(2) describes it. */
static struct {
    _Alignas(8) unsigned char bytes[THAW_PERF_RECORD_MOST];
    size_t size;
} record;

static void put(const void *bytes, size_t size)
{
    memcpy(record.bytes + record.size, bytes, size);
    record.size += size;
}

static void put_32(uint32_t value)
{
    put(&value, sizeof(value));
}

static void put_64(uint64_t value)
{
    put(&value, sizeof(value));
}

static void begin(uint32_t type, uint16_t misc)
{
    struct perf_event_header header = {.type = type, .misc = misc};

    record.size = 0;
    put(&header, sizeof(header));
}

static struct thaw_perf_record read_size(size_t size)
{
    struct perf_event_header *header = (void *)record.bytes;
    struct thaw_perf_record ret;

    header->size = (uint16_t)size;
    thaw_perf_record_read(record.bytes, size, &ret);
    return ret;
}

static struct thaw_perf_record finish(void)
{
    put_32(7);
    put_32(8);
    put_64(9000);
    return read_size(record.size);
}

static void begin_mapping(const char *path, size_t path_room)
{
    char room[64] = {0};

    begin(PERF_RECORD_MMAP2, 0);
    put_32(7);
    put_32(8);
    put_64(4096);
    put_64(8192);
    put_64(512);
    put_32(8);
    put_32(17);
    put_64(1234);
    put_64(0);
    put_32(5);
    put_32(2);
    memcpy(room, path, strlen(path));
    put(room, path_room);
}

static void a_mapping_is_read(void **state)
{
    struct thaw_perf_record ret;

    (void)state;
    begin_mapping("/lib/x.so", 16);
    ret = finish();
    assert_int_equal(ret.kind, THAW_PERF_MAPPING);
    assert_int_equal(ret.pid, 7);
    assert_int_equal(ret.tid, 8);
    assert_int_equal(ret.time_ns, 9000);
    assert_int_equal(ret.start, 4096);
    assert_int_equal(ret.bytes, 8192);
    assert_int_equal(ret.offset, 512);
    assert_int_equal(ret.device, makedev(8, 17));
    assert_int_equal(ret.inode, 1234);
    assert_string_equal(ret.path, "/lib/x.so");
}

static void what_leads_out_is_refused(void **state)
{
    struct thaw_perf_record ret;

    (void)state;
    begin_mapping("0123456789abcdef", 16); /* without a NUL */
    assert_int_equal(finish().kind, THAW_PERF_BAD);
    begin_mapping("/x", 8);
    finish();
    for (size_t size = 0; size < record.size - 8; size++) /* 8: a NUL is still there */
        if (read_size(size).kind != THAW_PERF_BAD)
            fail_msg("%zu bytes were taken for a record", size);
    begin(PERF_RECORD_COMM, 0);
    assert_int_equal(read_size(record.size).kind, THAW_PERF_BAD);
    begin_mapping("/x", 8);
    finish();
    thaw_perf_record_read(record.bytes, record.size - 8, &ret); /* not what its header says */
    assert_int_equal(ret.kind, THAW_PERF_BAD);
}

static void losses_and_programs_are_told(void **state)
{
    struct thaw_perf_record ret;

    (void)state;
    begin(PERF_RECORD_LOST, 0);
    put_64(1);
    put_64(321);
    ret = finish();
    assert_int_equal(ret.kind, THAW_PERF_LOST);
    assert_int_equal(ret.lost, 321);
    begin(PERF_RECORD_COMM, PERF_RECORD_MISC_COMM_EXEC);
    put_32(70);
    put_32(80);
    put_64(0x6e6f68747970); /* a name */
    ret = finish();
    assert_int_equal(ret.kind, THAW_PERF_EXEC);
    assert_int_equal(ret.pid, 70);
    begin(PERF_RECORD_COMM, 0);
    put_32(70);
    put_32(80);
    put_64(0);
    assert_int_equal(finish().kind, THAW_PERF_OTHER);
    begin(PERF_RECORD_THROTTLE, 0);
    put_64(0);
    put_64(0);
    put_64(0);
    assert_int_equal(finish().kind, THAW_PERF_THROTTLE);
    begin(PERF_RECORD_EXIT, 0);
    assert_int_equal(finish().kind, THAW_PERF_OTHER);
}

static void begin_stack(uint64_t abi)
{
    begin(PERF_RECORD_SAMPLE, PERF_RECORD_MISC_USER);
    put_32(7);
    put_32(8);
    put_64(9000);
    put_64(abi);
    for (uint64_t i = 0; abi && i < THAW_PERF_REGISTER_COUNT; i++)
        put_64(100 + i);
}

static void a_stack_is_read(void **state)
{
    struct thaw_perf_record ret;

    (void)state;
    begin_stack(PERF_SAMPLE_REGS_ABI_64);
    put_64(16);
    put_64(0x1111);
    put_64(0x2222);
    put_64(8);
    ret = read_size(record.size);
    assert_int_equal(ret.kind, THAW_PERF_STACK);
    assert_int_equal(ret.time_ns, 9000);
    assert_int_equal(ret.registers[THAW_PERF_SP], 107);
    assert_int_equal(ret.registers[THAW_PERF_R8], 112);
    assert_int_equal(ret.stack_bytes, 8);
    assert_int_equal(*(const uint16_t *)(const void *)ret.stack, 0x1111);
    for (size_t size = record.size; size-- > 24;)
        assert_int_not_equal(read_size(size).kind, THAW_PERF_STACK);
    begin_stack(PERF_SAMPLE_REGS_ABI_64);
    put_64(0);
    ret = read_size(record.size);
    assert_int_equal(ret.kind, THAW_PERF_STACK);
    assert_int_equal(ret.stack_bytes, 0);
}

static void a_stack_that_lies_is_refused(void **state)
{
    static const struct {
        uint64_t room, filled;
    } lies[] = {{16, 17}, {24, 8}, {8, 8}, {UINT64_MAX, 1}, {16, UINT64_MAX}, {0, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        begin_stack(PERF_SAMPLE_REGS_ABI_64);
        put_64(lies[i].room);
        put_64(1);
        put_64(2);
        put_64(lies[i].filled);
        assert_int_equal(read_size(record.size).kind, THAW_PERF_BAD);
    }
    begin_stack(77);
    assert_int_equal(read_size(record.size).kind, THAW_PERF_BAD);
    begin_stack(0); /* a thread without user space */
    assert_int_equal(read_size(record.size).kind, THAW_PERF_OTHER);
}

/* The kernel itself: mappings of this process, on whatever CPU it runs, through a real ring. */
static void the_kernel_tells_a_mapping(void **state)
{
    struct perf_event_attr event = {.size = sizeof(event),
                                    .type = PERF_TYPE_SOFTWARE,
                                    .config = PERF_COUNT_SW_DUMMY,
                                    .sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME,
                                    .sample_id_all = 1,
                                    .exclude_kernel = 1,
                                    .mmap = 1,
                                    .mmap2 = 1};
    int descriptor = (int)syscall(SYS_perf_event_open, &event, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct thaw_perf_ring ring;
    struct thaw_perf_record got;
    size_t found = 0;

    (void)state;
    if (descriptor < 0) {
        print_message("skip: perf_event_open is refused here\n");
        skip();
    }
    assert_int_equal(thaw_perf_ring_open(&ring, descriptor, 16 * page, page), 0);
    close(descriptor);              /* the mapping of its ring keeps it */
    for (int i = 0; i < 400; i++) { /* more than the ring holds at once: it wraps around */
        void *code = mmap(NULL, page, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        assert_ptr_not_equal(code, MAP_FAILED);
        thaw_perf_ring_mark(&ring);
        while (thaw_perf_ring_next(&ring, &got)) {
            found += got.kind == THAW_PERF_MAPPING && got.start == (uintptr_t)code &&
                     got.bytes == page && got.pid == (uint32_t)getpid();
        }
        munmap(code, page);
    }
    assert_int_equal(found, 400);
    assert_int_equal(ring.malformed, 0);
    thaw_perf_ring_close(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mapping_is_read),
        cmocka_unit_test(what_leads_out_is_refused),
        cmocka_unit_test(losses_and_programs_are_told),
        cmocka_unit_test(a_stack_is_read),
        cmocka_unit_test(a_stack_that_lies_is_refused),
        cmocka_unit_test(the_kernel_tells_a_mapping),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
