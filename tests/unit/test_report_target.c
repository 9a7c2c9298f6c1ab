/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report_fixture.h"
#include "shipped_fixture.h"
#include "thaw/analysis.h"

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
    report = shipped_fixture_report(&fixture, NULL);
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
    report = shipped_fixture_report(&fixture, NULL);
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
    report = shipped_fixture_report(&fixture, NULL);
    assert_int_equal(json_array_size(json_object_get(report, "folders")), 3);
    assert_string_equal(text(at(report, "folders", 2), "path"),
                        ".python_packages/lib/site-packages/pandas/tests");
    json_decref(report);
}

/* The recording of another machine, where the app lay in another folder. */
static void recorded_things_are_joined_by_place(void **state)
{
    struct report_fixture recorded;
    struct shipped_fixture fixture;
    struct thaw_analysis *analysis;
    struct thaw_event *event;
    json_t *report;

    (void)state;
    report_fixture_fill(&recorded);
    event = report_fixture_event(&recorded, THAW_EVENT_INVENTORY_DISTRIBUTION);
    event->inventory_distribution = (struct thaw_inventory_distribution){
        "Pandas", "3.1.1", "/var/task/.python_packages/lib/site-packages", 1, 1, 1, "pip", {0}};
    event = report_fixture_event(&recorded, THAW_EVENT_INVENTORY_DISTRIBUTION);
    event->inventory_distribution = (struct thaw_inventory_distribution){
        "numpy", "1.0", "/usr/lib/python3/dist-packages", 1, 1, 1, "apt", {0}};
    shipped_fixture_fill(&fixture);
    assert_int_equal(thaw_analysis_build(&recorded.timeline, &analysis, NULL), 0);
    report = shipped_fixture_report(&fixture, analysis);
    assert_int_equal(json_array_size(json_object_get(report, "distributions")), 4);
    assert_true(json_object_get(at(report, "distributions", 0), "modules") != NULL);
    assert_int_equal(number(at(report, "distributions", 0), "files"), 3012);
    /* another numpy was recorded */
    assert_null(json_object_get(at(report, "distributions", 1), "modules"));
    assert_true(json_is_false(json_object_get(at(report, "distributions", 1), "used")));
    assert_true(json_array_size(json_object_get(report, "modules")) > 0);
    assert_string_equal(text(json_object_get(report, "target"), "path"), "build/app");
    json_decref(report);
    thaw_analysis_free(analysis);
}

static void loaded_libraries_are_joined_by_path(void **state)
{
    static const char *const paths[] = {
        "/srv/app/.python_packages/lib/site-packages/pandas/hash.so", "/lib/libc.so.6",
        "/opt/other.so"};
    struct thaw_library_cost libraries[3] = {0};
    struct report_fixture recorded;
    struct shipped_fixture fixture;
    struct thaw_analysis *analysis;
    const json_t *other;
    json_t *report;

    (void)state;
    report_fixture_fill(&recorded);
    shipped_fixture_fill(&fixture);
    assert_int_equal(thaw_analysis_build(&recorded.timeline, &analysis, NULL), 0);
    for (size_t i = 0; i < 3; i++)
        libraries[i] = (struct thaw_library_cost){.path = paths[i],
                                                  .distribution = "",
                                                  .resident_bytes = 4096};
    analysis->has_libraries = true;
    analysis->libraries = libraries;
    analysis->library_count = 3;
    report = shipped_fixture_report(&fixture, analysis);
    assert_int_equal(json_array_size(json_object_get(report, "libraries")), 5);
    assert_true(json_is_true(json_object_get(at(report, "libraries", 0), "loaded")));
    assert_int_equal(number(at(report, "libraries", 0), "resident_bytes"), 4096);
    assert_true(json_is_false(json_object_get(at(report, "libraries", 1), "loaded")));
    assert_true(json_is_true(json_object_get(at(report, "libraries", 3), "loaded")));
    other = at(report, "libraries", 4);
    assert_string_equal(text(other, "path"), "/opt/other.so");
    assert_true(json_is_true(json_object_get(other, "outside")));
    json_decref(report);
    analysis->libraries = NULL;
    analysis->library_count = 0;
    thaw_analysis_free(analysis);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indexes_become_names),
        cmocka_unit_test(a_target_alone_has_nothing_recorded),
        cmocka_unit_test(small_folders_are_in_their_parents),
        cmocka_unit_test(recorded_things_are_joined_by_place),
        cmocka_unit_test(loaded_libraries_are_joined_by_path),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
