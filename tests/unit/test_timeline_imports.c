/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "timeline_fixture.h"

static void assert_parent(const struct timeline_fixture *fixture, const char *child,
                          const char *parent)
{
    assert_int_equal(timeline_module(fixture, child, 0)->parent,
                     timeline_module(fixture, parent, 0)->id);
}

static void times_are_split(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_module *module;

    (void)state;
    timeline_fixture_build(&fixture,
                           "100 import.begin name=\"a\" stack=90\n"
                           /* before the code: a parent package, a library, a collection */
                           "110 import.begin name=\"p\" stack=80\n"
                           "115 import.end stack=80\n"
                           "120 dlopen.begin path=\"x.so\" stack=80\n"
                           "127 dlopen.end stack=80\n"
                           "130 gc.begin stack=80\n"
                           "133 gc.end stack=80\n"
                           "140 body.begin file=\"/a.py\" stack=89\n"
                           /* and the same inside the code */
                           "150 import.begin name=\"b\" stack=80\n"
                           "160 import.end stack=80\n"
                           "170 dlopen.begin path=\"y.so\" stack=80\n"
                           "175 dlopen.end stack=80\n"
                           "180 gc.begin stack=80\n"
                           "184 gc.end stack=80\n"
                           "200 import.end stack=90\n");
    module = timeline_module(&fixture, "a", 0);
    assert_int_equal(module->total_ns, 100);
    assert_int_equal(module->self_ns, 100 - 5 - 10 - 3 - 4);
    assert_int_equal(module->parts[THAW_PART_DLOPEN].ns, 7 + 5);
    assert_int_equal(module->gc_ns, 3 + 4);
    assert_int_equal(module->parts[THAW_PART_EXECUTE].ns, 60 - 10 - 5 - 4);
    assert_int_equal(module->body_ns, 140);
    timeline_fixture_free(&fixture);
}

/* A constructor that imports, a library that loads a library, a collection in either. */
static void frames_inside_dlopen_are_taken_out(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_module *module;

    (void)state;
    timeline_fixture_build(&fixture, "100 import.begin name=\"a\" stack=90\n"
                                     "110 dlopen.begin path=\"/a.so\" stack=80\n"
                                     "120 dlopen.begin path=\"/z.so\" stack=70\n"
                                     "125 import.begin name=\"inner\" stack=60\n"
                                     "135 gc.begin stack=50\n"
                                     "136 gc.end stack=50\n"
                                     "145 import.end stack=60\n"
                                     "150 dlopen.end stack=70\n"
                                     "152 gc.begin stack=50\n"
                                     "154 gc.end stack=50\n"
                                     "160 dlopen.end stack=80\n"
                                     "200 import.end stack=90\n");
    module = timeline_module(&fixture, "a", 0);
    assert_int_equal(module->parts[THAW_PART_DLOPEN].ns, 50 - 20 - 2);
    assert_int_equal(module->gc_ns, 2);
    assert_int_equal(module->self_ns, 78);
    assert_string_equal(module->kind, "extension");
    assert_int_equal(timeline_module(&fixture, "inner", 0)->gc_ns, 1);
    assert_parent(&fixture, "inner", "a");
    timeline_fixture_free(&fixture);
}

/* A finalizer that imports while garbage is collected. */
static void imports_inside_a_collection_are_taken_out(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "100 import.begin name=\"a\" stack=90\n"
                                     "110 gc.begin stack=80\n"
                                     "115 import.begin name=\"b\" stack=70\n"
                                     "125 import.end stack=70\n"
                                     "130 gc.end stack=80\n"
                                     "150 import.end stack=90\n");
    assert_int_equal(timeline_module(&fixture, "a", 0)->gc_ns, 10);
    assert_int_equal(timeline_module(&fixture, "a", 0)->self_ns, 30);
    assert_parent(&fixture, "b", "a");
    timeline_fixture_free(&fixture);
}

static void a_stack_pointer_closes_what_is_over(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "100 import.begin name=\"a\" stack=90\n"
                                     "110 import.begin name=\"b\" stack=80\n"
                                     /* at b's own place: b is over */
                                     "120 import.begin name=\"c\" stack=80\n"
                                     /* above c's */
                                     "130 dlopen.begin path=\"\" stack=85\n"
                                     "131 dlopen.end stack=85\n"
                                     "140 import.begin name=\"d\" stack=70\n"
                                     "150 gc.begin stack=75\n"
                                     "151 gc.end stack=75\n"
                                     "160 import.begin name=\"e\" stack=70\n"
                                     "170 body.begin name=\"f\" file=\"/f.py\" stack=72 own=1\n"
                                     "180 body.end stack=72\n"
                                     "200 import.end stack=90\n");
    assert_true(timeline_module(&fixture, "b", 0)->end_inferred);
    assert_int_equal(timeline_module(&fixture, "b", 0)->total_ns, 10);
    assert_true(timeline_module(&fixture, "c", 0)->end_inferred);
    assert_int_equal(timeline_module(&fixture, "c", 0)->total_ns, 10);
    assert_true(timeline_module(&fixture, "d", 0)->end_inferred);
    assert_int_equal(timeline_module(&fixture, "d", 0)->total_ns, 10);
    assert_true(timeline_module(&fixture, "e", 0)->end_inferred);
    assert_false(timeline_module(&fixture, "f", 0)->end_inferred);
    assert_parent(&fixture, "f", "a");
    assert_false(timeline_module(&fixture, "a", 0)->end_inferred);
    assert_int_equal(timeline_module(&fixture, "b", 0)->status, THAW_MODULE_LOADED);
    timeline_fixture_free(&fixture);
}

static void an_end_of_another_kind_is_not_its_own(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "100 import.begin name=\"a\" stack=90\n"
                                     "110 dlopen.end stack=90 failed=1\n"
                                     "120 import.end stack=90\n");
    assert_true(timeline_module(&fixture, "a", 0)->end_inferred);
    assert_int_equal(timeline_module(&fixture, "a", 0)->status, THAW_MODULE_LOADED);
    assert_int_equal(timeline_lost(&fixture, "begin-missing"), 2);
    assert_false(fixture.timeline->complete);
    timeline_fixture_free(&fixture);
}

static void ends_without_a_begin_are_counted(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "90 import.end stack=10\n"
                                     "100 import.begin name=\"a\" stack=90\n"
                                     "110 body.end stack=80\n"
                                     "120 import.end stack=90\n");
    assert_int_equal(timeline_lost(&fixture, "begin-missing"), 2);
    assert_int_equal(timeline_module(&fixture, "a", 0)->total_ns, 20);
    timeline_fixture_free(&fixture);
}

static void a_body_belongs_to_the_innermost_import_only(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture,
                           /* nobody's */
                           "90 body.begin file=\"/x.py\" stack=95\n"
                           "100 import.begin name=\"a\" stack=90\n"
                           /* of another name */
                           "105 body.begin name=\"z\" file=\"/z.py\" stack=89\n"
                           "110 body.begin name=\"a\" file=\"/a.py\" stack=89\n"
                           /* a second one: its import's begin was lost */
                           "115 body.begin file=\"/y.py\" stack=79\n"
                           "120 import.end stack=90\n");
    assert_int_equal(timeline_module(&fixture, "a", 0)->body_ns, 110);
    assert_string_equal(timeline_module(&fixture, "a", 0)->file, "/a.py");
    assert_int_equal(fixture.timeline->module_count, 1);
    timeline_fixture_free(&fixture);
}

static void code_that_is_no_module_is_passed_through(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture,
                           "80 body.begin file=\"<frozen getpath>\" stack=95 own=1\n"
                           "81 body.end stack=95\n"
                           "82 body.begin name=\"_frozen_importlib\" file=\"<frozen "
                           "importlib._bootstrap>\" stack=95 own=1\n"
                           "83 body.end stack=95\n"
                           "100 import.begin name=\"a\" stack=90\n"
                           "101 body.begin file=\"/a.py\" stack=89\n"
                           /* runpy inside a module: what it runs imports for that module */
                           "110 body.begin name=\"__main__\" file=\"/tool.py\" stack=80 own=1\n"
                           "111 import.begin name=\"b\" stack=70\n"
                           "112 import.end stack=70\n"
                           "113 dlopen.begin path=\"/l.so\" stack=70\n"
                           "115 dlopen.end stack=70\n"
                           "116 gc.begin stack=70\n"
                           "117 gc.end stack=70\n"
                           "120 body.end stack=80\n"
                           "121 body.begin file=\"/unreadable.py\" stack=80 own=1\n"
                           "122 body.end stack=80 failed=1\n"
                           "123 body.begin name=\"namedtuple_X\" file=\"<string>\" stack=80 own=1\n"
                           "124 body.end stack=80\n"
                           "130 import.end stack=90\n"
                           /* a module that is frozen and reached by import_module is one */
                           "140 body.begin name=\"this\" file=\"<frozen this>\" stack=90 own=1\n"
                           "150 body.end stack=90\n");
    assert_int_equal(fixture.timeline->module_count, 3);
    assert_parent(&fixture, "b", "a");
    assert_int_equal(timeline_module(&fixture, "a", 0)->parts[THAW_PART_DLOPEN].ns, 2);
    assert_int_equal(timeline_module(&fixture, "a", 0)->gc_ns, 1);
    assert_int_equal(timeline_module(&fixture, "a", 0)->self_ns, 28);
    assert_string_equal(timeline_module(&fixture, "this", 0)->via, "import_module");
    assert_string_equal(timeline_module(&fixture, "this", 0)->kind, "frozen");
    assert_int_equal(timeline_lost(&fixture, "begin-missing"), 0);
    timeline_fixture_free(&fixture);
}

static void an_import_without_a_body_yet_has_implicit_parents_only(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "100 import.begin name=\"a.b.c\" stack=90\n"
                                     "101 import.begin name=\"a.b\" stack=80\n"
                                     "102 import.begin name=\"a\" stack=70\n"
                                     "103 import.end stack=70\n"
                                     "104 body.begin file=\"/a/b/__init__.py\" stack=79\n"
                                     /* a.b's code imports a.b.c's prefix again: ordinary */
                                     "105 import.begin name=\"a\" stack=70\n"
                                     "106 import.end stack=70\n"
                                     "107 import.end stack=80\n"
                                     /* a.b.c has no code yet, but "a.bc" is no package of it */
                                     "108 import.begin name=\"a.b.\" stack=80\n"
                                     "109 import.end stack=80\n"
                                     "110 import.begin name=\"\" stack=80\n"
                                     "111 import.end stack=80\n"
                                     "120 import.end stack=90\n");
    assert_string_equal(timeline_module(&fixture, "a.b.c", 0)->via, "statement");
    assert_string_equal(timeline_module(&fixture, "a.b", 0)->via, "implicit parent");
    assert_string_equal(timeline_module(&fixture, "a", 0)->via, "implicit parent");
    assert_string_equal(timeline_module(&fixture, "a", 1)->via, "statement");
    assert_string_equal(timeline_module(&fixture, "a.b.", 0)->via, "statement");
    assert_string_equal(timeline_module(&fixture, "", 0)->via, "statement");
    timeline_fixture_free(&fixture);
}

static void what_an_exec_or_exit_cuts_off_is_unfinished(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture,
                           "50 process.exec executable=\"/py\"\n"
                           "100 import.begin name=\"a\" stack=90\n"
                           "105 import.begin pid=1 tid=2 name=\"t\" "
                           "stack=90\n"
                           "110 process.exec executable=\"/py\"\n"
                           /* the old end can't come any more; the new program begins anew */
                           "120 import.begin name=\"b\" stack=95\n"
                           "130 process.exit code=0\n");
    assert_int_equal(timeline_module(&fixture, "a", 0)->status, THAW_MODULE_UNFINISHED);
    assert_int_equal(timeline_module(&fixture, "a", 0)->total_ns, 10);
    assert_int_equal(timeline_module(&fixture, "t", 0)->total_ns, 5);
    assert_int_equal(timeline_module(&fixture, "b", 0)->total_ns, 10);
    assert_int_equal(timeline_module(&fixture, "b", 0)->parent, 0);
    assert_true(fixture.timeline->complete);
    timeline_fixture_free(&fixture);
}

/* Up to the last instant that was observed; closing the recording takes longer. */
static void what_still_runs_at_the_end_is_unfinished(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "100 import.begin name=\"a\" stack=90\n"
                                     "110 import.begin name=\"b\" stack=80\n"
                                     "150 cost events=2\n"
                                     "160 library pid=1 path=\"/l.so\"\n"
                                     "170 inventory.file path=\"/a\"\n"
                                     "500 session.end reason=\"interrupted\"\n");
    assert_int_equal(timeline_module(&fixture, "a", 0)->status, THAW_MODULE_UNFINISHED);
    assert_int_equal(timeline_module(&fixture, "a", 0)->total_ns, 50);
    assert_int_equal(timeline_module(&fixture, "a", 0)->self_ns, 10);
    assert_int_equal(timeline_lost(&fixture, "imports-unfinished"), 2);
    timeline_fixture_free(&fixture);
}

static void the_import_report_gives_parents_and_times(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(
        &fixture, "1000000 process.exec executable=\"/py\"\n"
                  "1500000 import.timed name=\"a.b\" depth=1 self_ns=100000 total_ns=100000\n"
                  "1600000 import.timed name=\"a.b.c\" depth=2 self_ns=50000 total_ns=50000\n"
                  "1700000 import.timed name=\"a\" depth=1 self_ns=150000 total_ns=200000\n"
                  "1800000 import.timed name=\"a.d\" self_ns=200000 total_ns=500000\n"
                  /* another process in between */
                  "1900000 import.timed pid=2 tid=2 name=\"z\" self_ns=900000 total_ns=900000\n"
                  /* longer than the process is old */
                  "2000000 import.timed name=\"e\" self_ns=1500000 total_ns=1500000\n");
    assert_parent(&fixture, "a.b", "a.d");
    assert_parent(&fixture, "a", "a.d");
    assert_parent(&fixture, "a.b.c", "a");
    assert_string_equal(timeline_module(&fixture, "a", 0)->via, "implicit parent");
    assert_string_equal(timeline_module(&fixture, "a.b", 0)->via, "statement");
    assert_int_equal(timeline_module(&fixture, "a.d", 0)->self_ns, 200000);
    assert_int_equal(timeline_module(&fixture, "a.d", 0)->start_ns, 1300000);
    assert_false(timeline_module(&fixture, "a.d", 0)->timed);
    assert_int_equal(timeline_module(&fixture, "e", 0)->start_ns, 1000000);
    assert_int_equal(timeline_module(&fixture, "e", 0)->total_ns, 1500000);
    /* the second process is known from this line alone: its start is no limit */
    assert_int_equal(timeline_module(&fixture, "z", 0)->start_ns, 1000000);
    assert_int_equal(timeline_lost(&fixture, "import-times-no-sum"), 0);
    timeline_fixture_free(&fixture);
}

/* Of threads that import at once a line's own time is not what is left of its total. */
static void own_time_is_not_more_than_the_import_report_says(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture,
                           "1000000 import.timed name=\"a\" depth=1 self_ns=6000 total_ns=6000\n"
                           "1000000 import.timed name=\"more\" self_ns=9000 total_ns=90000\n"
                           "1000000 import.timed name=\"less\" self_ns=90000 total_ns=9000\n");
    assert_int_equal(timeline_module(&fixture, "more", 0)->self_ns, 9000);
    assert_int_equal(timeline_module(&fixture, "less", 0)->self_ns, 9000);
    assert_int_equal(timeline_lost(&fixture, "import-times-no-sum"), 2);
    timeline_fixture_free(&fixture);
}

static void rounding_in_the_import_report_is_no_fault_of_the_clock(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture,
                           "1000000 import.timed name=\"a\" depth=1 total_ns=6000\n"
                           "1000000 import.timed name=\"b\" depth=1 total_ns=6000\n"
                           "1000000 import.timed name=\"fine\" total_ns=10000\n"
                           "1000000 import.timed name=\"c\" depth=1 total_ns=18446744073709551615\n"
                           "1000000 import.timed name=\"bad\" total_ns=10000\n");
    assert_int_equal(timeline_module(&fixture, "fine", 0)->self_ns, 0);
    assert_int_equal(timeline_module(&fixture, "bad", 0)->self_ns, 0);
    assert_int_equal(timeline_lost(&fixture, "clock"), 1);
    timeline_fixture_free(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_split),
        cmocka_unit_test(frames_inside_dlopen_are_taken_out),
        cmocka_unit_test(imports_inside_a_collection_are_taken_out),
        cmocka_unit_test(a_stack_pointer_closes_what_is_over),
        cmocka_unit_test(an_end_of_another_kind_is_not_its_own),
        cmocka_unit_test(ends_without_a_begin_are_counted),
        cmocka_unit_test(a_body_belongs_to_the_innermost_import_only),
        cmocka_unit_test(code_that_is_no_module_is_passed_through),
        cmocka_unit_test(an_import_without_a_body_yet_has_implicit_parents_only),
        cmocka_unit_test(what_an_exec_or_exit_cuts_off_is_unfinished),
        cmocka_unit_test(what_still_runs_at_the_end_is_unfinished),
        cmocka_unit_test(the_import_report_gives_parents_and_times),
        cmocka_unit_test(own_time_is_not_more_than_the_import_report_says),
        cmocka_unit_test(rounding_in_the_import_report_is_no_fault_of_the_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
