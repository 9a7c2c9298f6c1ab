/* SPDX-License-Identifier: Apache-2.0 */
#include "lint_cases.h"

static void host_of(struct lint_fixture *fixture, const char *timeout)
{
    char text[200];

    snprintf(text, sizeof(text), "{'version': '2.0',\n'functionTimeout': '%s'}", timeout);
    lint_fixture_host(fixture, text);
}

static void test_not_set(void **state)
{
    struct lint_fixture *fixture = *state;

    unchecked(fixture, &thaw_rule_timeout_not_set);
    lint_fixture_host(fixture, "{'version': '2.0'}");
    unchecked(fixture, &thaw_rule_timeout_not_set); /* nothing is there that could hang */
    lint_fixture_function(fixture, "hello", "httpTrigger");
    says_at(fixture, &thaw_rule_timeout_not_set, "functionTimeout",
            "00:05:00 to 00:30:00, by the plan", "note", "host.json:1");
    fixture->project.plan.value = "consumption";
    says(fixture, &thaw_rule_timeout_not_set, "functionTimeout",
         "00:05:00, the default of Consumption");
    fixture->project.plan.value = "flex";
    says(fixture, &thaw_rule_timeout_not_set, "functionTimeout",
         "00:30:00, the default of Flex Consumption");
    lint_fixture_setting(fixture, THAW_SETTING_EXPORTED, "AzureFunctionsJobHost__functionTimeout",
                         NULL);
    silent(fixture, &thaw_rule_timeout_not_set);
}

static void test_set(void **state)
{
    struct lint_fixture *fixture = *state;

    lint_fixture_function(fixture, "hello", "httpTrigger");
    host_of(fixture, "00:05:00");
    silent(fixture, &thaw_rule_timeout_not_set);
    /* Of a developer's machine only. */
    lint_fixture_host(fixture, "{'version': '2.0'}");
    lint_fixture_setting(fixture, THAW_SETTING_LOCAL, "AzureFunctionsJobHost__functionTimeout",
                         "00:05:00");
    says(fixture, &thaw_rule_timeout_not_set, "functionTimeout", "not set");
}

static void test_beyond_plan(void **state)
{
    static const char *const beyond[] = {"00:15:00", "-1", "00:10:01", "1.00:00:00", "5"};
    static const char *const within[] = {"00:10:00", "00:05:00", "soon", ""};
    struct lint_fixture *fixture = *state;

    host_of(fixture, "00:15:00");
    unchecked(fixture, &thaw_rule_timeout_beyond_plan);
    fixture->project.plan = (struct thaw_inferred){"consumption", "--plan", {.file = ""}};
    for (size_t i = 0; i < sizeof(beyond) / sizeof(*beyond); i++) {
        host_of(fixture, beyond[i]);
        says_at(fixture, &thaw_rule_timeout_beyond_plan, "functionTimeout", "ends at 00:10:00",
                "error", "host.json:2");
    }
    for (size_t i = 0; i < sizeof(within) / sizeof(*within); i++) {
        host_of(fixture, within[i]);
        silent(fixture, &thaw_rule_timeout_beyond_plan);
    }
    fixture->project.plan.value = "premium";
    host_of(fixture, "02:00:00");
    silent(fixture, &thaw_rule_timeout_beyond_plan);
}

static void test_beyond_by_setting(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_setting *setting =
        lint_fixture_setting(fixture, THAW_SETTING_EXPORTED,
                             "AzureFunctionsJobHost__functionTimeout", "00:20:00");

    fixture->project.plan.value = "consumption";
    host_of(fixture, "00:05:00");
    says_at(fixture, &thaw_rule_timeout_beyond_plan, "functionTimeout", "is 00:20:00", "error",
            "settings.json:1");
    setting->value = NULL;
    host_of(fixture, "00:15:00");
    silent(fixture, &thaw_rule_timeout_beyond_plan);
}

static void test_http(void **state)
{
    struct lint_fixture *fixture = *state;

    host_of(fixture, "00:05:00");
    unchecked(fixture, &thaw_rule_http_longer_than_230s);
    lint_fixture_function(fixture, "tick", "timerTrigger");
    silent(fixture, &thaw_rule_http_longer_than_230s);
    lint_fixture_function(fixture, "hello", "httpTrigger");
    /* The timer may need it. */
    silent(fixture, &thaw_rule_http_longer_than_230s);
    fixture->memory.functions.items[0].is_registered = false;
    says_at(fixture, &thaw_rule_http_longer_than_230s, "functionTimeout", "after 230 s", "note",
            "host.json:2");
    says(fixture, &thaw_rule_http_longer_than_230s, "functionTimeout", "hello (function_app.py:2)");
    host_of(fixture, "00:03:50");
    silent(fixture, &thaw_rule_http_longer_than_230s);
    host_of(fixture, "00:03:51");
    says(fixture, &thaw_rule_http_longer_than_230s, "functionTimeout", "00:03:51");
    host_of(fixture, "-1");
    fixture->project.plan.value = "premium";
    says(fixture, &thaw_rule_http_longer_than_230s, "functionTimeout", "by HTTP, 1 of them");
    fixture->memory.functions.items[1].is_registered = false;
    silent(fixture, &thaw_rule_http_longer_than_230s);
}

static void test_asgi(void **state)
{
    struct lint_fixture *fixture = *state;

    host_of(fixture, "00:05:00");
    lint_fixture_function(fixture, "web", NULL)->kind = THAW_FUNCTION_ASGI;
    says(fixture, &thaw_rule_http_longer_than_230s, "functionTimeout", "web");
}

static void test_long_work(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_app_call *call;

    unchecked(fixture, &thaw_rule_long_work_in_handler);
    lint_fixture_function(fixture, "hello", "httpTrigger");
    lint_fixture_function(fixture, "orders", "queueTrigger");
    call = lint_fixture_call(fixture, 0, "time.sleep", 0);
    silent(fixture, &thaw_rule_long_work_in_handler);
    call->seconds = 29.9;
    silent(fixture, &thaw_rule_long_work_in_handler);
    call->seconds = 30;
    says_at(fixture, &thaw_rule_long_work_in_handler, "hello", "sleeps for 30 s", "warning",
            "function_app.py:1");
    call->via = "wait";
    call->name = "asyncio.sleep";
    says(fixture, &thaw_rule_long_work_in_handler, "hello",
         "asyncio.sleep() at function_app.py:1, "
         "in wait");
    call->function = 1;
    silent(fixture, &thaw_rule_long_work_in_handler);
    call->function = THAW_PROJECT_NONE;
    silent(fixture, &thaw_rule_long_work_in_handler);
    call->function = 0;
    call->name = "time.time";
    silent(fixture, &thaw_rule_long_work_in_handler);
}

static void test_polling(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_app_call *call;

    lint_fixture_function(fixture, "hello", "httpTrigger");
    call = lint_fixture_call(fixture, 0, "time.sleep", THAW_CALL_IN_LOOP);
    silent(fixture, &thaw_rule_long_work_in_handler);
    call->seconds = 0.1;
    silent(fixture, &thaw_rule_long_work_in_handler);
    call->seconds = 5;
    says(fixture, &thaw_rule_long_work_in_handler, "hello", "in a loop, 5 s each time");
    call->flags = 0;
    silent(fixture, &thaw_rule_long_work_in_handler);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_CASE(test_not_set),           LINT_CASE(test_set),     LINT_CASE(test_beyond_plan),
        LINT_CASE(test_beyond_by_setting), LINT_CASE(test_http),    LINT_CASE(test_asgi),
        LINT_CASE(test_long_work),         LINT_CASE(test_polling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
