/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "timeline_fixture.h"

/* What an import that fails was, by what was seen of it. */
static void assert_failure(const char *seen, enum thaw_module_status expected)
{
    struct timeline_fixture fixture;
    char lines[1024];

    snprintf(lines, sizeof(lines),
             "10 import.begin name=\"a.b\" stack=90\n%s"
             "80 import.end stack=90 failed=1\n",
             seen);
    timeline_fixture_build(&fixture, lines);
    if (timeline_module(&fixture, "a.b", 0)->status != expected)
        fail_msg("not as expected: %s", seen);
    timeline_fixture_free(&fixture);
}

static void what_nothing_was_there_of_is_not_found(void **state)
{
    static const char *const rows[] = {
        "",
        "20 file.open path=\"/s/a/b.py\" result=-2 stack=80\n",
        "20 file.open path=\"/s/a/other.py\" result=3 stack=80\n",
        "20 file.open path=\"/s/a/b.txt\" result=3 stack=80\n",
        "20 file.open path=\"/x.zip\" result=-2 stack=80\n",
        "20 dlopen.begin path=\"/lib/libother.so\" stack=80\n21 dlopen.end stack=80\n",
        "20 gc.begin stack=80\n21 gc.end stack=80\n",
        "20 import.begin name=\"a\" stack=80\n30 import.end stack=80\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_failure(rows[i], THAW_MODULE_NOT_FOUND);
}

static void what_something_was_there_of_has_failed(void **state)
{
    static const char *const rows[] = {
        "20 file.open path=\"/s/a/b.py\" result=3 stack=80\n", /* a SyntaxError */
        "20 file.open path=\"/s/a/__pycache__/b.cpython-311.pyc\" result=3 stack=80\n",
        "20 file.open path=\"/s/a/b/__init__.py\" result=3 stack=80\n",
        "20 body.begin file=\"/s/a/b.py\" stack=80\n",
        "20 dlopen.begin path=\"/s/a/b.so\" stack=80\n21 dlopen.end stack=80 failed=1\n",
        "20 module.init name=\"a.b\" stack=80\n21 module.init.end stack=80 failed=1\n",
        "20 import.begin name=\"a\" stack=80\n30 import.end stack=80 failed=1\n",
        "20 file.open path=\"/s/packed.zip\" result=3 stack=80\n",
        "20 file.open path=\"/s/packed.egg\" result=3 stack=80\n",
        "20 file.open path=\"/s/packed.zip/a/b.py\" result=3 stack=80\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_failure(rows[i], THAW_MODULE_FAILED);
}

/* Whoever catches it has loaded, whatever became of what it asked for. */
static void a_child_that_is_missing_is_told_of_itself_only(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "10 import.begin name=\"a\" stack=90\n"
                                     "20 import.begin name=\"speedups\" stack=80\n"
                                     "30 import.end stack=80 failed=1\n"
                                     "80 import.end stack=90\n");
    assert_int_equal(timeline_module(&fixture, "a", 0)->status, THAW_MODULE_LOADED);
    assert_int_equal(timeline_module(&fixture, "speedups", 0)->status, THAW_MODULE_NOT_FOUND);
    timeline_fixture_free(&fixture);
}

static void assert_lazy(const struct thaw_module *module, const char *function, const char *file)
{
    assert_string_equal(module->via, "lazy");
    assert_string_equal(module->lazy_function, function);
    assert_string_equal(module->lazy_file, file);
}

static void assert_not_lazy(const struct thaw_module *module, const char *via)
{
    assert_string_equal(module->via, via);
    assert_string_equal(module->lazy_function, "");
    assert_string_equal(module->lazy_file, "");
}

/* Who used it is told of what comes true, not of what that imports itself. */
static void lazy_imports_are_those_that_come_true(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture,
                           "10 lazy.begin function=\"App.run\" file=\"/app/app.py\" stack=95\n"
                           "11 import.begin name=\"a.b\" stack=90 lazy=1\n"
                           "12 import.begin name=\"a\" stack=80\n"
                           "13 import.end stack=80\n"
                           "14 body.begin file=\"/s/a/b.py\" stack=85\n"
                           "15 import.begin name=\"c\" stack=80\n"
                           "20 import.end stack=80\n"
                           "30 import.end stack=90\n"
                           "40 import.begin name=\"later\" stack=92\n" /* the use is over */
                           "50 import.end stack=92\n");
    assert_lazy(timeline_module(&fixture, "a.b", 0), "App.run", "/app/app.py");
    assert_not_lazy(timeline_module(&fixture, "a", 0), "implicit parent");
    assert_not_lazy(timeline_module(&fixture, "c", 0), "statement");
    assert_not_lazy(timeline_module(&fixture, "later", 0), "statement");
    assert_int_equal(timeline_module(&fixture, "a.b", 0)->parent, 0);
    timeline_fixture_free(&fixture);
}

/* Two modules for one use (a package, then its submodule), and a use inside one of them. */
static void lazy_imports_may_lie_in_others(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_module *a, *inner;

    (void)state;
    timeline_fixture_build(&fixture,
                           "10 import.begin name=\"app\" stack=99\n"
                           "11 body.begin file=\"/app/app.py\" stack=98\n"
                           "12 lazy.begin function=\"<module>\" file=\"/app/app.py\" stack=95\n"
                           "13 import.begin name=\"a\" stack=90 lazy=1\n"
                           "14 body.begin file=\"/s/a/__init__.py\" stack=85\n"
                           "20 lazy.begin function=\"use\" file=\"/s/a/__init__.py\" stack=80\n"
                           "21 import.begin name=\"inner\" stack=70 lazy=1\n"
                           "31 import.end stack=70\n"
                           "33 import.begin name=\"second\" stack=80\n"
                           "34 import.end stack=80\n"
                           "40 import.end stack=90\n"
                           "41 import.begin name=\"a.sub\" stack=90 lazy=1\n"
                           "45 import.end stack=90\n"
                           "60 import.end stack=99\n");
    a = timeline_module(&fixture, "a", 0);
    inner = timeline_module(&fixture, "inner", 0);
    assert_lazy(a, "<module>", "/app/app.py");
    assert_lazy(inner, "use", "/s/a/__init__.py");
    assert_int_equal(inner->parent, a->id);
    assert_lazy(timeline_module(&fixture, "a.sub", 0), "<module>", "/app/app.py");
    assert_not_lazy(timeline_module(&fixture, "second", 0), "statement");
    assert_int_equal(a->self_ns, 27 - 10 - 1);
    assert_int_equal(timeline_module(&fixture, "app", 0)->self_ns, 50 - 27 - 4);
    timeline_fixture_free(&fixture);
}

/* The kernel had no room for the record of who used it. */
static void a_lazy_import_of_nobody_is_lazy_nevertheless(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "10 import.begin name=\"a\" stack=90 lazy=1\n"
                                     "20 import.end stack=90\n");
    assert_lazy(timeline_module(&fixture, "a", 0), "", "");
    timeline_fixture_free(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_nothing_was_there_of_is_not_found),
        cmocka_unit_test(what_something_was_there_of_has_failed),
        cmocka_unit_test(a_child_that_is_missing_is_told_of_itself_only),
        cmocka_unit_test(lazy_imports_are_those_that_come_true),
        cmocka_unit_test(lazy_imports_may_lie_in_others),
        cmocka_unit_test(a_lazy_import_of_nobody_is_lazy_nevertheless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
