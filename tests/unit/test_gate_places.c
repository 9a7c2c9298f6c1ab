/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "cli/gate_places.h"

/* Files of an app below /tmp, which is where the test runs then. */
static char folder[] = "/tmp/thaw-gate-places-XXXXXX";

static void put(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int make_app(void **state)
{
    (void)state;
    if (!mkdtemp(folder) || chdir(folder) || mkdir("app", 0700) || mkdir("app/package", 0700) ||
        mkdir("app/folder.py", 0700))
        return -1;
    put("app/function_app.py",
        "\"\"\"import plots\"\"\"\n# import plots\ndef late():\n"
        "    import plots\n\nimport json, plots\nimport requests.adapters\n");
    put("app/plots.py", "import os\r\rfrom matplotlib import pyplot\n");
    put("app/package/__init__.py", "def f():\n    import pandas\n");
    put("secret.py", "import pandas\n");
    return 0;
}

static int remove_app(void **state)
{
    static const char *const names[] = {"app/function_app.py", "app/plots.py",
                                        "app/package/__init__.py", "secret.py"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(names[i]);
    return rmdir("app/package") || rmdir("app/folder.py") || rmdir("app") || chdir("/") ||
           rmdir(folder);
}

static json_t *gate_with(const char *chain)
{
    json_t *gate = json_pack("{s:[{s:[{s:s, s:n, s:n, s:s}]}]}", "checks", "offenders", "name", "x",
                             "file", "line", "chain", chain);

    assert_non_null(gate);
    return gate;
}

static json_t *offender_of(json_t *gate)
{
    json_t *check = json_array_get(json_object_get(gate, "checks"), 0);

    return json_array_get(json_object_get(check, "offenders"), 0);
}

/* file "": nothing is found, and the chain stays. */
static void expect(const char *where, const char *chain, const char *file, int line,
                   const char *place)
{
    json_t *gate = gate_with(chain), *offender = offender_of(gate);
    struct thaw_error error = {0};
    char whole[512];

    assert_int_equal(thaw_gate_find_places(gate, where, &error), 0);
    snprintf(whole, sizeof(whole), "%s%s%s", place, *place ? " > " : "", chain);
    assert_string_equal(json_string_value(json_object_get(offender, "chain")), whole);
    if (*file)
        assert_string_equal(json_string_value(json_object_get(offender, "file")), file);
    else
        assert_true(json_is_null(json_object_get(offender, "file")));
    assert_int_equal(json_integer_value(json_object_get(offender, "line")), line);
    json_decref(gate);
}

static void the_users_statements_are_found(void **state)
{
    (void)state;
    expect("app", "function_app > requests", "app/function_app.py", 7, "app/function_app.py:7");
    expect("./app", "function_app > requests > urllib3", "app/function_app.py", 7,
           "app/function_app.py:7");
    expect("app", "function_app > plots > matplotlib > numpy", "app/plots.py", 3,
           "app/function_app.py:6"); /* not the function's, nor a text's; the nearest is plots' */
    expect("app", "package > pandas", "app/package/__init__.py", 2, "app/package/__init__.py:2");
    assert_int_equal(chdir("app"), 0);
    expect("", "function_app > plots", "function_app.py", 6, "function_app.py:6");
    expect(".", "function_app > plots", "function_app.py", 6, "function_app.py:6");
    assert_int_equal(chdir(".."), 0);
}

static void what_can_not_be_told_is_left_as_it_is(void **state)
{
    (void)state;
    expect("app", "function_app", "", 0, "");
    expect("app", "requests > urllib3", "", 0, "");
    expect("app", "function_app > numpy", "", 0, "");
    expect("app", "folder > os", "", 0, "");
    expect("app", "../secret > pandas", "", 0, "");
    expect("app", "..secret > pandas", "", 0, "");
    expect("app", "/etc/passwd > pandas", "", 0, "");
    expect("app", " >  > ", "", 0, "");
    expect("nowhere", "function_app > plots", "", 0, "");
}

static void folders_may_have_any_name(void **state)
{
    json_t *gate = gate_with("function_app > plots");
    struct thaw_error error = {0};

    (void)state;
    assert_int_equal(rename("app", "a\xff"), 0);
    assert_int_equal(thaw_gate_find_places(gate, "a\xff", &error), 0);
    assert_int_equal(rename("a\xff", "app"), 0);
    assert_string_equal(json_string_value(json_object_get(offender_of(gate), "file_bytes")),
                        "a%FF/function_app.py");
    assert_string_equal(json_string_value(json_object_get(offender_of(gate), "chain")),
                        "a\\xff/function_app.py:6 > function_app > plots");
    json_decref(gate);
}

static void what_is_known_stays(void **state)
{
    json_t *gate = gate_with("function_app > plots");
    struct thaw_error error = {0};

    (void)state;
    json_object_set_new(offender_of(gate), "file", json_string("other.py"));
    json_object_set_new(offender_of(gate), "line", json_integer(3));
    assert_int_equal(thaw_gate_find_places(gate, "app", &error), 0);
    assert_string_equal(json_string_value(json_object_get(offender_of(gate), "file")), "other.py");
    json_decref(gate);
}

static void lack_of_memory_is_told(void **state)
{
    (void)state;
    assert_true(chaos_malloc_works());
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        json_t *gate = gate_with("function_app > plots");
        struct thaw_error error = {0};
        int code = thaw_gate_find_places(gate, "app", &error);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        json_decref(gate);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_users_statements_are_found),
        cmocka_unit_test(what_can_not_be_told_is_left_as_it_is),
        cmocka_unit_test(folders_may_have_any_name),
        cmocka_unit_test(what_is_known_stays),
        cmocka_unit_test(lack_of_memory_is_told),
    };

    return cmocka_run_group_tests(tests, make_app, remove_app);
}
