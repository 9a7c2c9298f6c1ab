/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <signal.h>
#include <cmocka.h>

#include "capture/stack_store.h"
#include "scratch.h"

static struct thaw_stack_store *open_store(void)
{
    struct thaw_stack_store *store = NULL;
    struct thaw_error error = {0};

    if (thaw_stack_store_open(&store, &error))
        fail_msg("%s", error.message);
    return store;
}

static void add(struct thaw_stack_store *store, uint64_t time_ns, const char *stack)
{
    struct thaw_perf_record record = {.kind = THAW_PERF_STACK,
                                      .pid = 7,
                                      .tid = (uint32_t)time_ns,
                                      .time_ns = time_ns,
                                      .stack = (const unsigned char *)stack,
                                      .stack_bytes = strlen(stack)};

    record.registers[THAW_PERF_R8] = time_ns * 3;
    assert_int_equal(thaw_stack_store_add(store, &record), 0);
}

static void stacks_come_back_in_order_of_time(void **state)
{
    struct thaw_stack_store *store = open_store();
    struct thaw_stored_stack stack;

    (void)state;
    assert_int_equal(thaw_stack_store_sort(store), 0);
    add(store, 30, "third");
    add(store, 10, "");
    add(store, 20, "the second");
    assert_int_equal(thaw_stack_store_sort(store), 3);
    for (size_t i = 0; i < 3; i++) {
        static const char *const expected[] = {"", "the second", "third"};

        assert_int_equal(thaw_stack_store_time(store, i), 10 * (i + 1));
        assert_true(thaw_stack_store_read(store, i, &stack));
        assert_int_equal(stack.pid, 7);
        assert_int_equal(stack.tid, 10 * (i + 1));
        assert_int_equal(stack.time_ns, 10 * (i + 1));
        assert_int_equal(stack.registers[THAW_PERF_R8], 30 * (i + 1));
        assert_int_equal(stack.stack_bytes, strlen(expected[i]));
        assert_memory_equal(stack.stack, expected[i], stack.stack_bytes);
    }
    assert_int_equal(thaw_stack_store_refused(store), 0);
    thaw_stack_store_close(store);
}

/* The file is in the folder asked for, as a full disk there shows, and has no name. */
static void the_file_has_no_name(void **state)
{
    struct thaw_stack_store *store;
    struct scratch scratch;
    char *names;

    (void)state;
    scratch_make(&scratch);
    setenv("TMPDIR", scratch.path, 1);
    store = open_store();
    add(store, 1, "secret");
    names = scratch_output("ls -A %s", scratch.path);
    assert_string_equal(names, "");
    free(names);
    thaw_stack_store_close(store);
    setenv("TMPDIR", "/nonexistent/folder", 1);
    assert_int_equal(thaw_stack_store_open(&store, NULL), -ENOENT);
    unsetenv("TMPDIR");
    scratch_remove(&scratch);
}

/* A limit on files' sizes stands for a disk that is full. */
static void what_finds_no_room_is_counted(void **state)
{
    struct rlimit before, small;
    struct thaw_stack_store *store = open_store();
    struct thaw_stored_stack stack;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 700; /* a head has 184 bytes */
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (uint64_t i = 0; i < 10; i++)
        add(store, i, "0123456789");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(thaw_stack_store_sort(store), 3);
    assert_int_equal(thaw_stack_store_refused(store), 7);
    assert_true(thaw_stack_store_read(store, 2, &stack));
    assert_memory_equal(stack.stack, "0123456789", 10);
    add(store, 11, "room again"); /* in the place of what was cut */
    assert_int_equal(thaw_stack_store_sort(store), 4);
    assert_true(thaw_stack_store_read(store, 3, &stack));
    assert_memory_equal(stack.stack, "room again", 10);
    thaw_stack_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stacks_come_back_in_order_of_time),
        cmocka_unit_test(the_file_has_no_name),
        cmocka_unit_test(what_finds_no_room_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
