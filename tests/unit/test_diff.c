/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "compare/diff_parts.h"
#include "report/keys.h"
#include "report/read_report.h"
#include "report/spdx.h"

/* Comparisons and bills of materials of reports from outside, and when memory is short. */

#define HEAD                                                                                       \
    "{\"schema\": \"thaw-report/1\", \"tool\": {\"name\": \"thaw\", \"version\": null}, "          \
    "\"complete\": true, \"run\": null, \"totals\": null, "
#define TARGET                                                                                     \
    "\"target\": {\"path\": \"a\", \"kind\": \"app\", \"sites\": [\"s\", \"s/deep\"], "            \
    "\"python\": {\"version\": \"3.11\", \"full_version\": null, \"implementation\": null, "       \
    "\"machine\": null}}, "
#define DISTRIBUTION(name, version)                                                                \
    "{\"name\": \"" name "\", \"version\": \"" version "\", \"location\": \"s\", \"bytes\": 1, "   \
    "\"disk_bytes\": 2, \"files\": 1, \"requires\": [\"b\"], \"license\": \"MIT\", "               \
    "\"why\": [\"r:1\", \"" name "\"]}"

static const char before_text[] = HEAD TARGET "\"distributions\": [" DISTRIBUTION(
    "A", "1") ", " DISTRIBUTION("gone", "1") "], "
                                             "\"requirements\": [{\"file\": \"r\", \"line\": 1, "
                                             "\"text\": \"A\", \"name\": \"A\", "
                                             "\"constraint\": false}], "
                                             "\"libraries\": [{\"path\": \"s/l-12345678.so\", "
                                             "\"distribution\": \"A\", \"bytes\": 1}]}";
static const char after_text[] =
    HEAD TARGET "\"distributions\": [" DISTRIBUTION("a", "2") ", " DISTRIBUTION(
        "b",
        "1") "], "
             "\"requirements\": [{\"file\": \"r\", \"line\": 1, \"text\": \"A==2\", "
             "\"constraint\": false, \"name\": "
             "\"A\"}], "
             "\"folders\": [{\"path\": \"s\", \"distribution\": null, \"files\": 1, \"bytes\": 1, "
             "\"disk_bytes\": 9}], "
             "\"libraries\": [{\"path\": \"s/l-abcdefab.so\", \"distribution\": \"a\", \"bytes\": "
             "2, "
             "\"needed\": [{\"name\": \"x\", \"resolved\": null}]}]}";

static json_t *read_text(const char *text)
{
    json_t *report = NULL;
    struct thaw_error error;

    assert_int_equal(thaw_report_read("report", text, strlen(text), &report, &error), 0);
    return report;
}

/* Compares the two, shows that and writes a bill of materials; 0 or what failed first. */
static int do_all(const json_t *before, const json_t *after, struct thaw_error *error)
{
    struct thaw_diff_side sides[2] = {{.name = "before", .report = before},
                                      {.name = "after", .report = after}};
    const struct thaw_report_format *row = thaw_report_formats();
    FILE *stream = fopen("/dev/null", "w");
    json_t *diff = NULL;
    int code = stream ? thaw_diff_build(&sides[0], &sides[1], &diff, error) : -ENOMEM;

    while (strcmp(row->name, "cyclonedx") != 0)
        row++;
    if (!code)
        code = thaw_write_diff(diff, NULL, stream, error);
    if (!code)
        code = row->write(after, NULL, stream, error);
    if (stream)
        fclose(stream);
    json_decref(diff);
    return code;
}

static void changes_are_told(void **state)
{
    json_t *before = read_text(before_text), *after = read_text(after_text), *diff = NULL;
    struct thaw_diff_side sides[2] = {{.name = "before", .report = before},
                                      {.name = "after", .report = after}};
    json_t *list, *cause;

    (void)state;
    assert_int_equal(thaw_diff_build(&sides[0], &sides[1], &diff, NULL), 0);
    list = json_object_get(diff, "distributions");
    assert_int_equal(json_array_size(list), 3);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "name")), "b");
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 1), "name")),
                        "gone");
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 2), "change")),
                        "version");
    cause = json_object_get(json_array_get(list, 2), "cause");
    assert_string_equal(json_string_value(json_object_get(cause, "text")), "A==2");
    list = json_object_get(diff, "libraries");
    assert_int_equal(json_array_size(list), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "change")),
                        "size");
    assert_true(json_is_null(json_object_get(diff, "folders")));
    json_decref(diff);
    json_decref(before);
    json_decref(after);
}

/* Those of the target that did not grow, too. */
static void libraries_of_the_system_stand_last(void **state)
{
    json_t *before = read_text(HEAD TARGET "\"distributions\": [], \"libraries\": [{\"path\": "
                                           "\"s/z.so\", \"bytes\": 1, \"build_id\": \"1\"}]}");
    json_t *after = read_text(HEAD TARGET "\"distributions\": [], \"libraries\": [{\"path\": "
                                          "\"/lib/a.so\", \"bytes\": 9, \"outside\": true}, "
                                          "{\"path\": \"s/z.so\", \"bytes\": 1, \"build_id\": "
                                          "\"2\"}]}");
    const struct thaw_diff_side sides[2] = {{.name = "a", .report = before},
                                            {.name = "b", .report = after}};
    const json_t *list;
    json_t *diff = NULL;

    (void)state;
    assert_int_equal(thaw_diff_build(&sides[0], &sides[1], &diff, NULL), 0);
    list = json_object_get(diff, "libraries");
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(thaw_key_string(json_array_get(list, 0), "path"), "s/z.so");
    assert_string_equal(thaw_key_string(json_array_get(list, 1), "path"), "/lib/a.so");
    json_decref(diff);
    json_decref(before);
    json_decref(after);
}

static void places_are_the_same_wherever_packages_are(void **state)
{
    json_t *report = read_text(before_text);
    struct thaw_diff_side side = {.name = "report", .report = report};
    struct thaw_differ differ = {.sides = {&side, &side}};

    (void)state;
    assert_string_equal(thaw_differ_place(&differ, 0, "s/x/y"), "s:x/y");
    assert_string_equal(thaw_differ_place(&differ, 0, "s"), "s:");
    assert_string_equal(thaw_differ_place(&differ, 0, "s/deep/x"), "s:x");
    assert_string_equal(thaw_differ_place(&differ, 0, "sx/y"), "t:sx/y");
    assert_string_equal(thaw_differ_place(&differ, 0, ""), "t:");
    assert_false(differ.values.failed);
    thaw_arena_free(&differ.arena);
    json_decref(report);
}

static void bytes_are_part_of_a_key(void **state)
{
    struct thaw_arena arena = {0};
    json_t *object = json_pack("{ss ss ss}", "name", "A_b", "path", "p", "path_bytes", "p%FF");

    (void)state;
    assert_string_equal(thaw_key_name(&arena, object, "name"), "a-b");
    assert_string_equal(thaw_key_text(&arena, object, "path"), "%:p%FF");
    assert_string_equal(thaw_key_text(&arena, object, "absent"), "");
    assert_null(thaw_key_within("ab/c", "a"));
    assert_string_equal(thaw_key_within("a/c", "a"), "c");
    assert_string_equal(thaw_key_within("a/c", ""), "a/c");
    json_decref(object);
    thaw_arena_free(&arena);
}

static void licences_are_told_apart(void **state)
{
    static const struct {
        const char *text;
        enum thaw_license_form form;
    } cases[] = {
        {"MIT", THAW_LICENSE_ID},
        {"LicenseRef-Mine", THAW_LICENSE_EXPRESSION},
        {"MIT OR (Apache-2.0 AND BSD-3-Clause)", THAW_LICENSE_EXPRESSION},
        {"((MIT))", THAW_LICENSE_EXPRESSION},
        {"Apache-2.0 WITH LLVM-exception", THAW_LICENSE_EXPRESSION},
        {"", THAW_LICENSE_WORDS},
        {"mit", THAW_LICENSE_WORDS},
        {"MIT MIT", THAW_LICENSE_WORDS},
        {"MIT OR", THAW_LICENSE_WORDS},
        {"(MIT))", THAW_LICENSE_WORDS},
        {"MIT WITH", THAW_LICENSE_WORDS},
        {"LicenseRef-", THAW_LICENSE_WORDS},
        {"MIT\tOR MIT", THAW_LICENSE_WORDS},
        {" MIT", THAW_LICENSE_WORDS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(thaw_license_form(cases[i].text), cases[i].form);
}

static void every_allocation_may_fail(void **state)
{
    json_t *before = read_text(before_text), *after = read_text(after_text);
    struct thaw_error error;
    size_t rounds = 0;

    (void)state;
    if (!chaos_malloc_works()) {
        print_message("skip: linked without --wrap\n");
        skip();
    }
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more(); rounds++) {
        int code = do_all(before, after, &error);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
    }
    assert_true(rounds > 3);
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
    json_t *before = NULL, *after = NULL;
    struct thaw_error error;
    size_t granted = 0;
    int code;

    (void)state;
    json_set_alloc_funcs(failing_malloc, free);
    do {
        allocations_left = granted++;
        code = thaw_report_read("before", before_text, strlen(before_text), &before, &error);
        if (!code)
            code = thaw_report_read("after", after_text, strlen(after_text), &after, &error);
        if (!code)
            code = do_all(before, after, &error);
        json_decref(before);
        json_decref(after);
        before = after = NULL;
        /* jansson takes a text that it has no memory for as an invalid one */
        if (code && code != -ENOMEM && !strstr(error.message, "is no report of thaw: line"))
            fail_msg("%d %s", code, error.message);
    } while (code);
    json_set_alloc_funcs(malloc, free);
    assert_true(granted > 300);
}

static void what_is_no_report_is_refused(void **state)
{
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"", "line 1"},
        {"[]", "\"schema\""},
        {"{\"schema\": \"thaw-report/9\"}", "reads thaw-report/1"},
        {HEAD "\"libraries\": null}", "distributions is missing"},
        {HEAD "\"libraries\": [{\"path\": 1}], \"distributions\": []}",
         "libraries[0].path is not a text"},
        {HEAD "\"libraries\": [{\"path\": \"a\", \"path_bytes\": 3}], \"distributions\": []}",
         "path_bytes"},
        {HEAD "\"libraries\": [], \"distributions\": [], \"totals\": 1}", "duplicate"},
    };
    struct thaw_error error;
    json_t *report = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int code = thaw_report_read("R", cases[i].text, strlen(cases[i].text), &report, &error);

        assert_int_equal(code, -EINVAL);
        if (!strstr(error.message, cases[i].message))
            fail_msg("%s: %s", cases[i].message, error.message);
        assert_null(report);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_are_told),
        cmocka_unit_test(libraries_of_the_system_stand_last),
        cmocka_unit_test(places_are_the_same_wherever_packages_are),
        cmocka_unit_test(bytes_are_part_of_a_key),
        cmocka_unit_test(licences_are_told_apart),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(jansson_may_run_out_of_memory),
        cmocka_unit_test(what_is_no_report_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
