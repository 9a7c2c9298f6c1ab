/* SPDX-License-Identifier: Apache-2.0 */
#include "lint_cases.h"

#define THREADS "PYTHON_THREADPOOL_THREAD_COUNT"
#define PROCESSES "FUNCTIONS_WORKER_PROCESS_COUNT"

static struct thaw_setting *exported(struct lint_fixture *fixture, const char *name,
                                     const char *value)
{
    return lint_fixture_setting(fixture, THAW_SETTING_EXPORTED, name, value);
}

static void test_sync_wait(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_app_function *function;
    struct thaw_setting *threads;
    struct thaw_app_call *call;

    unchecked(fixture, &thaw_rule_sync_handlers_wait);
    function = lint_fixture_function(fixture, "hello", "httpTrigger");
    call = lint_fixture_call(fixture, 0, "requests.get", 0);
    threads = exported(fixture, THREADS, "1");
    says_at(fixture, &thaw_rule_sync_handlers_wait, THREADS, "hello calls requests.get()",
            "warning", "settings.json:1");

    threads->value = "2";
    silent(fixture, &thaw_rule_sync_handlers_wait);
    threads->value = NULL;
    silent(fixture, &thaw_rule_sync_handlers_wait);
    threads->value = "1";
    function->is_async = true;
    silent(fixture, &thaw_rule_sync_handlers_wait);
    function->is_async = false;
    function->bindings[0].type = "timerTrigger";
    silent(fixture, &thaw_rule_sync_handlers_wait);
    function->bindings[0].type = "queueTrigger";
    call->name = "json.loads";
    silent(fixture, &thaw_rule_sync_handlers_wait);
    call->name = "requests.get";
    call->flags = THAW_CALL_HANDED_OFF;
    silent(fixture, &thaw_rule_sync_handlers_wait);
    call->flags = 0;
    says(fixture, &thaw_rule_sync_handlers_wait, THREADS, PROCESSES " is not set");
    exported(fixture, PROCESSES, "4");
    silent(fixture, &thaw_rule_sync_handlers_wait);
    fixture->project.plan.value = "flex";
    says(fixture, &thaw_rule_sync_handlers_wait, THREADS, PROCESSES " is not in effect (1)");
}

static void test_threads_idle(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_app_function *function;

    exported(fixture, THREADS, "8");
    unchecked(fixture, &thaw_rule_threads_do_nothing);
    lint_fixture_function(fixture, "hello", "httpTrigger")->is_async = true;
    function = lint_fixture_function(fixture, "orders", "queueTrigger");
    silent(fixture, &thaw_rule_threads_do_nothing);
    function->is_async = true;
    says_at(fixture, &thaw_rule_threads_do_nothing, THREADS, "all 2 handlers are async", "note",
            "settings.json:1");
    function->kind = THAW_FUNCTION_ASGI;
    silent(fixture, &thaw_rule_threads_do_nothing);
    function->kind = THAW_FUNCTION_PLAIN;
    lint_fixture_call(fixture, 0, "requests.get", THAW_CALL_HANDED_OFF);
    silent(fixture, &thaw_rule_threads_do_nothing);
}

static void test_processes(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_setting *setting;

    unchecked(fixture, &thaw_rule_worker_processes_multiply_imports);
    setting = exported(fixture, PROCESSES, "4");
    says_at(fixture, &thaw_rule_worker_processes_multiply_imports, PROCESSES, "after 30 s", "note",
            "settings.json:1");
    lint_fixture_fact(fixture, THAW_FACT_SKU, "EP1");
    says(fixture, &thaw_rule_worker_processes_multiply_imports, PROCESSES, "EP1 (main.bicep:1)");
    lint_fixture_recording(fixture,
                           "{'tracks': [{'headline': false, 'phases': [{'name': 'import',"
                           "'start_ns': 0, 'end_ns': 9000000000}]}, {'headline': true, 'phases':"
                           "[{'name': 'import', 'start_ns': 1000000000, 'end_ns': 3500000000}]}]}");
    says(fixture, &thaw_rule_worker_processes_multiply_imports, PROCESSES, "imports took 2.50 s");
    setting->value = "1";
    silent(fixture, &thaw_rule_worker_processes_multiply_imports);
    setting->value = "many";
    silent(fixture, &thaw_rule_worker_processes_multiply_imports);
    setting->value = "4";
    fixture->project.plan.value = "flex";
    silent(fixture, &thaw_rule_worker_processes_multiply_imports);
}

static void test_http_concurrency(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_project_fact *fact;
    struct thaw_setting *threads;

    unchecked(fixture, &thaw_rule_http_concurrency_high);
    fact = lint_fixture_fact(fixture, THAW_FACT_HTTP_CONCURRENCY, "32");
    silent(fixture, &thaw_rule_http_concurrency_high);
    lint_fixture_function(fixture, "hello", "httpTrigger");
    silent(fixture, &thaw_rule_http_concurrency_high);
    fact->value = "33";
    says_at(fixture, &thaw_rule_http_concurrency_high, "perInstanceConcurrency", "at most 32",
            "warning", "main.bicep:1");
    fact->value = "8";
    threads = exported(fixture, THREADS, "4");
    says(fixture, &thaw_rule_http_concurrency_high, "perInstanceConcurrency", THREADS " is 4");
    threads->value = "8";
    silent(fixture, &thaw_rule_http_concurrency_high);
    threads->value = NULL;
    silent(fixture, &thaw_rule_http_concurrency_high);
    threads->value = "4";
    fact->value = "";
    silent(fixture, &thaw_rule_http_concurrency_high);
    fact->value = "8";
    fixture->memory.functions.items[0].is_async = true;
    silent(fixture, &thaw_rule_http_concurrency_high);
}

static void test_root_http(void **state)
{
    struct lint_fixture *fixture = *state;

    unchecked(fixture, &thaw_rule_root_http);
    lint_fixture_host(fixture, "{'version': '2.0',\n'http': {'routePrefix': ''}}");
    says_at(fixture, &thaw_rule_root_http, "http", "version 1's", "warning", "host.json:2");
    lint_fixture_host(fixture, "{'extensions': {'http': {'routePrefix': ''}}}");
    silent(fixture, &thaw_rule_root_http);
}

static void test_ignored(void **state)
{
    static const char id[] = "extensions.http.maxConcurrentRequests";
    struct lint_fixture *fixture = *state;

    lint_fixture_host(fixture, "{'extensions': {'http': {\n'maxConcurrentRequests': 10}}}");
    unchecked(fixture, &thaw_rule_concurrency_setting_ignored);
    fixture->project.plan.value = "premium";
    silent(fixture, &thaw_rule_concurrency_setting_ignored);
    fixture->project.plan.value = "flex";
    says_at(fixture, &thaw_rule_concurrency_setting_ignored, id,
            "is not what Flex Consumption scales by", "warning", "host.json:2");
    lint_fixture_host(fixture, "{'extensions': {'http': {'routePrefix': 'x'}}}");
    silent(fixture, &thaw_rule_concurrency_setting_ignored);
}

static void test_scale_out(void **state)
{
    static const char name[] = "WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT";
    struct lint_fixture *fixture = *state;

    unchecked(fixture, &thaw_rule_scale_out_setting_preview);
    exported(fixture, "OTHER", "1");
    silent(fixture, &thaw_rule_scale_out_setting_preview);
    exported(fixture, name, "5");
    says_at(fixture, &thaw_rule_scale_out_setting_preview, name, "functionAppScaleLimit", "warning",
            "settings.json:2");
    fixture->project.plan.value = "premium";
    says(fixture, &thaw_rule_scale_out_setting_preview, name, "preview");
    /* There it has no effect at all, which another rule says. */
    fixture->project.plan.value = "flex";
    silent(fixture, &thaw_rule_scale_out_setting_preview);
}

static void test_instances(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_project_fact *fact;

    unchecked(fixture, &thaw_rule_instances_out_of_range);
    fact = lint_fixture_fact(fixture, THAW_FACT_MAXIMUM_INSTANCES, "1001");
    unchecked(fixture, &thaw_rule_instances_out_of_range);
    fixture->project.plan.value = "flex";
    says_at(fixture, &thaw_rule_instances_out_of_range, thaw_fact_name(THAW_FACT_MAXIMUM_INSTANCES),
            "1 to 1000 instances", "error", "main.bicep:1");
    fact->value = "0";
    says(fixture, &thaw_rule_instances_out_of_range, thaw_fact_name(THAW_FACT_MAXIMUM_INSTANCES),
         "is 0");
    fact->value = "1000";
    silent(fixture, &thaw_rule_instances_out_of_range);
    fact->value = "";
    silent(fixture, &thaw_rule_instances_out_of_range);
    fact->kind = THAW_FACT_SCALE_LIMIT;
    fact->value = "0";
    fixture->project.plan.value = "consumption";
    silent(fixture, &thaw_rule_instances_out_of_range);
}

static void test_memory_and_ready(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_project_fact *fact = lint_fixture_fact(fixture, THAW_FACT_INSTANCE_MEMORY, "1024");

    fixture->project.plan.value = "flex";
    says(fixture, &thaw_rule_instances_out_of_range, thaw_fact_name(THAW_FACT_INSTANCE_MEMORY),
         "512, 2048, 4096");
    fact->value = "2048";
    silent(fixture, &thaw_rule_instances_out_of_range);
    lint_fixture_fact(fixture, THAW_FACT_MAXIMUM_INSTANCES, "5");
    lint_fixture_fact(fixture, THAW_FACT_ALWAYS_READY, "http=3");
    silent(fixture, &thaw_rule_instances_out_of_range);
    fact = lint_fixture_fact(fixture, THAW_FACT_ALWAYS_READY, "function:orders=3");
    says(fixture, &thaw_rule_instances_out_of_range, thaw_fact_name(THAW_FACT_MAXIMUM_INSTANCES),
         "6 instances are to be always ready, 5");
    fact->resource = "another";
    silent(fixture, &thaw_rule_instances_out_of_range);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_CASE(test_sync_wait),        LINT_CASE(test_threads_idle),
        LINT_CASE(test_processes),        LINT_CASE(test_http_concurrency),
        LINT_CASE(test_root_http),        LINT_CASE(test_ignored),
        LINT_CASE(test_scale_out),        LINT_CASE(test_instances),
        LINT_CASE(test_memory_and_ready),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
