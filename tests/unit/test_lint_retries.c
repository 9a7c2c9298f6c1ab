/* SPDX-License-Identifier: Apache-2.0 */
#include "lint_cases.h"

static void test_host_retry(void **state)
{
    struct lint_fixture *fixture = *state;

    unchecked(fixture, &thaw_rule_retry_in_host_json);
    lint_fixture_host(fixture, "{'version': '2.0',\n'retry': {'strategy': 'fixedDelay'}}");
    says_at(fixture, &thaw_rule_retry_in_host_json, "retry", "no longer documented", "warning",
            "host.json:2");
    lint_fixture_function(fixture, "events", "eventHubTrigger");
    lint_fixture_function(fixture, "orders", "queueTrigger");
    lint_fixture_run(fixture, &thaw_rule_retry_in_host_json);
    assert_int_equal(fixture->lint.findings.items[0].evidence_count, 2);
    lint_fixture_again(fixture);
    says(fixture, &thaw_rule_retry_in_host_json, "retry",
         "does nothing for orders (function_app.py:2), a queueTrigger");
    lint_fixture_host(fixture, "{'extensions': {'cosmosDB': {'retry': 3}}}");
    silent(fixture, &thaw_rule_retry_in_host_json);
}

static struct thaw_app_function *retried(struct lint_fixture *fixture, const char *name,
                                         const char *trigger)
{
    struct thaw_app_function *function = lint_fixture_function(fixture, name, trigger);

    function->retry_strategy = "fixed_delay";
    function->retry_most = 3;
    function->retry_place = (struct thaw_project_place){.file = "function_app.py", .line = 40};
    return function;
}

static void test_without_effect(void **state)
{
    static const char *const none[] = {"queueTrigger", "serviceBusTrigger", "blobTrigger",
                                       "httpTrigger", "eventGridTrigger"};
    static const char *const some[] = {"timerTrigger", "eventHubTrigger", "kafkaTrigger",
                                       "cosmosDBTrigger", "unheardOfTrigger"};
    struct lint_fixture *fixture = *state;
    struct thaw_app_function *function;

    unchecked(fixture, &thaw_rule_retry_without_effect);
    function = retried(fixture, "orders", "queueTrigger");
    says(fixture, &thaw_rule_retry_without_effect, "orders", "extensions.queues.maxDequeueCount");
    for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
        function->bindings[0].type = none[i];
        says_at(fixture, &thaw_rule_retry_without_effect, "orders", none[i], "warning",
                "function_app.py:40");
    }
    for (size_t i = 0; i < sizeof(some) / sizeof(*some); i++) {
        function->bindings[0].type = some[i];
        silent(fixture, &thaw_rule_retry_without_effect);
    }
    function->bindings[0].type = "queueTrigger";
    function->retry_strategy = NULL;
    says(fixture, &thaw_rule_retry_without_effect, "orders", "no effect");
    function->retry_strategy = "";
    silent(fixture, &thaw_rule_retry_without_effect);
    function->bindings[0].type = NULL;
    function->retry_strategy = "fixed_delay";
    silent(fixture, &thaw_rule_retry_without_effect);
}

static void test_endless(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_app_function *function = retried(fixture, "events", "eventHubTrigger");

    silent(fixture, &thaw_rule_retry_endless);
    function->retry_most = -1;
    says_at(fixture, &thaw_rule_retry_endless, "events", "for ever", "warning",
            "function_app.py:40");
    function->retry_most = INT64_MIN;
    silent(fixture, &thaw_rule_retry_endless);
    function->retry_most = -1;
    function->bindings[0].type = "timerTrigger";
    silent(fixture, &thaw_rule_retry_endless);
    function->bindings[0].type = "queueTrigger";
    silent(fixture, &thaw_rule_retry_endless);
}

static void test_poison(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_app_function *function = lint_fixture_function(fixture, "orders", "queueTrigger");

    /* Which queue it is isn't known. */
    silent(fixture, &thaw_rule_poison_unhandled);
    function->bindings[0].path = NULL;
    silent(fixture, &thaw_rule_poison_unhandled);
    function->bindings[0].path = "%QUEUE%";
    silent(fixture, &thaw_rule_poison_unhandled);
    function->bindings[0].path = "in";
    says_at(fixture, &thaw_rule_poison_unhandled, "poison", "in-poison", "note",
            "function_app.py:1");
    lint_fixture_function(fixture, "bad", "queueTrigger")->bindings[0].path = "other-poison";
    says(fixture, &thaw_rule_poison_unhandled, "poison", "what orders can't process");
    fixture->memory.functions.items[1].bindings[0].path = "IN-poison";
    silent(fixture, &thaw_rule_poison_unhandled);
    fixture->memory.functions.items[1].bindings[0].path = NULL;
    silent(fixture, &thaw_rule_poison_unhandled);
}

/* All of an app are one finding. */
static void test_poison_of_many(void **state)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    struct lint_fixture *fixture = *state;

    for (size_t i = 0; i < 8; i++)
        lint_fixture_function(fixture, names[i], "queueTrigger")->bindings[0].path = names[i];
    lint_fixture_run(fixture, &thaw_rule_poison_unhandled);
    assert_int_equal(lint_fixture_count(fixture, "poison-unhandled"), 1);
    lint_fixture_again(fixture);
    says(fixture, &thaw_rule_poison_unhandled, "poison", "what 8 functions can't process");
    says(fixture, &thaw_rule_poison_unhandled, "poison", "and 2 more");
}

static void test_poison_others(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_app_function *function = lint_fixture_function(fixture, "files", "blobTrigger");

    function->bindings[0].path = "in/{name}";
    says(fixture, &thaw_rule_poison_unhandled, "poison", "webjobs-blobtrigger-poison");
    function->bindings[0].type = "serviceBusTrigger";
    function->bindings[0].path = "bus";
    says(fixture, &thaw_rule_poison_unhandled, "poison", "bus/$DeadLetterQueue");
    function->bindings[0].path = "bus/$DeadLetterQueue";
    silent(fixture, &thaw_rule_poison_unhandled);
    function->bindings[0].path = "in";
    function->bindings[0].type = "eventHubTrigger";
    silent(fixture, &thaw_rule_poison_unhandled);
}

static void test_event_hub(void **state)
{
    static const char *const streams[] = {"eventHubTrigger", "kafkaTrigger", "cosmosDBTrigger"};
    static const char *const others[] = {"timerTrigger", "queueTrigger", "httpTrigger"};
    struct lint_fixture *fixture = *state;
    struct thaw_app_function *function;

    function = lint_fixture_function(fixture, "events", "eventHubTrigger");
    for (size_t i = 0; i < sizeof(streams) / sizeof(*streams); i++) {
        function->bindings[0].type = streams[i];
        says_at(fixture, &thaw_rule_event_hub_no_retry, "events", "no retry policy", "warning",
                "function_app.py:1");
    }
    function->bindings[0].type = "eventHubTrigger";
    says(fixture, &thaw_rule_event_hub_no_retry, "events", "@app.retry(");
    function->model = THAW_FUNCTION_V1;
    says(fixture, &thaw_rule_event_hub_no_retry, "events", "in function.json: \"retry\"");
    function->model = THAW_FUNCTION_V2;
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        function->bindings[0].type = others[i];
        silent(fixture, &thaw_rule_event_hub_no_retry);
    }
    function->bindings[0].type = "eventHubTrigger";
    function->retry_strategy = NULL;
    silent(fixture, &thaw_rule_event_hub_no_retry);
    function->retry_strategy = "fixed_delay";
    silent(fixture, &thaw_rule_event_hub_no_retry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_CASE(test_host_retry), LINT_CASE(test_without_effect),
        LINT_CASE(test_endless),    LINT_CASE(test_poison_of_many),
        LINT_CASE(test_poison),     LINT_CASE(test_poison_others),
        LINT_CASE(test_event_hub),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
