/* SPDX-License-Identifier: Apache-2.0 */
/* not-for-functions: each kind with its evidence, and what must not be taken for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lint/rules.h"
#include "lint_expect.h"

#define APP "function_app.py"
#define MB 1000000u

static const struct thaw_lint_rule *const rule = &thaw_rule_not_for_functions;

static void large_trees_fit_elsewhere(void **state)
{
    struct lint_fixture *fixture = *state;
    const struct thaw_lint_finding *finding;
    struct thaw_shipped_distribution distributions[] = {
        {.name = "torch", .amount = {.bytes = 450 * MB}},
        {.name = "numpy", .amount = {.bytes = 70 * MB}}};
    struct thaw_shipped_file files[] = {{.path = "a", .bytes = 450 * MB, .distribution = 0},
                                        {.path = "b", .bytes = 70 * MB, .distribution = 1}};
    bool left_out[] = {true, true};

    fixture->shipped.distributions = distributions;
    fixture->shipped.distribution_count = 2;
    fixture->shipped.files = files;
    fixture->shipped.file_count = 2;
    fixture->project.is_left_out = left_out;
    lint_expect_none(fixture, rule);
    distributions[1].amount.bytes = files[1].bytes = 80 * MB;
    finding = lint_expect(fixture, rule, "530.0 MB of packages", "", 0);
    lint_expect_words(fixture, finding, "in the environment beside the app");
    lint_expect_words(fixture, finding, "the largest is torch with 450.0 MB");
    assert_string_equal(finding->subject, "dependency-tree");
    left_out[1] = false; /* what is deployed counts, and that is little */
    lint_expect_none(fixture, rule);
    left_out[0] = false;
    lint_expect(fixture, rule, "in what is deployed", "", 0);
}

/* Copied there, or stripped of their metadata. */
static void packages_without_metadata_count(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_shipped_file files[] = {
        {.path = ".python_packages/lib/site-packages/torch/lib/libtorch_cpu.so",
         .bytes = 500 * MB,
         .distribution = THAW_SHIPPED_NONE},
        {.path = "model.bin", .bytes = 400 * MB, .distribution = THAW_SHIPPED_NONE},
        {.path = ".python_packages/lib/site-packages2/a", .bytes = 400 * MB, .distribution = 7},
    };
    bool left_out[] = {false, false, false};

    fixture->shipped.files = files;
    fixture->shipped.file_count = 3;
    fixture->project.is_left_out = left_out;
    lint_expect_none(fixture, rule);
    files[0].bytes = 700 * MB;
    lint_expect_words(
        fixture, lint_expect(fixture, rule, "700.0 MB of packages", "", 0),
        "the largest is .python_packages/lib/site-packages/torch/lib/libtorch_cpu.so");
    left_out[0] = true;
    lint_expect_none(fixture, rule);
}

static void long_waits_fit_elsewhere(void **state)
{
    lint_fixture_function(*state, "clean", "timerTrigger");
    lint_fixture_function(*state, "hello", "httpTrigger");
    lint_fixture_function(*state, "order", "orchestrationTrigger")->kind =
        THAW_FUNCTION_ORCHESTRATOR;
    lint_fixture_call(*state, 0, "time.sleep", 0)->seconds = 59;
    lint_fixture_call(*state, 0, "time.sleep", 0);                /* nobody knows how long */
    lint_fixture_call(*state, 1, "time.sleep", 0)->seconds = 600; /* by another rule */
    lint_fixture_call(*state, 2, "time.sleep", 0)->seconds = 600; /* likewise */
    lint_expect_none(*state, rule);
    lint_fixture_call(*state, 0, "asyncio.sleep", THAW_CALL_AWAITED)->seconds = 300;
    lint_expect(*state, rule, "clean() waits 300 s within one call", APP, 5);
}

static void long_calls_fit_elsewhere(void **state)
{
    struct lint_fixture *fixture = *state;
    const struct thaw_lint_finding *finding;

    lint_fixture_function(fixture, "train", "queueTrigger");
    lint_fixture_recording(fixture, "{'invocations': [{'function': 'train', 'start_ns': 1000000000,"
                                    "'end_ns': 60000000000},"
                                    "{'function': 'train', 'start_ns': 5, 'end_ns': null}]}");
    lint_expect_none(fixture, rule);
    lint_fixture_recording(fixture, "{'invocations': [{'function': 'train', 'start_ns': 1000000000,"
                                    "'end_ns': 91000000000}]}");
    fixture->project.plan.value = "flex";
    finding = lint_expect(fixture, rule, "train() took 90 s", "", 0);
    lint_expect_words(fixture, finding, "cut off after 230 s");
    assert_string_equal(finding->subject, "long: train");
}

static void held_sockets_fit_elsewhere(void **state)
{
    const struct thaw_lint_finding *finding;

    lint_fixture_function(*state, "hello", "httpTrigger");
    lint_fixture_call(*state, THAW_PROJECT_NONE, "uvicorn.run", 0); /* for local use */
    lint_fixture_call(*state, 0, "websockets.connect", THAW_CALL_IN_WITH | THAW_CALL_AWAITED);
    lint_fixture_call(*state, 0, "socket.create_connection", 0);
    lint_expect_none(*state, rule);
    lint_fixture_call(*state, 0, "socket.socket.accept", THAW_CALL_IN_LOOP);
    finding = lint_expect(*state, rule, "holds a connection open", APP, 4);
    lint_expect_words(*state, finding, "in hello(), in a loop");
}

#define REPLY(ns) "{'tracks': [{'headline': true, 'process': 1, 'total_ns': " ns ", 'phases': []}]}"

static void fast_apis_fit_elsewhere(void **state)
{
    struct lint_fixture *fixture = *state;
    const struct thaw_lint_finding *finding;

    for (int i = 0; i < 24; i++)
        lint_fixture_function(fixture, "hello", "httpTrigger");
    lint_fixture_recording(fixture, REPLY("1400000000"));
    lint_expect_none(fixture, rule);
    lint_fixture_function(fixture, "hello", "httpTrigger");
    finding = lint_expect(fixture, rule, "first reply takes 1.4 s", "", 0);
    lint_expect_words(fixture, finding, "25 functions with an HTTP trigger");
    assert_string_equal(finding->confidence, "low");
    lint_fixture_recording(fixture, REPLY("900000000"));
    lint_expect_none(fixture, rule);
}

static void instances_that_are_ready_are_fast(void **state)
{
    struct lint_fixture *fixture = *state;

    lint_fixture_function(fixture, "app", "httpTrigger")->kind = THAW_FUNCTION_ASGI;
    lint_expect_none(fixture, rule); /* nothing was measured */
    lint_fixture_recording(fixture, REPLY("1400000000"));
    lint_expect(fixture, rule, "a web framework's app is one function: app", APP, 1);
    fixture->project.plan.value = "premium";
    lint_expect_none(fixture, rule);
    fixture->project.plan.value = "flex";
    lint_fixture_fact(fixture, THAW_FACT_ALWAYS_READY, "http=1");
    lint_expect_none(fixture, rule);
}

static void none_that_is_ready_is_none(void **state)
{
    struct lint_fixture *fixture = *state;

    lint_fixture_function(fixture, "app", "httpTrigger")->kind = THAW_FUNCTION_ASGI;
    lint_fixture_recording(fixture, REPLY("1400000000"));
    fixture->project.plan.value = "flex";
    lint_fixture_fact(fixture, THAW_FACT_ALWAYS_READY, "http=0");
    lint_expect(fixture, rule, "first reply takes 1.4 s", APP, 1);
    fixture->project.plan.value = "premium";
    lint_expect_none(fixture, rule);
    lint_fixture_fact(fixture, THAW_FACT_MINIMUM_ELASTIC, "0");
    lint_expect(fixture, rule, "first reply takes 1.4 s", APP, 1);
    fixture->memory.facts.items[1].value = "2";
    lint_expect_none(fixture, rule);
}

static void packages_that_want_a_machine_are_told_by_reason(void **state)
{
    const struct thaw_lint_finding *finding;

    lint_fixture_requirement(*state, "pandas", "3.0.0");
    lint_fixture_requirement(*state, "torch", "2.9.0")->applies = false;
    lint_expect_none(*state, rule);
    lint_fixture_requirement(*state, "torch", "2.9.0");
    lint_fixture_requirement(*state, "gunicorn", "23.0.0");
    lint_fixture_requirement(*state, "transformers", "5.0.0");
    finding = lint_expect(*state, rule, "torch, transformers are required", "requirements.txt", 3);
    assert_string_equal(finding->confidence, "low");
    assert_int_equal(lint_fixture_count(*state, rule->kind.id), 2);
    assert_non_null(lint_fixture_find_about(*state, rule->kind.id, "package: gunicorn"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_TEST(large_trees_fit_elsewhere),
        LINT_TEST(packages_without_metadata_count),
        LINT_TEST(long_waits_fit_elsewhere),
        LINT_TEST(long_calls_fit_elsewhere),
        LINT_TEST(held_sockets_fit_elsewhere),
        LINT_TEST(fast_apis_fit_elsewhere),
        LINT_TEST(instances_that_are_ready_are_fast),
        LINT_TEST(none_that_is_ready_is_none),
        LINT_TEST(packages_that_want_a_machine_are_told_by_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
