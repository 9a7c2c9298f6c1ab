/* SPDX-License-Identifier: Apache-2.0 */
/* All rules, over an app in which most of them find something, while memory is short: they say so
 * and are harmless. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "lint/code.h"
#include "lint_expect.h"

static struct thaw_shipped_distribution distributions[] = {
    {.name = "lxml", .info = "lxml.dist-info", .amount = {.bytes = 900000000}}};
static const char *tags[] = {"cp311-cp311-linux_x86_64"};
static struct thaw_shipped_file files[] = {
    {.path = "tests/test_app.py", .kind = THAW_FILE_TESTS, .bytes = 9000000, .distribution = 9},
    {.path = "lxml/etree.so", .kind = THAW_FILE_NATIVE, .bytes = 800000000},
};
static struct thaw_shipped_foreign foreign[] = {{"lxml/etree.so", 0, "for Windows"}};
static const bool left_out[] = {false, false};

static void ship(struct lint_fixture *fixture)
{
    struct thaw_shipped *shipped = &fixture->shipped;

    distributions[0].tags = (struct thaw_texts){tags, 1};
    distributions[0].kinds[THAW_FILE_NATIVE].files = 1;
    shipped->distributions = distributions;
    shipped->distribution_count = 1;
    shipped->files = files;
    shipped->file_count = 2;
    shipped->foreign = foreign;
    shipped->foreign_count = 1;
    shipped->python.version = "3.11";
    shipped->python.evidence = "pyvenv.cfg";
    fixture->project.is_left_out = left_out;
    fixture->project.deployed = (struct thaw_amount){.files = 2, .bytes = 80000000};
}

static void add_source(struct lint_fixture *fixture)
{
    static const char *const names[] = {
        "requests.get",
        "datetime.datetime.now",
        "azure.cosmos.CosmosClient",
        "socket.socket.accept",
        THAW_LINT_CONTEXT "call_activity",
        "azure.storage.queue.QueueClient",
        "azure.storage.queue.QueueClient.send_message",
    };
    struct thaw_app_function *function = lint_fixture_function(fixture, "hello", "httpTriger");

    function->is_async = true;
    lint_fixture_parameter(fixture, function, "req", "X")->rejected = "X is not defined";
    function = lint_fixture_function(fixture, "order", "orchestrationTrigger");
    function->kind = THAW_FUNCTION_ORCHESTRATOR;
    lint_fixture_function(fixture, "clean", "timerTrigger");
    for (uint32_t of = 0; of < 3; of++)
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
            lint_fixture_call(fixture, of, names[i], THAW_CALL_IN_ASYNC)->via = of ? "" : "helper";
    lint_fixture_call(fixture, 2, "time.sleep", 0)->seconds = 100;
    lint_fixture_call(fixture, THAW_PROJECT_NONE, "requests.get", 0);
    lint_fixture_literal(fixture, THAW_SHAPE_TOKEN, "TOKEN");
    lint_fixture_import(fixture, "azure.functions");
    lint_fixture_manifest(fixture, "requirements.txt");
    lint_fixture_requirement(fixture, "azure-functions-worker", "1.0");
    lint_fixture_requirement(fixture, "torch", NULL);
    lint_fixture_requirement(fixture, "pytest", NULL);
}

static void add_deployment(struct lint_fixture *fixture)
{
    static const enum thaw_fact_kind kinds[] = {
        THAW_FACT_FUNCTION, THAW_FACT_LAMBDA_RUNTIME, THAW_FACT_TIMEOUT,
        THAW_FACT_MEMORY,   THAW_FACT_LAYER,          THAW_FACT_ARCHITECTURE,
        THAW_FACT_EVENT,    THAW_FACT_BASE_IMAGE,     THAW_FACT_HTTP_CONCURRENCY,
        THAW_FACT_SLOT,
    };
    static const char *const values[] = {"f",     "python3.8", "901",         "128", "l",
                                         "arm64", "Api",       "python:3.11", "8",   "staging"};

    lint_fixture_template(fixture, "main.bicep");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        lint_fixture_fact(fixture, kinds[i], values[i]);
    lint_fixture_setting(fixture, THAW_SETTING_EXPORTED, "FUNCTIONS_WORKER_PROCESS_COUNT", "1");
    lint_fixture_setting(fixture, THAW_SETTING_EXPORTED, "PYTHON_ENABLE_INIT_INDEXING", "1");
    lint_fixture_recording(
        fixture,
        "{'run': {'platform': 'azure_functions'}, 'processes': [{'id': 1, 'python': '3.8.1'}],"
        "'tracks': [{'headline': true, 'process': 1, 'total_ns': 29000000000, 'phases':"
        "[{'name': 'import', 'start_ns': 0, 'end_ns': 29000000000, 'within': 'WorkerInit'}]}],"
        "'modules': [{'id': 1, 'process': 1, 'self_ns': 1, 'owner': 'app'}, {'id': 2, 'process': 1,"
        "'self_ns': 900000000, 'distribution': 'ddtrace'}],"
        "'invocations': [{'function': 'hello', 'start_ns': 0, 'end_ns': 99000000000}],"
        "'concurrency': {'hosts': [{'workers': [{}, {}], 'capacity': {'status': 'derived',"
        "'at_once': 2, 'host_at_once': 2}}]}}");
}

static size_t check_all(struct lint_fixture *fixture)
{
    size_t count, checked = 0;
    const struct thaw_lint_rule *const *rules = thaw_lint_rules(&count);

    for (size_t i = 0; i < count; i++)
        if (!rules[i]->can_check || rules[i]->can_check(&fixture->lint)) {
            rules[i]->check(&fixture->lint, rules[i]);
            checked++;
        }
    return checked;
}

static void short_of_memory_rules_are_harmless(void **state)
{
    struct lint_fixture *fixture = *state;
    size_t found = 0, most = 0;

    if (!chaos_malloc_works())
        fail_msg("linked without --wrap");
    ship(fixture);
    add_source(fixture);
    add_deployment(fixture);
    fixture->project.plan.value = "flex";
    lint_fixture_show(fixture);
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        check_all(fixture);
        chaos_malloc_pause();
        if (chaos_malloc_failed())
            assert_true(fixture->lint.failed);
        found = fixture->lint.findings.count;
        most = found > most ? found : most;
        fixture->lint.failed = false;
        lint_fixture_again(fixture);
        thaw_arena_free(&fixture->lint.arena);
    }
    assert_int_equal(found, most); /* the last round had all its memory */
    assert_true(found > 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {LINT_TEST(short_of_memory_rules_are_harmless)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
