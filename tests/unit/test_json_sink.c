/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chaos_malloc.h"
#include "report/json_sink.h"
#include "report_fixture.h"
#include "thaw/report.h"

/* What jansson writes by itself is the oracle: the same bytes, but for what is escaped in HTML. */

static char *written(const json_t *object, const struct thaw_module_lines *modules,
                     enum thaw_json_form form)
{
    char *text = NULL;
    size_t length;
    FILE *stream = open_memstream(&text, &length);

    assert_non_null(stream);
    assert_int_equal(thaw_json_sink(object, modules, form, stream, NULL), 0);
    assert_int_equal(fclose(stream), 0);
    return text;
}

/* Each of the modules stands on a line of its own. */
static void assert_lines(const char *people, const json_t *object)
{
    json_t *read = json_loads(people, JSON_ALLOW_NUL, NULL), *module;
    size_t i;

    assert_true(json_equal(read, object));
    json_array_foreach(json_object_get(object, "modules"), i, module)
    {
        char *line = json_dumps(module, THAW_JSON_LINE_FLAGS);

        assert_non_null(strstr(people, line));
        assert_null(strchr(line, '\n'));
        free(line);
    }
    json_decref(read);
}

static void assert_as_jansson(const json_t *object)
{
    size_t flags = JSON_ENSURE_ASCII | JSON_REAL_PRECISION(12);
    char *people = json_dumps(object, flags | JSON_INDENT(2)),
         *compact = json_dumps(object, flags | JSON_COMPACT),
         *ours = written(object, NULL, THAW_JSON_FOR_PEOPLE),
         *in_html = written(object, NULL, THAW_JSON_IN_HTML);

    if (json_array_size(json_object_get(object, "modules")))
        assert_lines(ours, object);
    else
        assert_string_equal(ours, people);
    assert_string_equal(in_html, compact);
    free(in_html);
    free(ours);
    free(compact);
    free(people);
}

static void the_bytes_are_those_of_jansson(void **state)
{
    static const char *const texts[] = {
        "{}",
        "{\"a\": {}, \"b\": [], \"c\": [[], {}, [1]]}",
        "{\"modules\": []}",
        "{\"modules\": [{\"a\": 1}, {\"b\": [1, 2]}], \"z\": \"a\\nb\\u2028\\u0000\"}",
        "{\"a\\nb\": 0.1, \"ü\": null, \"t\": true}",
    };
    struct report_fixture fixture;
    json_t *report;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        json_t *object = json_loads(texts[i], JSON_ALLOW_NUL, NULL);

        assert_non_null(object);
        assert_as_jansson(object);
        json_decref(object);
    }
    report_fixture_fill(&fixture);
    report = report_fixture_report(&fixture);
    assert_as_jansson(report);
    json_decref(report);
}

static void markup_is_escaped(void **state)
{
    json_t *object = json_pack("{s:s}", "<&>", "</script>");
    char *text = written(object, NULL, THAW_JSON_IN_HTML);

    (void)state;
    assert_string_equal(text, "{\"\\u003c\\u0026\\u003e\":\"\\u003c/script\\u003e\"}");
    free(text);
    json_decref(object);
}

/* Longer than what is written at once, in one piece and in many. */
static void long_texts_are_whole(void **state)
{
    enum { length = 200000 };
    char *name = malloc(length + 1);
    json_t *object, *list = json_array();

    (void)state;
    memset(name, 'x', length);
    name[length] = '\0';
    for (int i = 0; i < 50000; i++)
        json_array_append_new(list, json_integer(i));
    object = json_pack("{s:s, s:o}", "name", name, "list", list);
    assert_as_jansson(object);
    json_decref(object);
    free(name);
}

/* A head with lines for its modules is the whole report. */
static void assert_made(const struct thaw_analysis *analysis)
{
    struct thaw_module_lines lines;
    json_t *whole, *head;

    assert_int_equal(thaw_report_json(analysis, &whole, NULL), 0);
    assert_int_equal(thaw_report_json_head(analysis, &head, NULL), 0);
    assert_int_equal(json_array_size(json_object_get(head, "modules")), 0);
    assert_true(json_array_size(json_object_get(whole, "modules")) > 1);
    assert_int_equal(thaw_module_lines_make(analysis, &lines, NULL), 0);
    for (int form = THAW_JSON_FOR_PEOPLE; form <= THAW_JSON_IN_HTML; form++) {
        char *expected = written(whole, NULL, form), *made = written(head, &lines, form);

        assert_string_equal(made, expected);
        free(made);
        free(expected);
    }
    thaw_module_lines_free(&lines);
    json_decref(head);
    json_decref(whole);
}

static void lines_of_modules_are_those_of_the_report(void **state)
{
    struct report_fixture fixture;
    const struct thaw_analysis analysis = {.timeline = &fixture.timeline};

    (void)state;
    report_fixture_fill(&fixture);
    assert_made(&analysis);
}

/* Enough of them for several threads: their lines stand in order. */
static void many_modules_stand_in_order(void **state)
{
    enum { many = 3000 };
    struct thaw_module *modules = calloc(many, sizeof(*modules));
    struct report_fixture fixture;
    const struct thaw_analysis analysis = {.timeline = &fixture.timeline};

    (void)state;
    report_fixture_fill(&fixture);
    for (uint32_t i = 0; i < many; i++) {
        modules[i] = fixture.timeline.modules[i % fixture.timeline.module_count];
        modules[i].id = i + 1;
    }
    fixture.timeline.modules = modules;
    fixture.timeline.module_count = many;
    assert_made(&analysis);
    free(modules);
}

static void memory_that_is_short_is_told(void **state)
{
    struct report_fixture fixture;
    const struct thaw_analysis analysis = {.timeline = &fixture.timeline};
    struct thaw_module_lines lines;
    json_t *head;
    FILE *stream = fopen("/dev/null", "w");

    (void)state;
    report_fixture_fill(&fixture);
    assert_int_equal(thaw_report_json_head(&analysis, &head, NULL), 0);
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        int code = thaw_module_lines_make(&analysis, &lines, NULL);

        if (!code)
            code = thaw_json_sink(head, &lines, THAW_JSON_FOR_PEOPLE, stream, NULL);
        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        thaw_module_lines_free(&lines);
    }
    fclose(stream);
    json_decref(head);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bytes_are_those_of_jansson),
        cmocka_unit_test(markup_is_escaped),
        cmocka_unit_test(long_texts_are_whole),
        cmocka_unit_test(lines_of_modules_are_those_of_the_report),
        cmocka_unit_test(many_modules_stand_in_order),
        cmocka_unit_test(memory_that_is_short_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
