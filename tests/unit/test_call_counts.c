/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <cmocka.h>

#include "capture/call_counts.h"

static struct thaw_process_counts counts;

static int begin(void **state)
{
    (void)state;
    memset(&counts, 0, sizeof(counts));
    return 0;
}

static bool leave(uint64_t number, int64_t result)
{
    const struct thaw_call_entry entry = {.number = number};

    return thaw_call_counts_leave(&counts, &entry, result);
}

/* All that is counted, in one number each. */
static void assert_counts(uint64_t opened, uint64_t failed, uint64_t read)
{
    assert_int_equal(counts.files_opened, opened);
    assert_int_equal(counts.failed_lookups, failed);
    assert_int_equal(counts.read_bytes, read);
}

static void test_entries(void **state)
{
    (void)state;
    for (uint64_t number = 0; number < 500; number++)
        thaw_call_counts_enter(&counts, &(struct thaw_call_entry){.number = number});
    assert_int_equal(counts.system_calls, 498); /* but uretprobe and uprobe */
    thaw_call_counts_enter(&counts, &(struct thaw_call_entry){.number = UINT64_MAX});
    assert_int_equal(counts.system_calls, 499);
}

static void test_opens(void **state)
{
    (void)state;
    leave(SYS_open, 0);
    leave(SYS_openat, 3);
    leave(SYS_openat2, 1000);
    leave(SYS_creat, 3);
    leave(SYS_dup, 3);
    assert_counts(3, 0, 0);
    leave(SYS_open, -EACCES);
    leave(SYS_openat, -EMFILE);
    assert_counts(3, 0, 0);
}

static void test_lookups(void **state)
{
    static const uint64_t numbers[] = {SYS_open,      SYS_openat,     SYS_openat2,  SYS_stat,
                                       SYS_lstat,     SYS_newfstatat, SYS_statx,    SYS_access,
                                       SYS_faccessat, SYS_faccessat2, SYS_readlink, SYS_readlinkat};
    const size_t count = sizeof(numbers) / sizeof(numbers[0]);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        leave(numbers[i], -ENOENT);
        leave(numbers[i], -ENOTDIR);
        leave(numbers[i], -EACCES);
        leave(numbers[i], -ELOOP);
    }
    assert_counts(0, 2 * count, 0);
    for (uint64_t number = 0, known; number < 500; number++) {
        for (known = 0; known < count && numbers[known] != number;)
            known++;
        if (known == count)
            leave(number, -ENOENT);
    }
    assert_counts(0, 2 * count, 0);
    leave(SYS_stat, 0);
    leave(SYS_readlink, 20);
    assert_counts(0, 2 * count, 0);
}

static void test_reads(void **state)
{
    (void)state;
    leave(SYS_read, 1);
    leave(SYS_pread64, 20);
    leave(SYS_readv, 300);
    leave(SYS_preadv, 4000);
    leave(SYS_preadv2, 50000);
    assert_counts(0, 0, 54321);
    leave(SYS_read, 0);
    leave(SYS_read, -EAGAIN);
    leave(SYS_write, 7);
    leave(SYS_recvfrom, 7);
    assert_counts(0, 0, 54321);
}

static bool maps(uint64_t protection, uint64_t flags, int64_t result)
{
    const struct thaw_call_entry entry = {.number = SYS_mmap,
                                          .arguments = {0, 4096, protection, flags, 3, 0}};

    return thaw_call_counts_leave(&counts, &entry, result);
}

static void test_mappings(void **state)
{
    const int64_t address = 0x7f0000000000;

    (void)state;
    assert_true(maps(PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_DENYWRITE, address));
    assert_true(maps(PROT_EXEC, MAP_SHARED, address));
    assert_false(maps(PROT_READ, MAP_PRIVATE, address));
    assert_false(maps(PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, address));
    assert_false(maps(PROT_EXEC, MAP_PRIVATE, -EBADF));
    assert_false(leave(SYS_mprotect, 0));
    assert_counts(0, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_entries, begin),  cmocka_unit_test_setup(test_opens, begin),
        cmocka_unit_test_setup(test_lookups, begin),  cmocka_unit_test_setup(test_reads, begin),
        cmocka_unit_test_setup(test_mappings, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
