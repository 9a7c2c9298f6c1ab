/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "compare/diff_cold.h"
#include "report/keys.h"
#include "report/read_report.h"

/* Cold starts that are compared, of reports from outside, and when memory is short. */

#define HEAD                                                                                       \
    "{\"schema\": \"thaw-report/1\", \"tool\": {\"name\": \"thaw\", \"version\": null}, "          \
    "\"complete\": true, \"totals\": null, \"distributions\": null, \"libraries\": null, "         \
    "\"run\": {\"command\": [\"host\"], \"started\": null, \"platform\": null}, "                  \
    "\"machine\": {\"cpus\": 2}, "                                                                 \
    "\"processes\": [{\"id\": 1, \"role\": \"worker\", \"python\": \"3.11.2\"}], "
#define TRACK(total, import)                                                                       \
    "\"tracks\": [{\"process\": 1, \"headline\": true, \"answered\": true, \"total_ns\": " total   \
    ", \"unattributed_ns\": 0, \"start_ns\": 0, \"end_ns\": 1000000000, \"phases\": ["             \
    "{\"name\": \"worker\", \"start_ns\": 0, \"end_ns\": 100, \"counted\": true, \"children\": ["  \
    "{\"name\": \"worker.imports\", \"start_ns\": 10, \"end_ns\": 20}]}, "                         \
    "{\"name\": \"import\", \"start_ns\": 100, \"end_ns\": " import ", "                           \
    "\"counted\": true}]}], "
#define MODULE(id, parent, name, owner, more)                                                      \
    "{\"id\": " id ", \"parent\": " parent ", \"name\": \"" name "\", \"kind\": \"source\", "      \
    "\"file\": \"" name ".py\", \"distribution\": null, \"owner\": \"" owner "\", "                \
    "\"process\": 1, \"start_ns\": " id ", \"total_ns\": 60, \"self_ns\": 20, "                    \
    "\"status\": \"loaded\"" more "}"

static const char before_text[] =
    HEAD TRACK("400", "400") "\"modules\": [" MODULE("1", "null", "app", "app", "") ", " MODULE(
        "2", "1", "lib", "package",
        ", \"statement\": {\"file\": \"app.py\", \"line\": "
        "3}") ", " MODULE("3", "2", "moved", "package", "") ", " MODULE("4", "1", "gone", "package",
                                                                        "") "]}";
static const char after_text[] =
    HEAD TRACK("500", "500") "\"modules\": [" MODULE("1", "null", "app", "app", "") ", " MODULE(
        "2", "1", "lib", "package",
        ", \"statement\": {\"file\": \"app.py\", \"line\": 3}, "
        "\"opened_bytes\": 7") ", " MODULE("3", "1", "moved", "package",
                                           "") ", " MODULE("4", "2", "new", "package",
                                                           "") ", " MODULE("5", "4", "below",
                                                                           "package",
                                                                           ", \"name_bytes\": "
                                                                           "\"below%FF\"") "]}";

static json_t *read_text(const char *text)
{
    json_t *report = NULL;
    struct thaw_error error;

    if (thaw_report_read("report", text, strlen(text), &report, &error))
        fail_msg("%s", error.message);
    return report;
}

static json_t *diff_of(const struct thaw_diff_side *sides)
{
    struct thaw_error error;
    json_t *diff = NULL;

    assert_int_equal(thaw_diff_build(&sides[0], &sides[1], &diff, &error), 0);
    return diff;
}

/* Compares the two and writes it in all formats; 0 or what failed first. */
static int do_all(const struct thaw_diff_side *sides, struct thaw_error *error)
{
    FILE *stream = fopen("/dev/null", "w");
    json_t *diff = NULL;
    int code = stream ? thaw_diff_build(&sides[0], &sides[1], &diff, error) : -ENOMEM;

    for (const struct thaw_report_format *row = thaw_diff_formats(); row->name && !code; row++)
        code = row->write(diff, NULL, stream, error);
    if (stream)
        fclose(stream);
    json_decref(diff);
    return code;
}

static const json_t *module_of(const json_t *diff, const char *name)
{
    const json_t *module;
    size_t i;

    json_array_foreach(json_object_get(json_object_get(diff, "cold_start"), "modules"), i, module)
    {
        if (!strcmp(thaw_key_string(module, "name"), name))
            return module;
    }
    return NULL;
}

static void modules_are_matched_by_name(void **state)
{
    static const struct {
        const char *name, *change;
        json_int_t below;
        bool top;
    } cases[] = {
        {"new", "came", 1, true},
        {"below", "came", 0, false},
        {"gone", "went", 0, true},
        {"moved", "moved", 0, false},
    };
    json_t *before = read_text(before_text), *after = read_text(after_text), *diff;
    struct thaw_diff_side sides[2] = {{.name = "b", .report = before},
                                      {.name = "a", .report = after}};
    const json_t *importer, *cold;

    (void)state;
    diff = diff_of(sides);
    cold = json_object_get(diff, "cold_start");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const json_t *module = module_of(diff, cases[i].name);

        if (!module)
            fail_msg("%s is not told", cases[i].name);
        assert_string_equal(thaw_key_string(module, "change"), cases[i].change);
        assert_int_equal(json_integer_value(json_object_get(module, "below")), cases[i].below);
        assert_int_equal(thaw_summary_is(module, "top"), cases[i].top);
    }
    assert_null(module_of(diff, "lib"));
    assert_int_equal(json_integer_value(json_object_get(cold, "modules_same")), 2);
    importer = json_object_get(module_of(diff, "below"), "importer");
    assert_string_equal(thaw_key_string(importer, "file"), "app.py");
    assert_int_equal(json_integer_value(json_object_get(importer, "line")), 3);
    importer = json_object_get(module_of(diff, "gone"), "importer");
    assert_true(json_is_null(json_object_get(importer, "line")));
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(cold, "total_ns"), "change_ns")), 100);
    json_decref(diff);
    json_decref(before);
    json_decref(after);
}

#define MAPPED(root)                                                                               \
    "{\"schema\": \"thaw-report/1\", \"tool\": {\"name\": \"thaw\", \"version\": null}, "          \
    "\"complete\": true, \"totals\": null, \"run\": {\"command\": [], \"started\": null, "         \
    "\"platform\": null}, \"modules\": [], \"distributions\": [{\"name\": \"d\", \"version\": "    \
    "null, \"location\": \"" root "/site\", \"bytes\": 1, \"disk_bytes\": 1, \"files\": 1, "       \
    "\"requires\": []}], \"libraries\": [{\"path\": \"" root "/site/d/l.so\", \"bytes\": 3}, "     \
    "{\"path\": \"" root "/own.so\", \"bytes\": 4}]}"

/* Recordings made of the same app in two places: a library of a distribution is the same. */
static void libraries_of_recordings_are_told_by_their_place(void **state)
{
    json_t *before = read_text(MAPPED("/a")), *after = read_text(MAPPED("/b/c"));
    struct thaw_diff_side sides[2] = {{.name = "b", .report = before},
                                      {.name = "a", .report = after}};
    json_t *diff = diff_of(sides);

    (void)state;
    assert_int_equal(json_integer_value(json_object_get(diff, "libraries_same")), 1);
    assert_int_equal(json_array_size(json_object_get(diff, "libraries")), 2);
    assert_int_equal(json_integer_value(json_object_get(diff, "distributions_same")), 1);
    json_decref(diff);
    json_decref(before);
    json_decref(after);
}

static void runs_alike_are_the_same(void **state)
{
    json_t *report = read_text(before_text);
    struct thaw_diff_run runs[5] = {
        {"1", report}, {"2", report}, {"3", report}, {"4", report}, {"5", report}};
    struct thaw_diff_side sides[2] = {
        {.name = "b", .report = report, .runs = runs, .run_count = 5},
        {.name = "a", .report = report, .runs = runs, .run_count = 5},
    };
    json_t *diff = diff_of(sides);
    const json_t *total = json_object_get(json_object_get(diff, "cold_start"), "total_ns");

    (void)state;
    assert_string_equal(thaw_key_string(total, "verdict"), "same");
    assert_float_equal(json_real_value(json_object_get(total, "probability")), 1, 0);
    assert_float_equal(json_real_value(json_object_get(json_object_get(total, "ratio"), "low")), 1,
                       0);
    assert_int_equal(json_array_size(json_object_get(total, "before_runs")), 5);
    json_decref(diff);
    json_decref(report);
}

/* A chain of modules deeper than Python goes, and as many processes: nothing recurses, and nothing
 * looks through all of them for each. */
static void deep_and_wide_reports_are_bearable(void **state)
{
    enum { many = 20000 };
    json_t *report = read_text(before_text), *modules = json_object_get(report, "modules");
    json_t *processes = json_object_get(report, "processes"), *diff, *empty;
    struct thaw_diff_side sides[2];
    const json_t *last;

    (void)state;
    for (int i = 5; i < many; i++) {
        char name[16];

        snprintf(name, sizeof(name), "deep%d", i);
        json_array_append_new(modules,
                              json_pack("{si si ss sn sn sn sn si si si si ss}", "id", i, "parent",
                                        i - 1, "name", name, "kind", "file", "distribution",
                                        "owner", "process", 1, "start_ns", i, "total_ns", many - i,
                                        "self_ns", 1, "status", "loaded"));
        json_array_append_new(processes, json_pack("{si ss}", "id", i, "role", "host"));
    }
    empty = json_deep_copy(report);
    json_array_clear(json_object_get(empty, "modules"));
    sides[0] = (struct thaw_diff_side){.name = "b", .report = empty};
    sides[1] = (struct thaw_diff_side){.name = "a", .report = report};
    diff = diff_of(sides);
    last = module_of(diff, "deep19999");
    assert_string_equal(thaw_key_string(last, "change"), "came");
    assert_int_equal(json_array_size(json_object_get(last, "chain")), 32);
    assert_int_equal(json_array_size(json_object_get(
                         json_object_get(json_object_get(diff, "cold_start"), "tree"), "name")),
                     many);
    json_decref(diff);
    json_decref(empty);
    json_decref(report);
}

static void every_allocation_may_fail(void **state)
{
    json_t *before = read_text(before_text), *after = read_text(after_text);
    struct thaw_diff_run runs[2] = {{"1", before}, {"2", after}};
    struct thaw_diff_side sides[2] = {
        {.name = "b", .report = before},
        {.name = "a", .report = after, .runs = runs, .run_count = 2},
    };
    struct thaw_error error;
    size_t rounds = 0;

    (void)state;
    if (!chaos_malloc_works()) {
        print_message("skip: linked without --wrap\n");
        skip();
    }
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more(); rounds++) {
        int code = do_all(sides, &error);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
    }
    assert_true(rounds > 10);
    json_decref(before);
    json_decref(after);
}

static size_t allocations_left;

static void *failing_malloc(size_t size)
{
    return allocations_left && allocations_left-- ? malloc(size) : NULL;
}

static void jansson_may_run_out_of_memory(void **state)
{
    json_t *before = read_text(before_text), *after = read_text(after_text);
    struct thaw_diff_side sides[2] = {{.name = "b", .report = before},
                                      {.name = "a", .report = after}};
    struct thaw_error error;
    size_t granted = 0;
    int code;

    (void)state;
    json_set_alloc_funcs(failing_malloc, free);
    do {
        allocations_left = granted++;
        code = do_all(sides, &error);
        if (code && code != -ENOMEM)
            fail_msg("%d %s", code, error.message);
    } while (code);
    json_set_alloc_funcs(malloc, free);
    assert_true(granted > 500);
    json_decref(before);
    json_decref(after);
}

static void what_is_no_cold_start_is_refused(void **state)
{
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {HEAD "\"modules\": [{\"id\": 1}]}", "modules[0].parent is missing"},
        {HEAD "\"tracks\": [1]}", "tracks is not a list of objects"},
        {HEAD "\"tracks\": [{\"process\": 1, \"headline\": true, \"total_ns\": -1}]}",
         "tracks[0].total_ns"},
    };
    struct thaw_error error;
    json_t *report = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(
            thaw_report_read("R", cases[i].text, strlen(cases[i].text), &report, &error), -EINVAL);
        if (!strstr(error.message, cases[i].message))
            fail_msg("%s: %s", cases[i].message, error.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modules_are_matched_by_name),
        cmocka_unit_test(libraries_of_recordings_are_told_by_their_place),
        cmocka_unit_test(runs_alike_are_the_same),
        cmocka_unit_test(deep_and_wide_reports_are_bearable),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(jansson_may_run_out_of_memory),
        cmocka_unit_test(what_is_no_cold_start_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
