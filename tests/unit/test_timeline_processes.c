/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "timeline_fixture.h"

static void nothing_gives_an_empty_timeline(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "");
    assert_int_equal(fixture.timeline->process_count, 0);
    assert_int_equal(fixture.timeline->track_count, 0);
    assert_null(fixture.timeline->session);
    assert_true(fixture.timeline->complete);
    assert_string_equal(fixture.timeline->end_reason, "");
    timeline_fixture_free(&fixture);
    thaw_timeline_free(NULL);
}

static void session_facts_are_taken_over(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "5 session.begin backend=\"ebpf\"\n"
                                     "6 machine cpu_limit_millis=250\n"
                                     "7 cost events=9\n"
                                     "8 session.end reason=\"exit\" exit_status=3\n");
    assert_string_equal(fixture.timeline->session->backend, "ebpf");
    assert_int_equal(fixture.timeline->session_start_ns, 5);
    assert_int_equal(fixture.timeline->session_end_ns, 8);
    assert_string_equal(fixture.timeline->end_reason, "exit");
    assert_int_equal(fixture.timeline->machine->cpu_limit_millis, 250);
    assert_int_equal(fixture.timeline->cost->events, 9);
    timeline_fixture_free(&fixture);
}

static void a_pid_used_again_is_another_process(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "10 process.exec pid=1 executable=\"/bin/sh\"\n"
                                     "20 process.fork pid=5 parent=1\n"
                                     "30 process.exit pid=5 code=7\n"
                                     "40 process.fork pid=5 parent=1\n"
                                     "50 process.exec pid=5 executable=\"/bin/b\"\n"
                                     "60 process.exit pid=5 signal=9\n"
                                     /* its fork was lost */
                                     "70 process.exec pid=5 executable=\"/bin/c\"\n");
    assert_int_equal(fixture.timeline->process_count, 4);
    assert_int_equal(timeline_process(&fixture, 5, 0)->end_ns, 30);
    assert_int_equal(timeline_process(&fixture, 5, 0)->exit_code, 7);
    assert_int_equal(timeline_process(&fixture, 5, 1)->exit_signal, 9);
    assert_int_equal(timeline_process(&fixture, 5, 1)->exit_code, -1);
    assert_int_equal(timeline_process(&fixture, 5, 1)->parent, 1);
    assert_string_equal(timeline_process(&fixture, 5, 2)->executable, "/bin/c");
    assert_int_equal(timeline_process(&fixture, 5, 2)->parent, 0);
    assert_int_equal(timeline_process(&fixture, 5, 2)->end_ns, 0);
    timeline_fixture_free(&fixture);
}

static void a_fork_without_an_exit_before_is_another_process(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "20 process.fork pid=5 parent=1\n"
                                     "40 process.fork pid=5 parent=1\n"
                                     "50 process.exec pid=5 executable=\"/bin/b\"\n");
    assert_int_equal(fixture.timeline->process_count, 2);
    assert_int_equal(timeline_process(&fixture, 5, 0)->exec_count, 0);
    assert_int_equal(timeline_process(&fixture, 5, 1)->exec_count, 1);
    timeline_fixture_free(&fixture);
}

/* /proc lists them in any order, with starts in steps of 10 ms. */
static void present_processes_find_their_parents(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture,
                           "100 process.present pid=30 parent=20 start_ns=50 executable=\"/c\"\n"
                           "100 process.present pid=20 parent=10 start_ns=50 executable=\"/b\"\n"
                           "100 process.present pid=10 parent=1 start_ns=50 executable=\"/a\"\n"
                           /* a second look at the same process */
                           "101 process.present pid=10 parent=30 start_ns=60 executable=\"/x\"\n"
                           "110 process.fork pid=40 parent=20\n");
    assert_int_equal(fixture.timeline->process_count, 4);
    assert_int_equal(timeline_process(&fixture, 10, 0)->parent, 0);
    assert_string_equal(timeline_process(&fixture, 10, 0)->executable, "/a");
    assert_int_equal(timeline_process(&fixture, 20, 0)->parent,
                     timeline_process(&fixture, 10, 0)->id);
    assert_int_equal(timeline_process(&fixture, 30, 0)->parent,
                     timeline_process(&fixture, 20, 0)->id);
    assert_int_equal(timeline_process(&fixture, 40, 0)->parent,
                     timeline_process(&fixture, 20, 0)->id);
    assert_int_equal(timeline_process(&fixture, 30, 0)->start_ns, 50);
    timeline_fixture_free(&fixture);
}

/* The importtime backend: the command was forked by thaw, what it starts is found in /proc. */
static void a_process_found_later_has_a_parent_that_was_forked(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture,
                           "100 process.fork pid=10 parent=9\n"
                           "110 process.present pid=10 parent=9 start_ns=90 executable=\"/a\"\n"
                           "120 process.present pid=11 parent=10 start_ns=115 executable=\"/b\"\n");
    assert_int_equal(timeline_process(&fixture, 10, 0)->start_ns, 100);
    assert_int_equal(timeline_process(&fixture, 11, 0)->parent, 1);
    timeline_fixture_free(&fixture);
}

static void parents_that_go_in_circles_are_not_believed(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture,
                           "100 process.present pid=10 parent=20 start_ns=50 executable=\"/a\"\n"
                           "100 process.present pid=20 parent=10 start_ns=50 executable=\"/b\"\n"
                           "100 process.present pid=30 parent=30 start_ns=50 executable=\"/c\"\n");
    assert_int_equal(timeline_process(&fixture, 10, 0)->parent, 0);
    assert_int_equal(timeline_process(&fixture, 20, 0)->parent, 1);
    assert_int_equal(timeline_process(&fixture, 30, 0)->parent, 0);
    timeline_fixture_free(&fixture);
}

static void processes_known_from_other_events_get_a_row(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture,
                           "10 import.begin pid=7 tid=7 name=\"a\" stack=9\n"
                           "20 import.end pid=7 tid=7 stack=9\n"
                           "30 process.present pid=7 parent=1 start_ns=4 executable=\"/py\"\n"
                           "40 loss pid=99 cause=\"c\" count=1 what=\"w\"\n"
                           "50 library pid=98 path=\"/lib/x.so\"\n");
    assert_int_equal(fixture.timeline->process_count, 1);
    assert_int_equal(timeline_process(&fixture, 7, 0)->start_ns, 4);
    assert_string_equal(timeline_process(&fixture, 7, 0)->executable, "/py");
    assert_int_equal(fixture.timeline->losses[0].process, 0);
    timeline_fixture_free(&fixture);
}

static void a_worker_makes_its_parent_the_host(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(
        &fixture,
        "10 process.exec pid=1 executable=\"/host\"\n"
        "20 process.fork pid=2 parent=1\n"
        "21 process.role pid=2 role=\"worker\" platform=\"azure_functions\" directory=\"/w\"\n"
        /* a worker that forks a worker is no host */
        "30 process.fork pid=3 parent=2\n"
        "31 process.role pid=3 role=\"worker\" platform=\"azure_functions\"\n"
        /* and one that was told otherwise isn't either */
        "40 process.fork pid=4 parent=1\n"
        "41 process.role pid=4 role=\"supervisor\"\n"
        "50 process.fork pid=5 parent=4\n"
        "51 process.role pid=5 role=\"worker\" platform=\"azure_functions\"\n");
    assert_string_equal(timeline_process(&fixture, 1, 0)->role, "host");
    assert_string_equal(timeline_process(&fixture, 1, 0)->platform, "azure_functions");
    assert_string_equal(timeline_process(&fixture, 2, 0)->role, "worker");
    assert_string_equal(timeline_process(&fixture, 2, 0)->directory, "/w");
    assert_string_equal(timeline_process(&fixture, 4, 0)->role, "supervisor");
    assert_string_equal(fixture.timeline->platform, "azure_functions");
    assert_int_equal(fixture.timeline->track_count, 3);
    timeline_fixture_free(&fixture);
}

static void start_stream_tells_a_worker_whose_role_was_lost(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(
        &fixture, "10 process.exec pid=1 executable=\"/host\"\n"
                  "20 process.fork pid=2 parent=1\n"
                  "30 message pid=2 type=\"StartStream\" outgoing=1 last_ns=30 connection=1\n");
    assert_string_equal(timeline_process(&fixture, 2, 0)->role, "worker");
    assert_string_equal(timeline_process(&fixture, 1, 0)->role, "host");
    timeline_fixture_free(&fixture);
}

static void execs_are_kept_in_order(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_timeline_process *process;

    (void)state;
    timeline_fixture_build(&fixture,
                           "10 process.exec pid=1 executable=\"/a\"\n"
                           "20 process.fork pid=2 parent=1\n"
                           "30 process.exec pid=1 executable=\"/b\"\n"
                           "35 process.exec pid=2 executable=\"/py\"\n"
                           "36 interpreter pid=2 version=\"3.11.2\" coverage=\"from start\"\n"
                           "40 process.exec pid=1 executable=\"/c\"\n");
    process = timeline_process(&fixture, 1, 0);
    assert_int_equal(process->exec_count, 3);
    assert_int_equal(process->execs[0], 10);
    assert_int_equal(process->execs[1], 30);
    assert_int_equal(process->execs[2], 40);
    assert_string_equal(process->executable, "/c");
    assert_string_equal(timeline_process(&fixture, 2, 0)->python, "3.11.2");
    assert_string_equal(timeline_process(&fixture, 2, 0)->coverage, "from start");
    timeline_fixture_free(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_gives_an_empty_timeline),
        cmocka_unit_test(session_facts_are_taken_over),
        cmocka_unit_test(a_pid_used_again_is_another_process),
        cmocka_unit_test(a_fork_without_an_exit_before_is_another_process),
        cmocka_unit_test(present_processes_find_their_parents),
        cmocka_unit_test(a_process_found_later_has_a_parent_that_was_forked),
        cmocka_unit_test(parents_that_go_in_circles_are_not_believed),
        cmocka_unit_test(processes_known_from_other_events_get_a_row),
        cmocka_unit_test(a_worker_makes_its_parent_the_host),
        cmocka_unit_test(start_stream_tells_a_worker_whose_role_was_lost),
        cmocka_unit_test(execs_are_kept_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
