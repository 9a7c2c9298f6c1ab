/* SPDX-License-Identifier: Apache-2.0 */
#include "lint_cases.h"

static struct thaw_setting *exported(struct lint_fixture *fixture, const char *name,
                                     const char *value)
{
    return lint_fixture_setting(fixture, THAW_SETTING_EXPORTED, name, value);
}

static void test_gone(void **state)
{
    struct lint_fixture *fixture = *state;

    unchecked(fixture, &thaw_rule_setting_gone);
    lint_fixture_setting(fixture, THAW_SETTING_LOCAL, "AzureWebJobsDashboard", NULL);
    unchecked(fixture, &thaw_rule_setting_gone);
    exported(fixture, "AzureWebJobsStorage", NULL);
    exported(fixture, "APPINSIGHTS_INSTRUMENTATIONKEY", NULL);
    exported(fixture, "MY_OWN", "1");
    silent(fixture, &thaw_rule_setting_gone);
    exported(fixture, "AzureWebJobsDashboard", NULL);
    says_at(fixture, &thaw_rule_setting_gone, "AzureWebJobsDashboard", "not read by the runtime",
            "warning", "settings.json:5");
    says(fixture, &thaw_rule_setting_gone, "AzureWebJobsDashboard",
         "APPLICATIONINSIGHTS_CONNECTION_STRING");
}

static void test_out_of_range(void **state)
{
    static const char processes[] = "FUNCTIONS_WORKER_PROCESS_COUNT";
    struct lint_fixture *fixture = *state;
    struct thaw_setting *setting = exported(fixture, processes, "11");

    says_at(fixture, &thaw_rule_setting_out_of_range, processes, "11, above", "warning",
            "settings.json:1");
    setting->value = "0";
    says(fixture, &thaw_rule_setting_out_of_range, processes, "from 1 to 10");
    setting->value = "many";
    says(fixture, &thaw_rule_setting_out_of_range, processes, "no whole number");
    setting->value = "10";
    silent(fixture, &thaw_rule_setting_out_of_range);
    /* Where it has no effect its value is no matter. */
    setting->value = "11";
    fixture->project.plan.value = "flex";
    silent(fixture, &thaw_rule_setting_out_of_range);
    fixture->project.plan.value = "";
    setting->value = NULL;
    silent(fixture, &thaw_rule_setting_out_of_range);
    setting->name = "FUNCTION_APP_EDIT_MODE";
    setting->value = "Live";
    says(fixture, &thaw_rule_setting_out_of_range, setting->name, "use one of: readwrite");
    setting->value = "ReadOnly";
    silent(fixture, &thaw_rule_setting_out_of_range);
    /* Of the runtime another rule speaks. */
    setting->name = "FUNCTIONS_EXTENSION_VERSION";
    setting->value = "~3";
    silent(fixture, &thaw_rule_setting_out_of_range);
    setting->name = "MY_OWN";
    silent(fixture, &thaw_rule_setting_out_of_range);
}

static void test_without_effect_plan(void **state)
{
    struct lint_fixture *fixture = *state;

    exported(fixture, "SCM_DO_BUILD_DURING_DEPLOYMENT", "true");
    exported(fixture, "WEBSITE_CONTENTSHARE", "x");
    exported(fixture, "MY_OWN", "x");
    unchecked(fixture, &thaw_rule_setting_without_effect);
    fixture->project.plan.value = "premium";
    silent(fixture, &thaw_rule_setting_without_effect);
    fixture->project.plan.value = "flex";
    says_at(fixture, &thaw_rule_setting_without_effect, "SCM_DO_BUILD_DURING_DEPLOYMENT",
            "no effect here", "warning", "settings.json:1");
    says(fixture, &thaw_rule_setting_without_effect, "SCM_DO_BUILD_DURING_DEPLOYMENT",
         "what takes its place is remoteBuild");
    says(fixture, &thaw_rule_setting_without_effect, "WEBSITE_CONTENTSHARE",
         "functionAppConfig.deployment.storage");
    /* By the plans where it has one. */
    fixture->project.plan.value = "dedicated";
    says(fixture, &thaw_rule_setting_without_effect, "WEBSITE_CONTENTSHARE", "other plans only");
    assert_int_equal(lint_fixture_count(fixture, "setting-without-effect"), 0);
}

static void test_without_effect_python(void **state)
{
    static const char gone[] = "PYTHON_ISOLATE_WORKER_DEPENDENCIES";
    static const char added[] = "PYTHON_APPLICATIONINSIGHTS_LOGGER_NAME";
    struct lint_fixture *fixture = *state;

    exported(fixture, gone, "1");
    exported(fixture, "PYTHON_THREADPOOL_THREAD_COUNT", "4");
    silent(fixture, &thaw_rule_setting_gone); /* the version is not known */
    fixture->project.python.value = "3.12";
    silent(fixture, &thaw_rule_setting_gone);
    fixture->project.python.value = "3.9";
    silent(fixture, &thaw_rule_setting_gone);
    fixture->project.python.value = "3.13";
    says(fixture, &thaw_rule_setting_gone, gone, "gone from Python 3.13 on");
    fixture->project.python.value = "3.14";
    says(fixture, &thaw_rule_setting_gone, gone, "the app has 3.14");
    silent(fixture, &thaw_rule_setting_without_effect); /* not twice */
    exported(fixture, added, "x");
    fixture->project.python.value = "3.12";
    says(fixture, &thaw_rule_setting_without_effect, added, "read from Python 3.13 on");
}

static void test_misspelt(void **state)
{
    static const char wrong[] = "FUNCTIONS_WORKER_PROCES_COUNT";
    struct lint_fixture *fixture = *state;

    unchecked(fixture, &thaw_rule_setting_misspelt);
    lint_fixture_setting(fixture, THAW_SETTING_LOCAL, wrong, "2");
    says_at(fixture, &thaw_rule_setting_misspelt, wrong, "FUNCTIONS_WORKER_PROCESS_COUNT",
            "warning", "local.settings.json:1");
    /* Both: who has the right one has another use for the other. */
    exported(fixture, "FUNCTIONS_WORKER_PROCESS_COUNT", "2");
    silent(fixture, &thaw_rule_setting_misspelt);
}

static void test_not_misspelt(void **state)
{
    static const char *const names[] = {"AzureWebJobsStorage",
                                        "AzureWebJobsStorage__tenantId",
                                        "WEBSITE_HOST",
                                        "MY_OWN_SETTING_OF_THE_APP",
                                        "OTEL_EXPORTER_OTLP_ENDPOINT",
                                        "AzureFunctionsJobHost__logging__logLevel__default",
                                        "PYTHONPAT",
                                        "DATABASE_URL",
                                        "SERVICE_BUS_CONNECTION",
                                        "a"};
    struct lint_fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        exported(fixture, names[i], NULL);
    silent(fixture, &thaw_rule_setting_misspelt);
}

static void test_misspelt_connection(void **state)
{
    struct lint_fixture *fixture = *state;

    exported(fixture, "AzureWebJobsStorages", NULL);
    says(fixture, &thaw_rule_setting_misspelt, "AzureWebJobsStorages", "AzureWebJobsStorage");
    lint_fixture_function(fixture, "orders", "queueTrigger")->bindings[0].connection =
        "AzureWebJobsStorages";
    silent(fixture, &thaw_rule_setting_misspelt);
}

static void test_harmful(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_setting *setting;

    unchecked(fixture, &thaw_rule_harmful_setting);
    lint_fixture_setting(fixture, THAW_SETTING_LOCAL, "PYTHONDEVMODE", "1");
    unchecked(fixture, &thaw_rule_harmful_setting);
    exported(fixture, "APPINSIGHTS_INSTRUMENTATIONKEY", NULL)->shape = THAW_SHAPE_GUID;
    setting = exported(fixture, "PYTHON_ENABLE_DEBUG_LOGGING", "1");
    says_at(fixture, &thaw_rule_harmful_setting, "PYTHON_ENABLE_DEBUG_LOGGING", "gRPC", "warning",
            "settings.json:3");
    setting->value = "0";
    silent(fixture, &thaw_rule_harmful_setting);
    setting->value = "false";
    silent(fixture, &thaw_rule_harmful_setting);
    setting->value = NULL;
    setting->shape = THAW_SHAPE_UNKNOWN;
    silent(fixture, &thaw_rule_harmful_setting);
    setting->name = "WEBSITE_USE_PLACEHOLDER";
    setting->value = "1";
    setting->shape = THAW_SHAPE_NUMBER;
    silent(fixture, &thaw_rule_harmful_setting);
    setting->value = "0";
    says(fixture, &thaw_rule_harmful_setting, "WEBSITE_USE_PLACEHOLDER", "cold-start");
}

static void test_harmful_host(void **state)
{
    struct lint_fixture *fixture = *state;

    lint_fixture_host(fixture, "{'logging': {'fileLoggingMode': 'debugOnly'}}");
    silent(fixture, &thaw_rule_harmful_setting);
    lint_fixture_host(fixture, "{'logging': {\n'fileLoggingMode': 'always'}}");
    says_at(fixture, &thaw_rule_harmful_setting, "logging.fileLoggingMode", "always", "warning",
            "host.json:2");
    exported(fixture, "AzureFunctionsJobHost__logging__fileLoggingMode", "never");
    silent(fixture, &thaw_rule_harmful_setting);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_CASE(test_gone),
        LINT_CASE(test_out_of_range),
        LINT_CASE(test_without_effect_plan),
        LINT_CASE(test_without_effect_python),
        LINT_CASE(test_misspelt),
        LINT_CASE(test_not_misspelt),
        LINT_CASE(test_misspelt_connection),
        LINT_CASE(test_harmful),
        LINT_CASE(test_harmful_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
