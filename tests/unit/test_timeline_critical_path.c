/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "timeline_fixture.h"

/* A host (9) and its worker (1). */
#define WORKER                                                                                     \
    TIMELINE_WORKER                                                                                \
    "210 interpreter executable=\"/py\" version=\"3.11.2\" coverage=\"from start\"\n"              \
    "220 body.begin name=\"__main__\" file=\"/w/worker.py\" stack=99 own=1\n"
#define HELLO                                                                                      \
    "300 connect connection=1\n"                                                                   \
    "310 message type=\"StartStream\" outgoing=1\n"
#define INVOCATION                                                                                 \
    "500 message type=\"InvocationRequest\" invocation_id=\"i\"\n"                                 \
    "550 message type=\"InvocationResponse\" outgoing=1 invocation_id=\"i\" status=\"success\"\n"

static const char *name_of(enum thaw_waited_for who)
{
    static const char *const names[] = {
        [THAW_WAITED_WORKER] = "worker",   [THAW_WAITED_HOST] = "host",
        [THAW_WAITED_CHILD] = "child",     [THAW_WAITED_OUTSIDE] = "outside",
        [THAW_WAITED_UNKNOWN] = "unknown",
    };

    return names[who];
}

/* "100-200 host host, …": of the headline; the thread stands behind a slash where it imported. */
static void assert_path(const struct timeline_fixture *fixture, const char *expected)
{
    const struct thaw_track *track = thaw_timeline_headline(fixture->timeline);
    char text[4096] = "";
    size_t length = 0;

    assert_non_null(track);
    for (size_t i = 0; i < track->critical_step_count; i++) {
        const struct thaw_critical_step *step = &track->critical_path[i];

        length +=
            (size_t)snprintf(text + length, sizeof(text) - length, "%s%d-%d %s", i ? ", " : "",
                             (int)step->start_ns, (int)step->end_ns, name_of(step->waited_for));
        if (step->tid)
            length += (size_t)snprintf(text + length, sizeof(text) - length, "/%u", step->tid);
        length += (size_t)snprintf(text + length, sizeof(text) - length, " %s", step->phase);
    }
    assert_string_equal(text, expected);
}

/* What owes an answer is waited for, in between it is the other one, at last nobody here. */
static void host_and_worker_take_turns(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(
        &fixture,
        WORKER HELLO "320 message type=\"WorkerInitRequest\" directory=\"/app\"\n"
                     "350 message type=\"WorkerInitResponse\" outgoing=1 status=\"success\"\n"
                     "360 message type=\"FunctionLoadRequest\" function_id=\"a\"\n"
                     "361 message type=\"FunctionLoadRequest\" function_id=\"b\"\n"
                     "370 message type=\"FunctionLoadResponse\" outgoing=1 function_id=\"a\"\n"
                     "380 message type=\"FunctionLoadResponse\" outgoing=1 "
                     "function_id=\"b\"\n" INVOCATION);
    assert_path(&fixture, "100-200 host host, 200-210 worker worker, "
                          "210-220 worker worker.interpreter, 220-300 worker worker.imports, "
                          "300-310 worker worker.connect, 310-320 host worker, "
                          "320-350 worker worker.init, 350-360 host worker, "
                          "360-380 worker worker.load, 380-500 outside ready.wait, "
                          "500-550 worker first-invocation");
    timeline_fixture_free(&fixture);
}

static void without_its_host_it_is_not_known_who(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(
        &fixture, "210 process.exec executable=\"/py\"\n"
                  "210 process.role role=\"worker\" platform=\"azure_functions\"\n"
                  "210 interpreter version=\"3.11.2\" coverage=\"from start\"\n"
                  "220 body.begin name=\"__main__\" file=\"/w/worker.py\" stack=99 own=1\n" HELLO
                  "320 message type=\"WorkerInitRequest\" directory=\"/app\"\n"
                  "350 message type=\"WorkerInitResponse\" outgoing=1 status=\"success\"\n"
                  "360 message type=\"FunctionsMetadataRequest\"\n"
                  "370 message type=\"FunctionMetadataResponse\" outgoing=1\n" INVOCATION);
    assert_path(
        &fixture,
        "210-220 worker worker.interpreter, 220-300 worker worker.imports, "
        "300-310 worker worker.connect, 310-320 unknown worker, 320-350 worker worker.init, "
        "350-360 unknown worker, 360-370 worker worker.metadata, "
        "370-500 outside ready.wait, 500-550 worker first-invocation");
    timeline_fixture_free(&fixture);
}

/* The main thread imports, then waits for another one's import; a third one is not waited for. */
static void the_imports_that_ended_last_are_waited_for(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_track *track;

    (void)state;
    timeline_fixture_build(&fixture,
                           WORKER "230 import.begin name=\"first\" stack=90\n"
                                  "235 import.begin name=\"aside\" stack=90 pid=1 tid=3\n"
                                  "240 import.begin name=\"inner\" stack=80\n"
                                  "245 import.end stack=80\n"
                                  "248 import.end stack=90 pid=1 tid=3\n"
                                  "260 import.end stack=90\n"
                                  "265 import.begin name=\"second\" stack=90 pid=1 tid=2\n"
                                  "280 import.end stack=90 pid=1 tid=2\n" HELLO INVOCATION);
    assert_path(&fixture, "100-200 host host, 200-210 worker worker, "
                          "210-220 worker worker.interpreter, 220-265 worker/1 worker.imports, "
                          "265-300 worker/2 worker.imports, 300-310 worker worker.connect, "
                          "310-500 host worker, 500-550 worker first-invocation");
    track = thaw_timeline_headline(fixture.timeline);
    assert_int_equal(track->critical_path[3].imports_ns, 30);
    assert_int_equal(track->critical_path[3].module, timeline_module(&fixture, "first", 0)->id);
    assert_false(track->critical_path[3].waits_known);
    assert_int_equal(track->beside_count, 1);
    assert_int_equal(track->beside[0].tid, 3);
    assert_int_equal(track->beside[0].ns, 13);
    timeline_fixture_free(&fixture);
}

/* slept: what the importing thread had slept when the module ended. */
static void build_child(struct timeline_fixture *fixture, const char *slept)
{
    char lines[2048];

    snprintf(lines, sizeof(lines),
             WORKER "225 import.begin name=\"calls\" stack=90 minor_faults=1\n"
                    "230 process.fork pid=5 parent=1\n"
                    "231 process.exec pid=5 executable=\"/bin/uname\"\n"
                    "234 process.fork pid=6 parent=5\n"
                    "236 process.exit pid=6\n"
                    "270 process.exit pid=5\n"
                    "280 import.end stack=90 minor_faults=2 sleep_ns=%s\n" HELLO INVOCATION,
             slept);
    timeline_fixture_build(fixture, lines);
}

static void a_child_is_waited_for_where_its_importer_slept(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_track *track;

    (void)state;
    build_child(&fixture, "39");
    assert_path(&fixture, "100-200 host host, 200-210 worker worker, "
                          "210-220 worker worker.interpreter, 220-230 worker/1 worker.imports, "
                          "230-270 child worker.imports, 270-300 worker worker.imports, "
                          "300-310 worker worker.connect, 310-500 host worker, "
                          "500-550 worker first-invocation");
    track = thaw_timeline_headline(fixture.timeline);
    assert_int_equal(track->critical_path[4].process, timeline_process(&fixture, 5, 0)->id);
    assert_int_equal(track->critical_path[4].module, timeline_module(&fixture, "calls", 0)->id);
    assert_true(track->critical_path[4].derived);
    assert_int_equal(track->beside_count, 0); /* what the child starts is the child's */
    timeline_fixture_free(&fixture);
}

static void else_a_child_ran_beside(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_track *track;

    (void)state;
    build_child(&fixture, "5");
    track = thaw_timeline_headline(fixture.timeline);
    assert_int_equal(track->beside_count, 2);
    assert_int_equal(track->beside[0].process, timeline_process(&fixture, 5, 0)->id);
    assert_int_equal(track->beside[0].ns, 40);
    assert_int_equal(track->beside[1].process, timeline_process(&fixture, 6, 0)->id);
    timeline_fixture_free(&fixture);
}

static void a_further_worker_runs_beside(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_track *track;

    (void)state;
    timeline_fixture_build(&fixture, WORKER
                           "250 process.fork pid=2 parent=9\n"
                           "255 process.exec pid=2 executable=\"/py\"\n"
                           "255 process.role pid=2 role=\"worker\" platform=\"azure_functions\"\n"
                           "260 process.fork pid=8 parent=3\n" HELLO INVOCATION);
    track = thaw_timeline_headline(fixture.timeline);
    assert_int_equal(track->beside_count, 1); /* what has nothing to do with the host is not told */
    assert_int_equal(track->beside[0].process, timeline_process(&fixture, 2, 0)->id);
    assert_int_equal(track->beside[0].start_ns, 250);
    assert_int_equal(track->beside[0].end_ns, 550);
    timeline_fixture_free(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(host_and_worker_take_turns),
        cmocka_unit_test(without_its_host_it_is_not_known_who),
        cmocka_unit_test(the_imports_that_ended_last_are_waited_for),
        cmocka_unit_test(a_child_is_waited_for_where_its_importer_slept),
        cmocka_unit_test(else_a_child_ran_beside),
        cmocka_unit_test(a_further_worker_runs_beside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
