/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report_text.h"
#include "shipped_fixture.h"

/* What views of a target say where something is not known, not there, or not shown. */

static char *show(const struct shipped_fixture *fixture, const char *view,
                  const struct thaw_report_options *options)
{
    json_t *report = shipped_fixture_report(fixture);
    char *text = shipped_fixture_view(report, view, options);

    json_decref(report);
    report_text_presentable(text, 80, true);
    return text;
}

/* What is behind a library of the system is missing as well; what is for another machine is not. */
static void a_library_of_the_system_may_want_more(void **state)
{
    struct thaw_shipped_needed more[] = {{"libdeep.so.1", "", THAW_SHIPPED_NONE, "", "", "", ""},
                                         {"libarm.so.1", "", THAW_SHIPPED_NONE, "other machine", "",
                                          "", ""}};
    struct thaw_report_options options = {.view = {.name = "libdeep.so.1"}};
    struct shipped_fixture fixture;
    char *text;

    (void)state;
    shipped_fixture_fill(&fixture);
    fixture.libraries[3].needed = more;
    fixture.libraries[3].needed_count = 2;
    text = show(&fixture, "summary", NULL);
    report_text_has(text, "- missing: libgone.so.1, wanted by");
    report_text_has(text, "- missing: libdeep.so.1, wanted by /lib/libc.so.6");
    report_text_has(text, "Shared objects: 3, 5.0 MB");
    report_text_lacks(text, "libarm.so.1");
    free(text);
    text = show(&fixture, "why", &options);
    report_text_has(text, "- /lib/libc.so.6: not found");
    free(text);
    options.view.name = "libarm.so.1";
    text = show(&fixture, "why", &options);
    report_text_has(text, "- /lib/libc.so.6: other machine");
    free(text);
    options.view = (struct thaw_view_options){.top = 1};
    text = show(&fixture, "summary", &options);
    report_text_has(text, "- 1 more are missing: --view libraries");
    free(text);
}

static void libraries_not_looked_at_are_not_none(void **state)
{
    static const char *const names[] = {"summary", "libraries", "objects", "duplicates"};
    struct shipped_fixture fixture;
    json_t *report;
    char *text;

    (void)state;
    shipped_fixture_fill(&fixture);
    fixture.shipped.without_libraries = true;
    fixture.shipped.library_count = fixture.shipped.duplicate_count = 0;
    report = shipped_fixture_report(&fixture);
    assert_true(json_is_null(json_object_get(report, "libraries")));
    assert_null(json_object_get(report, "duplicates"));
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        text = shipped_fixture_view(report, names[i], NULL);
        report_text_has(text, "Shared objects were not looked at (--no-libraries).");
        report_text_lacks(text, "There are no shared objects");
        report_text_lacks(text, "No shared object is there");
        free(text);
    }
    json_decref(report);
}

static void constraints_are_no_requirements(void **state)
{
    struct shipped_fixture fixture;
    char *text;

    (void)state;
    shipped_fixture_fill(&fixture);
    fixture.requests[1].is_constraint = true;
    fixture.requests[0].is_hashed = true;
    text = show(&fixture, "conflicts", NULL);
    report_text_has(text, "Requirements: 1 line, 1 constraint\n");
    report_text_has(text, "all pinned and hashed");
    free(text);
    fixture.requests[0].is_constraint = true;
    text = show(&fixture, "conflicts", NULL);
    report_text_has(text, "Requirements: 0 lines, 2 constraints\n");
    report_text_lacks(text, "all pinned and hashed");
    free(text);
}

/* Both have one name and one folder: only the library itself can say whose it is. */
static void of_two_versions_the_owner_is_told(void **state)
{
    struct shipped_fixture fixture;
    json_t *report, *libraries;

    (void)state;
    shipped_fixture_fill(&fixture);
    fixture.distributions[0].name = "NUMPY";
    report = shipped_fixture_report(&fixture);
    libraries = json_object_get(report, "libraries");
    for (size_t i = 0; i < 4; i++) {
        const char *version = json_string_value(
            json_object_get(json_array_get(libraries, i), "distribution_version"));

        if (i < 2)
            assert_string_equal(version ? version : "", i ? "2.2.0" : "3.1.1");
        else
            assert_null(version);
    }
    json_decref(report);
}

/* What was cut by the depth is followed where it comes again, and roots not shown lead somewhere.
 */
static void what_was_cut_was_not_above(void **state)
{
    struct thaw_report_options options = {.view = {.depth = 2}};
    struct shipped_fixture fixture;
    char *text;

    (void)state;
    shipped_fixture_fill(&fixture);
    fixture.requires[0] = fixture.requires[5]; /* pandas requires one, which requires two */
    fixture.distributions[2].is_direct = true;
    text = show(&fixture, "tree", &options);
    report_text_has(text, "|-one 1.0  more below\n");
    report_text_has(text, "   4.1 kB             one 1.0  asked");
    report_text_has(text, "`-two 1.0  more below\n");
    report_text_lacks(text, "as above");
    free(text);
    shipped_fixture_fill(&fixture);
    fixture.requires[0] = fixture.requires[5];
    options.view = (struct thaw_view_options){.top = 1};
    text = show(&fixture, "tree", &options);
    report_text_has(text, "`-two 1.0"); /* below pandas: neither of both is a root */
    report_text_has(text, "- further roots: 1 (--top"); /* NumPy, which nothing requires now */
    free(text);
}

/* More than the usual ten where more are asked for. */
static void as_many_rows_as_asked_for(void **state)
{
    enum { many = 12 };
    const struct thaw_report_options options = {.view = {.top = many}};
    struct thaw_shipped_distribution all[many];
    struct shipped_fixture fixture;
    json_t *report;
    char *text;

    (void)state;
    shipped_fixture_fill(&fixture);
    for (size_t i = 0; i < many; i++)
        all[i] = fixture.distributions[1];
    all[many - 1].name = "last";
    fixture.shipped.distributions = all;
    fixture.shipped.distribution_count = many;
    report = shipped_fixture_report(&fixture);
    json_object_set_new(report, "use", json_object());
    for (size_t i = 0; i < many; i++)
        json_object_set_new(json_array_get(json_object_get(report, "distributions"), i), "used_in",
                            json_integer(0));
    text = shipped_fixture_view(report, "use", NULL);
    report_text_lacks(text, "- last 2.2.0");
    report_text_has(text, "- further packages: 2 (--top");
    free(text);
    text = shipped_fixture_view(report, "use", &options);
    report_text_has(text, "- last 2.2.0");
    report_text_lacks(text, "further packages");
    free(text);
    json_decref(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_library_of_the_system_may_want_more),
        cmocka_unit_test(libraries_not_looked_at_are_not_none),
        cmocka_unit_test(constraints_are_no_requirements),
        cmocka_unit_test(of_two_versions_the_owner_is_told),
        cmocka_unit_test(what_was_cut_was_not_above),
        cmocka_unit_test(as_many_rows_as_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
