/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "project/document.h"
#include "project_input.h"

static struct thaw_project_document *document;

static int end(void **state)
{
    thaw_document_free(document);
    document = NULL;
    return project_end(state);
}

static int read_bytes(const char *bytes, size_t length)
{
    thaw_document_free(document);
    project_again();
    return thaw_document_read(
        project,
        &(struct thaw_project_input){.file = "host.json", .bytes = bytes, .length = length},
        &document);
}

static int read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

static void assert_found(const char *path, uint32_t line, uint32_t column, uint32_t last_line)
{
    uint32_t at;
    struct thaw_project_place place;

    assert_non_null(thaw_document_find(document, path, &at));
    place = thaw_document_place(document, at);
    assert_string_equal(place.file, "host.json");
    assert_int_equal(place.line, line);
    assert_int_equal(place.column, column);
    assert_int_equal(place.last_line, last_line);
}

static void values_have_places_among_comments(void **state)
{
    (void)state;
    assert_int_equal(read_text("\xEF\xBB\xBF// gr\xC3\xBC\xC3\x9F\n"
                               "{\n"
                               "  \"version\": \"2.0\", /* \xE2\x82\xAC */ \"a\": 1,\n"
                               "  \"logging\": {\n"
                               "    \"logLevel\": {\"default\": \"Information\",},\n"
                               "  },\n"
                               "}\n"),
                     0);
    assert_no_problem();
    assert_found("", 2, 1, 7);
    assert_found("version", 3, 3, 3);
    assert_found("a", 3, 29, 3);
    assert_found("logging", 4, 3, 6);
    assert_found("logging.logLevel.default", 5, 18, 5);
}

static void keys_may_have_dots_and_other_case(void **state)
{
    uint32_t at;
    const json_t *value;

    (void)state;
    assert_int_equal(read_text(
                         "{\"logLevel\": {\"Host\": 1, \"Host.Results\": 2, "
                         "\"Function.A.User\": 3}, \"LOGLEVEL\": 4, \"Http\": {\"routePrefix\""
                         ": \"\"}}"),
                     0);
    value = thaw_document_find(document, "logLevel.Function.A.User", &at);
    assert_int_equal(json_integer_value(value), 3);
    assert_int_equal(json_integer_value(thaw_document_find(document, "logLevel.Host", NULL)), 1);
    assert_int_equal(json_integer_value(thaw_document_find(document, "LOGLEVEL", NULL)), 4);
    assert_non_null(thaw_document_find(document, "http.RoutePrefix", NULL));
    assert_null(thaw_document_find(document, "http.RoutePrefix.x", NULL));
    assert_null(thaw_document_find(document, "http.route", &at));
    assert_int_equal(at, THAW_JSON_NO_VALUE);
}

static void what_is_no_json_says_where(void **state)
{
    static const struct {
        const char *text;
        uint32_t line, column;
        const char *words, *fix;
    } rows[] = {
        {"", 1, 1, "empty", ""},
        {"  \n \t", 2, 3, "empty", ""},
        {"// nothing\n", 2, 1, "empty", ""},
        {"\xEF\xBB\xBF", 1, 1, "empty", ""},
        {"{\n  \"a\": {\n", 3, 1, "ends before", "write the brackets"},
        {"{\n  'a': 1}", 2, 3, "double quotes", "put it in double quotes"},
        {"{\"a\": 1\n \"b\": 2}", 2, 2, "comma", "write the comma"},
        {"{\"a\": 1}}", 1, 9, "closes nothing", "take the bracket out"},
        {"{\"a\" 1}", 1, 6, "can't stand here", "an editor that knows JSON"},
        {"{,}", 1, 2, "missing before this", "write what is missing"},
        {"{\n# a comment\n}", 2, 1, "//", "begin the comment with //"},
        {"{\"a\": True}", 1, 11, "what ends here", "an editor that knows JSON"},
        {"{\"a\": \"\\x\"}", 1, 10, "what ends here", "an editor that knows JSON"},
        {"{\n\"a\": 123456789012345678901234567890\n}", 2, 36, "too large", "a number that fits"},
        {"{\"a\": \"\n\"}", 1, 8, "what ends here", "an editor that knows JSON"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(read_text(rows[i].text), 0);
        assert_null(document);
        assert_problem(0, THAW_PROBLEM_MALFORMED, rows[i].line, rows[i].column, rows[i].words);
        assert_int_equal(project->problem_count, 1);
        assert_string_equal(project->problems[0].place.file, "host.json");
        assert_int_equal(*project->problems[0].fix != '\0', *rows[i].fix != '\0');
        assert_non_null(strstr(project->problems[0].fix, rows[i].fix));
    }
}

static void bytes_that_are_no_text_are_told(void **state)
{
    (void)state;
    assert_int_equal(read_bytes("\xFF\xFE{\0}\0", 6), 0);
    assert_problem(0, THAW_PROBLEM_MALFORMED, 0, 0, "UTF-16");
    assert_int_equal(read_bytes("\xFE\xFF\0{\0}", 6), 0);
    assert_problem(0, THAW_PROBLEM_MALFORMED, 0, 0, "UTF-16");
    assert_int_equal(read_bytes("\n\x7F"
                                "ELF\0\1\2",
                                8),
                     0);
    assert_problem(0, THAW_PROBLEM_MALFORMED, 2, 5, "NUL");
    assert_int_equal(read_text("{\"a\":\n \"gr\xFC\xDF\"}"), 0);
    assert_problem(0, THAW_PROBLEM_MALFORMED, 2, 5, "UTF-8");
    assert_string_equal(project->problems[0].fix, "save the file as UTF-8");
    assert_null(document);
}

/* A problem's words are shown to anyone: they hold nothing of what stands in the file. */
static void problems_hold_no_values(void **state)
{
    static const char *const texts[] = {
        "{\"a\": \"hunter2\" \"b\": 1}",
        "{\"a\": hunter2}",
        "{\"a\": \"hunter2\\x\"}",
        "{\"a\": \"hunter2\", \"a\": \"hunter2\"}",
        "hunter2",
        "[\"hunter2\"",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(read_text(texts[i]), 0);
        assert_int_equal(thaw_project_show(project), 0);
        assert_int_equal(project->problem_count, 1);
        assert_null(strstr(project->problems[0].what, "hunter"));
    }
}

static void each_key_that_stands_twice_is_told(void **state)
{
    uint32_t at;

    (void)state;
    assert_int_equal(read_text("{\"a\": 1,\n \"b\": {\"x\": 1, \"\\u0078\": 2},\n \"a\": 3,\n"
                               " \"a\": 4}"),
                     0);
    assert_non_null(document);
    assert_problem(0, THAW_PROBLEM_DUPLICATE_KEY, 2, 16, "after line 2");
    assert_problem(1, THAW_PROBLEM_DUPLICATE_KEY, 3, 2, "\"a\" stands here again, after line 1");
    assert_problem(2, THAW_PROBLEM_DUPLICATE_KEY, 4, 2, "after line 3");
    assert_int_equal(project->problem_count, 3);
    assert_int_equal(json_integer_value(thaw_document_find(document, "a", &at)), 4);
    assert_int_equal(thaw_document_place(document, at).line, 4);
}

static void it_has_bounds(void **state)
{
    size_t length = THAW_PROJECT_JSON_BYTES_MAX + 1;
    char *bytes = malloc(length);

    (void)state;
    assert_non_null(bytes);
    memset(bytes, ' ', length);
    bytes[0] = '1';
    assert_int_equal(read_bytes(bytes, length), 0);
    assert_problem(0, THAW_PROBLEM_TOO_LARGE, 0, 0, "larger than 16 MB");
    assert_int_equal(read_bytes(bytes, length - 1), 0);
    assert_non_null(document);
    memset(bytes, '[', 5000);
    assert_int_equal(read_bytes(bytes, 5000), 0);
    assert_problem(0, THAW_PROBLEM_TOO_LARGE, 1, 2049, "too deeply");
    assert_null(document);
    free(bytes);
}

static void a_root_of_another_type_is_told(void **state)
{
    (void)state;
    project_again();
    assert_int_equal(thaw_document_read_object(
                         project, &(struct thaw_project_input){"f", "\n[1]", 4}, &document),
                     0);
    assert_null(document);
    assert_problem(0, THAW_PROBLEM_MALFORMED, 2, 1, "object");
}

static void without_memory_it_says_so(void **state)
{
    (void)state;
    assert_true(chaos_malloc_works());
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_project_input input =
            project_input("host.json", "{\"a\": [1, 2, 3], \"a\": {\"b\": 1}, \"c\": 1, \"c\": 2}");
        int code = -ENOMEM;

        project = thaw_project_new();
        if (project)
            code = thaw_document_read(project, &input, &document);
        if (!code)
            code = thaw_project_show(project);
        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        end(NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(values_have_places_among_comments, end),
        cmocka_unit_test_teardown(keys_may_have_dots_and_other_case, end),
        cmocka_unit_test_teardown(what_is_no_json_says_where, end),
        cmocka_unit_test_teardown(bytes_that_are_no_text_are_told, end),
        cmocka_unit_test_teardown(problems_hold_no_values, end),
        cmocka_unit_test_teardown(each_key_that_stands_twice_is_told, end),
        cmocka_unit_test_teardown(it_has_bounds, end),
        cmocka_unit_test_teardown(a_root_of_another_type_is_told, end),
        cmocka_unit_test_teardown(without_memory_it_says_so, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
