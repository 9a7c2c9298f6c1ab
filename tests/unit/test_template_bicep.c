/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "project/build.h"
#include "template_fixture.h"

static const char app[] =
    "// an app on Premium\n"
    "@description('its name')\n"
    "param appName string = 'fn-api'\n"
    "param location string = resourceGroup().location\n"
    "@allowed([\n  'EP1'\n  'EP2'\n])\n"
    "param skuName string = 'EP1'\n"
    "param clientId string = ''\n"
    "var runtime = 'python'\n"
    "#disable-next-line no-unused-vars\n"
    "var base = {\n"
    "  FUNCTIONS_EXTENSION_VERSION: '~4'\n"
    "  FUNCTIONS_WORKER_RUNTIME: runtime\n"
    "}\n"
    "resource storage 'Microsoft.Storage/storageAccounts@2023-01-01' existing = {\n"
    "  name: 'st${appName}'\n"
    "}\n"
    "resource plan 'Microsoft.Web/serverfarms@2023-12-01' = {\n"
    "  name: 'plan'\n"
    "  sku: { name: skuName, tier: 'ElasticPremium' }\n"
    "}\n"
    "resource web 'Microsoft.Web/serverfarms@2023-12-01' = {\n"
    "  name: 'web'\n"
    "  sku: { name: 'P1v3' }\n"
    "}\n"
    "resource site 'Microsoft.Web/sites@2023-12-01' = {\n"
    "  name: 'site'\n"
    "  kind: 'app,linux'\n"
    "  properties: { serverFarmId: web.id, siteConfig: { linuxFxVersion: 'NODE|20' } }\n"
    "}\n"
    "resource api 'Microsoft.Web/sites@2023-12-01' = {\n"
    "  name: appName\n"
    "  kind: 'functionapp,linux'\n"
    "  properties: {\n"
    "    serverFarmId: plan.id\n"
    "    siteConfig: {\n"
    "      linuxFxVersion: 'Python|3.11'\n"
    "      minimumElasticInstanceCount: 1\n"
    "      alwaysOn: skuName == 'B1' ? true : false\n"
    "      appSettings: [\n"
    "        {\n"
    "          name: 'AzureWebJobsStorage'\n"
    "          value: "
    "'AccountName=${storage.name};AccountKey=${storage.listKeys().keys[0].value}'\n"
    "        }\n"
    "        { name: 'URI', value: "
    "'@Microsoft.KeyVault(SecretUri=${kv.properties.vaultUri}secrets/x)' }\n"
    "        { name: 'NAME', value: '@Microsoft.KeyVault(VaultName=${kv.name};SecretName=x)' }\n"
    "        { name: 'OPEN', value: '@Microsoft.KeyVault(VaultName=${kv.name};SecretName=x' }\n"
    "        { name: 'CLIENT', value: clientId }\n"
    "      ]\n"
    "    }\n"
    "  }\n"
    "  resource staging 'slots' = {\n"
    "    name: 'staging'\n"
    "    kind: 'functionapp,linux'\n"
    "    properties: {}\n"
    "  }\n"
    "  resource settings 'config' = {\n"
    "    name: 'appsettings'\n"
    "    properties: union(base, { PYTHON_THREADPOOL_THREAD_COUNT: '8', 'WITH SPACE': 3 })\n"
    "  }\n"
    "}\n"
    "resource alert 'Microsoft.Insights/metricAlerts@2018-03-01' = {\n"
    "  name: 'errors'\n"
    "}\n"
    "output name string = api.name\n";

static void an_app_is_read_whole(void **state)
{
    (void)state;
    template_read("infra/main.bicep", app);
    assert_int_equal(template_unread(), 0);
    assert_true(template_has_app());
    assert_string_equal(template_project()->templates[0].form, "Bicep");
    assert_string_equal(template_fact(THAW_FACT_PLAN, "api"), "premium");
    assert_string_equal(template_fact(THAW_FACT_SKU, "api"), "EP1");
    assert_string_equal(template_fact(THAW_FACT_OS, "api"), "linux");
    assert_string_equal(template_fact(THAW_FACT_STACK, NULL), "Python|3.11");
    assert_string_equal(template_fact(THAW_FACT_PYTHON, "api"), "3.11");
    assert_string_equal(template_fact(THAW_FACT_MINIMUM_ELASTIC, "api"), "1");
    assert_string_equal(template_fact(THAW_FACT_ALWAYS_ON, "api"), "");
    assert_string_equal(template_fact(THAW_FACT_SLOT, "api"), "staging");
    assert_string_equal(template_fact(THAW_FACT_ALERT, NULL), "errors");
}

static void a_web_app_beside_it_is_none(void **state)
{
    (void)state;
    template_read("infra/main.bicep", app);
    assert_int_equal(template_facts(THAW_FACT_PLAN, NULL), 1);
    assert_int_equal(template_facts(THAW_FACT_STACK, NULL), 1);
}

static void settings_have_shapes_and_places(void **state)
{
    const struct thaw_setting *setting;

    (void)state;
    template_read("infra/main.bicep", app);
    assert_int_equal(template_settings(), 9);
    setting = template_setting("FUNCTIONS_WORKER_RUNTIME", "api");
    assert_string_equal(setting->value, "python");
    assert_int_equal(setting->origin, THAW_SETTING_TEMPLATE);
    assert_string_equal(setting->place.file, "infra/main.bicep");
    assert_int_equal(setting->place.line, 15);
    assert_int_equal(setting->place.column, 3);
    assert_int_equal(template_setting("AzureWebJobsStorage", "api")->shape, THAW_SHAPE_UNKNOWN);
    assert_int_equal(template_setting("AzureWebJobsStorage", "api")->place.line, 44);
    assert_int_equal(template_setting("URI", "api")->shape, THAW_SHAPE_REFERENCE);
    assert_int_equal(template_setting("NAME", "api")->shape, THAW_SHAPE_REFERENCE);
    assert_int_equal(template_setting("OPEN", "api")->shape, THAW_SHAPE_REFERENCE_INVALID);
    assert_int_equal(template_setting("WITH SPACE", "api")->shape, THAW_SHAPE_NUMBER);
    assert_string_equal(template_setting("PYTHON_THREADPOOL_THREAD_COUNT", NULL)->value, "8");
    /* A parameter's empty default is there to be overridden. */
    assert_int_equal(template_setting("CLIENT", "api")->shape, THAW_SHAPE_UNKNOWN);
}

static void what_cannot_be_followed_is_counted(void **state)
{
    (void)state;
    template_read("m.bicep", "module api './api.bicep' = {\n  name: 'x'\n}\n");
    assert_int_equal(template_unread(), 1);
    template_read("m.bicep",
                  "module kv 'br/public:avm/res/key-vault/vault:0.6.0' = { name: 'x' }\n");
    assert_int_equal(template_unread(), 0);
    template_read("m.bicep", "resource a 'Microsoft.Insights/metricAlerts@2018-03-01' = [for x in "
                             "list: {\n  name: 'a-${x}'\n}]\nvar after = 1\n");
    assert_int_equal(template_unread(), 1);
    assert_string_equal(template_fact(THAW_FACT_ALERT, "a"), "");
    template_read("m.bicep", "resource x @@@@\nresource y 'z' = {\n  a: )\n}\n");
    assert_true(template_unread() > 0);
}

static void settings_of_parameters_are_open(void **state)
{
    static const char text[] = "param extra object = { GIVEN: '1' }\n"
                               "resource f 'Microsoft.Web/sites@2023-12-01' = {\n"
                               "  kind: 'functionapp'\n  properties: {}\n}\n"
                               "resource s 'Microsoft.Web/sites/config@2023-12-01' = {\n"
                               "  name: '${f.name}/appsettings'\n"
                               "  properties: union(extra, { OWN: '1', ...more })\n}\n";

    (void)state;
    template_read("m.bicep", text);
    assert_int_equal(template_unread(), 1);
    assert_non_null(template_setting("GIVEN", "f"));
    assert_non_null(template_setting("OWN", "f"));
    assert_string_equal(template_fact(THAW_FACT_OS, "f"), "windows");
}

static void conditions_of_objects_are_either(void **state)
{
    static const char text[] = "param on bool\nvar more = on\n  ? { A: '1' }\n  : {}\n"
                               "resource f 'Microsoft.Web/sites@2023-12-01' = if (on) {\n"
                               "  kind: 'functionapp'\n  properties: {\n"
                               "    siteConfig: { alwaysOn: true }\n  }\n"
                               "  resource c 'config' = { name: 'appsettings', properties: more }\n"
                               "}\n";

    (void)state;
    template_read("m.bicep", text);
    assert_non_null(template_setting("A", "f"));
    assert_int_equal(template_unread(), 1);
    assert_string_equal(template_fact(THAW_FACT_ALWAYS_ON, "f"), "true");
}

static void verified_modules_are_resources(void **state)
{
    static const char text[] =
        "module plan 'br/public:avm/res/web/serverfarm:0.1.1' = {\n"
        "  params: {\n    skuName: 'FC1'\n    reserved: true\n  }\n}\n"
        "module api 'br/public:avm/res/web/site:0.15.1' = {\n"
        "  params: {\n    kind: 'functionapp,linux'\n"
        "    serverFarmResourceId: plan.outputs.resourceId\n"
        "    functionAppConfig: {\n"
        "      deployment: { storage: { authentication: { type: 'SystemAssignedIdentity' } } }\n"
        "      scaleAndConcurrency: {\n        maximumInstanceCount: 40\n"
        "        instanceMemoryMB: 2048\n"
        "        alwaysReady: [ { name: 'http', instanceCount: 2 } ]\n"
        "        triggers: { http: { perInstanceConcurrency: 16 } }\n      }\n"
        "      runtime: { name: 'python', version: '3.12' }\n    }\n"
        "    appSettingsKeyValuePairs: { A: 'x' }\n"
        "    configs: [ { name: 'appsettings', properties: { B: 'y' } } ]\n"
        "    slots: [ { name: 'blue' } ]\n  }\n}\n";

    (void)state;
    template_read("m.bicep", text);
    assert_int_equal(template_unread(), 0);
    assert_string_equal(template_fact(THAW_FACT_PLAN, "api"), "flex");
    assert_int_equal(template_facts(THAW_FACT_PLAN, NULL), 1);
    assert_string_equal(template_fact(THAW_FACT_RUNTIME, "api"), "python");
    assert_string_equal(template_fact(THAW_FACT_PYTHON, "api"), "3.12");
    assert_string_equal(template_fact(THAW_FACT_MAXIMUM_INSTANCES, "api"), "40");
    assert_string_equal(template_fact(THAW_FACT_INSTANCE_MEMORY, "api"), "2048");
    assert_string_equal(template_fact(THAW_FACT_ALWAYS_READY, "api"), "http=2");
    assert_string_equal(template_fact(THAW_FACT_HTTP_CONCURRENCY, "api"), "16");
    assert_string_equal(template_fact(THAW_FACT_DEPLOYMENT_STORAGE, "api"),
                        "systemassignedidentity");
    assert_string_equal(template_fact(THAW_FACT_SLOT, "api"), "blue");
    assert_non_null(template_setting("A", "api"));
    assert_non_null(template_setting("B", "api"));
}

static void plans_by_sku(void **state)
{
    static const struct {
        const char *sku, *plan;
    } rows[] = {
        {"{ name: 'Y1' }", "consumption"},
        {"{ tier: 'Dynamic' }", "consumption"},
        {"{ name: 'FC1' }", "flex"},
        {"{ name: 'EP3' }", "premium"},
        {"{ name: 'P0v3' }", "dedicated"},
        {"{ name: 'I1v2' }", "dedicated"},
        {"{ name: sku }", ""},
        {"{ name: 'WS1' }", NULL},
    };
    char text[256];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(text, sizeof(text),
                 "resource p 'Microsoft.Web/serverfarms@2023-12-01' = {\n  sku: %s\n}\n",
                 rows[i].sku);
        template_read("m.bicep", text);
        if (rows[i].plan)
            assert_string_equal(template_fact(THAW_FACT_PLAN, "p"), rows[i].plan);
        else
            assert_null(template_fact(THAW_FACT_PLAN, NULL));
    }
}

static void functions_on_container_apps(void **state)
{
    static const char text[] =
        "resource f 'Microsoft.App/containerApps@2024-10-02-preview' = {\n"
        "  kind: 'functionapp'\n  properties: {\n    template: {\n"
        "      containers: [ { env: [ { name: 'FUNCTIONS_WORKER_RUNTIME', value: 'python' }\n"
        "        { name: 'S', secretRef: 's' } ] } ]\n"
        "      scale: { minReplicas: 1 }\n    }\n  }\n}\n"
        "resource other 'Microsoft.App/containerApps@2024-10-02-preview' = {\n"
        "  properties: { template: { containers: [ { image: 'nginx' } ] } }\n}\n";

    (void)state;
    template_read("m.bicep", text);
    assert_string_equal(template_fact(THAW_FACT_PLAN, "f"), "container-apps");
    assert_string_equal(template_fact(THAW_FACT_MINIMUM_REPLICAS, "f"), "1");
    assert_int_equal(template_setting("S", "f")->shape, THAW_SHAPE_UNKNOWN);
    assert_int_equal(template_facts(THAW_FACT_PLAN, NULL), 1);
}

/* Texts that double, names in a circle, brackets without end: bounded, and told. */
static void hostile_ones_are_bounded(void **state)
{
    char *deep = malloc(100001);
    char text[4096];
    size_t used = 0;

    (void)state;
    memset(deep, '[', 100000);
    deep[100000] = '\0';
    memcpy(deep, "var a = ", 8);
    template_read("m.bicep", deep);
    assert_true(template_unread() > 0);
    assert_int_equal(template_project()->problem_count, 1);
    assert_int_equal(template_project()->problems[0].kind, THAW_PROBLEM_CUT);
    free(deep);
    template_read("m.bicep", "var a = b\nvar b = a\nresource x 'Microsoft.Insights/metricAlerts@1' "
                             "= { name: a }\n");
    assert_string_equal(template_fact(THAW_FACT_ALERT, "x"), "");
    used += (size_t)snprintf(text, sizeof(text), "var v0 = 'x'\n");
    for (int i = 1; i < 40; i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used,
                                 "var v%d = '${v%d}${v%d}${missing}'\n", i, i - 1, i - 1);
    snprintf(text + used, sizeof(text) - used,
             "resource x 'Microsoft.Insights/metricAlerts@1' = { name: v39 }\n");
    template_read("m.bicep", text);
    assert_int_equal(template_project()->problem_count, 1);
}

static void short_memory_is_told(void **state)
{
    (void)state;
    template_survives("main.bicep", app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(an_app_is_read_whole, template_end),
        cmocka_unit_test_teardown(a_web_app_beside_it_is_none, template_end),
        cmocka_unit_test_teardown(settings_have_shapes_and_places, template_end),
        cmocka_unit_test_teardown(what_cannot_be_followed_is_counted, template_end),
        cmocka_unit_test_teardown(settings_of_parameters_are_open, template_end),
        cmocka_unit_test_teardown(conditions_of_objects_are_either, template_end),
        cmocka_unit_test_teardown(verified_modules_are_resources, template_end),
        cmocka_unit_test_teardown(plans_by_sku, template_end),
        cmocka_unit_test_teardown(functions_on_container_apps, template_end),
        cmocka_unit_test_teardown(hostile_ones_are_bounded, template_end),
        cmocka_unit_test_teardown(short_memory_is_told, template_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
