/* SPDX-License-Identifier: Apache-2.0 */
#include "lint_cases.h"

static void plan_is(struct lint_fixture *fixture, const char *plan)
{
    fixture->project.plan = (struct thaw_inferred){.value = plan,
                                                   .reason = "main.bicep:3: SKU",
                                                   .place = {.file = "main.bicep", .line = 3}};
}

static void python_is(struct lint_fixture *fixture, const char *version)
{
    fixture->project.python =
        (struct thaw_inferred){.value = version,
                               .reason = ".python-version",
                               .place = {.file = ".python-version", .line = 1}};
}

static void test_plan_retiring(void **state)
{
    struct lint_fixture *fixture = *state;

    unchecked(fixture, &thaw_rule_plan_retiring);
    plan_is(fixture, "flex");
    silent(fixture, &thaw_rule_plan_retiring);
    plan_is(fixture, "consumption");
    says_at(fixture, &thaw_rule_plan_retiring, "consumption", "ends on 2028-09-30", "note",
            "main.bicep:3");
    says(fixture, &thaw_rule_plan_retiring, "consumption", "SKU");
    says(fixture, &thaw_rule_plan_retiring, "consumption", "move to Flex Consumption");
    fixture->lint.today = "2027-10-01";
    says_at(fixture, &thaw_rule_plan_retiring, "consumption", "ends on 2028-09-30", "warning",
            "main.bicep:3");
    fixture->lint.today = "2028-10-01";
    says_at(fixture, &thaw_rule_plan_retiring, "consumption", "ended on 2028-09-30", "error",
            "main.bicep:3");
    /* The plan ends on Linux; of Windows another rule speaks. */
    lint_fixture_fact(fixture, THAW_FACT_OS, "windows");
    silent(fixture, &thaw_rule_plan_retiring);
    lint_fixture_fact(fixture, THAW_FACT_OS, "linux");
    says(fixture, &thaw_rule_plan_retiring, "consumption", "ended");
}

static void test_python_end(void **state)
{
    struct lint_fixture *fixture = *state;

    unchecked(fixture, &thaw_rule_python_end_of_life);
    python_is(fixture, "3.12");
    silent(fixture, &thaw_rule_python_end_of_life);
    python_is(fixture, "3.10");
    says_at(fixture, &thaw_rule_python_end_of_life, "3.10", "no support", "warning",
            ".python-version:1");
    says(fixture, &thaw_rule_python_end_of_life, "3.10", "since 2026-10-31");
    lint_fixture_run(fixture, &thaw_rule_python_end_of_life);
    assert_string_equal(fixture->lint.findings.items[0].confidence, "high");
    lint_fixture_again(fixture);
    python_is(fixture, "3.4");
    says_at(fixture, &thaw_rule_python_end_of_life, "3.4", "no longer", "error",
            ".python-version:1");
    python_is(fixture, "3.15");
    says_at(fixture, &thaw_rule_python_end_of_life, "3.15", "preview", "note", ".python-version:1");

    python_is(fixture, "3.11");
    silent(fixture, &thaw_rule_python_end_of_life);
    fixture->lint.today = "2027-04-30";
    silent(fixture, &thaw_rule_python_end_of_life);
    fixture->lint.today = "2027-05-01";
    says_at(fixture, &thaw_rule_python_end_of_life, "3.11", "ends on 2027-10-31", "note",
            ".python-version:1");
    fixture->lint.today = "2027-10-31";
    says_at(fixture, &thaw_rule_python_end_of_life, "3.11", "ends on", "note", ".python-version:1");
    fixture->lint.today = "2027-11-01";
    says_at(fixture, &thaw_rule_python_end_of_life, "3.11", "since", "warning",
            ".python-version:1");
}

static void test_python_plan(void **state)
{
    struct lint_fixture *fixture = *state;

    silent(fixture, &thaw_rule_python_not_on_plan);
    python_is(fixture, "3.13");
    silent(fixture, &thaw_rule_python_not_on_plan);
    plan_is(fixture, "flex");
    silent(fixture, &thaw_rule_python_not_on_plan);
    plan_is(fixture, "consumption");
    says_at(fixture, &thaw_rule_python_not_on_plan, "3.13", "whose last one is 3.12", "error",
            ".python-version:1");
    says(fixture, &thaw_rule_python_not_on_plan, "3.13", "move to Python 3.12");
    python_is(fixture, "3.12");
    silent(fixture, &thaw_rule_python_not_on_plan);
    python_is(fixture, "3.9");
    silent(fixture, &thaw_rule_python_not_on_plan);
    plan_is(fixture, "premium");
    python_is(fixture, "3.99");
    says(fixture, &thaw_rule_python_not_on_plan, "3.99", "not on Azure Functions yet");
}

static void test_windows(void **state)
{
    struct lint_fixture *fixture = *state;

    lint_fixture_fact(fixture, THAW_FACT_OS, "windows");
    silent(fixture, &thaw_rule_python_not_on_plan);
    lint_fixture_function(fixture, "hello", "httpTrigger");
    says_at(fixture, &thaw_rule_python_not_on_plan, "os", "Linux only", "error", "main.bicep:1");
    lint_fixture_fact(fixture, THAW_FACT_OS, "linux");
    silent(fixture, &thaw_rule_python_not_on_plan);
}

static void test_extension_version(void **state)
{
    static const char name[] = "FUNCTIONS_EXTENSION_VERSION";
    struct lint_fixture *fixture = *state;
    struct thaw_setting *setting;

    unchecked(fixture, &thaw_rule_runtime_version);
    lint_fixture_setting(fixture, THAW_SETTING_LOCAL, name, "~2");
    unchecked(fixture, &thaw_rule_runtime_version);
    setting = lint_fixture_setting(fixture, THAW_SETTING_EXPORTED, name, "~3");
    says_at(fixture, &thaw_rule_runtime_version, name, "~3", "error", "settings.json:2");
    fixture->project.plan.value = "flex";
    silent(fixture, &thaw_rule_runtime_version);
    fixture->project.plan.value = "";
    setting->value = "4.34.2";
    says_at(fixture, &thaw_rule_runtime_version, name, "one version", "note", "settings.json:2");
    setting->value = "~4";
    silent(fixture, &thaw_rule_runtime_version);
    setting->value = NULL;
    silent(fixture, &thaw_rule_runtime_version);
}

static void test_runtime_missing(void **state)
{
    struct lint_fixture *fixture = *state;

    lint_fixture_function(fixture, "hello", "httpTrigger");
    lint_fixture_setting(fixture, THAW_SETTING_EXPORTED, "OTHER", "x");
    silent(fixture, &thaw_rule_runtime_version);
    plan_is(fixture, "premium");
    silent(fixture, &thaw_rule_runtime_version);
    fixture->project.has_exported_settings = true;
    says(fixture, &thaw_rule_runtime_version, "FUNCTIONS_EXTENSION_VERSION", "not set");
    says(fixture, &thaw_rule_runtime_version, "FUNCTIONS_WORKER_RUNTIME", "not set");

    /* Said in other places there. */
    plan_is(fixture, "flex");
    silent(fixture, &thaw_rule_runtime_version);
    plan_is(fixture, "premium");
    fixture->project.packaging.value = "container";
    silent(fixture, &thaw_rule_runtime_version);
    fixture->project.packaging.value = "zip";
    lint_fixture_fact(fixture, THAW_FACT_RUNTIME, "python");
    silent(fixture, &thaw_rule_runtime_version);
}

static void test_worker_runtime(void **state)
{
    static const char name[] = "FUNCTIONS_WORKER_RUNTIME";
    struct lint_fixture *fixture = *state;
    struct thaw_setting *setting =
        lint_fixture_setting(fixture, THAW_SETTING_TEMPLATE, name, "node");

    silent(fixture, &thaw_rule_runtime_version);
    lint_fixture_function(fixture, "hello", "httpTrigger");
    says_at(fixture, &thaw_rule_runtime_version, name, "node", "error", "main.bicep:1");
    setting->value = "Python";
    silent(fixture, &thaw_rule_runtime_version);

    /* A template tells what is missing only where it was read as a whole. */
    plan_is(fixture, "premium");
    silent(fixture, &thaw_rule_runtime_version);
    lint_fixture_template(fixture, "main.bicep")->unread = 1;
    silent(fixture, &thaw_rule_runtime_version);
    fixture->memory.templates.items[0].unread = 0;
    says(fixture, &thaw_rule_runtime_version, "FUNCTIONS_EXTENSION_VERSION", "not set");
    fixture->memory.templates.items[0].form = "Dockerfile";
    silent(fixture, &thaw_rule_runtime_version);
}

static void test_linux_fx(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_project_fact *fact;

    unchecked(fixture, &thaw_rule_linux_fx_version);
    fact = lint_fixture_fact(fixture, THAW_FACT_STACK, "Python|3.11");
    silent(fixture, &thaw_rule_linux_fx_version);
    python_is(fixture, "3.11");
    silent(fixture, &thaw_rule_linux_fx_version);
    python_is(fixture, "3.12");
    says_at(fixture, &thaw_rule_linux_fx_version, "Python|3.11", "says Python 3.12", "error",
            "main.bicep:1");
    fact->value = "Python|3.1";
    says(fixture, &thaw_rule_linux_fx_version, "Python|3.1", "not known");
    fact->value = "Node|20";
    says(fixture, &thaw_rule_linux_fx_version, "Node|20", "the app is Python");
    fact->value = "DOCKER|registry/app:1";
    silent(fixture, &thaw_rule_linux_fx_version);
    fact->value = "";
    silent(fixture, &thaw_rule_linux_fx_version);
    fact->value = "python|3.12";
    silent(fixture, &thaw_rule_linux_fx_version);
    plan_is(fixture, "flex");
    says_at(fixture, &thaw_rule_linux_fx_version, "python|3.12", "no effect", "warning",
            "main.bicep:1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_CASE(test_plan_retiring),     LINT_CASE(test_python_end),
        LINT_CASE(test_python_plan),       LINT_CASE(test_windows),
        LINT_CASE(test_extension_version), LINT_CASE(test_runtime_missing),
        LINT_CASE(test_worker_runtime),    LINT_CASE(test_linux_fx),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
