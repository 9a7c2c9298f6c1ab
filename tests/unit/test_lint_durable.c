/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over orchestrators: what they call, and how; the task hub. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lint/code.h"
#include "lint/rules.h"
#include "lint_expect.h"

/* Function 0 of each test. */
static struct thaw_app_function *add_orchestrator(struct lint_fixture *fixture)
{
    struct thaw_app_function *function =
        lint_fixture_function(fixture, "order", "orchestrationTrigger");

    function->kind = THAW_FUNCTION_ORCHESTRATOR;
    function->is_generator = true;
    return function;
}

static void what_differs_on_replay_is_told(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_orchestrator_nondeterministic;
    const struct thaw_lint_finding *finding;

    add_orchestrator(*state);
    lint_fixture_call(*state, 0, "datetime.datetime.now", 0);
    lint_fixture_call(*state, 0, "os.environ.__getitem__", 0)->via = "region";
    lint_fixture_call(*state, 0, "uuid.uuid4", 0);
    lint_fixture_call(*state, 0, "json.dumps", 0);
    lint_fixture_call(*state, 0, THAW_LINT_CONTEXT "call_activity", THAW_CALL_YIELDED);
    lint_expect(*state, rule, "another time", "function_app.py", 1);
    assert_int_equal(lint_fixture_count(*state, rule->kind.id), 3);
    finding = lint_fixture_find_about(*state, rule->kind.id, "order: os.environ.__getitem__");
    assert_non_null(strstr(lint_fixture_text(*state, finding), "region(), which order() calls"));
    assert_string_equal(finding->severity, "error");
    assert_true(finding->source_count >= 1);
}

static void other_functions_may_ask_for_the_time(void **state)
{
    lint_fixture_function(*state, "hello", "httpTrigger");
    lint_fixture_call(*state, 0, "datetime.datetime.now", 0);
    lint_fixture_call(*state, THAW_PROJECT_NONE, "datetime.datetime.now", 0);
    lint_fixture_call(*state, 0, "requests.get", 0);
    lint_expect_none(*state, &thaw_rule_orchestrator_nondeterministic);
    lint_expect_none(*state, &thaw_rule_orchestrator_blocks);
}

static void what_blocks_is_told_once(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_orchestrator_blocks;

    add_orchestrator(*state);
    lint_fixture_call(*state, 0, "time.sleep", 0)->seconds = 30;
    lint_fixture_call(*state, 0, "requests.get", 0);
    lint_expect(*state, rule, "its argument: 30", "function_app.py", 1);
    assert_int_equal(lint_fixture_count(*state, rule->kind.id), 2);
    lint_expect_none(*state, &thaw_rule_orchestrator_nondeterministic);
}

static void one_place_is_one_finding_for_all_that_reach_it(void **state)
{
    struct thaw_app_call *call;
    struct thaw_project_place place;

    add_orchestrator(*state);
    add_orchestrator(*state)->name = "refund";
    call = lint_fixture_call(*state, 0, "requests.get", 0);
    call->via = "fetch";
    place = call->place;
    call = lint_fixture_call(*state, 1, "requests.get", 0);
    call->via = "fetch";
    call->place = place;
    lint_expect(*state, &thaw_rule_orchestrator_blocks, "also reached from refund",
                "function_app.py", 1);
    assert_int_equal(lint_fixture_count(*state, "orchestrator-blocks"), 1);
}

static void an_orchestrator_yields(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_orchestrator_not_generator;

    add_orchestrator(*state)->is_generator = false;
    lint_fixture_call(*state, 0, THAW_LINT_CONTEXT "get_input", 0);
    lint_expect_none(*state, rule); /* one that waits for nothing is allowed */
    lint_fixture_call(*state, 0, THAW_LINT_CONTEXT "call_activity", 0);
    lint_expect(*state, rule, "never yields", "function_app.py", 1);
    ((struct lint_fixture *)*state)->memory.calls.items[1].via = "steps";
    lint_expect_none(*state, rule);
    ((struct lint_fixture *)*state)->memory.calls.items[1].via = "";
    ((struct lint_fixture *)*state)->memory.functions.items[0].is_generator = true;
    lint_expect_none(*state, rule); /* tasks that are gathered in a list and yielded later */
}

static void an_orchestrator_is_no_coroutine(void **state)
{
    add_orchestrator(*state)->is_async = true;
    lint_fixture_call(*state, 0, THAW_LINT_CONTEXT "call_activity", THAW_CALL_AWAITED);
    lint_expect(*state, &thaw_rule_orchestrator_async, "async def order", "function_app.py", 1);
    lint_expect_none(*state, &thaw_rule_orchestrator_not_generator);
    ((struct lint_fixture *)*state)->memory.functions.items[0].kind = THAW_FUNCTION_ACTIVITY;
    lint_expect_none(*state, &thaw_rule_orchestrator_async);
}

static void retries_are_asked_for(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_activity_without_retry;

    add_orchestrator(*state);
    lint_fixture_call(*state, 0, THAW_LINT_CONTEXT "create_timer", THAW_CALL_YIELDED);
    lint_expect_none(*state, rule);
    lint_fixture_call(*state, 0, THAW_LINT_CONTEXT "call_activity", THAW_CALL_YIELDED);
    lint_fixture_call(*state, 0, THAW_LINT_CONTEXT "call_activity", THAW_CALL_YIELDED);
    lint_expect(*state, rule, "2 calls", "function_app.py", 2);
    lint_fixture_call(*state, 0, THAW_LINT_CONTEXT "call_activity_with_retry", THAW_CALL_YIELDED);
    lint_expect_none(*state, rule);
}

/* All orchestrators are one finding; one that the host does not find is none. */
static void orchestrators_without_retries_are_told_together(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_activity_without_retry;
    struct lint_fixture *fixture = *state;
    const struct thaw_lint_finding *finding;

    for (uint32_t i = 0; i < 3; i++) {
        add_orchestrator(fixture);
        lint_fixture_call(fixture, i, THAW_LINT_CONTEXT "call_activity", THAW_CALL_YIELDED);
    }
    fixture->memory.functions.items[2].is_registered = false;
    finding = lint_expect(fixture, rule, "2 orchestrators call activities", "function_app.py", 1);
    assert_int_equal(lint_fixture_count(fixture, rule->kind.id), 1);
    lint_expect_words(fixture, finding, "function_app.py:2: ");
    assert_int_equal(finding->evidence_count, 3);
}

static void large_literals_are_told(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_payload_large;

    add_orchestrator(*state);
    lint_fixture_call(*state, 0, THAW_LINT_CONTEXT "call_activity", 0)->text_bytes = 40000;
    lint_fixture_call(*state, 0, "json.loads", 0)->text_bytes = 900000;
    lint_expect_none(*state, rule);
    lint_fixture_call(*state, 0, "azure.durable_functions.DurableOrchestrationClient.start_new", 0)
        ->text_bytes = 90000;
    lint_expect(*state, rule, "start_new() is given a literal of 90 KB", "function_app.py", 3);
}

static void slots_have_hubs_of_their_own(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_hub_name_usual;

    add_orchestrator(*state);
    assert_false(lint_fixture_run(*state, rule)); /* no slot is known */
    lint_fixture_fact(*state, THAW_FACT_SLOT, "staging");
    lint_expect(*state, rule, "no task hub is named", "main.bicep", 1);
    lint_fixture_again(*state);
    lint_fixture_host(*state, "{\n'extensions': {'durableTask': {\n'hubName': 'Orders'}}}");
    lint_expect(*state, rule, "the same in every slot", "host.json", 3);
    lint_fixture_host(*state, "{'extensions': {'durableTask': {'hubName': '%TaskHub%'}}}");
    lint_expect_none(*state, rule);
}

static void a_setting_for_the_hub_is_enough(void **state)
{
    add_orchestrator(*state);
    lint_fixture_fact(*state, THAW_FACT_SLOT, "staging");
    lint_fixture_host(*state, "{'extensions': {'durableTask': {'hubName': 'Orders'}}}");
    lint_fixture_setting(*state, THAW_SETTING_EXPORTED,
                         "AzureFunctionsJobHost__extensions__durableTask__hubName", NULL);
    lint_expect_none(*state, &thaw_rule_hub_name_usual);
}

static void apps_without_orchestrators_need_no_hub(void **state)
{
    lint_fixture_function(*state, "hello", "httpTrigger");
    lint_fixture_fact(*state, THAW_FACT_SLOT, "staging");
    lint_expect_none(*state, &thaw_rule_hub_name_usual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_TEST(what_differs_on_replay_is_told),
        LINT_TEST(other_functions_may_ask_for_the_time),
        LINT_TEST(what_blocks_is_told_once),
        LINT_TEST(one_place_is_one_finding_for_all_that_reach_it),
        LINT_TEST(an_orchestrator_yields),
        LINT_TEST(an_orchestrator_is_no_coroutine),
        LINT_TEST(retries_are_asked_for),
        LINT_TEST(orchestrators_without_retries_are_told_together),
        LINT_TEST(large_literals_are_told),
        LINT_TEST(slots_have_hubs_of_their_own),
        LINT_TEST(a_setting_for_the_hub_is_enough),
        LINT_TEST(apps_without_orchestrators_need_no_hub),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
