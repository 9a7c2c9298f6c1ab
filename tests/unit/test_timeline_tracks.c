/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "timeline_fixture.h"

/* A host and its worker; imports of the worker are seen. */
#define WORKER                                                                                     \
    TIMELINE_WORKER                                                                                \
    "210 interpreter executable=\"/py\" version=\"3.11.2\" coverage=\"from start\"\n"              \
    "220 body.begin name=\"__main__\" file=\"/w/worker.py\" stack=99 own=1\n"
#define HELLO                                                                                      \
    "300 connect connection=1\n"                                                                   \
    "310 message type=\"StartStream\" outgoing=1\n"

static void assert_phase(const struct thaw_phase *phase, uint64_t start_ns, uint64_t end_ns)
{
    assert_non_null(phase);
    assert_int_equal(phase->start_ns, start_ns);
    assert_int_equal(phase->end_ns, end_ns);
}

static const struct thaw_track *only_track(const struct timeline_fixture *fixture)
{
    assert_int_equal(fixture->timeline->track_count, 1);
    return &fixture->timeline->tracks[0];
}

/* Never connects: what is known of it ends with its last event. */
static void a_worker_that_never_connects(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_track *track;

    (void)state;
    timeline_fixture_build(&fixture, WORKER "230 import.begin name=\"grpc\" stack=90\n"
                                            "250 import.end stack=90\n"
                                            "900 session.end reason=\"duration\"\n");
    track = only_track(&fixture);
    assert_false(track->answered);
    assert_int_equal(track->end_ns, 250);
    assert_int_equal(track->unattributed_ns, 0);
    assert_phase(timeline_phase(track, "host", 0), 100, 200);
    assert_phase(timeline_phase(track, "worker", 0), 200, 250);
    assert_phase(timeline_part(timeline_phase(track, "worker", 0), "worker.imports"), 220, 250);
    timeline_fixture_free(&fixture);
}

/* The app's module was not found: init fails, nothing of the app is ever executed. */
static void a_worker_without_its_app(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_track *track;

    (void)state;
    timeline_fixture_build(&fixture, WORKER HELLO
                           "320 message type=\"WorkerInitRequest\" directory=\"/app\"\n"
                           "350 message type=\"WorkerInitResponse\" status=\"failure\"\n"
                           "360 message type=\"FunctionsMetadataRequest\"\n"
                           "370 message type=\"FunctionMetadataResponse\" status=\"success\"\n"
                           "800 message type=\"WorkerStatusRequest\"\n");
    track = only_track(&fixture);
    assert_int_equal(track->end_ns, 370);
    assert_phase(timeline_phase(track, "worker", 0), 200, 370);
    assert_int_equal(timeline_phase(track, "worker", 0)->confidence, THAW_DERIVED);
    assert_int_equal(track->phase_count, 2);
    timeline_fixture_free(&fixture);
}

/* The user's file can't be told (no folder named): set-up, then waiting. */
static void an_unknown_app_leaves_worker_and_ready(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_track *track;

    (void)state;
    timeline_fixture_build(&fixture, WORKER HELLO
                           "320 message type=\"WorkerInitRequest\"\n"
                           "330 body.begin name=\"app\" file=\"/srv/app.py\" stack=90 own=1\n"
                           "340 body.end stack=90\n"
                           "350 message type=\"WorkerInitResponse\"\n"
                           "400 message type=\"InvocationRequest\" invocation_id=\"i\"\n"
                           "450 message type=\"InvocationResponse\" invocation_id=\"i\"\n");
    track = only_track(&fixture);
    assert_true(track->answered);
    assert_phase(timeline_phase(track, "worker", 0), 200, 350);
    assert_phase(timeline_phase(track, "ready", 0), 350, 400);
    assert_phase(timeline_phase(track, "first-invocation", 0), 400, 450);
    assert_int_equal(track->unattributed_ns, 0);
    timeline_fixture_free(&fixture);
}

/* A hung init: the request has no response when the recording ends. */
static void an_init_without_an_answer(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_track *track;

    (void)state;
    timeline_fixture_build(&fixture, WORKER HELLO
                           "320 message type=\"WorkerInitRequest\" directory=\"/app\"\n"
                           "330 body.begin name=\"app\" file=\"/app/app.py\" stack=90 own=1\n"
                           "340 body.end stack=90\n"
                           "900 cost events=1\n"
                           "990 session.end reason=\"interrupted\"\n");
    track = only_track(&fixture);
    assert_int_equal(track->end_ns, 900);
    assert_phase(timeline_phase(track, "ready", 0), 340, 900);
    assert_phase(timeline_part(timeline_phase(track, "ready", 0), "ready.init"), 340, 900);
    assert_string_equal(timeline_phase(track, "ready", 0)->evidence[1], "end of recording");
    timeline_fixture_free(&fixture);
}

/* Modules of the app on another thread, of other threads' overlap, and below a package. */
static void import_is_cut_by_what_it_happens_in(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_track *track;

    (void)state;
    timeline_fixture_build(
        &fixture, WORKER HELLO
        "320 message type=\"WorkerInitRequest\" directory=\"/app\"\n"
        /* one window: two files of the app, one of them reached through a package */
        "330 body.begin name=\"one\" file=\"/app/one.py\" stack=90 own=1\n"
        "331 body.begin name=\"one.part\" file=\"/app/part.py\" stack=80 own=1\n"
        "332 body.end stack=80\n"
        "340 body.end stack=90\n"
        "345 import.begin tid=7 pid=1 name=\"plugins\" stack=50\n"
        "346 body.begin tid=7 pid=1 file=\"/x/site-packages/plugins.py\" stack=49\n"
        "347 body.begin tid=7 pid=1 name=\"two\" file=\"/app/two.py\" stack=40 own=1\n"
        /* still running when the response goes out */
        "365 body.end tid=7 pid=1 stack=40\n"
        "366 import.end tid=7 pid=1 stack=50\n"
        "360 message type=\"WorkerInitResponse\"\n"
        "361 message type=\"FunctionLoadRequest\" function_id=\"f\"\n"
        "362 body.begin name=\"three\" file=\"/app/three.py\" stack=90 own=1\n"
        "380 body.end stack=90\n"
        "381 message type=\"FunctionLoadResponse\" function_id=\"f\"\n"
        "400 message type=\"InvocationRequest\" invocation_id=\"i\"\n"
        /* a lazy import of an app that was imported before is the invocation's own time */
        "410 body.begin name=\"lazy\" file=\"/app/lazy.py\" stack=90 own=1\n"
        "420 body.end stack=90\n"
        "450 message type=\"InvocationResponse\" invocation_id=\"i\"\n");
    track = only_track(&fixture);
    assert_phase(timeline_phase(track, "import", 0), 330, 365);
    assert_string_equal(timeline_phase(track, "import", 0)->within,
                        "WorkerInitRequest..WorkerInitResponse");
    assert_string_equal(timeline_phase(track, "import", 0)->evidence[0], "execute one");
    assert_phase(timeline_phase(track, "import", 1), 365, 380);
    assert_string_equal(timeline_phase(track, "import", 1)->within,
                        "FunctionLoadRequest..FunctionLoadResponse");
    assert_phase(timeline_phase(track, "ready", 0), 380, 400);
    assert_phase(timeline_phase(track, "first-invocation", 0), 400, 450);
    assert_int_equal(track->total_ns, 350);
    timeline_fixture_free(&fixture);
}

/* Imports can't be seen: what is observed stays, the rest is not attributed. */
static void without_imports_only_what_was_observed(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_track *track;

    (void)state;
    timeline_fixture_build(
        &fixture, "200 process.fork parent=9\n"
                  "210 process.role role=\"worker\" platform=\"azure_functions\"\n"
                  "210 interpreter version=\"3.16\" coverage=\"refused\" reason=\"unknown\"\n" HELLO
                  "320 message type=\"FunctionEnvironmentReloadRequest\"\n"
                  "350 message type=\"FunctionEnvironmentReloadResponse\"\n"
                  "400 message type=\"InvocationRequest\" invocation_id=\"i\"\n"
                  "450 message type=\"InvocationResponse\" invocation_id=\"i\"\n");
    track = only_track(&fixture);
    assert_phase(timeline_phase(track, "worker", 0), 200, 310);
    assert_false(timeline_phase(track, "worker", 0)->counted);
    assert_phase(timeline_phase(track, "pool", 0), 310, 320);
    assert_phase(timeline_phase(track, "specialize", 0), 320, 350);
    assert_int_equal(track->unattributed_ns, 50);
    assert_int_equal(track->total_ns, 130);
    timeline_fixture_free(&fixture);
}

static void responses_find_their_requests(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_invocation *invocations;

    (void)state;
    timeline_fixture_build(
        &fixture, WORKER HELLO
        "400 message type=\"InvocationRequest\" invocation_id=\"a\" function_id=\"f\"\n"
        "401 message type=\"InvocationRequest\" invocation_id=\"b\"\n"
        /* its id was cut off */
        "402 message type=\"InvocationRequest\" truncated=1\n"
        /* a request sent twice: answered in order */
        "403 message type=\"InvocationRequest\" invocation_id=\"a\"\n"
        "410 message type=\"InvocationResponse\" invocation_id=\"b\" status=\"failure\"\n"
        "411 message type=\"InvocationResponse\" invocation_id=\"c\"\n"
        "412 message type=\"InvocationResponse\" invocation_id=\"a\" status=\"success\"\n"
        "413 message type=\"InvocationResponse\" invocation_id=\"a\"\n"
        /* to nothing that was asked */
        "414 message type=\"InvocationResponse\" invocation_id=\"a\"\n"
        "415 function function_id=\"f\" name=\"work\" trigger=\"\"\n"
        "416 function function_id=\"f\" name=\"\" trigger=\"serviceBusTrigger\"\n");
    assert_int_equal(fixture.timeline->invocation_count, 4);
    invocations = fixture.timeline->invocations;
    assert_int_equal(invocations[0].end_ns, 412);
    assert_string_equal(invocations[0].function, "work");
    assert_string_equal(invocations[0].kind, "serviceBus");
    assert_true(invocations[0].cold);
    assert_int_equal(invocations[1].end_ns, 410);
    assert_string_equal(invocations[1].status, "failure");
    assert_false(invocations[1].cold);
    assert_int_equal(invocations[2].end_ns, 411);
    assert_int_equal(invocations[3].end_ns, 413);
    assert_int_equal(only_track(&fixture)->end_ns, 410);
    timeline_fixture_free(&fixture);
}

/* The worker that answered first, not the one that started first. */
static void the_headline_answered_first(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(
        &fixture, WORKER HELLO
        "250 process.fork pid=2 parent=9\n"
        "251 process.role pid=2 role=\"worker\" platform=\"azure_functions\"\n"
        "320 message pid=2 type=\"StartStream\" outgoing=1 connection=2\n"
        "330 message pid=2 type=\"InvocationRequest\" connection=2 "
        "invocation_id=\"x\"\n"
        "340 message type=\"InvocationRequest\" invocation_id=\"i\"\n"
        "350 message pid=2 type=\"InvocationResponse\" outgoing=1 last_ns=355 connection=2 "
        "invocation_id=\"x\"\n"
        "360 message type=\"InvocationResponse\" invocation_id=\"i\"\n");
    assert_int_equal(fixture.timeline->track_count, 2);
    assert_false(fixture.timeline->tracks[0].headline);
    assert_true(fixture.timeline->tracks[1].headline);
    assert_int_equal(fixture.timeline->tracks[1].end_ns, 355);
    timeline_fixture_free(&fixture);
}

/* It connects, is refused, connects again: the stream that greets first is the one. */
static void a_worker_that_connects_twice(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_phase *worker;

    (void)state;
    timeline_fixture_build(&fixture, WORKER
                           "230 connect connection=5 result=-111\n" HELLO
                           "315 message type=\"StartStream\" outgoing=1 connection=2\n"
                           "320 message type=\"WorkerInitRequest\" connection=2\n"
                           "330 message type=\"WorkerInitResponse\" outgoing=1 connection=2\n");
    worker = timeline_phase(only_track(&fixture), "worker", 0);
    assert_phase(timeline_part(worker, "worker.connect"), 300, 310);
    assert_phase(timeline_part(worker, "worker.init"), 320, 330);
    timeline_fixture_free(&fixture);
}

/* Without its own code's begin the interpreter's start can't be told from the program's work. */
static void a_script_of_which_nothing_is_seen(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_track *track;

    (void)state;
    timeline_fixture_build(&fixture,
                           "1 session.begin command=[\"py\"] directory=\"/\"\n"
                           "100 process.exec executable=\"/py\"\n"
                           "100 interpreter version=\"3.16\" coverage=\"refused\" reason=\"new\"\n"
                           "900 process.exit code=0\n");
    track = only_track(&fixture);
    assert_int_equal(track->phase_count, 0);
    assert_int_equal(track->total_ns, 800);
    assert_int_equal(track->unattributed_ns, 800);
    timeline_fixture_free(&fixture);
}

static void a_script_that_imports_nothing(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_track *track;

    (void)state;
    timeline_fixture_build(&fixture,
                           "1 session.begin command=[\"py\"] directory=\"/\"\n"
                           "100 process.exec executable=\"/py\"\n"
                           "100 interpreter version=\"3.11\" coverage=\"from start\"\n"
                           "120 body.begin name=\"__main__\" file=\"/m.py\" stack=90 own=1\n"
                           /* of a thread, and so not the script's own */
                           "130 import.begin pid=1 tid=2 name=\"a\" stack=80\n"
                           "140 import.end pid=1 tid=2 stack=80\n"
                           "900 process.exit code=0\n");
    track = only_track(&fixture);
    assert_phase(timeline_phase(track, "worker", 0), 100, 120);
    assert_int_equal(track->total_ns, 20);
    assert_int_equal(track->phase_count, 1);
    timeline_fixture_free(&fixture);
}

static void what_is_no_python_has_no_track(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "1 session.begin command=[\"true\"] directory=\"/\"\n"
                                     "100 process.exec executable=\"/bin/true\"\n"
                                     "110 process.exit code=0\n");
    assert_int_equal(fixture.timeline->track_count, 0);
    timeline_fixture_free(&fixture);
}

/* thaw forks the command itself and holds it back until all probes are there. */
static void the_command_starts_with_its_exec(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_track *track;

    (void)state;
    timeline_fixture_build(&fixture,
                           "1 session.begin command=[\"py\"] directory=\"/\"\n"
                           "10 process.fork parent=77\n"
                           "100 process.exec executable=\"/py\"\n"
                           "100 interpreter version=\"3.11\" coverage=\"from start\"\n"
                           "120 body.begin name=\"__main__\" file=\"/m.py\" stack=90 own=1\n");
    track = only_track(&fixture);
    assert_int_equal(track->start_ns, 100);
    assert_string_equal(timeline_phase(track, "worker", 0)->evidence[0], "exec 1");
    assert_int_equal(timeline_process(&fixture, 1, 0)->start_ns, 10);
    timeline_fixture_free(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_that_never_connects),
        cmocka_unit_test(a_worker_without_its_app),
        cmocka_unit_test(an_unknown_app_leaves_worker_and_ready),
        cmocka_unit_test(an_init_without_an_answer),
        cmocka_unit_test(import_is_cut_by_what_it_happens_in),
        cmocka_unit_test(without_imports_only_what_was_observed),
        cmocka_unit_test(responses_find_their_requests),
        cmocka_unit_test(the_headline_answered_first),
        cmocka_unit_test(a_worker_that_connects_twice),
        cmocka_unit_test(a_script_of_which_nothing_is_seen),
        cmocka_unit_test(a_script_that_imports_nothing),
        cmocka_unit_test(what_is_no_python_has_no_track),
        cmocka_unit_test(the_command_starts_with_its_exec),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
