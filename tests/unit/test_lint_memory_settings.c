/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over an app that most of them have something to say about, while memory is short. */
#include "chaos_malloc.h"
#include "lint_cases.h"

static void set(struct lint_fixture *fixture, enum thaw_setting_origin origin, const char *name,
                const char *value, enum thaw_setting_shape shape)
{
    struct thaw_setting *setting = lint_fixture_setting(fixture, origin, name, value);

    if (!value)
        setting->shape = shape;
}

static void fill_settings(struct lint_fixture *fixture)
{
    set(fixture, THAW_SETTING_EXPORTED, "FUNCTIONS_WORKER_PROCESS_COUNT", "14", 0);
    set(fixture, THAW_SETTING_EXPORTED, "PYTHON_THREADPOOL_THREAD_COUNT", "1", 0);
    set(fixture, THAW_SETTING_EXPORTED, "FUNCTIONS_WORKER_RUNTIM", "x", 0);
    set(fixture, THAW_SETTING_EXPORTED, "WEBSITE_RUN_FROM_PACKAGE", "1", 0);
    set(fixture, THAW_SETTING_EXPORTED, "AzureWebJobsDashboard", NULL, THAW_SHAPE_STORAGE_KEY);
    set(fixture, THAW_SETTING_EXPORTED, "AzureWebJobsStorage", NULL, THAW_SHAPE_DEVELOPMENT);
    set(fixture, THAW_SETTING_EXPORTED, "DB", NULL, THAW_SHAPE_REFERENCE_INVALID);
    set(fixture, THAW_SETTING_TEMPLATE, "KEY", NULL, THAW_SHAPE_TOKEN);
    fixture->project.has_exported_settings = true;
}

static void fill(struct lint_fixture *fixture)
{
    struct thaw_app_function *function;

    fixture->project.plan.value = "flex";
    fixture->project.python.value = "3.10";
    lint_fixture_host(fixture, "{'http': {}, 'retry': {}, 'functionTimeOuts': 3, 'functionTimeout':"
                               "'01:00:00', 'logging': {'logLevel': {'default': 'Debug', 'x.y':"
                               "'Trace'}}, 'extensions': {'http': {'maxConcurrentRequests': 'x'},"
                               "'queue': {}}, 'extensionBundle': {'version': '[2.0.0, 3.0.0)'}}");
    fill_settings(fixture);
    lint_fixture_template(fixture, "main.bicep");
    lint_fixture_fact(fixture, THAW_FACT_HTTP_CONCURRENCY, "100");
    lint_fixture_fact(fixture, THAW_FACT_INSTANCE_MEMORY, "1024");
    lint_fixture_fact(fixture, THAW_FACT_SLOT, "staging");
    function = lint_fixture_function(fixture, "a", "httpTrigger");
    function->bindings[0].route = "x/{id}";
    function->bindings[0].auth_level = "anonymous";
    function = lint_fixture_function(fixture, "A", "httpTrigger");
    function->bindings[0].route = "x/{name}";
    function = lint_fixture_function(fixture, "b", "queueTrigger");
    function->bindings[0].path = "in";
    function->bindings[0].connection = "Orders";
    lint_fixture_function(fixture, "c", "eventHubTrigger");
    function = lint_fixture_function(fixture, "warm", "timerTrigger");
    function->bindings[0].schedule = "0 */5 * * * *";
    lint_fixture_call(fixture, 0, "time.sleep", 0)->seconds = 60;
    lint_fixture_call(fixture, 0, "requests.get", 0);
}

/* All rows: those of the other areas are harmless, too. */
static void test_short_of_memory(void **state)
{
    struct lint_fixture *fixture = *state;
    size_t count, findings = 0;
    const struct thaw_lint_rule *const *rules = thaw_lint_rules(&count);

    fill(fixture);
    lint_fixture_show(fixture);
    for (size_t i = 0; i < count; i++) {
        const struct thaw_lint_rule *rule = rules[i];

        if (rule->can_check && !rule->can_check(&fixture->lint))
            continue;
        for (chaos_malloc_begin(CHAOS_ALL); chaos_malloc_more();) {
            rule->check(&fixture->lint, rule);
            chaos_malloc_pause();
            if (fixture->lint.failed != chaos_malloc_failed())
                fail_msg("%s: failed %d", rule->kind.id, fixture->lint.failed);
            findings += fixture->lint.findings.count;
            fixture->lint.failed = false;
            lint_fixture_again(fixture);
            thaw_arena_free(&fixture->lint.arena);
        }
    }
    assert_true(findings > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_CASE(test_short_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
