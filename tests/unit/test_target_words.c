/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a target's views: who asks for what, what is missing, and that there is nothing. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report/keys.h"
#include "report_text.h"
#include "shipped_fixture.h"

enum { WIDTH = 120 };

static char *show(const struct shipped_fixture *fixture, const char *view, const char *name)
{
    const struct thaw_report_options options = {.width = WIDTH, .view = {.name = name}};
    json_t *report = shipped_fixture_report(fixture);
    char *text = shipped_fixture_view(report, view, &options);

    json_decref(report);
    report_text_presentable(text, WIDTH, true);
    return text;
}

static char *show_narrow(const struct shipped_fixture *fixture)
{
    json_t *report = shipped_fixture_report(fixture);
    char *text = shipped_fixture_view(report, "packages", NULL);

    json_decref(report);
    report_text_presentable(text, 80, true);
    return text;
}

/* A line, the user without a line, a file of the app, nobody. */
static void fill_askers(struct shipped_fixture *fixture)
{
    static const char *by_pandas[] = {"requirements.txt:2", "NumPy", "one"};
    static const char *numpy[] = {"NumPy"}, *pandas[] = {"pandas"};
    static const char *by_app[] = {"web/app.py", "one"};
    struct thaw_shipped_distribution *all = fixture->distributions;

    shipped_fixture_fill(fixture);
    all[0].required_by = (struct thaw_texts){by_pandas, 3};
    all[1].is_direct = true;
    all[1].why = (struct thaw_texts){numpy, 1};
    all[1].required_by = (struct thaw_texts){pandas, 1};
    all[2].is_direct = all[2].is_imported_by_app = true;
    all[2].why = (struct thaw_texts){by_app, 2};
    all[2].required_by = (struct thaw_texts){by_app, 1};
    all[2].require_count = all[3].require_count = 0;
    all[3].required_by.count = 0;
}

static void who_asks_is_one_thing_everywhere(void **state)
{
    struct shipped_fixture fixture;
    char *text;

    (void)state;
    fill_askers(&fixture);
    text = show(&fixture, "packages", NULL);
    report_text_has(text, "pandas 3.1.1  requirements.txt:2 +2\n");
    report_text_has(text, "NumPy 2.2.0   top level +1\n");
    report_text_has(text, "one 1.0       imported by web/app.py\n");
    report_text_has(text, "two 1.0       nothing\n");
    free(text);
    text = show_narrow(&fixture);
    report_text_has(text, "pandas 3.1.1  requirements.txt:2 +2\n");
    free(text);
    text = show(&fixture, "tree", NULL);
    report_text_has(text, "  requirements.txt:2 +2\n");
    report_text_has(text, "  asked for directly +1\n");
    report_text_has(text, "  imported by web/app.py\n");
    report_text_has(text, "  nothing asks for it\n");
    free(text);
    text = show(&fixture, "why", "numpy");
    report_text_has(text, "NumPy 2.2.0: asked for directly, and by 1\n");
    free(text);
    text = show(&fixture, "why", "one");
    report_text_has(text, "- imported by web/app.py -> one\n");
    free(text);
    text = show(&fixture, "why", "two");
    assert_string_equal(text, "two 1.0: nothing asks for it\n");
    free(text);
    fixture.distributions[3].is_direct = true;
    text = show(&fixture, "why", "two");
    assert_string_equal(text, "two 1.0: asked for directly\n");
    free(text);
}

static void reverse_ends_at_who_asked(void **state)
{
    struct shipped_fixture fixture;
    char *text;

    (void)state;
    fill_askers(&fixture);
    text = show(&fixture, "reverse", "one");
    assert_string_equal(text, "one 1.0  4.1 kB\n`-imported by web/app.py\n");
    free(text);
    text = show(&fixture, "reverse", "two");
    assert_string_equal(text, "two 1.0  4.1 kB\n`-nothing asks for it\n");
    free(text);
    fixture.distributions[0].required_by.count = 1;
    text = show(&fixture, "reverse", "numpy");
    assert_string_equal(text, "NumPy 2.2.0  39.6 MB\n|-pandas 3.1.1  numpy>=2.3\n"
                              "| `-requirements.txt:2\n`-asked for directly\n");
    free(text);
}

static void no_name_is_no_library(void **state)
{
    const struct thaw_report_options options = {.view = {.name = ""}};
    const struct thaw_report_format *row = thaw_report_target_views();
    struct shipped_fixture fixture;
    struct thaw_error error = {0};
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    json_t *report;

    (void)state;
    shipped_fixture_fill(&fixture);
    report = shipped_fixture_report(&fixture);
    while (strcmp(row->name, "why") != 0)
        row++;
    assert_int_equal(row->write(report, &options, stream, &error), -ESRCH);
    fclose(stream);
    assert_int_equal(length, 0);
    free(text);
    json_decref(report);
}

static void a_missing_library_is_told_once(void **state)
{
    struct shipped_fixture fixture;
    char *text;

    (void)state;
    shipped_fixture_fill(&fixture);
    for (size_t i = 2; i < 5; i++) {
        fixture.needed[i] = fixture.needed[1];
        fixture.needed[i].name = i == 4 ? "libother.so" : "libgone.so.1";
    }
    text = show(&fixture, "summary", NULL);
    report_text_has(text, "/pandas/hash.so +2 more\n");
    report_text_has(text, "- missing: libother.so, wanted by ");
    report_text_lacks(text, "more are missing");
    free(text);
}

static void an_editable_one_has_its_place(void **state)
{
    struct shipped_fixture fixture;
    char *text;

    (void)state;
    shipped_fixture_fill(&fixture);
    fixture.distributions[2].editable = "/src/one";
    fixture.distributions[2].is_editable_outside = true;
    fixture.distributions[3].editable = "/app/two";
    text = show(&fixture, "summary", NULL);
    report_text_has(text, "- one 1.0 is editable: /src/one, not weighed\n");
    report_text_has(text, "- two 1.0 is editable: /app/two\n");
    free(text);
}

static void the_head_says_no_more_than_is_known(void **state)
{
    struct shipped_fixture fixture;
    char *text;

    (void)state;
    shipped_fixture_fill(&fixture);
    fixture.shipped.python.evidence = "as asked for";
    text = show(&fixture, "limits", NULL);
    report_text_has(text, "for CPython 3.11 on x86_64 (as asked for)\n");
    free(text);
    fixture.shipped.python.version = "";
    fixture.shipped.python.is_machine_assumed = true;
    text = show(&fixture, "limits", NULL);
    report_text_has(text, "for an unknown Python\n");
    free(text);
}

static void views_without_anything_say_so(void **state)
{
    static const struct {
        const char *view, *words;
    } rows[] = {
        {"conflicts", "No conflicts"},
        {"faults", "All of it was read"},
        {"bytecode", "There are no sources"},
        {"limits", "No platform's limits"},
        {"duplicates", "o "},
    };
    struct shipped_fixture fixture;

    (void)state;
    shipped_fixture_fill(&fixture);
    fixture.shipped.distribution_count = fixture.shipped.conflict_count = 0;
    fixture.shipped.foreign_count = fixture.shipped.request_count = 0;
    fixture.shipped.path_file_count = fixture.shipped.fault_count = 0;
    fixture.shipped.limit_count = fixture.shipped.duplicate_count = 0;
    fixture.shipped.file_count = fixture.shipped.library_count = 0;
    memset(&fixture.shipped.bytecode, 0, sizeof(fixture.shipped.bytecode));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *text = show(&fixture, rows[i].view, NULL);

        report_text_has(text, rows[i].words);
        free(text);
    }
}

static void only_what_was_not_read_is_unread(void **state)
{
    struct shipped_fixture fixture;
    json_t *report;

    (void)state;
    shipped_fixture_fill(&fixture); /* a FIFO, and a file that is cut short */
    report = shipped_fixture_report(&fixture);
    assert_int_equal(thaw_key_unread(report), 1);
    json_object_set_new(report, "faults_more", json_integer(3));
    assert_int_equal(thaw_key_unread(report), 4);
    json_decref(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_asks_is_one_thing_everywhere),
        cmocka_unit_test(reverse_ends_at_who_asked),
        cmocka_unit_test(no_name_is_no_library),
        cmocka_unit_test(a_missing_library_is_told_once),
        cmocka_unit_test(an_editable_one_has_its_place),
        cmocka_unit_test(the_head_says_no_more_than_is_known),
        cmocka_unit_test(views_without_anything_say_so),
        cmocka_unit_test(only_what_was_not_read_is_unread),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
