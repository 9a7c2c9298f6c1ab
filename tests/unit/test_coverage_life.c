/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "capture/coverage.h"
#include "capture/interpreter_probes.h"
#include "capture/known_files.h"
#include "capture/probes.h"
#include "fake_python.h"
#include "scratch.h"

/*
 * Days of a machine: processes, containers and their interpreters come and go. The kernel and the
 * clock are this file's.
 */
static struct scratch scratch;
static struct thaw_recording_writer *writer;
static struct thaw_coverage *coverage;
static uint64_t now_ns;
static long links; /* attached less those withdrawn */
static long links_of[THAW_KERNEL_INTERPRETERS];
static long files;          /* that the kernel knows */
static bool known[1 << 20]; /* by their inodes */
#define KNOWN (sizeof(known) / sizeof(known[0]))
static uint64_t covered_events, late_events, losses;

uint64_t thaw_clock_now_ns(void)
{
    return now_ns;
}

uint64_t thaw_clock_realtime_ns(void)
{
    return now_ns;
}

uint64_t thaw_clock_own_cpu_ns(void)
{
    return 0;
}

int thaw_programs_attach(struct thaw_programs *programs, const char *name,
                         const struct thaw_attach_place *place, thaw_link_group group,
                         struct thaw_error *error)
{
    (void)programs;
    (void)name;
    (void)place;
    (void)error;
    links++;
    links_of[group % THAW_KERNEL_INTERPRETERS]++;
    return 0;
}

int thaw_programs_attach_tracepoint(struct thaw_programs *programs, const char *name,
                                    thaw_link_group group, struct thaw_error *error)
{
    (void)programs;
    (void)name;
    (void)group;
    (void)error;
    return 0;
}

void thaw_programs_withdraw(struct thaw_programs *programs, thaw_link_group group)
{
    (void)programs;
    links -= links_of[group % THAW_KERNEL_INTERPRETERS];
    links_of[group % THAW_KERNEL_INTERPRETERS] = 0;
}

void thaw_programs_withdraw_groups(struct thaw_programs *programs, const thaw_link_group *groups,
                                   size_t count)
{
    for (size_t i = 0; i < count; i++)
        thaw_programs_withdraw(programs, groups[i]);
}

void thaw_programs_narrow(struct thaw_programs *programs, uint32_t interpreter)
{
    thaw_programs_withdraw(programs, interpreter);
}

void thaw_programs_widen(struct thaw_programs *programs, uint32_t interpreter)
{
    (void)programs;
    (void)interpreter;
}

int thaw_programs_know_file(struct thaw_programs *programs, const struct thaw_kernel_file *file,
                            enum thaw_kernel_executable class, struct thaw_error *error)
{
    (void)programs;
    (void)class;
    (void)error;
    files += !known[file->inode % KNOWN];
    known[file->inode % KNOWN] = true;
    return 0;
}

void thaw_programs_forget_file(struct thaw_programs *programs, const struct thaw_kernel_file *file)
{
    (void)programs;
    files -= known[file->inode % KNOWN];
    known[file->inode % KNOWN] = false;
}

int thaw_programs_rates(const struct thaw_programs *programs)
{
    (void)programs;
    return -1;
}

void thaw_programs_hold_maps(const struct thaw_programs *programs, int *ret_hold, int *ret_held)
{
    (void)programs;
    *ret_hold = *ret_held = -1;
}

static int take(void *context, const struct thaw_event *event, struct thaw_error *error)
{
    (void)context;
    (void)error;
    covered_events += event->kind == THAW_EVENT_INTERPRETER;
    late_events +=
        event->kind == THAW_EVENT_INTERPRETER && !strcmp(event->interpreter.coverage, "late");
    losses += event->kind == THAW_EVENT_LOSS;
    return 0;
}

static int begin(void **state)
{
    const struct thaw_recording_sink sink = {NULL, take};

    (void)state;
    now_ns = UINT64_C(3600000000000);
    links = files = 0;
    memset(known, 0, sizeof(known));
    memset(links_of, 0, sizeof(links_of));
    covered_events = late_events = losses = 0;
    scratch_make(&scratch);
    assert_int_equal(thaw_recording_writer_to(&sink, &writer, NULL), 0);
    assert_int_equal(thaw_coverage_open(NULL, writer, NULL, &coverage, NULL), 0);
    thaw_coverage_live_long(coverage);
    return 0;
}

static int end(void **state)
{
    (void)state;
    thaw_coverage_free(coverage);
    thaw_recording_writer_close(writer, NULL);
    scratch_remove(&scratch);
    return 0;
}

static void pass(uint64_t seconds)
{
    now_ns += seconds * UINT64_C(1000000000);
    assert_int_equal(thaw_coverage_tend(coverage, NULL), 0);
}

/* Numbers that no process of this machine has. */
#define PID(number) (UINT32_C(1) << 30 | (number))

static void forked(uint32_t pid, uint32_t parent)
{
    const struct thaw_kernel_fork record = {
        .header = {.kind = THAW_KERNEL_FORK, .time_ns = now_ns, .tgid = pid, .tid = pid},
        .parent = parent,
    };

    assert_int_equal(thaw_coverage_forked(coverage, &record, NULL), 0);
}

static void executed(uint32_t pid, const char *path)
{
    static struct thaw_kernel_exec record;
    struct stat status;

    assert_int_equal(stat(path, &status), 0);
    record.header = (struct thaw_kernel_header){
        .kind = THAW_KERNEL_EXEC, .time_ns = now_ns, .tgid = pid, .tid = pid};
    record.file = thaw_known_file_identity(&status);
    assert_int_equal(thaw_coverage_executed(coverage, &record, path, NULL), 0);
}

static const char *python(const char *name)
{
    return fake_python(&scratch, name, FAKE_PROGRAM FAKE_FIND_STR "-DVERSION=0x030b02f0");
}

static size_t used(void)
{
    return mallinfo2().uordblks;
}

/* An allocator of a sanitizer does not tell. */
#ifdef __SANITIZE_ADDRESS__
#define FLAT_BYTES SIZE_MAX
#else
#define FLAT_BYTES ((size_t)65536)
#endif

static void many_processes_take_no_more_memory(void **state)
{
    char path[512];
    size_t before = 0;

    (void)state;
    snprintf(path, sizeof(path), "%s", python("python3.11"));
    for (uint32_t i = 0; i < 20000; i++) {
        if (i == 3000)
            before = used();
        forked(PID(i % 1000), 1);
        executed(PID(i % 1000), path);
        forked(PID(5000 + i % 1000), PID(i % 1000));
        thaw_coverage_left(coverage, PID(5000 + i % 1000));
        thaw_coverage_left(coverage, PID(i % 1000));
        now_ns += 1000000;
    }
    assert_int_equal(covered_events, 20000);
    assert_int_equal(thaw_coverage_processes(coverage), 0);
    assert_int_equal(thaw_coverage_interpreters(coverage), 1);
    assert_true(used() <= before || used() - before < FLAT_BYTES);
}

/* Their ends were lost: the ring had no room for them. */
static void processes_without_an_end_are_found_gone(void **state)
{
    char path[512];

    (void)state;
    snprintf(path, sizeof(path), "%s", python("python3.11"));
    for (uint32_t i = 0; i < 100; i++)
        executed(PID(i), path);
    executed((uint32_t)getpid(), path);
    assert_int_equal(thaw_coverage_processes(coverage), 101);
    pass(31);
    assert_int_equal(thaw_coverage_processes(coverage), 1);
    assert_true(thaw_coverage_is_python(coverage, (uint32_t)getpid()));
}

/* One is replaced by another every hour, as containers with images of their own would. */
static void interpreters_come_and_go(void **state)
{
    char first[512], path[512], name[32];
    size_t before = 0;
    long links_then = 0;

    (void)state;
    snprintf(first, sizeof(first), "%s", python("first"));
    for (uint32_t i = 0; i < 80; i++) {
        snprintf(name, sizeof(name), "python%u", i);
        snprintf(path, sizeof(path), "%s", scratch_copy(&scratch, name, first));
        executed(PID(i), path);
        thaw_coverage_left(coverage, PID(i));
        unlink(path);
        pass(3661);
        if (i == 20) {
            before = used();
            links_then = links;
        }
        assert_true(thaw_coverage_interpreters(coverage) <= 3);
    }
    assert_int_equal(covered_events, 80);
    assert_int_equal(links, links_then);
    assert_true(files <= 8);
    assert_true(used() <= before || used() - before < FLAT_BYTES);
}

/* All stay where they are: those that nobody has run for longest go, and are met anew. */
static void interpreters_are_bounded(void **state)
{
    char first[512], path[512], name[32];

    (void)state;
    snprintf(first, sizeof(first), "%s", python("first"));
    for (uint32_t i = 0; i < 300; i++) {
        snprintf(name, sizeof(name), "python%u", i);
        snprintf(path, sizeof(path), "%s", scratch_copy(&scratch, name, first));
        executed(PID(i), path);
        thaw_coverage_left(coverage, PID(i));
        now_ns += 1000000;
    }
    assert_int_equal(thaw_coverage_interpreters(coverage), 300);
    for (int i = 0; i < 8; i++)
        pass(61);
    assert_int_equal(thaw_coverage_interpreters(coverage), 256);
    late_events = 0;
    now_ns += 1000000;
    executed(PID(299), scratch_path(&scratch, "python299")); /* in use lately */
    assert_int_equal(late_events, 0);
    now_ns += 1;
    executed(PID(0), scratch_path(&scratch, "python0"));
    assert_int_equal(thaw_coverage_interpreters(coverage), 257);
    assert_int_equal(losses, 0);
}

/* A number that comes again, for a process that is no Python. */
static void numbers_come_again(void **state)
{
    char path[512];

    (void)state;
    snprintf(path, sizeof(path), "%s", python("python3.11"));
    executed(PID(1), path);
    assert_true(thaw_coverage_is_python(coverage, PID(1)));
    forked(PID(1), PID(2));
    assert_false(thaw_coverage_is_python(coverage, PID(1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(many_processes_take_no_more_memory, begin, end),
        cmocka_unit_test_setup_teardown(processes_without_an_end_are_found_gone, begin, end),
        cmocka_unit_test_setup_teardown(interpreters_come_and_go, begin, end),
        cmocka_unit_test_setup_teardown(interpreters_are_bounded, begin, end),
        cmocka_unit_test_setup_teardown(numbers_come_again, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
