/* SPDX-License-Identifier: Apache-2.0 */
/* Which part of which module has the waits, faults and bytes that its thread tells. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "timeline_fixture.h"

static struct timeline_fixture fixture;

static int end(void **state)
{
    (void)state;
    timeline_fixture_free(&fixture);
    return 0;
}

static void build(const char *lines)
{
    timeline_fixture_free(&fixture);
    timeline_fixture_build(&fixture, lines);
}

static const struct thaw_module *module(const char *name)
{
    return timeline_module(&fixture, name, 0);
}

static void assert_part(const char *name, enum thaw_part part, const char *expected)
{
    timeline_assert_spent(&module(name)->parts[part], expected);
}

/* The event at which a thread tells is the end of what it did: the part before has it. */
static void each_part_has_what_was_used_in_it(void **state)
{
    (void)state;
    build("100 import.begin name=\"m\" stack=90 minor_faults=10 memory_bytes=4096\n"
          "120 file.lookups count=1 last_ns=118 io_ns=3 minor_faults=11 memory_bytes=4096 "
          "stack=70\n"
          "121 file.open path=\"/s/m.py\" result=3 io_ns=4 minor_faults=11 memory_bytes=4096 "
          "stack=70\n"
          "125 file.close bytes=9 read_bytes=500 disk_bytes=8192 io_ns=6 minor_faults=11 "
          "major_faults=1 memory_bytes=4096 stack=70\n"
          "130 marshal.begin read_bytes=500 disk_bytes=8192 io_ns=6 minor_faults=15 "
          "major_faults=1 memory_bytes=12288 stack=70\n"
          "135 body.begin file=\"/s/m.py\" read_bytes=500 disk_bytes=8192 io_ns=6 runqueue_ns=2 "
          "minor_faults=15 major_faults=1 memory_bytes=12288 stack=80\n"
          "150 import.end read_bytes=500 disk_bytes=8192 io_ns=6 runqueue_ns=2 sleep_ns=9 "
          "minor_faults=15 major_faults=1 memory_bytes=8192 stack=90\n");
    assert_part("m", THAW_PART_FIND, "io 3 minor 1");
    assert_part("m", THAW_PART_READ, "io 3 major 1 disk 8192 read 500");
    assert_part("m", THAW_PART_COMPILE, "minor 4 memory 8192");
    assert_part("m", THAW_PART_WRITE, "runqueue 2");
    assert_part("m", THAW_PART_EXECUTE, "sleep 9 memory -4096");
    timeline_assert_spent(&module("m")->total,
                          "io 6 runqueue 2 sleep 9 minor 5 major 1 disk 8192 read 500 memory 4096");
}

/* What a thread had used before its first event here is nobody's. */
static void what_was_used_before_is_not_counted(void **state)
{
    (void)state;
    build("100 import.begin name=\"m\" stack=90 io_ns=1000 minor_faults=1000 read_bytes=7\n"
          "150 import.end stack=90 io_ns=1001 minor_faults=1000 read_bytes=7\n"
          "160 import.begin name=\"n\" stack=90 io_ns=5000 minor_faults=1000 read_bytes=7\n"
          "170 import.end stack=90 io_ns=5002 minor_faults=1000 read_bytes=7\n");
    timeline_assert_spent(&module("m")->total, "io 1");
    timeline_assert_spent(&module("n")->total, "io 2"); /* between the two: outside */
}

static void totals_have_children_and_parts_do_not(void **state)
{
    (void)state;
    build("100 import.begin name=\"outer\" stack=90 sleep_ns=1\n"
          "101 body.begin file=\"/s/outer.py\" stack=80 sleep_ns=1\n"
          "110 import.begin name=\"inner\" stack=70 sleep_ns=3\n"
          "111 body.begin file=\"/s/inner.py\" stack=60 sleep_ns=3\n"
          "120 import.begin name=\"innermost\" stack=50 sleep_ns=7\n"
          "130 import.end stack=50 sleep_ns=15\n"
          "140 import.end stack=70 sleep_ns=16\n"
          "150 import.end stack=90 sleep_ns=18\n");
    assert_part("outer", THAW_PART_EXECUTE, "sleep 4");
    assert_part("inner", THAW_PART_EXECUTE, "sleep 5");
    timeline_assert_spent(&module("innermost")->total, "sleep 8");
    timeline_assert_spent(&module("inner")->total, "sleep 13");
    timeline_assert_spent(&module("outer")->total, "sleep 17");
}

/* Counters of threads do not mix, and each thread's first event is its begin. */
static void threads_tell_of_themselves(void **state)
{
    (void)state;
    build("100 import.begin pid=1 tid=1 name=\"one\" stack=90 sleep_ns=50\n"
          "105 import.begin pid=1 tid=2 name=\"two\" stack=90 sleep_ns=7000\n"
          "110 import.end pid=1 tid=1 stack=90 sleep_ns=55\n"
          "120 import.end pid=1 tid=2 stack=90 sleep_ns=7003\n");
    timeline_assert_spent(&module("one")->total, "sleep 5");
    timeline_assert_spent(&module("two")->total, "sleep 3");
}

/* While another stack of the thread runs, this one's imports last on: times overlap, and with them
 * what was used. */
static void strands_that_overlap_both_have_it(void **state)
{
    (void)state;
    build("100 import.begin name=\"one\" stack=90 sleep_ns=1\n"
          "101 body.begin file=\"/s/one.py\" stack=80 sleep_ns=1\n"
          "105 strand.begin strand=1 parent=0 parent_stack=0\n"
          "106 import.begin name=\"two\" stack=70 strand=1 sleep_ns=2\n"
          "116 import.end stack=70 strand=1 sleep_ns=9\n"
          "120 import.end stack=90 sleep_ns=11\n");
    timeline_assert_spent(&module("two")->total, "sleep 7");
    assert_int_equal(module("two")->total_ns, 10);
    timeline_assert_spent(&module("one")->total, "sleep 10");
    assert_int_equal(module("one")->total_ns, 20);
}

/* A frame turns out to be of another stack: it goes on from what was told before. */
static void a_strand_that_is_split_off_goes_on_from_there(void **state)
{
    (void)state;
    build("100 import.begin name=\"one\" stack=90 sleep_ns=1\n"
          "105 import.begin name=\"two\" stack=70 sleep_ns=2\n"
          "110 strand.begin strand=1 parent=0 parent_stack=80 split=1\n"
          "115 import.end stack=90 sleep_ns=6\n"
          "120 import.end stack=70 strand=1 sleep_ns=9\n");
    timeline_assert_spent(&module("two")->total, "sleep 7");
    assert_int_equal(module("two")->total_ns, 15);
    assert_int_equal(module("one")->total_ns, 15);
    assert_int_equal(module("one")->self_ns, 15);
}

/* The thread's number is another's now, or the data are damaged. */
static void what_goes_back_is_none(void **state)
{
    (void)state;
    build("100 import.begin name=\"m\" stack=90 io_ns=50 minor_faults=9 memory_bytes=8192\n"
          "105 body.begin file=\"/s/m.py\" stack=80 io_ns=20 minor_faults=3 memory_bytes=4096\n"
          "110 import.end stack=90 io_ns=25 minor_faults=3 memory_bytes=4096\n");
    timeline_assert_spent(&module("m")->total, "io 5 memory -4096");
    build("100 import.begin name=\"m\" stack=90 memory_bytes=18446744073709551615\n"
          "105 body.begin file=\"/s/m.py\" stack=80 memory_bytes=0\n"
          "110 import.end stack=90 memory_bytes=9223372036854775807\n");
    assert_int_equal(module("m")->total.memory_bytes, INT64_MIN); /* around, and no overflow */
}

static void what_is_cut_has_what_was_told_up_to_then(void **state)
{
    (void)state;
    build("100 import.begin name=\"m\" stack=90 io_ns=50\n"
          "105 body.begin file=\"/s/m.py\" stack=80 io_ns=52\n"
          "106 gc.begin stack=70 io_ns=53\n"
          "130 process.exit code=0\n");
    timeline_assert_spent(&module("m")->total, "io 3");
    assert_int_equal(module("m")->total_ns, 30);
    assert_int_equal(module("m")->gc_ns, 24);
}

#define PROBE(name, status) "1 probe name=\"" name "\" target=\"kernel\" status=\"" status "\"\n"

/* Zeros that nobody measured are not told of. */
static void what_is_not_told_is_not_taken_for_none(void **state)
{
    static const char usage[] = "100 import.begin name=\"m\" stack=90 minor_faults=5\n"
                                "110 import.end stack=90 minor_faults=5\n";
    char lines[1024];

    (void)state;
    build("100 import.begin name=\"m\" stack=90\n110 import.end stack=90\n");
    assert_false(timeline_process(&fixture, 1, 0)->saw_usage);
    snprintf(lines, sizeof(lines), "%s%s",
             PROBE("thread.waits", "refused") PROBE("files.disk", "attached"), usage);
    build(lines);
    assert_true(timeline_process(&fixture, 1, 0)->saw_usage);
    assert_false(timeline_process(&fixture, 1, 0)->saw_waits);
    assert_true(timeline_process(&fixture, 1, 0)->saw_disk);
    snprintf(lines, sizeof(lines), "%s%s", PROBE("thread.waits", "attached"), usage);
    build(lines);
    assert_true(timeline_process(&fixture, 1, 0)->saw_waits);
    assert_false(timeline_process(&fixture, 1, 0)->saw_disk);
    build(PROBE("thread.waits", "attached")
              PROBE("files.disk",
                    "attached") "100 import.begin name=\"m\" stack=90\n110 import.end stack=90\n");
    assert_false(timeline_process(&fixture, 1, 0)->saw_waits);
    assert_false(timeline_process(&fixture, 1, 0)->saw_disk);
}

#define TEST(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_part_has_what_was_used_in_it),
        TEST(what_was_used_before_is_not_counted),
        TEST(totals_have_children_and_parts_do_not),
        TEST(threads_tell_of_themselves),
        TEST(strands_that_overlap_both_have_it),
        TEST(a_strand_that_is_split_off_goes_on_from_there),
        TEST(what_goes_back_is_none),
        TEST(what_is_cut_has_what_was_told_up_to_then),
        TEST(what_is_not_told_is_not_taken_for_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
