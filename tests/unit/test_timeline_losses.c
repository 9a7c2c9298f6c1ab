/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "timeline_fixture.h"

#define SESSION "1 session.begin backend=\"ebpf\" command=[\"c\"] directory=\"/\"\n"

static const struct thaw_loss *loss_of(const struct timeline_fixture *fixture, const char *cause)
{
    for (size_t i = 0; i < fixture->timeline->loss_count; i++)
        if (!strcmp(fixture->timeline->losses[i].cause, cause))
            return &fixture->timeline->losses[i];
    fail_msg("no loss called %s", cause);
    return NULL;
}

static bool sees_not(const struct timeline_fixture *fixture, const char *what)
{
    for (size_t i = 0; i < fixture->timeline->not_visible_count; i++)
        if (strstr(fixture->timeline->not_visible[i].what, what))
            return true;
    return false;
}

static void what_capture_lost_is_passed_on(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture,
                           SESSION "10 process.exec executable=\"/a\"\n"
                                   "20 loss pid=1 cause=\"ring-buffer-full\" count=3 what=\"w\"\n");
    assert_false(fixture.timeline->complete);
    assert_int_equal(loss_of(&fixture, "ring-buffer-full")->count, 3);
    assert_int_equal(loss_of(&fixture, "ring-buffer-full")->process, 1);
    assert_string_equal(loss_of(&fixture, "ring-buffer-full")->what, "w");
    timeline_fixture_free(&fixture);
}

static void a_file_that_was_cut_says_so(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture,
                           "recording finished=0 defect=\"byte 9: cut\" unknown_kinds=2\n" SESSION);
    assert_non_null(strstr(loss_of(&fixture, "recording-damaged")->what, "byte 9: cut"));
    assert_int_equal(timeline_lost(&fixture, "recording-unfinished"), 1);
    assert_int_equal(timeline_lost(&fixture, "unknown-kinds"), 2);
    timeline_fixture_free(&fixture);
}

static void interpreters_not_covered_are_named(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(
        &fixture,
        SESSION "10 interpreter pid=1 version=\"3.11\" coverage=\"from start\"\n"
                "10 interpreter pid=2 version=\"3.16\" coverage=\"refused\" reason=\"too new\"\n"
                "10 interpreter pid=3 version=\"3.12\" coverage=\"late\"\n"
                "10 interpreter pid=4 version=\"3.13\"\n");
    assert_int_equal(fixture.timeline->loss_count, 2);
    assert_string_equal(loss_of(&fixture, "interpreter-refused")->what,
                        "imports of Python 3.16 in process 2 were not recorded: too new");
    assert_int_equal(loss_of(&fixture, "interpreter-refused")->process, 2);
    assert_string_equal(loss_of(&fixture, "interpreter-late")->what,
                        "imports of Python 3.12 in process 3 were recorded from some point on "
                        "only: reason not told");
    timeline_fixture_free(&fixture);
}

/* What can't be had on this kernel, in this build or by this backend was never to be seen. */
static void probes_that_failed_are_losses_those_missing_are_not(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, SESSION
                           "2 probe name=\"a\" status=\"attached\"\n"
                           "3 probe name=\"b\" target=\"/t\" status=\"failed\" without=\"x\"\n"
                           "4 probe name=\"c\" status=\"missing\" without=\"y\"\n");
    assert_int_equal(fixture.timeline->loss_count, 1);
    assert_string_equal(loss_of(&fixture, "probe-not-attached")->what,
                        "the probe b could not be attached to /t: not recorded are x");
    timeline_fixture_free(&fixture);
}

static void the_import_report_has_its_own_blind_spots(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "1 session.begin backend=\"importtime\"\n"
                                     "3 probe name=\"b\" status=\"missing\" without=\"x\"\n");
    assert_true(fixture.timeline->complete);
    assert_true(sees_not(&fixture, "which imports failed"));
    timeline_fixture_free(&fixture);
}

/* A first reply ends the recording on purpose: what it does not wait for is not missed. */
static void after_the_reply_imports_may_go_on(void **state)
{
    struct timeline_fixture fixture;
    const char *const lines =
        SESSION "10 process.role role=\"worker\" platform=\"azure_functions\"\n"
                "20 message type=\"StartStream\" outgoing=1\n"
                "30 message type=\"InvocationRequest\" invocation_id=\"i\"\n"
                "40 message type=\"InvocationResponse\" invocation_id=\"i\"\n"
                "50 import.begin name=\"after\" stack=90\n"
                "60 session.end reason=\"first-reply\"\n";
    const char *const inside =
        SESSION "10 process.role role=\"worker\" platform=\"azure_functions\"\n"
                "20 message type=\"StartStream\" outgoing=1\n"
                "30 message type=\"InvocationRequest\" invocation_id=\"i\"\n"
                "35 import.begin name=\"inside\" stack=90\n"
                "40 message type=\"InvocationResponse\" invocation_id=\"i\"\n"
                "60 session.end reason=\"first-reply\"\n";

    (void)state;
    timeline_fixture_build(&fixture, lines);
    assert_int_equal(timeline_module(&fixture, "after", 0)->status, THAW_MODULE_UNFINISHED);
    assert_true(fixture.timeline->complete);
    timeline_fixture_free(&fixture);
    timeline_fixture_build(&fixture, inside);
    assert_int_equal(timeline_lost(&fixture, "imports-unfinished"), 1);
    timeline_fixture_free(&fixture);
}

static void what_is_outside_is_not_visible(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, SESSION
                           "10 process.role pid=2 role=\"worker\" platform=\"azure_functions\"\n");
    assert_true(sees_not(&fixture, "allocation of the VM"));
    assert_int_equal(fixture.timeline->not_visible[0].typical_ns, 200000000);
    assert_true(sees_not(&fixture, "the start of the host"));
    timeline_fixture_free(&fixture);
    timeline_fixture_build(&fixture,
                           SESSION "9 process.exec pid=1 executable=\"/h\"\n"
                                   "10 process.fork pid=2 parent=1\n"
                                   "10 process.role pid=2 role=\"worker\" platform=\"other\"\n");
    assert_int_equal(fixture.timeline->not_visible_count, 0);
    timeline_fixture_free(&fixture);
}

static void workers_that_ran_before_are_said(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture,
                           "1 session.begin backend=\"ebpf\"\n"
                           "2 process.present pid=1 parent=0 start_ns=1 executable=\"/py\"\n"
                           "2 process.role role=\"worker\" platform=\"azure_functions\"\n"
                           "30 message type=\"InvocationRequest\" invocation_id=\"i\"\n"
                           "40 message type=\"InvocationResponse\" invocation_id=\"i\"\n");
    assert_int_equal(loss_of(&fixture, "start-not-seen")->process, 1);
    assert_false(fixture.timeline->tracks[0].answered);
    assert_false(fixture.timeline->invocations[0].cold);
    assert_int_equal(fixture.timeline->tracks[0].total_ns, 0);
    timeline_fixture_free(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_capture_lost_is_passed_on),
        cmocka_unit_test(a_file_that_was_cut_says_so),
        cmocka_unit_test(interpreters_not_covered_are_named),
        cmocka_unit_test(probes_that_failed_are_losses_those_missing_are_not),
        cmocka_unit_test(the_import_report_has_its_own_blind_spots),
        cmocka_unit_test(after_the_reply_imports_may_go_on),
        cmocka_unit_test(what_is_outside_is_not_visible),
        cmocka_unit_test(workers_that_ran_before_are_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
