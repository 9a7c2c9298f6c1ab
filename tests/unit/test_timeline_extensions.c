/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Extension and builtin modules that importlib.import_module loads: only what they do themselves is
 * seen (src/timeline/extension_modules.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "timeline_fixture.h"

#define FAST "/s/_fast.cpython-311-x86_64-linux-gnu.so"

/* A program's module, from 100 to 200, whose code asks for others by import_module. */
#define APP_BEGINS                                                                                 \
    "100 import.begin name=\"app\" stack=90\n"                                                     \
    "101 body.begin name=\"app\" file=\"/app/app.py\" stack=89\n"
#define APP_ENDS "200 import.end stack=90\n"

static struct timeline_fixture fixture;

static void build(const char *lines)
{
    char text[4096];

    assert_true((size_t)snprintf(text, sizeof(text), "%s%s%s", APP_BEGINS, lines, APP_ENDS) <
                sizeof(text));
    timeline_fixture_build(&fixture, text);
}

static int end(void **state)
{
    (void)state;
    timeline_fixture_free(&fixture);
    return 0;
}

static const struct thaw_module *module(const char *name)
{
    return timeline_module(&fixture, name, 0);
}

static void assert_parent(const char *child, const char *parent)
{
    assert_int_equal(module(child)->parent, module(parent)->id);
}

/* start, total, self and dlopen time. */
static void assert_times(const char *name, uint64_t start, uint64_t total, uint64_t self,
                         uint64_t dlopen)
{
    const struct thaw_module *found = module(name);

    if (found->start_ns != start || found->total_ns != total || found->self_ns != self ||
        found->parts[THAW_PART_DLOPEN].ns != dlopen)
        fail_msg("%s: start %d, total %d, self %d, dlopen %d", name, (int)found->start_ns,
                 (int)found->total_ns, (int)found->self_ns, (int)found->parts[THAW_PART_DLOPEN].ns);
}

static void an_extension_begins_with_its_library(void **state)
{
    (void)state;
    build("110 dlopen.begin path=\"" FAST "\" stack=70\n"
          "115 dlopen.end stack=70\n"
          "120 module.init name=\"_fast\" stack=60\n"
          "125 import.begin name=\"inner\" stack=50\n"
          "130 import.end stack=50\n"
          "140 module.init.end stack=60\n");
    assert_int_equal(fixture.timeline->module_count, 3);
    assert_times("_fast", 110, 30, 25, 5);
    assert_times("app", 100, 100, 70, 0);
    assert_parent("_fast", "app");
    assert_parent("inner", "_fast");
    assert_string_equal(module("_fast")->via, "import_module");
    assert_string_equal(module("_fast")->kind, "extension");
    assert_int_equal(module("_fast")->status, THAW_MODULE_LOADED);
    assert_false(module("_fast")->end_inferred);
}

/* A constructor in the library imports, then what calls its init function, then that itself. */
static void what_began_since_its_library_is_below_it(void **state)
{
    (void)state;
    build("105 import.begin name=\"before\" stack=70\n"
          "109 import.end stack=70\n"
          "110 dlopen.begin path=\"" FAST "\" stack=70\n"
          "111 import.begin name=\"constructor\" stack=60\n"
          "114 import.end stack=60\n"
          "115 dlopen.end stack=70\n"
          "116 import.begin name=\"between\" stack=60\n"
          "119 import.end stack=60\n"
          "120 module.init name=\"_fast\" stack=60\n"
          "140 module.init.end stack=60\n");
    assert_parent("before", "app");
    assert_parent("constructor", "_fast");
    assert_parent("between", "_fast");
    assert_times("_fast", 110, 30, 30 - 3 - 3, 2);
    assert_times("app", 100, 100, 100 - 4 - 30, 0);
}

/* So is a collection, and another library: they lie in its time. */
static void what_else_happened_since_its_library_is_its_own(void **state)
{
    (void)state;
    build("105 gc.begin stack=70\n"
          "106 gc.end stack=70\n"
          "110 dlopen.begin path=\"" FAST "\" stack=70\n"
          "115 dlopen.end stack=70\n"
          "116 gc.begin stack=60\n"
          "119 gc.end stack=60\n"
          "120 module.init name=\"_fast\" stack=60\n"
          "140 module.init.end stack=60\n");
    assert_times("_fast", 110, 30, 27, 5);
    assert_int_equal(module("_fast")->gc_ns, 3);
    assert_int_equal(module("app")->gc_ns, 1);
    assert_times("app", 100, 100, 100 - 1 - 30, 0);
}

static void a_single_phase_module_ends_when_it_is_made(void **state)
{
    (void)state;
    build("110 dlopen.begin path=\"/s/_decimal.so\" stack=70\n"
          "115 dlopen.end stack=70\n"
          "120 module.init name=\"decimal\" single_phase=1 stack=60\n"
          "125 import.begin name=\"numbers\" stack=50\n"
          "130 import.end stack=50\n"
          "140 module.made name=\"_decimal\" stack=65\n"
          "150 import.begin name=\"after\" stack=50\n"
          "155 import.end stack=50\n");
    assert_times("_decimal", 110, 30, 25, 5);
    assert_parent("numbers", "_decimal");
    assert_parent("after", "app");
    assert_false(module("_decimal")->end_inferred);
}

/* Nothing tells that it is made (3.13 on): the next thing that its caller does shows it. */
static void without_that_it_ends_at_most_with_the_next_event(void **state)
{
    (void)state;
    build("110 dlopen.begin path=\"/s/_decimal.so\" stack=70\n"
          "115 dlopen.end stack=70\n"
          "120 module.init name=\"decimal\" single_phase=1 stack=60\n"
          "150 import.begin name=\"after\" stack=75\n"
          "155 import.end stack=75\n");
    assert_times("_decimal", 110, 40, 40, 5);
    assert_true(module("_decimal")->end_inferred);
    assert_parent("after", "app");
}

/* importlib runs the code of a single-phase module, too, which may be done often. */
static void code_of_a_module_that_is_made_is_no_other(void **state)
{
    static const char *const made[] = {"", "130 module.made name=\"_fast\" stack=65\n"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char lines[1024];

        timeline_fixture_free(&fixture);
        snprintf(lines, sizeof(lines),
                 "110 dlopen.begin path=\"" FAST "\" stack=70\n"
                 "115 dlopen.end stack=70\n"
                 "120 module.init name=\"_fast\" single_phase=1 stack=60\n"
                 "%s"
                 "140 module.init name=\"_fast\" stack=62\n"
                 "145 module.init.end stack=62\n",
                 made[i]);
        build(lines);
        assert_int_equal(fixture.timeline->module_count, 2);
        assert_int_equal(module("_fast")->total_ns, i ? 20 : 30);
        assert_int_equal(timeline_lost(&fixture, "begin-missing"), 0);
    }
}

struct naming {
    const char *library;    /* opened just before */
    const char *definition; /* what its author calls the module */
    const char *name;       /* what it is */
};

static void names_are_those_of_the_library_where_they_fit(void **state)
{
    static const struct naming rows[] = {
        {"/s/_decimal.so", "decimal", "_decimal"},
        {"/s/decimal.so", "_decimal", "decimal"},
        {"/s/fast.so", "package.fast", "package.fast"},
        {"/s/other.so", "fast", "fast"}, /* the library is another's */
        {"/s/package/_speedups.so", "speedups", "package._speedups"},
        {"/s/package/inner/_speedups.so", "_speedups", "package.inner._speedups"},
        {"/s/packages/_speedups.so", "_speedups", "_speedups"}, /* no package's folder */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char lines[1024];

        timeline_fixture_free(&fixture);
        snprintf(lines, sizeof(lines),
                 "102 import.begin name=\"package\" stack=70\n"
                 "103 body.begin name=\"package\" file=\"/s/package/__init__.py\" stack=69\n"
                 "104 import.begin name=\"package.inner\" stack=60\n"
                 "105 body.begin file=\"/s/package/inner/__init__.py\" stack=59\n"
                 "106 import.end stack=60\n"
                 "107 import.end stack=70\n"
                 "110 dlopen.begin path=\"%s\" stack=70\n"
                 "115 dlopen.end stack=70\n"
                 "120 module.init name=\"%s\" single_phase=1 stack=60\n",
                 rows[i].library, rows[i].definition);
        build(lines);
        assert_int_equal(fixture.timeline->module_count, 4);
        assert_int_equal(module(rows[i].name)->start_ns, i == 3 ? 120 : 110);
    }
}

static void a_builtin_module_begins_with_its_code(void **state)
{
    (void)state;
    build("120 module.init name=\"_bisect\" stack=60\n"
          "124 module.init.end stack=60\n");
    assert_int_equal(fixture.timeline->module_count, 2);
    assert_times("_bisect", 120, 4, 4, 0);
    assert_parent("_bisect", "app");
}

static void what_importlib_takes_for_itself_is_left_out(void **state)
{
    (void)state;
    build("110 module.init name=\"_imp\" stack=60\n"
          "111 module.init.end stack=60\n"
          "112 module.init name=\"_thread\" stack=60\n"
          "113 module.init.end stack=60\n"
          "114 module.init name=\"_warnings\" stack=60\n"
          "115 module.init.end stack=60\n"
          "116 module.init name=\"_weakref\" stack=60\n"
          "117 module.init.end stack=60\n"
          "118 module.init name=\"\" stack=60\n" /* could not be read */
          "119 module.init.end stack=60\n");
    assert_int_equal(fixture.timeline->module_count, 1);
    assert_int_equal(timeline_lost(&fixture, "begin-missing"), 0);
}

/* What the interpreter makes of itself before it can import. */
static void modules_of_the_start_are_left_out(void **state)
{
    (void)state;
    timeline_fixture_build(&fixture, "10 module.init name=\"builtins\" stack=60\n"
                                     "11 module.init.end stack=60\n"
                                     "12 import.begin name=\"site\" stack=60\n"
                                     "13 import.end stack=60\n"
                                     "14 module.init name=\"_io\" stack=60\n"
                                     "15 module.init.end stack=60\n");
    assert_int_equal(fixture.timeline->module_count, 2);
    assert_int_equal(module("_io")->start_ns, 14);
}

static void the_code_of_an_import_is_no_new_module(void **state)
{
    static const char *const inits[] = {
        "name=\"_fast\"", "name=\"p._fast\"", "name=\"_fast\" single_phase=1",
        "name=\"quick\" single_phase=1", /* its definition may say anything */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(inits) / sizeof(inits[0]); i++) {
        char lines[1024];

        timeline_fixture_free(&fixture);
        snprintf(lines, sizeof(lines),
                 "110 import.begin name=\"p._fast\" stack=70\n"
                 "111 dlopen.begin path=\"/s/p/_fast.so\" stack=60\n"
                 "115 dlopen.end stack=60\n"
                 "120 module.init %s stack=60\n"
                 "140 import.end stack=70\n",
                 inits[i]);
        build(lines);
        assert_int_equal(fixture.timeline->module_count, 2);
        assert_times("p._fast", 110, 30, 30, 4);
        assert_string_equal(module("p._fast")->via, "statement");
    }
}

/* The init function of one makes another, or import_module loads one inside it. */
static void an_import_has_one_init_function(void **state)
{
    (void)state;
    build("110 import.begin name=\"_fast\" stack=70\n"
          "120 module.init name=\"_fast\" single_phase=1 stack=60\n"
          "125 module.init name=\"_fast.part\" single_phase=1 stack=55\n"
          "140 import.end stack=70\n");
    assert_int_equal(fixture.timeline->module_count, 3);
    assert_parent("_fast.part", "_fast");
}

static void two_in_a_row_have_their_own_libraries(void **state)
{
    (void)state;
    build("110 dlopen.begin path=\"/s/one.so\" stack=70\n"
          "115 dlopen.end stack=70\n"
          "116 module.init name=\"one\" stack=60\n"
          "120 module.init.end stack=60\n"
          "121 dlopen.begin path=\"/s/two.so\" stack=70\n"
          "124 dlopen.end stack=70\n"
          "125 module.init name=\"two\" stack=60\n"
          "131 module.init.end stack=60\n"
          "140 module.init name=\"one\" stack=60\n" /* in another interpreter: not opened again */
          "142 module.init.end stack=60\n");
    assert_times("one", 110, 10, 10, 5);
    assert_times("two", 121, 10, 10, 3);
    assert_int_equal(timeline_module(&fixture, "one", 1)->start_ns, 140);
    assert_times("app", 100, 100, 100 - 10 - 10 - 2, 0);
}

/* Outside of all imports: a script's own code has no frame here. */
static void a_script_may_ask_for_one(void **state)
{
    (void)state;
    timeline_fixture_build(&fixture, "10 import.begin name=\"site\" stack=60\n"
                                     "11 import.end stack=60\n"
                                     "20 dlopen.begin path=\"" FAST "\" stack=70\n"
                                     "21 import.begin name=\"constructor\" stack=60\n"
                                     "24 import.end stack=60\n"
                                     "25 dlopen.end stack=70\n"
                                     "30 module.init name=\"_fast\" stack=60\n"
                                     "40 module.init.end stack=60 failed=1\n");
    assert_times("_fast", 20, 20, 17, 2);
    assert_int_equal(module("_fast")->parent, 0);
    assert_int_equal(module("_fast")->status, THAW_MODULE_FAILED);
    assert_parent("constructor", "_fast");
}

#define TEST(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_extension_begins_with_its_library),
        TEST(what_began_since_its_library_is_below_it),
        TEST(what_else_happened_since_its_library_is_its_own),
        TEST(a_single_phase_module_ends_when_it_is_made),
        TEST(without_that_it_ends_at_most_with_the_next_event),
        TEST(code_of_a_module_that_is_made_is_no_other),
        TEST(names_are_those_of_the_library_where_they_fit),
        TEST(a_builtin_module_begins_with_its_code),
        TEST(what_importlib_takes_for_itself_is_left_out),
        TEST(modules_of_the_start_are_left_out),
        TEST(the_code_of_an_import_is_no_new_module),
        TEST(an_import_has_one_init_function),
        TEST(two_in_a_row_have_their_own_libraries),
        TEST(a_script_may_ask_for_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
