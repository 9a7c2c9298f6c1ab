/* SPDX-License-Identifier: Apache-2.0 */
#include "lint_cases.h"

static void test_bundle_missing(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_shipped_file file = {.path = "extensions.csproj"};

    unchecked(fixture, &thaw_rule_bundle_missing);
    lint_fixture_host(fixture, "{'version': '2.0'}");
    unchecked(fixture, &thaw_rule_bundle_missing);

    /* The host has HTTP and timers itself. */
    lint_fixture_function(fixture, "hello", "httpTrigger");
    lint_fixture_binding(fixture, lint_fixture_function(fixture, "tick", "timerTrigger"), "http");
    silent(fixture, &thaw_rule_bundle_missing);

    lint_fixture_function(fixture, "orders", "queueTrigger");
    says_at(fixture, &thaw_rule_bundle_missing, "extensionBundle", "queueTrigger", "error",
            "host.json:1");
    says(fixture, &thaw_rule_bundle_missing, "extensionBundle", "orders (function_app.py:3)");
    says(fixture, &thaw_rule_bundle_missing, "extensionBundle", "[4.0.0, 5.0.0)");

    fixture->shipped.files = &file;
    fixture->shipped.file_count = 1;
    silent(fixture, &thaw_rule_bundle_missing);
    fixture->shipped.file_count = 0;

    lint_fixture_setting(fixture, THAW_SETTING_EXPORTED,
                         "AzureFunctionsJobHost__extensionBundle__id", NULL);
    silent(fixture, &thaw_rule_bundle_missing);
}

static void test_bundle_not_registered(void **state)
{
    struct lint_fixture *fixture = *state;

    lint_fixture_host(fixture, "{'version': '2.0'}");
    lint_fixture_function(fixture, "orders", "queueTrigger")->is_registered = false;
    silent(fixture, &thaw_rule_bundle_missing);
    lint_fixture_function(fixture, "odd", "someTriggerOfTheirOwn");
    silent(fixture, &thaw_rule_bundle_missing);
    lint_fixture_function(fixture, "blob", "blobTrigger");
    lint_fixture_host(fixture, "{'extensionBundle': {'id': 'x', 'version': '[4.*, 5.0.0)'}}");
    silent(fixture, &thaw_rule_bundle_missing);
}

static void bundle_of(struct lint_fixture *fixture, const char *range)
{
    char text[200];

    snprintf(text, sizeof(text), "{'version': '2.0',\n 'extensionBundle': {'version': '%s'}}",
             range);
    lint_fixture_host(fixture, text);
}

static void test_bundle_outdated(void **state)
{
    static const char *const old[] = {"[1.*, 2.0.0)", "[2.*, 3.0.0)",   "[3.3.0, 4.0.0)",
                                      "[3.*, 4)",     "[2.0.0, 4.0.0)", "[3.15.0]",
                                      "(1.0, 3.9.9]"};
    static const char *const fine[] = {"[4.*, 5.0.0)",   "[4.0.0, 5.0.0)", "[3.*, 5.0.0)",
                                       "[4.0.0,)",       "[4.0.0, 4.9.9]", "[5.0.0, 6.0.0)",
                                       "[4.0.0, 4.0.0]", "[4.9.0, 4.10.0)"};
    static const char *const empty[] = {"[5.0.0, 4.0.0)", "[4.0.0, 4.0.0)", "(4.0, 4.0.0]",
                                        "[4.*, 4)", "[4.10.0, 4.9.0]"};
    static const char *const no_range[] = {"4", "4.*", "[x, y)", "[,", ""};
    struct lint_fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(old) / sizeof(*old); i++) {
        bundle_of(fixture, old[i]);
        says_at(fixture, &thaw_rule_bundle_outdated, "extensionBundle.version", "deprecated",
                "warning", "host.json:2");
    }
    for (size_t i = 0; i < sizeof(fine) / sizeof(*fine); i++) {
        bundle_of(fixture, fine[i]);
        silent(fixture, &thaw_rule_bundle_outdated);
    }
    for (size_t i = 0; i + 1 < sizeof(no_range) / sizeof(*no_range); i++) {
        bundle_of(fixture, no_range[i]);
        says_at(fixture, &thaw_rule_bundle_outdated, "extensionBundle.version", "no range", "error",
                "host.json:2");
    }
    bundle_of(fixture, "");
    silent(fixture, &thaw_rule_bundle_outdated);
    for (size_t i = 0; i < sizeof(empty) / sizeof(*empty); i++) {
        bundle_of(fixture, empty[i]);
        says_at(fixture, &thaw_rule_bundle_outdated, "extensionBundle.version",
                "an empty range: no bundle is in it", "error", "host.json:2");
    }
}

static void test_host_version(void **state)
{
    struct lint_fixture *fixture = *state;

    unchecked(fixture, &thaw_rule_host_version);
    lint_fixture_host(fixture, "{}");
    says_at(fixture, &thaw_rule_host_version, "version", "states no", "error", "host.json:1");
    lint_fixture_host(fixture, "{\n'version': '1.0'}");
    says_at(fixture, &thaw_rule_host_version, "version", "another", "error", "host.json:2");
    lint_fixture_host(fixture, "{'version': 2.0}");
    says(fixture, &thaw_rule_host_version, "version", "no text");
    lint_fixture_host(fixture, "{'version': '2.0'}");
    silent(fixture, &thaw_rule_host_version);
}

static void test_key_gone(void **state)
{
    struct lint_fixture *fixture = *state;

    unchecked(fixture, &thaw_rule_host_key_unknown);
    lint_fixture_host(fixture, "{'version': '2.0',\n'queues': {'batchSize': 3}}");
    says_at(fixture, &thaw_rule_host_key_unknown, "queues", "extensions.queues", "warning",
            "host.json:2");
    lint_fixture_host(fixture, "{'extensions': {'eventHub': {}}}");
    says(fixture, &thaw_rule_host_key_unknown, "extensions.eventHub", "extensions.eventHubs");
    lint_fixture_host(fixture, "{'logging': {'applicationInsights': {'sampling': {}}}}");
    says(fixture, &thaw_rule_host_key_unknown, "logging.applicationInsights.sampling",
         "samplingSettings");

    /* Rules of their own are about these. */
    lint_fixture_host(fixture, "{'http': {'maxConcurrentRequests': 3}, 'retry': {}}");
    silent(fixture, &thaw_rule_host_key_unknown);
}

static void test_key_misspelt(void **state)
{
    struct lint_fixture *fixture = *state;

    lint_fixture_host(fixture, "{'functionTimeOuts': '00:05:00'}");
    says(fixture, &thaw_rule_host_key_unknown, "functionTimeOuts", "write functionTimeout");
    lint_fixture_host(fixture, "{'extensions': {'queues': {'batchSizes': 3}}}");
    says(fixture, &thaw_rule_host_key_unknown, "extensions.queues.batchSizes", "write batchSize");
    lint_fixture_host(fixture, "{'extensions': {'queue': {'batchSize': 3}}}");
    says(fixture, &thaw_rule_host_key_unknown, "extensions.queue", "write queues");

    /* Of the right name, but elsewhere. */
    lint_fixture_host(fixture, "{'extensions': {'maxConcurrentRequests': 3}}");
    says(fixture, &thaw_rule_host_key_unknown, "extensions.maxConcurrentRequests",
         "move it to extensions.http.maxConcurrentRequests");
    lint_fixture_host(fixture, "{'batchSize': 3}");
    says(fixture, &thaw_rule_host_key_unknown, "batchSize",
         "move it to aggregator.batchSize or extensions.queues.batchSize, whichever is meant");
    lint_fixture_host(fixture, "{'maxConcurrentCalls': 3}"); /* its old place is dropped */
    says(fixture, &thaw_rule_host_key_unknown, "maxConcurrentCalls",
         "move it to extensions.serviceBus.maxConcurrentCalls");
    lint_fixture_host(fixture, "{'autoComplete': true}"); /* it has none but old ones */
    says(fixture, &thaw_rule_host_key_unknown, "autoComplete",
         "extensions.serviceBus.batchOptions.autoComplete, whichever is meant");
}

static void test_key_known(void **state)
{
    struct lint_fixture *fixture = *state;

    /* The host does not tell capitals; categories of logs have any name, dots included; an
     * extension that isn't known, and one whose keys aren't. */
    lint_fixture_host(fixture,
                      "{'$schema': 'x', 'version': '2.0', 'FUNCTIONTIMEOUT': '00:01:00',"
                      "'logging': {'logLevel': {'default': 'Warning', 'Function.a.User': 'Debug',"
                      "'Host.Results': 'Information', 'logLevels': 'Error'},"
                      "'applicationInsights': {'samplingSettings': {'isEnabled': true}}},"
                      "'extensions': {'http': {'routePrefix': ''}, 'signalR': {'foo': 1},"
                      "'somebodysOwn': {'key': 1}, 'durableTask': {'hubName': 'x',"
                      "'storageProvider': {'partitionCount': 3, 'else': 4}}}}");
    silent(fixture, &thaw_rule_host_key_unknown);
    lint_fixture_host(fixture, "{}");
    silent(fixture, &thaw_rule_host_key_unknown);
    lint_fixture_host(fixture, "[1, 2]");
    silent(fixture, &thaw_rule_host_key_unknown);
}

static void test_key_dropped(void **state)
{
    struct lint_fixture *fixture = *state;

    lint_fixture_host(fixture, "{'extensionBundle': {'version': '[4.*, 5.0.0)'},\n"
                               "'extensions': {'durableTask': {'partitionCount': 4}}}");
    says(fixture, &thaw_rule_host_key_unknown, "extensions.durableTask.partitionCount",
         "from extension bundle 2 on");
    says(fixture, &thaw_rule_host_key_unknown, "extensions.durableTask.partitionCount",
         "write it as extensions.durableTask.storageProvider.partitionCount");
    lint_fixture_host(fixture, "{'extensionBundle': {'version': '[1.*, 2.0.0)'},\n"
                               "'extensions': {'durableTask': {'partitionCount': 4}}}");
    silent(fixture, &thaw_rule_host_key_unknown);
    lint_fixture_host(fixture, "{'extensions': {'durableTask': {'partitionCount': 4}}}");
    silent(fixture, &thaw_rule_host_key_unknown);
}

static void test_value_type(void **state)
{
    struct lint_fixture *fixture = *state;

    unchecked(fixture, &thaw_rule_host_value_invalid);
    lint_fixture_host(fixture, "{'functionTimeout':\n5}");
    says_at(fixture, &thaw_rule_host_value_invalid, "functionTimeout", "time span", "error",
            "host.json:1");
    lint_fixture_host(fixture, "{'functionTimeout': 'five'}");
    says(fixture, &thaw_rule_host_value_invalid, "functionTimeout", "time span");
    lint_fixture_host(fixture, "{'extensions': {'http': {'maxConcurrentRequests': 'many'}}}");
    says(fixture, &thaw_rule_host_value_invalid, "extensions.http.maxConcurrentRequests",
         "whole number");
    lint_fixture_host(fixture, "{'extensions': {'http': {'dynamicThrottlesEnabled': 3}}}");
    says(fixture, &thaw_rule_host_value_invalid, "extensions.http.dynamicThrottlesEnabled",
         "true or false");
    lint_fixture_host(fixture, "{'extensions': {'http': [1]}}");
    says(fixture, &thaw_rule_host_value_invalid, "extensions.http", "an object");
    lint_fixture_host(fixture, "{'logging': {'logLevel': {'default': 'Verbose'}}}");
    says(fixture, &thaw_rule_host_value_invalid, "logging.logLevel.default", "Information");
}

static void test_value_range(void **state)
{
    struct lint_fixture *fixture = *state;

    lint_fixture_host(fixture, "{'extensions': {'queues': {'batchSize': 33}}}");
    says(fixture, &thaw_rule_host_value_invalid, "extensions.queues.batchSize", "or less");
    lint_fixture_host(fixture, "{'extensions': {'queues': {'batchSize': '0'}}}");
    says(fixture, &thaw_rule_host_value_invalid, "extensions.queues.batchSize", "or more");
    lint_fixture_host(fixture, "{'singleton': {'lockPeriod': '00:02:00'}}");
    says(fixture, &thaw_rule_host_value_invalid, "singleton.lockPeriod", "60 or less");
    lint_fixture_host(fixture, "{'healthMonitor': {'counterThreshold': 1.5}}");
    says(fixture, &thaw_rule_host_value_invalid, "healthMonitor.counterThreshold", "1 or less");
}

static void test_value_fine(void **state)
{
    struct lint_fixture *fixture = *state;

    lint_fixture_host(fixture,
                      "{'version': '3', 'functionTimeout': '-1', 'retry': 5, 'http': 4,"
                      "'extensions': {'queues': {'batchSize': '16', 'maxPollingInterval':"
                      "'00:00:02'}, 'http': {'maxConcurrentRequests': -1,"
                      "'dynamicThrottlesEnabled': 'True', 'routePrefix': ''}},"
                      "'healthMonitor': {'counterThreshold': 0.8, 'enabled': null},"
                      "'logging': {'logLevel': {'default': 'information', 'a.b': 'whatever'}},"
                      "'watchDirectories': ['shared'], 'unknown': {'deep': {'er': []}}}");
    silent(fixture, &thaw_rule_host_value_invalid);
    lint_fixture_host(fixture, "{'functionTimeout': -1}");
    silent(fixture, &thaw_rule_host_value_invalid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_CASE(test_bundle_missing),  LINT_CASE(test_bundle_not_registered),
        LINT_CASE(test_bundle_outdated), LINT_CASE(test_host_version),
        LINT_CASE(test_key_gone),        LINT_CASE(test_key_misspelt),
        LINT_CASE(test_key_known),       LINT_CASE(test_key_dropped),
        LINT_CASE(test_value_type),      LINT_CASE(test_value_range),
        LINT_CASE(test_value_fine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
