/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "shipped_fixture.h"

/* The JSON of a target; that it is valid by the schema is tests/live/test_deps.py's. */

static const json_t *at(const json_t *report, const char *list, size_t index)
{
    const json_t *object = json_array_get(json_object_get(report, list), index);

    assert_non_null(object);
    return object;
}

static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));

    return value ? value : "(none)";
}

static long long number(const json_t *object, const char *key)
{
    assert_true(json_is_integer(json_object_get(object, key)));
    return json_integer_value(json_object_get(object, key));
}

static void indexes_become_names(void **state)
{
    struct shipped_fixture fixture;
    const json_t *pandas, *library;
    json_t *report;

    (void)state;
    shipped_fixture_fill(&fixture);
    report = shipped_fixture_report(&fixture);
    pandas = at(report, "distributions", 0);
    assert_string_equal(text(pandas, "name"), "pandas");
    assert_int_equal(json_array_size(json_object_get(pandas, "requires")), 2);
    assert_string_equal(text(at(pandas, "requirements", 0), "installed"), "2.2.0");
    assert_true(json_is_null(json_object_get(at(pandas, "requirements", 1), "installed")));
    assert_true(json_is_null(json_object_get(at(pandas, "requirements", 3), "name")));
    assert_int_equal(number(pandas, "exclusive_disk_bytes"), 133000000);
    assert_string_equal(text(json_object_get(pandas, "record"), "state"), "present");
    assert_string_equal(text(at(report, "conflicts", 0), "other"), "NumPy");
    assert_true(json_is_null(json_object_get(at(report, "conflicts", 1), "distribution")));
    library = at(report, "libraries", 0);
    assert_string_equal(text(library, "distribution"), "pandas");
    assert_string_equal(text(library, "type"), "extension");
    assert_true(json_is_null(json_object_get(at(library, "needed", 1), "resolved")));
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(at(report, "duplicates", 0), "paths"), 1)),
        ".python_packages/lib/site-packages/two.libs/libblas.so.3");
    json_decref(report);
}

static void a_target_alone_has_nothing_recorded(void **state)
{
    static const char *const empty[] = {"losses",  "not_visible", "processes", "tracks",
                                        "modules", "invocations", "findings"};
    struct shipped_fixture fixture;
    json_t *report;

    (void)state;
    shipped_fixture_fill(&fixture);
    report = shipped_fixture_report(&fixture);
    for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
        assert_true(json_is_array(json_object_get(report, empty[i])));
        assert_int_equal(json_array_size(json_object_get(report, empty[i])), 0);
    }
    assert_true(json_is_null(json_object_get(report, "run")));
    assert_true(json_is_true(json_object_get(report, "complete")));
    assert_null(json_object_get(at(report, "distributions", 0), "used"));
    assert_null(json_object_get(at(report, "libraries", 0), "loaded"));
    json_decref(report);
}

static void small_folders_are_in_their_parents(void **state)
{
    struct shipped_fixture fixture;
    json_t *report;

    (void)state;
    shipped_fixture_fill(&fixture);
    fixture.folders[3].whole.disk_bytes = 199000000 / 2000;
    fixture.folders[2].whole.disk_bytes = 199000000 / 2000 - 1;
    report = shipped_fixture_report(&fixture);
    assert_int_equal(json_array_size(json_object_get(report, "folders")), 3);
    assert_string_equal(text(at(report, "folders", 2), "path"),
                        ".python_packages/lib/site-packages/pandas/tests");
    json_decref(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indexes_become_names),
        cmocka_unit_test(a_target_alone_has_nothing_recorded),
        cmocka_unit_test(small_folders_are_in_their_parents),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
