/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "project_input.h"

static int read_text(const char *file, const char *text)
{
    struct thaw_project_input input = project_input(file, text);

    project_again();
    return thaw_read_function_json(project, &input);
}

static const struct thaw_app_function *the_function(void)
{
    assert_int_equal(thaw_project_show(project), 0);
    assert_int_equal(project->function_count, 1);
    return &project->functions[0];
}

static const char whole[] =
    "// of the queue\n"
    "{\n"
    "  \"scriptFile\": \"../shared/./orders.py\",\n"
    "  \"entryPoint\": \"handle\",\n"
    "  \"bindings\": [\n"
    "    {\n"
    "      \"type\": \"queueTrigger\", \"direction\": \"in\",\n"
    "      \"name\": \"message\", \"queueName\": \"orders\",\n"
    "      \"connection\": \"OrdersStorage\"\n"
    "    },\n"
    "    {\"type\": \"blob\", \"direction\": \"out\", \"name\": \"$return\",\n"
    "     \"path\": \"done/{id}\"},\n"
    "  ],\n"
    "  \"retry\": {\"strategy\": \"fixedDelay\", \"maxRetryCount\": -1,\n"
    "            \"delayInterval\": \"00:00:10\"}\n"
    "}\n";

static void all_of_a_function_is_read(void **state)
{
    const struct thaw_app_function *function;
    const struct thaw_app_binding *binding;

    (void)state;
    assert_int_equal(read_text("Orders/function.json", whole), 0);
    assert_no_problem();
    function = the_function();
    assert_string_equal(function->name, "Orders");
    assert_int_equal(function->model, THAW_FUNCTION_V1);
    assert_int_equal(function->kind, THAW_FUNCTION_PLAIN);
    assert_true(function->is_registered);
    assert_string_equal(function->script, "shared/orders.py");
    assert_string_equal(function->handler, "handle");
    assert_string_equal(function->app, "");
    assert_string_equal(function->place.file, "Orders/function.json");
    assert_int_equal(function->place.line, 2);
    assert_int_equal(function->place.last_line, 16);
    assert_int_equal(function->binding_count, 2);
    binding = thaw_app_trigger(function);
    assert_ptr_equal(binding, &function->bindings[0]);
    assert_string_equal(binding->type, "queueTrigger");
    assert_string_equal(binding->parameter, "message");
    assert_string_equal(binding->connection, "OrdersStorage");
    assert_string_equal(binding->path, "orders");
    assert_string_equal(binding->route, "");
    assert_false(binding->is_output);
    assert_int_equal(binding->place.line, 6);
    assert_int_equal(binding->place.column, 5);
    assert_int_equal(binding->place.last_line, 10);
    binding = &function->bindings[1];
    assert_true(binding->is_output);
    assert_false(binding->is_trigger);
    assert_string_equal(binding->path, "done/{id}");
    assert_string_equal(function->retry_strategy, "fixed_delay");
    assert_int_equal(function->retry_most, -1);
    assert_int_equal(function->retry_place.line, 14);
}

static void http_bindings_have_methods_and_a_level(void **state)
{
    const struct thaw_app_function *function;
    const struct thaw_app_binding *trigger;

    (void)state;
    assert_int_equal(read_text("api/Get/function.json",
                               "{\"bindings\": [{\"type\": \"httpTrigger\", \"methods\": [\"GET\", "
                               "\"Post\", 1], \"authLevel\": \"Anonymous\", \"route\": \"a/{b}\"}, "
                               "{\"type\": \"http\", \"direction\": \"out\"}]}"),
                     0);
    function = the_function();
    assert_string_equal(function->name, "Get");
    assert_string_equal(function->script, "api/Get/__init__.py");
    assert_string_equal(function->handler, "main");
    assert_string_equal(function->retry_strategy, "");
    assert_int_equal(function->retry_most, INT64_MIN);
    trigger = thaw_app_trigger(function);
    assert_int_equal(trigger->methods.count, 2);
    assert_string_equal(trigger->methods.items[0], "get");
    assert_string_equal(trigger->methods.items[1], "post");
    assert_string_equal(trigger->auth_level, "anonymous");
    assert_string_equal(trigger->route, "a/{b}");
    assert_string_equal(trigger->type, "httpTrigger");
}

static void a_timer_may_be_called_at_startup(void **state)
{
    (void)state;
    assert_int_equal(read_text("A/function.json", "{\"bindings\": [{\"type\": \"timerTrigger\", "
                                                  "\"schedule\": \"0 0 3 * * *\", "
                                                  "\"runOnStartup\": true}]}"),
                     0);
    assert_true(the_function()->bindings[0].at_startup);
}

static void what_is_no_text_is_not_known(void **state)
{
    const struct thaw_app_function *function;

    (void)state;
    assert_int_equal(read_text("A/function.json",
                               "{\"bindings\": [{\"type\": \"timerTrigger\", \"schedule\": 5, "
                               "\"connectionStringSetting\": \"Old\"}], \"retry\": {\"strategy\": "
                               "\"other\", \"maxRetryCount\": \"3\"}}"),
                     0);
    function = the_function();
    assert_null(function->bindings[0].schedule);
    assert_false(function->bindings[0].at_startup);
    assert_string_equal(function->bindings[0].connection, "Old");
    assert_null(function->retry_strategy);
    assert_int_equal(function->retry_most, INT64_MIN);
}

static void durable_functions_are_told_by_their_trigger(void **state)
{
    static const struct {
        const char *text;
        enum thaw_app_function_kind kind;
    } rows[] = {
        {"{\"bindings\": [{\"type\": \"orchestrationTrigger\"}]}", THAW_FUNCTION_ORCHESTRATOR},
        {"{\"bindings\": [{\"type\": \"activityTrigger\"}]}", THAW_FUNCTION_ACTIVITY},
        {"{\"bindings\": [{\"type\": \"entityTrigger\"}]}", THAW_FUNCTION_ENTITY},
        {"{\"bindings\": [{\"type\": \"durableClient\"}]}", THAW_FUNCTION_PLAIN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(read_text("A/function.json", rows[i].text), 0);
        assert_int_equal(the_function()->kind, rows[i].kind);
    }
}

static void scripts_are_plain_paths(void **state)
{
    static const struct {
        const char *script, *path;
    } rows[] = {
        {"main.py", "A/main.py"},      {"./main.py", "A/main.py"},     {"../b//c.py", "b/c.py"},
        {"..\\\\b\\\\c.py", "b/c.py"}, {"../../x.py", "A/../../x.py"}, {"", "A/__init__.py"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[200];

        snprintf(text, sizeof(text), "{\"scriptFile\": \"%s\", \"bindings\": []}", rows[i].script);
        assert_int_equal(read_text("A/function.json", text), 0);
        assert_string_equal(the_function()->script, rows[i].path);
    }
}

static void what_is_wrong_is_told(void **state)
{
    (void)state;
    assert_int_equal(read_text("A/function.json", "{\n\"bindings\": {}}"), 0);
    assert_problem(0, THAW_PROBLEM_TYPE, 2, 1, "bindings has to be a list");
    assert_int_equal(the_function()->binding_count, 0);
    assert_int_equal(read_text("A/function.json", "{}"), 0);
    assert_problem(0, THAW_PROBLEM_TYPE, 1, 1, "bindings has to be a list");
    assert_int_equal(read_text("A/function.json", "{\"bindings\": [\n1,\n{\"name\": \"a\"}]}"), 0);
    assert_problem(0, THAW_PROBLEM_TYPE, 2, 1, "has to be an object");
    assert_problem(1, THAW_PROBLEM_TYPE, 3, 1, "without a type");
    assert_int_equal(the_function()->binding_count, 1);
    assert_int_equal(read_text("function.json", "{\"bindings\": []}"), 0);
    assert_problem(0, THAW_PROBLEM_CUT, 0, 0, "in a folder");
    assert_int_equal(project->function_count, 0);
    assert_int_equal(read_text("A/function.json", "[]"), 0);
    assert_problem(0, THAW_PROBLEM_MALFORMED, 1, 1, "object");
    assert_int_equal(project->function_count, 0);
}

static void bindings_are_bounded(void **state)
{
    char *text = malloc(20000);
    size_t length = 0;

    (void)state;
    assert_non_null(text);
    length += (size_t)snprintf(text, 20000, "{\"bindings\": [{\"type\": \"httpTrigger\"}");
    for (int i = 0; i < 1001; i++)
        length += (size_t)snprintf(text + length, 20000 - length, ",{\"type\":\"b\"}");
    snprintf(text + length, 20000 - length, "]}");
    assert_int_equal(read_text("A/function.json", text), 0);
    assert_problem(0, THAW_PROBLEM_CUT, 1, 2, "1000 bindings");
    assert_int_equal(the_function()->binding_count, 1000);
    free(text);
}

static void without_memory_it_says_so(void **state)
{
    (void)state;
    assert_true(chaos_malloc_works());
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_project_input input = project_input("Orders/function.json", whole);
        int code = -ENOMEM;

        project = thaw_project_new();
        if (project)
            code = thaw_read_function_json(project, &input);
        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        project_end(NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(all_of_a_function_is_read, project_end),
        cmocka_unit_test_teardown(http_bindings_have_methods_and_a_level, project_end),
        cmocka_unit_test_teardown(a_timer_may_be_called_at_startup, project_end),
        cmocka_unit_test_teardown(what_is_no_text_is_not_known, project_end),
        cmocka_unit_test_teardown(durable_functions_are_told_by_their_trigger, project_end),
        cmocka_unit_test_teardown(scripts_are_plain_paths, project_end),
        cmocka_unit_test_teardown(what_is_wrong_is_told, project_end),
        cmocka_unit_test_teardown(bindings_are_bounded, project_end),
        cmocka_unit_test(without_memory_it_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
