/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "capture/loss.h"
#include "capture/python_processes.h"
#include "chaos_malloc.h"
#include "scratch.h"

static struct thaw_python_processes processes;

static int end(void **state)
{
    (void)state;
    thaw_python_processes_free(&processes);
    return 0;
}

static void processes_are_found_by_their_number(void **state)
{
    (void)state;
    assert_null(thaw_python_processes_find(&processes, 7));
    for (uint32_t pid = 1; pid <= 300; pid++)
        assert_int_equal(thaw_python_processes_add(&processes, pid, pid % 5, NULL), 0);
    assert_int_equal(thaw_python_processes_add(&processes, UINT32_MAX, 9, NULL), 0);
    for (uint32_t pid = 1; pid <= 300; pid++) {
        const struct thaw_python_process *process = thaw_python_processes_find(&processes, pid);

        assert_int_equal(process->pid, pid);
        assert_int_equal(process->interpreter, pid % 5);
        assert_false(process->withdrawn);
    }
    assert_int_equal(thaw_python_processes_find(&processes, UINT32_MAX)->interpreter, 9);
    assert_null(thaw_python_processes_find(&processes, 0));
}

/* It executes another interpreter: what was withdrawn were the other one's probes. */
static void what_a_process_runs_now_counts(void **state)
{
    (void)state;
    assert_int_equal(thaw_python_processes_add(&processes, 7, 1, NULL), 0);
    thaw_python_processes_find(&processes, 7)->withdrawn = true;
    assert_int_equal(thaw_python_processes_add(&processes, 7, 2, NULL), 0);
    assert_int_equal(thaw_python_processes_find(&processes, 7)->interpreter, 2);
    assert_false(thaw_python_processes_find(&processes, 7)->withdrawn);
}

static void processes_that_end_are_gone(void **state)
{
    (void)state;
    assert_int_equal(thaw_python_processes_add(&processes, 7, 1, NULL), 0);
    assert_int_equal(thaw_python_processes_add(&processes, 8, 1, NULL), 0);
    thaw_python_processes_remove(&processes, 7);
    thaw_python_processes_remove(&processes, 7);
    thaw_python_processes_remove(&processes, 99);
    assert_null(thaw_python_processes_find(&processes, 7));
    assert_non_null(thaw_python_processes_find(&processes, 8));
    thaw_python_processes_free(&processes);
    assert_null(thaw_python_processes_find(&processes, 8));
    assert_int_equal(thaw_python_processes_add(&processes, 9, 1, NULL), 0); /* it goes on */
}

static void memory_may_be_short(void **state)
{
    (void)state;
    if (!chaos_malloc_works()) {
        print_message("skip: linked without --wrap=malloc, see chaos_malloc.h\n");
        skip();
    }
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_error error = {0};
        int result = 0;

        for (uint32_t pid = 1; !result && pid <= 64; pid++) { /* the table must grow */
            result = thaw_python_processes_add(&processes, pid, 1, &error);
            assert_true(!result == !!thaw_python_processes_find(&processes, pid));
        }
        chaos_malloc_pause();
        /* a table that can't grow is slower, not wrong */
        assert_true(result == 0 || (result == -ENOMEM && chaos_malloc_failed()));
        assert_int_equal(error.code, result);
        thaw_python_processes_free(&processes);
    }
}

/* What was not recorded, of nobody and of a process. */
static void losses_are_stored(void **state)
{
    struct thaw_recording_writer *writer = NULL;
    struct thaw_recording *recording = NULL;
    struct scratch scratch;
    const char *path;

    (void)state;
    scratch_make(&scratch);
    path = scratch_path(&scratch, "losses.thaw");
    assert_int_equal(thaw_recording_writer_open(path, &writer, NULL), 0);
    assert_int_equal(thaw_loss_store(writer, "ring-full", 3, "three events", NULL), 0);
    assert_int_equal(thaw_loss_store(writer, "ring-full", 0, "none", NULL), 0);
    assert_int_equal(thaw_loss_store_process(writer, 42, "probes-withdrawn", "its imports", NULL),
                     0);
    assert_int_equal(thaw_loss_of_process(writer, 43, NULL), 0);
    assert_int_equal(thaw_recording_writer_close(writer, NULL), 0);
    assert_int_equal(thaw_recording_load(path, &recording, NULL), 0);
    assert_int_equal(recording->count, 3); /* nothing lost is no loss */
    assert_int_equal(recording->events[0].kind, THAW_EVENT_LOSS);
    assert_int_equal(recording->events[0].pid, 0);
    assert_int_equal(recording->events[0].loss.count, 3);
    assert_int_equal(recording->events[1].kind, THAW_EVENT_LOSS);
    assert_int_equal(recording->events[1].pid, 42);
    assert_int_equal(recording->events[1].tid, 42);
    assert_int_equal(recording->events[1].loss.count, 1);
    assert_string_equal(recording->events[1].loss.cause, "probes-withdrawn");
    assert_string_equal(recording->events[1].loss.what, "its imports");
    assert_true(recording->events[1].time_ns >= recording->events[0].time_ns);
    assert_string_equal(recording->events[2].loss.cause, "process-not-readable");
    assert_non_null(strstr(recording->events[2].loss.what, "process 43,"));
    thaw_recording_free(recording);
    scratch_remove(&scratch);
}

#define TEST(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(processes_are_found_by_their_number),
        TEST(what_a_process_runs_now_counts),
        TEST(processes_that_end_are_gone),
        TEST(memory_may_be_short),
        TEST(losses_are_stored),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
