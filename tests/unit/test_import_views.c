/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "report_fixture.h"
#include "report_text.h"

/* `--view tree` and `--view blame`. */

static const char *const views[] = {"tree", "blame"};

static const struct thaw_report_format *view_of(const char *name)
{
    const struct thaw_report_format *view = thaw_report_views();

    while (view->name && strcmp(view->name, name) != 0)
        view++;
    assert_non_null(view->name);
    return view;
}

static char *show(const json_t *report, const char *view, const struct thaw_report_options *options)
{
    struct thaw_error error = {0};
    char *text = NULL;
    size_t length;
    FILE *stream = open_memstream(&text, &length);

    assert_non_null(stream);
    assert_int_equal(view_of(view)->write(report, options, stream, &error), 0);
    fclose(stream);
    return text;
}

/* A report of no track: process 1 with pid 20, to which modules are added. */
static json_t *empty_report(void)
{
    return json_pack("{s:b, s:[{s:i, s:s, s:i}], s:[]}", "complete", 1, "processes", "id", 1,
                     "role", "process", "pid", 20, "modules");
}

/* Returns its id. parent 0: none. */
static int add(json_t *report, int parent, const char *name, const char *distribution,
               double total_ms, double self_ms)
{
    json_t *modules = json_object_get(report, "modules");
    int id = (int)json_array_size(modules) + 1;
    json_t *module =
        json_pack("{s:i, s:o, s:s, s:o, s:i, s:i, s:I, s:I, s:I, s:s, s:b}", "id", id, "parent",
                  parent ? json_integer(parent) : json_null(), "name", name, "distribution",
                  distribution ? json_string(distribution) : json_null(), "process", 1, "tid", 20,
                  "start_ns", (json_int_t)id * 1000000, "total_ns", (json_int_t)(total_ms * 1e6),
                  "self_ns", (json_int_t)(self_ms * 1e6), "status", "loaded", "timed", 1);

    assert_non_null(module);
    assert_int_equal(json_array_append_new(modules, module), 0);
    return id;
}

static void the_tree_tells_who_imported_what(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    text = report_fixture_write(&fixture, "tree", NULL);
    report_text_presentable(text, 80, true);
    report_text_line(text, "worker 4117: 10 imports in 469.0 ms");
    report_text_has(text, "    TOTAL       SELF    SHARE  MODULE, FROM\n"
                          " 369.0 ms     4.0 ms   78.7 %  function_app  app\n"
                          " 290.0 ms    10.0 ms   61.8 %  |-pandas  pandas\n");
    report_text_has(text, " 200.0 ms   200.0 ms   42.6 %  | |-pandas.core.api\n");
    report_text_has(text, " 100.0 ms   100.0 ms   21.3 %  grpc  grpcio\n");
    report_text_lacks(text, "INCOMPLETE");
    free(text);
}

static json_t *many_small_ones(void)
{
    json_t *report = empty_report();
    int app = add(report, 0, "app", NULL, 1000, 100);
    char name[24];

    for (int i = 0; i < 30; i++) {
        snprintf(name, sizeof(name), "small%02d", i);
        add(report, app, name, "smalls", 5, 5);
    }
    add(report, app, "big", "bigs", 750, 600);
    add(report, (int)json_array_size(json_object_get(report, "modules")), "big.part", "bigs", 150,
        150);
    return report;
}

static void small_ones_are_summed_up(void **state)
{
    json_t *report = many_small_ones();
    char *text = show(report, "tree", NULL);

    (void)state;
    report_text_presentable(text, 80, true);
    report_text_has(text, "process 20: 33 imports in 1000.0 ms\n");
    report_text_has(text, " 750.0 ms   600.0 ms   75.0 %  |-big  bigs\n"
                          " 150.0 ms   150.0 ms   15.0 %  | `-big.part\n"
                          " 150.0 ms              15.0 %  `-30 more\n");
    report_text_lacks(text, "small");
    free(text);
    json_decref(report);
}

static void as_much_as_asked_for(void **state)
{
    json_t *report = many_small_ones();
    char *text = show(report, "tree", &(struct thaw_report_options){.view = {.top = 3}});

    (void)state;
    report_text_has(text, "  |-small00  smalls\n");
    report_text_has(text, " 140.0 ms              14.0 %  `-28 more\n");
    free(text);
    text = show(report, "tree", &(struct thaw_report_options){.view = {.top = 1000}});
    report_text_has(text, "small29");
    report_text_lacks(text, "more");
    free(text);
    text = show(report, "tree", &(struct thaw_report_options){.view = {.depth = 2}});
    report_text_has(text, "|-big  bigs, 1 below\n");
    report_text_lacks(text, "big.part");
    free(text);
    text = show(report, "tree", &(struct thaw_report_options){.view = {.depth = 1}});
    report_text_has(text, "  app  32 below\n");
    free(text);
    json_decref(report);
}

static void in_the_order_asked_for(void **state)
{
    json_t *report = empty_report();
    int app = add(report, 0, "app", NULL, 1000, 0);
    char *text;

    (void)state;
    add(report, app, "c", NULL, 200, 200);
    add(report, app, "a", NULL, 300, 100);
    add(report, 3, "z", NULL, 200, 200);
    add(report, app, "b", NULL, 500, 500);
    text = show(report, "tree", NULL);
    assert_true(strstr(text, "-b") < strstr(text, "-a") && strstr(text, "-a") < strstr(text, "-c"));
    free(text);
    text = show(report, "tree", &(struct thaw_report_options){.view = {.sort = "name"}});
    assert_true(strstr(text, "-a") < strstr(text, "-b") && strstr(text, "-b") < strstr(text, "-c"));
    free(text);
    text = show(report, "tree", &(struct thaw_report_options){.view = {.sort = "start"}});
    assert_true(strstr(text, "-c") < strstr(text, "-a") && strstr(text, "-a") < strstr(text, "-b"));
    free(text);
    text = show(report, "tree", &(struct thaw_report_options){.view = {.sort = "self"}});
    assert_true(strstr(text, "-b") < strstr(text, "-c") && strstr(text, "-c") < strstr(text, "-a"));
    free(text);
    json_decref(report);
}

/* One that has no end took nobody knows how long: it is never among those that are summed up. */
static void what_did_not_end_is_shown(void **state)
{
    json_t *report = many_small_ones();
    json_t *small = json_array_get(json_object_get(report, "modules"), 1);
    char *text;

    (void)state;
    json_object_set_new(small, "total_ns", json_null());
    json_object_set_new(small, "self_ns", json_null());
    json_object_set_new(small, "status", json_string("unfinished"));
    json_object_set_new(report, "complete", json_false());
    text = show(report, "tree", NULL);
    report_text_has(text, "        -          -    0.0 %  |-small00 (unfinished)  smalls\n");
    report_text_has(text, "`-29 more\n");
    report_text_has(text, "\nINCOMPLETE: some of the run was not seen, see --view summary.\n");
    free(text);
    text = show(report, "blame", NULL);
    report_text_has(text, "\nINCOMPLETE: ");
    free(text);
    json_decref(report);
}

static void the_costliest_are_to_blame(void **state)
{
    json_t *report = empty_report();
    int app = add(report, 0, "app", NULL, 1000, 100), part;
    char *text;

    (void)state;
    part = add(report, app, "big", "Big", 700, 200);
    part = add(report, part, "other", "other", 500, 100);
    add(report, part, "big.again", "Big", 400, 400);
    add(report, app, "big.late", "Big", 200, 200);
    json_object_set_new(json_array_get(json_object_get(report, "modules"), 0), "retained_ns",
                        json_integer(1000000000));
    text = show(report, "blame", NULL);
    report_text_presentable(text, 80, true);
    report_text_line(text, "The 1000.0 ms of 5 imports, by module");
    report_text_has(text, "    SELF   SHARE      TOTAL   RETAINED  MODULE     FROM\n"
                          "400.0 ms  40.0 %   400.0 ms          -  big.again  Big\n"
                          "200.0 ms  20.0 %   700.0 ms          -  big        Big\n");
    report_text_line(text, "100.0 ms  10.0 %  1000.0 ms  1000.0 ms  app");
    /* 700 + 200: what one of its modules imported of it counts once */
    report_text_line(text, "800.0 ms  80.0 %   900.0 ms        3  Big");
    report_text_line(text, "100.0 ms  10.0 %   500.0 ms        1  other");
    report_text_line(text, "100.0 ms  10.0 %  1000.0 ms        1  (not known)");
    free(text);
    text =
        show(report, "blame", &(struct thaw_report_options){.view = {.top = 1, .sort = "total"}});
    report_text_has(text, "1000.0 ms  app\n");
    report_text_has(text, "- further modules: 4 (--top NUMBER shows more)\n");
    report_text_has(text, "- further packages: 2 (--top NUMBER shows more)\n");
    free(text);
    json_decref(report);
}

static void hostile_names_stay_texts(void **state)
{
    static const char *const locales[] = {"C.UTF-8", "C"};
    static const int widths[] = {80, 120, 200};

    (void)state;
    for (size_t i = 0; report_fixture_hostile[i]; i++) {
        for (size_t j = 0; j < 12; j++) {
            bool ascii = j % 2;
            struct report_fixture fixture;
            const char *name = report_fixture_hostile[i];
            char *text;

            assert_non_null(setlocale(LC_CTYPE, locales[ascii]));
            report_fixture_fill(&fixture);
            report_fixture_put_everywhere(&fixture, &name);
            text = report_fixture_write(&fixture, views[j / 2 % 2],
                                        &(struct thaw_report_options){.width = widths[j / 4]});
            report_text_presentable(text, (size_t)widths[j / 4], ascii);
            free(text);
        }
    }
    setlocale(LC_CTYPE, "C");
}

/* Colours are the only escapes, and they leave the text as it is without. */
static void colours_change_nothing_else(void **state)
{
    struct report_fixture fixture;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.modules[2].status = THAW_MODULE_FAILED;
    for (size_t i = 0; i < 2; i++) {
        char *plain = report_fixture_write(&fixture, views[i], NULL);
        char *coloured =
            report_fixture_write(&fixture, views[i], &(struct thaw_report_options){.color = true});
        char *to = coloured;

        report_text_has(coloured, "\033[");
        for (const char *from = coloured; *from;) {
            if (*from == '\033')
                from += strcspn(from, "m") + 1;
            else
                *to++ = *from++;
        }
        *to = '\0';
        report_text_has(plain, "pandas (failed)");
        assert_string_equal(coloured, plain);
        free(plain);
        free(coloured);
    }
}

/* Each in the one before it, then as many side by side: neither recursion nor time run away. */
static void many_modules_are_no_matter(void **state)
{
    json_t *report = empty_report();
    char name[32];

    (void)state;
    for (int i = 0; i < 10000; i++) {
        snprintf(name, sizeof(name), "module%d", i);
        add(report, i < 5000 ? i : 4999, name, i % 3 ? name : NULL, 10000 - i, 1);
    }
    for (size_t i = 0; i < 2; i++) {
        char *text = show(report, views[i], &(struct thaw_report_options){.width = 200});

        report_text_presentable(text, 200, true);
        report_text_has(text, "10,000 imports");
        free(text);
    }
    json_decref(report);
}

static void days_fit_as_well(void **state)
{
    json_t *report = empty_report();
    int outer = add(report, 0, "outer", "distribution", 99999990, 50000000);

    (void)state;
    add(report, outer, "inner-of-a-name-that-does-not-fit-into-what-is-left-of-a-line", NULL,
        49999990, 49999990);
    for (size_t i = 0; i < 2; i++) {
        char *text = show(report, views[i], NULL);

        report_text_presentable(text, 80, true);
        report_text_has(text, "99999.99 s");
        free(text);
    }
    json_decref(report);
}

static void nothing_recorded_is_said(void **state)
{
    json_t *report = empty_report();

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char *text = show(report, views[i], NULL);

        assert_string_equal(text, "No imports were recorded.\n");
        free(text);
    }
    json_decref(report);
}

static void every_allocation_may_fail(void **state)
{
    FILE *nowhere = fopen("/dev/null", "w");
    json_t *report = many_small_ones();

    (void)state;
    if (!chaos_malloc_works()) {
        print_message("skip: linked without --wrap, no allocation can be made to fail\n");
        json_decref(report);
        fclose(nowhere);
        skip();
    }
    for (size_t i = 0; i < 2; i++) {
        for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
            struct thaw_error error = {0};
            int code = view_of(views[i])->write(report, NULL, nowhere, &error);

            chaos_malloc_pause();
            assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        }
    }
    json_decref(report);
    fclose(nowhere);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tree_tells_who_imported_what),
        cmocka_unit_test(small_ones_are_summed_up),
        cmocka_unit_test(as_much_as_asked_for),
        cmocka_unit_test(in_the_order_asked_for),
        cmocka_unit_test(what_did_not_end_is_shown),
        cmocka_unit_test(the_costliest_are_to_blame),
        cmocka_unit_test(hostile_names_stay_texts),
        cmocka_unit_test(colours_change_nothing_else),
        cmocka_unit_test(many_modules_are_no_matter),
        cmocka_unit_test(days_fit_as_well),
        cmocka_unit_test(nothing_recorded_is_said),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
