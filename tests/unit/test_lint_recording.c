/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that join a recording's report with the app. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lint/recorded.h"
#include "lint/rules.h"
#include "lint_expect.h"

/* A worker that started in 22 s: 1 s itself, 20.5 s of imports, 0.5 s more, then 0.2 s for the
 * call; waiting in a pool doesn't count. */
#define RUN "'run': {'platform': 'azure_functions', 'start_ns': 0, 'end_ns': 60000000000}"
#define PROCESSES                                                                                  \
    "'processes': [{'id': 1, 'role': 'host'}, {'id': 2, 'role': 'worker', 'python': '3.11.2'}]"
#define TRACKS(within)                                                                             \
    "'tracks': [{'id': 2, 'process': 1, 'headline': false}, {'id': 1, 'process': 2, 'headline': "  \
    "true, 'total_ns': 22200000000, 'phases': ["                                                   \
    "{'name': 'pool', 'start_ns': 0, 'end_ns': 9000000000, 'counted': false},"                     \
    "{'name': 'worker', 'start_ns': 9000000000, 'end_ns': 10000000000, 'counted': true},"          \
    "{'name': 'import', 'start_ns': 10000000000, 'end_ns': 30500000000, 'counted': true,"          \
    "'within': '" within "'},"                                                                     \
    "{'name': 'ready', 'start_ns': 30500000000, 'end_ns': 31000000000, 'counted': true},"          \
    "{'name': 'first-invocation', 'start_ns': 31000000000, 'end_ns': 31200000000, 'counted': "     \
    "true}]}]"
#define IN_LOAD TRACKS("FunctionsMetadataRequest..FunctionMetadataResponse")
#define IN_INIT TRACKS("WorkerInitRequest..WorkerInitResponse")
#define IN_RELOAD TRACKS("FunctionEnvironmentReloadRequest..FunctionEnvironmentReloadResponse")
#define NEWER                                                                                      \
    "'processes': [{'id': 1, 'role': 'host'}, {'id': 2, 'role': 'worker', 'python': '3.13.1'}]"
#define HOST(status, at_once, workers)                                                             \
    "'concurrency': {'hosts': [{'load': {'invocations': 40}, 'capacity': {'status': '" status      \
    "', 'at_once': " at_once ", 'host_at_once': " at_once ", 'compared': 39, 'waited': 30},"       \
    "'workers': [" workers "]}]}"
#define MODULE(id, parent, name, owner, distribution, self)                                        \
    "{'id': " id ", 'parent': " parent ", 'name': '" name "', 'file': '" name                      \
    ".py', 'owner': '" owner "', 'distribution': '" distribution                                   \
    "', 'process': 2, 'self_ns': " self "}"

static const char *read_files[] = {"host.json", "function_app.py", "shared/orders.py"};

/* An app of the same files. */
static void join(struct lint_fixture *fixture, const char *report)
{
    fixture->project.read = (struct thaw_texts){read_files, 3};
    lint_fixture_recording(fixture, report);
}

static void without_a_recording_nothing_is_looked_for(void **state)
{
    static const struct thaw_lint_rule *const rules[] = {
        &thaw_rule_concurrency_not_reached,     &thaw_rule_init_near_limit_of_plan,
        &thaw_rule_init_indexing_moved_imports, &thaw_rule_setting_not_in_effect,
        &thaw_rule_worker_end_of_life,          &thaw_rule_instrumentation_costs_more,
        &thaw_rule_recording_of_another_app,    &thaw_rule_lambda_init,
    };

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        assert_false(lint_fixture_run(*state, rules[i]));
    /* nor with a report that has nothing of it, or other types than it should have */
    lint_fixture_recording(*state, "{}");
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        lint_expect_none(*state, rules[i]);
    lint_fixture_recording(*state, "{'run': [], 'tracks': {'a': 1}, 'processes': 7, 'modules': 'x',"
                                   "'invocations': [1, null, {'function': 3}], 'concurrency': []}");
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        lint_expect_none(*state, rules[i]);
    lint_fixture_recording(*state, "[]");
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        assert_false(lint_fixture_run(*state, rules[i]));
}

static void a_start_is_held_against_the_plan(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_init_near_limit_of_plan;
    struct lint_fixture *fixture = *state;
    const struct thaw_lint_finding *finding;

    join(fixture, "{" RUN "," PROCESSES "," IN_LOAD "}");
    assert_false(lint_fixture_run(fixture, rule)); /* no plan */
    fixture->project.plan.value = "premium";
    assert_false(lint_fixture_run(fixture, rule)); /* one without a limit */
    fixture->project.plan.value = "flex";
    finding = lint_expect(fixture, rule, "init took 22.0 s: 73 % of the 30 s", "", 0);
    lint_expect_words(fixture, finding, "phase import 20.50 s");
    assert_string_equal(finding->severity, "warning");
}

static void a_short_start_and_a_traced_one_tell_nothing(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_init_near_limit_of_plan;
    struct lint_fixture *fixture = *state;

    fixture->project.plan.value = "flex";
    join(fixture, "{" RUN ",'tracks': [{'process': 2, 'headline': true, 'phases': [{'name': "
                  "'import', 'start_ns': 0, 'end_ns': 20900000000}]}]}");
    lint_expect_none(fixture, rule);
    assert_true(lint_fixture_run(fixture, rule));
    join(fixture, "{'run': {'platform': 'azure_functions', 'counting': true}," IN_LOAD "}");
    assert_false(lint_fixture_run(fixture, rule));
    join(fixture, "{'run': {'platform': 'generic'}," IN_LOAD "}");
    assert_false(lint_fixture_run(fixture, rule));
}

static void promises_are_held_against_what_ran(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_concurrency_not_reached;
    const struct thaw_lint_finding *finding;

    join(*state, "{" RUN "," HOST("at-least", "2", "{}") "}");
    lint_fixture_fact(*state, THAW_FACT_HTTP_CONCURRENCY, "8");
    assert_false(lint_fixture_run(*state, rule)); /* nobody waited: it may be more */
    join(*state, "{" RUN "," HOST("derived", "2", "{}") "}");
    finding = lint_expect(*state, rule, "8 invocations at once are promised of an instance, 2 ran",
                          "main.bicep", 1);
    lint_expect_words(*state, finding, "30 of 39 invocations waited");
    join(*state, "{" RUN "," HOST("derived", "8", "{}") "}");
    lint_expect_none(*state, rule);
    join(*state, "{" RUN "," HOST("derived", "2", "{}") "}");
    lint_fixture_fact(*state, THAW_FACT_HTTP_CONCURRENCY, "16"); /* of which app? */
    lint_expect_none(*state, rule);
}

static void threads_are_promised_of_each_worker(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_concurrency_not_reached;

    join(*state, "{" RUN "," HOST("derived", "3", "{}") "}");
    lint_expect_none(*state, rule);
    lint_fixture_setting(*state, THAW_SETTING_LOCAL, "PYTHON_THREADPOOL_THREAD_COUNT", "32");
    lint_expect_none(*state, rule); /* of this machine only */
    lint_fixture_setting(*state, THAW_SETTING_EXPORTED, "FUNCTIONS_WORKER_PROCESS_COUNT", "2");
    lint_expect_none(*state, rule);
    lint_fixture_setting(*state, THAW_SETTING_EXPORTED, "PYTHON_THREADPOOL_THREAD_COUNT", "4");
    lint_expect(*state, rule, "4 invocations at once are promised of each worker, 3 ran",
                "settings.json", 3);
    join(*state, "{" RUN "," HOST("derived", "4", "{}") "}");
    lint_expect_none(*state, rule);
}

static void a_setting_that_is_not_known_promises_nothing(void **state)
{
    join(*state, "{" RUN "," HOST("derived", "2", "{}") "}");
    lint_fixture_setting(*state, THAW_SETTING_EXPORTED, "PYTHON_THREADPOOL_THREAD_COUNT", NULL);
    lint_expect_none(*state, &thaw_rule_concurrency_not_reached);
}

static void imports_that_moved_are_told(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_init_indexing_moved_imports;
    const char *name = "PYTHON_ENABLE_INIT_INDEXING";

    join(*state, "{" RUN "," PROCESSES "," IN_INIT "}");
    lint_expect_none(*state, rule);
    lint_fixture_setting(*state, THAW_SETTING_EXPORTED, name, "1");
    lint_expect(*state, rule, "20.50 s of imports", "settings.json", 1);
    lint_expect_none(*state, &thaw_rule_setting_not_in_effect);
    join(*state, "{" RUN "," PROCESSES "," IN_LOAD "}");
    lint_expect_none(*state, rule);
    lint_expect(*state, &thaw_rule_setting_not_in_effect, "was not imported within init",
                "settings.json", 1);
    join(*state, "{" RUN "," PROCESSES "," IN_RELOAD "}");
    lint_expect(*state, rule, "into the worker's change from the pool to the app", "settings.json",
                1);
    lint_expect_none(*state, &thaw_rule_setting_not_in_effect);
}

static void a_newer_worker_imports_in_init_by_itself(void **state)
{
    static const char *const reports[] = {"{" RUN "," NEWER "," IN_INIT "}",
                                          "{" RUN "," NEWER "," IN_LOAD "}"};

    lint_fixture_setting(*state, THAW_SETTING_EXPORTED, "PYTHON_ENABLE_INIT_INDEXING", "1");
    for (size_t i = 0; i < 2; i++) {
        join(*state, reports[i]);
        lint_expect_none(*state, &thaw_rule_init_indexing_moved_imports);
        lint_expect_none(*state, &thaw_rule_setting_not_in_effect);
    }
}

static void a_setting_that_is_off_moves_nothing(void **state)
{
    join(*state, "{" RUN "," PROCESSES "," IN_INIT "}");
    lint_fixture_setting(*state, THAW_SETTING_EXPORTED, "PYTHON_ENABLE_INIT_INDEXING", "0");
    lint_expect_none(*state, &thaw_rule_init_indexing_moved_imports);
    lint_expect_none(*state, &thaw_rule_setting_not_in_effect);
}

static void workers_are_counted(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_setting_not_in_effect;
    const char *name = "FUNCTIONS_WORKER_PROCESS_COUNT";

    join(*state, "{" RUN "," PROCESSES "," IN_LOAD "," HOST("derived", "1", "{}, {}") "}");
    lint_fixture_setting(*state, THAW_SETTING_EXPORTED, name, "2");
    lint_expect_none(*state, rule);
    ((struct lint_fixture *)*state)->memory.settings.items[0].value = "4";
    lint_expect(*state, rule, "is 4, and the recorded host had 2 workers", "settings.json", 1);
    ((struct lint_fixture *)*state)->memory.settings.items[0].value = "8";
    lint_expect_none(*state, rule); /* they would not all be there after 60 s */
    ((struct lint_fixture *)*state)->memory.settings.items[0].value = "1";
    lint_expect(*state, rule, "is 1, and", "settings.json", 1);
    ((struct lint_fixture *)*state)->project.plan.value = "flex";
    lint_expect_none(*state, rule); /* nobody heeds it there */
}

static void another_python_was_recorded(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_setting_not_in_effect;

    join(*state, "{" RUN "," PROCESSES "," IN_LOAD "}");
    ((struct lint_fixture *)*state)->project.python =
        (struct thaw_inferred){.value = "3.12", .reason = "--python", .place = {.file = ""}};
    lint_expect(*state, rule, "for Python 3.12, 3.11.2 was recorded", "", 0);
    lint_fixture_fact(*state, THAW_FACT_PYTHON, "3.11");
    lint_fixture_fact(*state, THAW_FACT_PYTHON, "");
    lint_expect_none(*state, rule);
    lint_fixture_fact(*state, THAW_FACT_PYTHON, "3.1");
    lint_expect(*state, rule, "Python 3.1 is deployed, 3.11.2 was recorded", "main.bicep", 3);
}

static void versions_end(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_worker_end_of_life;
    struct lint_fixture *fixture = *state;
    const struct thaw_lint_finding *finding;

    join(fixture, "{" RUN "," PROCESSES "," IN_LOAD "}");
    lint_expect_none(fixture, rule); /* 3.11 ends in October 2027 */
    assert_true(lint_fixture_run(fixture, rule));
    fixture->lint.today = "2027-06-15";
    finding = lint_expect(fixture, rule, "Python 3.11.2 ends on 2027-10", "", 0);
    assert_string_equal(finding->severity, "note");
    fixture->lint.today = "2027-11-15";
    finding = lint_expect(fixture, rule, "ended on 2027-10", "", 0);
    assert_string_equal(finding->severity, "warning");
    assert_true(finding->source_count > 0);
}

#define AGENTS(own)                                                                                \
    "{" RUN "," PROCESSES "," IN_LOAD                                                              \
    ",'modules': [" MODULE("1", "null", "function_app", "app", "", "10000000") "," MODULE(         \
        "2", "1", "ddtrace", "package", "ddtrace",                                                 \
        "300000000") "," MODULE("3", "2", "wrapt", "package", "wrapt",                             \
                                "100000000") "," MODULE("4", "1", "pandas", "package", "pandas",   \
                                                        own) "," MODULE("5", "null", "grpc",       \
                                                                        "worker", "grpcio",        \
                                                                        "900000000") "]}"

static void observing_may_cost_more_than_the_app(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_instrumentation_costs_more;

    join(*state, AGENTS("200000000"));
    lint_expect_words(*state,
                      lint_expect(*state, rule,
                                  "takes 400 ms of the start, all else of the app 210 ms", "", 0),
                      "ddtrace, with what");
    join(*state, AGENTS("390000000"));
    lint_expect_none(*state, rule);
}

static void what_a_package_takes_of_an_agent_is_its_own(void **state)
{
    join(*state,
         "{" RUN "," PROCESSES "," IN_LOAD
         ",'modules': [" MODULE("1", "null", "function_app", "app", "", "10000000") "," MODULE(
             "2", "1", "durable", "package", "azure-functions-durable",
             "20000000") "," MODULE("3", "2", "opentelemetry", "package", "opentelemetry-api",
                                    "300000000") "]}");
    lint_expect_none(*state, &thaw_rule_instrumentation_costs_more);
    join(*state,
         "{" RUN "," PROCESSES "," IN_LOAD
         ",'modules': [" MODULE("1", "null", "function_app", "app", "", "10000000") "," MODULE(
             "2", "1", "durable", "package", "azure-functions-durable",
             "20000000") "," MODULE("3", "1", "opentelemetry", "package", "opentelemetry-api",
                                    "300000000") "]}");
    lint_expect(*state, &thaw_rule_instrumentation_costs_more, "300 ms of the start", "", 0);
}

static void hostile_parents_are_no_parents(void **state)
{
    join(*state, "{" RUN "," PROCESSES "," IN_LOAD
                 ",'modules': [" MODULE("7", "7", "function_app", "app", "", "10000000") "," MODULE(
                     "2", "99999999999", "ddtrace", "package", "ddtrace",
                     "300000000") "," MODULE("3", "-4", "wrapt", "package", "wrapt",
                                             "100000000") ", 5, null]}");
    lint_expect(*state, &thaw_rule_instrumentation_costs_more, "300 ms of the start", "", 0);
}

static void a_recording_of_another_app_is_not_joined(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_recording_of_another_app;
    struct lint_fixture *fixture = *state;

    fixture->project.plan.value = "flex";
    join(fixture,
         "{" RUN "," PROCESSES "," IN_LOAD
         ",'modules': [" MODULE("1", "null", "function_app", "app", "",
                                "1") "," MODULE("2", "1", "other/things", "app", "", "1") "]}");
    lint_expect_none(fixture, rule); /* half of it is here */
    assert_true(lint_fixture_run(fixture, &thaw_rule_init_near_limit_of_plan));
    join(fixture, "{" RUN "," PROCESSES "," IN_LOAD
                  ",'modules': [" MODULE("1", "null", "function_app", "app", "", "1") "," MODULE(
                      "2", "1", "other/things", "app", "", "1") "," MODULE("3", "1", "other/more",
                                                                           "app", "", "1") "]}");
    lint_expect_words(fixture, lint_expect(fixture, rule, "was not joined", "", 0),
                      "other/things.py of the recorded app");
    assert_false(lint_fixture_run(fixture, &thaw_rule_init_near_limit_of_plan));
}

static void functions_tell_whose_recording_it_is(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_recording_of_another_app;
    struct lint_fixture *fixture = *state;

    lint_fixture_function(fixture, "hello", "httpTrigger");
    join(fixture, "{" RUN ",'invocations': [{'function': 'order'}, {'function': 'hello'}]}");
    lint_expect_none(fixture, rule);
    join(fixture, "{" RUN ",'invocations': [{'function': null}, {'function': 'order'}]}");
    lint_expect(fixture, rule, "was not joined", "", 0);
    fixture->memory.functions.items[0].kind = THAW_FUNCTION_ASGI; /* its name is the library's */
    lint_expect_none(fixture, rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_TEST(without_a_recording_nothing_is_looked_for),
        LINT_TEST(a_start_is_held_against_the_plan),
        LINT_TEST(a_short_start_and_a_traced_one_tell_nothing),
        LINT_TEST(promises_are_held_against_what_ran),
        LINT_TEST(threads_are_promised_of_each_worker),
        LINT_TEST(a_setting_that_is_not_known_promises_nothing),
        LINT_TEST(imports_that_moved_are_told),
        LINT_TEST(a_newer_worker_imports_in_init_by_itself),
        LINT_TEST(a_setting_that_is_off_moves_nothing),
        LINT_TEST(workers_are_counted),
        LINT_TEST(another_python_was_recorded),
        LINT_TEST(versions_end),
        LINT_TEST(observing_may_cost_more_than_the_app),
        LINT_TEST(what_a_package_takes_of_an_agent_is_its_own),
        LINT_TEST(hostile_parents_are_no_parents),
        LINT_TEST(a_recording_of_another_app_is_not_joined),
        LINT_TEST(functions_tell_whose_recording_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
