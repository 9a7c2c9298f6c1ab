/* SPDX-License-Identifier: Apache-2.0 */
/* Timers that are called too often, and what is left of runtimes that have ended. */
#include "lint_cases.h"

static void test_startup(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_app_function *function = lint_fixture_function(fixture, "tick", "timerTrigger");

    function->bindings[0].schedule = "0 0 3 * * *";
    silent(fixture, &thaw_rule_timer_at_startup);
    function->bindings[0].at_startup = true;
    says_at(fixture, &thaw_rule_timer_at_startup, "tick", "at each start of the host", "warning",
            "function_app.py:1");
    says(fixture, &thaw_rule_timer_at_startup, "tick", "remove run_on_startup=True");
    function->model = THAW_FUNCTION_V1;
    says(fixture, &thaw_rule_timer_at_startup, "tick", "remove \"runOnStartup\": true");
    function->model = THAW_FUNCTION_V2;
    function->is_registered = false;
    silent(fixture, &thaw_rule_timer_at_startup);
}

static void test_each_second(void **state)
{
    static const char *const often[][2] = {
        {"* 1 * * * *", "tick is called 60 times within each minute that its schedule names: * 1"},
        {"* * * * * *", "tick is called each second: * *"},
        {" *  *  * * * * ", "tick is called each second: "},
        {" *  */5 * * * * ", "60 times within each minute that"},
        {"* * 3 * * *", "tick is called each second of the hours or days that its "},
        {"* * * * * 1-5", "each second of the hours or days"},
    };
    static const char *const other[] = {"0 1 * * * *", "* * * * *",  "*/30 * * * * *",
                                        "00:00:01",    "%SCHEDULE%", ""};
    struct lint_fixture *fixture = *state;
    struct thaw_app_function *function = lint_fixture_function(fixture, "tick", "timerTrigger");

    for (size_t i = 0; i < sizeof(often) / sizeof(*often); i++) {
        function->bindings[0].schedule = often[i][0];
        says_at(fixture, &thaw_rule_timer_each_second, "tick", often[i][1], "warning",
                "function_app.py:1");
    }
    for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++) {
        function->bindings[0].schedule = other[i];
        silent(fixture, &thaw_rule_timer_each_second);
    }
    function->bindings[0].schedule = NULL;
    silent(fixture, &thaw_rule_timer_each_second);
}

static void test_base_image(void **state)
{
    static const char *const ended[] = {"mcr.microsoft.com/azure-functions/python:2.0",
                                        "mcr.microsoft.com/azure-functions/python:3.0-python3.8"};
    static const char *const other[] = {"mcr.microsoft.com/azure-functions/python:4-python3.12",
                                        "mcr.microsoft.com/azure-functions/python:latest",
                                        "mcr.microsoft.com/azure-functions/python:30",
                                        "mcr.microsoft.com/azure-functions/python",
                                        "python:3.12-slim",
                                        ""};
    struct lint_fixture *fixture = *state;
    struct thaw_project_fact *fact;

    silent(fixture, &thaw_rule_base_image_ended);
    fact = lint_fixture_fact(fixture, THAW_FACT_BASE_IMAGE, "");
    for (size_t i = 0; i < sizeof(ended) / sizeof(*ended); i++) {
        fact->value = ended[i];
        says(fixture, &thaw_rule_base_image_ended, ended[i], "which has ended");
    }
    for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++) {
        fact->value = other[i];
        silent(fixture, &thaw_rule_base_image_ended);
    }
}

static void test_proxies(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_shipped_file file = {.path = "proxies.json", .bytes = 900};

    fixture->shipped.files = &file;
    fixture->shipped.file_count = 1;
    says_at(fixture, &thaw_rule_proxies_gone, "proxies.json", "not read", "warning",
            "proxies.json");
    file.bytes = 90; /* a template's, with nothing in it */
    silent(fixture, &thaw_rule_proxies_gone);
    file.bytes = 900;
    file.path = "docs/proxies.json";
    silent(fixture, &thaw_rule_proxies_gone);
}

static void test_no_function(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_shipped_file file = {.path = "function_app.py"};

    unchecked(fixture, &thaw_rule_no_function_found);
    lint_fixture_host(fixture, "{'version': '2.0'}");
    silent(fixture, &thaw_rule_no_function_found);
    fixture->shipped.files = &file;
    fixture->shipped.file_count = 1;
    says_at(fixture, &thaw_rule_no_function_found, "function_app.py", "no function can be read",
            "note", "function_app.py");
    lint_fixture_app(fixture, "app", "FunctionApp");
    says_at(fixture, &thaw_rule_no_function_found, "function_app.py", "app has no function",
            "warning", "function_app.py:1");
    lint_fixture_problem(fixture, THAW_PROBLEM_SYNTAX, "function_app.py", "does not compile");
    silent(fixture, &thaw_rule_no_function_found);
    fixture->memory.problems.count = 0;
    lint_fixture_function(fixture, "hello", "httpTrigger");
    silent(fixture, &thaw_rule_no_function_found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_CASE(test_startup), LINT_CASE(test_each_second), LINT_CASE(test_base_image),
        LINT_CASE(test_proxies), LINT_CASE(test_no_function),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
