/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "timeline_fixture.h"

#define WORKER                                                                                     \
    "100 process.exec executable=\"/py\"\n"                                                        \
    "100 process.role role=\"worker\" platform=\"azure_functions\" directory=\"/w\"\n"             \
    "100 interpreter version=\"3.11.2\" coverage=\"from start\"\n"                                 \
    "300 message type=\"StartStream\" outgoing=1\n"                                                \
    "310 message type=\"WorkerInitRequest\" directory=\"/app\"\n"

static const struct thaw_failure *only_failure(const struct timeline_fixture *fixture)
{
    assert_int_equal(fixture->timeline->failure_count, 1);
    return &fixture->timeline->failures[0];
}

/* One optional import is missing and does no harm; another one of the app's takes it down. */
static void the_import_that_raised_last_is_named(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_failure *failure;

    (void)state;
    timeline_fixture_build(
        &fixture,
        WORKER "320 body.begin name=\"function_app\" file=\"/app/function_app.py\" stack=90 own=1\n"
               "330 import.begin name=\"optional\" stack=80\n"
               "331 import.end stack=80 failed=1\n"
               "340 import.begin name=\"helper\" stack=80\n"
               "341 body.begin name=\"helper\" file=\"/app/helper.py\" stack=75\n"
               "345 import.begin name=\"tried\" stack=70\n"
               "346 import.end stack=70 failed=1\n"
               "350 import.begin name=\"missing\" stack=70\n"
               "355 import.end stack=70 failed=1\n"
               "360 import.end stack=80 failed=1\n"
               "365 body.end stack=90 failed=1\n"
               "370 import.begin name=\"traceback\" stack=90\n"
               "372 import.begin name=\"of_no_matter\" stack=80\n"
               "373 import.end stack=80 failed=1\n"
               "375 import.end stack=90\n"
               "400 message type=\"WorkerInitResponse\" outgoing=1 status=\"failure\" "
               "failure=\"ModuleNotFoundError\"\n");
    failure = only_failure(&fixture);
    assert_string_equal(failure->status, "failure");
    assert_string_equal(failure->exception, "ModuleNotFoundError");
    assert_int_equal(failure->module, timeline_module(&fixture, "missing", 0)->id);
    assert_non_null(strstr(failure->words, "not among what was deployed"));
    assert_int_equal(failure->waited_ns, 0);
    timeline_fixture_free(&fixture);
}

static void an_annotation_has_no_import_to_blame(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(
        &fixture,
        WORKER "320 body.begin name=\"function_app\" file=\"/app/function_app.py\" stack=90 own=1\n"
               "330 import.begin name=\"optional\" stack=80\n"
               "331 import.end stack=80 failed=1\n"
               "365 body.end stack=90\n"
               "400 message type=\"WorkerInitResponse\" outgoing=1 status=\"failure\" "
               "failure=\"NameError\"\n");
    assert_int_equal(only_failure(&fixture)->module, 0);
    assert_non_null(strstr(only_failure(&fixture)->words, "takes the whole app"));
    timeline_fixture_free(&fixture);
}

static void a_worker_that_ends_owes_its_answer(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_failure *failure;

    (void)state;
    timeline_fixture_build(&fixture, WORKER "900 process.exit signal=9\n");
    failure = only_failure(&fixture);
    assert_string_equal(failure->status, "unanswered");
    assert_string_equal(failure->message, "WorkerInitResponse");
    assert_int_equal(failure->time_ns, 900);
    assert_int_equal(failure->waited_ns, 590);
    assert_string_equal(failure->words, "");
    timeline_fixture_free(&fixture);
}

/* One that still runs owes nothing until its host has given up. */
static void a_worker_that_runs_has_its_hosts_patience(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, WORKER "20000000000 session.end reason=\"duration\"\n");
    assert_int_equal(fixture.timeline->failure_count, 0);
    timeline_fixture_free(&fixture);

    timeline_fixture_build(&fixture, WORKER "31000000000 message type=\"WorkerStatusRequest\"\n"
                                            "31000000001 session.end reason=\"duration\"\n");
    assert_non_null(strstr(only_failure(&fixture)->words, "Flex Consumption"));
    timeline_fixture_free(&fixture);

    timeline_fixture_build(&fixture, WORKER "70000000000 message type=\"WorkerStatusRequest\"\n"
                                            "70000000001 session.end reason=\"duration\"\n");
    assert_non_null(strstr(only_failure(&fixture)->words, "60 s"));
    timeline_fixture_free(&fixture);
}

/* All are asked for at once; the answer of the first comes after the second was tried, too. */
static void each_function_lacks_its_own(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_failure *failures;

    (void)state;
    timeline_fixture_build(
        &fixture,
        WORKER "320 message type=\"WorkerInitResponse\" outgoing=1 status=\"success\"\n"
               "330 message type=\"FunctionLoadRequest\" function_id=\"a\" directory=\"/app/A\"\n"
               "331 message type=\"FunctionLoadRequest\" function_id=\"b\" directory=\"/app/B\"\n"
               "332 message type=\"FunctionLoadRequest\" function_id=\"c\" directory=\"/app/C\"\n"
               "333 message type=\"FunctionLoadRequest\" function_id=\"d\" directory=\"/app/D\"\n"
               "340 body.begin name=\"__app__.A\" file=\"/app/A/__init__.py\" stack=90 own=1\n"
               "341 import.begin name=\"lacks\" stack=80\n"
               "342 import.end stack=80 failed=1\n"
               "343 body.end stack=90 failed=1\n"
               "350 body.begin name=\"__app__.B\" file=\"/app/B/__init__.py\" stack=90 own=1\n"
               "351 import.begin name=\"too\" stack=80\n"
               "352 import.end stack=80 failed=1\n"
               "353 body.end stack=90 failed=1\n"
               "360 message type=\"FunctionLoadResponse\" outgoing=1 function_id=\"a\" "
               "status=\"failure\" failure=\"ModuleNotFoundError\"\n"
               "361 message type=\"FunctionLoadResponse\" outgoing=1 function_id=\"b\" "
               "status=\"failure\" failure=\"ModuleNotFoundError\"\n"
               "370 body.begin name=\"__app__.C\" file=\"/app/C/__init__.py\" stack=90 own=1\n"
               "371 body.end stack=90\n"
               "372 message type=\"FunctionLoadResponse\" outgoing=1 function_id=\"c\" "
               "status=\"failure\" failure=\"RuntimeError\"\n"
               "380 import.begin name=\"__app__.D.script\" stack=90\n"
               "381 import.end stack=90 failed=1\n"
               "382 message type=\"FunctionLoadResponse\" outgoing=1 function_id=\"d\" "
               "status=\"failure\" failure=\"ModuleNotFoundError\"\n");
    failures = fixture.timeline->failures;
    assert_int_equal(fixture.timeline->failure_count, 4);
    assert_int_equal(failures[0].module, timeline_module(&fixture, "lacks", 0)->id);
    assert_int_equal(failures[1].module, timeline_module(&fixture, "too", 0)->id);
    assert_int_equal(failures[2].module, 0);
    assert_int_equal(failures[3].module, timeline_module(&fixture, "__app__.D.script", 0)->id);
    timeline_fixture_free(&fixture);
}

static void a_function_is_named(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(
        &fixture,
        WORKER "320 message type=\"WorkerInitResponse\" outgoing=1 status=\"success\"\n"
               "330 function function_id=\"f\" name=\"analyze\"\n"
               "340 message type=\"InvocationRequest\" function_id=\"f\" invocation_id=\"i\"\n"
               "350 message type=\"InvocationResponse\" outgoing=1 function_id=\"f\" "
               "invocation_id=\"i\" status=\"failure\" failure=\"KeyError\"\n"
               "360 message type=\"InvocationRequest\" function_id=\"f\" invocation_id=\"j\"\n"
               "390 process.exit code=1\n");
    assert_int_equal(fixture.timeline->failure_count, 2);
    assert_string_equal(fixture.timeline->failures[0].exception, "KeyError");
    assert_string_equal(fixture.timeline->failures[0].words, "");
    assert_string_equal(fixture.timeline->failures[1].function, "analyze");
    assert_int_equal(fixture.timeline->failures[1].waited_ns, 30);
    timeline_fixture_free(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_import_that_raised_last_is_named),
        cmocka_unit_test(an_annotation_has_no_import_to_blame),
        cmocka_unit_test(a_worker_that_ends_owes_its_answer),
        cmocka_unit_test(a_worker_that_runs_has_its_hosts_patience),
        cmocka_unit_test(each_function_lacks_its_own),
        cmocka_unit_test(a_function_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
