/* SPDX-License-Identifier: Apache-2.0 */
#include "lint_cases.h"

#define KEY "APPINSIGHTS_INSTRUMENTATIONKEY"
#define CONNECTION "APPLICATIONINSIGHTS_CONNECTION_STRING"

static struct thaw_setting *exported(struct lint_fixture *fixture, const char *name,
                                     const char *value)
{
    return lint_fixture_setting(fixture, THAW_SETTING_EXPORTED, name, value);
}

static void test_key(void **state)
{
    struct lint_fixture *fixture = *state;

    unchecked(fixture, &thaw_rule_instrumentation_key);
    lint_fixture_setting(fixture, THAW_SETTING_LOCAL, KEY, NULL);
    exported(fixture, "OTHER", "1");
    silent(fixture, &thaw_rule_instrumentation_key);
    exported(fixture, KEY, NULL);
    says_at(fixture, &thaw_rule_instrumentation_key, KEY, "2025-03-31", "warning",
            "settings.json:3");
    silent(fixture, &thaw_rule_both_insights_settings);
    exported(fixture, CONNECTION, NULL);
    silent(fixture, &thaw_rule_instrumentation_key);
    says_at(fixture, &thaw_rule_both_insights_settings, KEY, "remove " KEY, "note",
            "settings.json:3");
}

static void test_none(void **state)
{
    static const char *const enough[] = {CONNECTION, KEY, "OTEL_EXPORTER_OTLP_ENDPOINT",
                                         "DD_API_KEY", "NEW_RELIC_LICENSE_KEY"};
    struct lint_fixture *fixture = *state;
    struct thaw_setting *setting = exported(fixture, "OTHER", "1");

    unchecked(fixture, &thaw_rule_no_telemetry);
    fixture->project.has_exported_settings = true;
    says_at(fixture, &thaw_rule_no_telemetry, CONNECTION, "no telemetry", "warning", "");
    for (size_t i = 0; i < sizeof(enough) / sizeof(*enough); i++) {
        setting->name = enough[i];
        silent(fixture, &thaw_rule_no_telemetry);
    }
    /* Of the developer's machine it is no telemetry of what is deployed. */
    setting->name = CONNECTION;
    setting->origin = THAW_SETTING_LOCAL;
    says(fixture, &thaw_rule_no_telemetry, CONNECTION, "not set");
    lint_fixture_host(fixture, "{'telemetryMode': 'OpenTelemetry'}");
    silent(fixture, &thaw_rule_no_telemetry);
}

static void test_none_template(void **state)
{
    struct lint_fixture *fixture = *state;

    lint_fixture_template(fixture, "main.bicep");
    unchecked(fixture, &thaw_rule_no_telemetry);
    lint_fixture_setting(fixture, THAW_SETTING_TEMPLATE, "OTHER", "1");
    says(fixture, &thaw_rule_no_telemetry, CONNECTION, "not set");
    fixture->memory.templates.items[0].unread = 1;
    unchecked(fixture, &thaw_rule_no_telemetry);
}

static void test_sampling(void **state)
{
    static const char path[] = "logging.applicationInsights.samplingSettings.isEnabled";
    struct lint_fixture *fixture = *state;

    unchecked(fixture, &thaw_rule_sampling_off);
    lint_fixture_host(fixture, "{'logging': {'applicationInsights': {'samplingSettings': {\n"
                               "'isEnabled': false}}}}");
    says_at(fixture, &thaw_rule_sampling_off, path, "is off", "note", "host.json:2");
    silent(fixture, &thaw_rule_sampling_drops_requests);
    lint_fixture_host(fixture, "{'logging': {'applicationInsights': {'samplingSettings': {"
                               "'isEnabled': true, 'excludedTypes': 'Request'}}}}");
    silent(fixture, &thaw_rule_sampling_off);
    silent(fixture, &thaw_rule_sampling_drops_requests);
    lint_fixture_host(fixture, "{}");
    silent(fixture, &thaw_rule_sampling_off);
    silent(fixture, &thaw_rule_sampling_drops_requests);
}

static void test_sampling_drops(void **state)
{
    static const char path[] = "logging.applicationInsights.samplingSettings";
    struct lint_fixture *fixture = *state;

    lint_fixture_host(fixture, "{'logging': {'applicationInsights': {\n'samplingSettings': {"
                               "'excludedTypes': 'Exception;Requests'}}}}");
    says_at(fixture, &thaw_rule_sampling_drops_requests, path, "has no Request", "note",
            "host.json:2");
    lint_fixture_host(fixture, "{'logging': {'applicationInsights': {'samplingSettings': {"
                               "'isEnabled': true}}}}");
    says(fixture, &thaw_rule_sampling_drops_requests, path, "nor has it Exception");
    lint_fixture_host(fixture, "{'logging': {'applicationInsights': {'samplingSettings': {"
                               "'excludedTypes': 'Exception; request;'}}}}");
    silent(fixture, &thaw_rule_sampling_drops_requests);
    lint_fixture_host(fixture, "{'logging': {'applicationInsights': {'samplingSettings': {}}}}");
    exported(fixture,
             "AzureFunctionsJobHost__logging__applicationInsights__samplingSettings__excludedTypes",
             NULL);
    silent(fixture, &thaw_rule_sampling_drops_requests);
}

static void test_level(void **state)
{
    struct lint_fixture *fixture = *state;

    unchecked(fixture, &thaw_rule_log_level_verbose);
    lint_fixture_host(fixture, "{'logging': {'logLevel': {\n'default': 'debug',\n"
                               "'Function': 'Trace', 'Host.Aggregator': 'Trace'}}}");
    says_at(fixture, &thaw_rule_log_level_verbose, "default", "is debug", "warning", "host.json:2");
    says(fixture, &thaw_rule_log_level_verbose, "Function", "Trace");
    lint_fixture_run(fixture, &thaw_rule_log_level_verbose);
    assert_null(lint_fixture_find_about(fixture, "log-level-verbose", "Host.Aggregator"));
    lint_fixture_again(fixture);
    lint_fixture_host(fixture, "{'logging': {'logLevel': {'default': 'Warning', 'x': 5}}}");
    silent(fixture, &thaw_rule_log_level_verbose);
    exported(fixture, "AzureFunctionsJobHost__logging__logLevel__default", "Trace");
    says_at(fixture, &thaw_rule_log_level_verbose, "default", "Trace", "warning",
            "settings.json:1");
    fixture->memory.settings.items[0].value = NULL;
    silent(fixture, &thaw_rule_log_level_verbose);
}

static void test_results(void **state)
{
    static const char *const less[] = {"{'Host.Results': 'Error'}", "{'default': 'warning'}",
                                       "{'default': 'Information', 'Host': 'None'}"};
    static const char *const fine[] = {"{'default': 'Warning', 'Host.Results': 'Information'}",
                                       "{'default': 'Information'}", "{'Function': 'Error'}",
                                       "{'Host.Results': 'Trace'}", "{'Host.Results': 'Loud'}"};
    struct lint_fixture *fixture = *state;

    unchecked(fixture, &thaw_rule_results_not_logged);
    for (size_t i = 0; i < sizeof(fine) / sizeof(*fine); i++) {
        lint_fixture_host(fixture,
                          thaw_lint_text(&fixture->lint, "{'logging': {'logLevel': %s}}", fine[i]));
        silent(fixture, &thaw_rule_results_not_logged);
    }
    for (size_t i = 0; i < sizeof(less) / sizeof(*less); i++) {
        lint_fixture_host(fixture, thaw_lint_text(&fixture->lint, "{'logging': {\n'logLevel': %s}}",
                                                  less[i]));
        says_at(fixture, &thaw_rule_results_not_logged, "Host.Results", "are not recorded", "note",
                "host.json:2");
    }
    says(fixture, &thaw_rule_results_not_logged, "Host.Results", "it is that of \"Host\"");
    exported(fixture, "AzureFunctionsJobHost__logging__logLevel__Host.Results", "Information");
    silent(fixture, &thaw_rule_results_not_logged);
}

static void test_alerts(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_project_template *template;

    unchecked(fixture, &thaw_rule_no_alerts);
    template = lint_fixture_template(fixture, "main.bicep");
    says_at(fixture, &thaw_rule_no_alerts, "alerts", "no alert rule", "note", "main.bicep");
    template->unread = 1;
    unchecked(fixture, &thaw_rule_no_alerts);
    template->unread = 0;
    template->has_app = false;
    unchecked(fixture, &thaw_rule_no_alerts);
    template->has_app = true;
    lint_fixture_fact(fixture, THAW_FACT_ALERT, "failures");
    silent(fixture, &thaw_rule_no_alerts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_CASE(test_key),      LINT_CASE(test_none),           LINT_CASE(test_none_template),
        LINT_CASE(test_sampling), LINT_CASE(test_sampling_drops), LINT_CASE(test_level),
        LINT_CASE(test_results),  LINT_CASE(test_alerts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
