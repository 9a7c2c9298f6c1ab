/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "project/build.h"
#include "template_fixture.h"

static const char configuration[] =
    "{\"variable\": {\"sku\": {\"default\": \"EP1\"}, \"free\": {}},\n"
    "\"locals\": {\"settings\": {\"A\": \"x\", \"PYTHON_ENABLE_WORKER_EXTENSIONS\": \"1\"}},\n"
    "\"resource\": {\n"
    " \"azurerm_service_plan\": {\"plan\": {\"os_type\": \"Linux\", \"sku_name\": "
    "\"${var.sku}\"}},\n"
    " \"azurerm_linux_function_app\": {\"api\": [{\n"
    "  \"name\": \"${var.free}-api\", \"service_plan_id\": \"${azurerm_service_plan.plan.id}\",\n"
    "  \"storage_account_access_key\": \"${azurerm_storage_account.s.primary_access_key}\",\n"
    "  \"site_config\": [{\"always_on\": true, \"app_scale_limit\": 10,\n"
    "   \"elastic_instance_minimum\": 2, \"pre_warmed_instance_count\": 1,\n"
    "   \"application_insights_connection_string\": \"${var.free}\",\n"
    "   \"application_stack\": {\"python_version\": \"3.11\"}}],\n"
    "  \"app_settings\": \"${merge(local.settings, local.other)}\"}]},\n"
    " \"azurerm_linux_function_app_slot\": {\"blue\": {\"name\": \"blue\", \"app_settings\": {\n"
    "   \"KV\": \"@Microsoft.KeyVault(SecretUri=${azurerm_key_vault_secret.x.id})\",\n"
    "   \"PLAIN\": \"$${x} y\"}}},\n"
    " \"azurerm_monitor_metric_alert\": {\"slow\": {\"name\": \"slow\"}}\n"
    "}}";

static void a_configuration_is_read(void **state)
{
    static const char api[] = "azurerm_linux_function_app.api";

    (void)state;
    template_read("main.tf.json", configuration);
    assert_true(template_has_app());
    assert_int_equal(template_unread(), 1); /* local.other */
    assert_string_equal(template_fact(THAW_FACT_PLAN, api), "premium");
    assert_string_equal(template_fact(THAW_FACT_SKU, api), "EP1");
    assert_string_equal(template_fact(THAW_FACT_OS, api), "linux");
    assert_string_equal(template_fact(THAW_FACT_PYTHON, api), "3.11");
    assert_string_equal(template_fact(THAW_FACT_ALWAYS_ON, api), "true");
    assert_string_equal(template_fact(THAW_FACT_SCALE_LIMIT, api), "10");
    assert_string_equal(template_fact(THAW_FACT_MINIMUM_ELASTIC, api), "2");
    assert_string_equal(template_fact(THAW_FACT_PREWARMED, api), "1");
    assert_string_equal(template_fact(THAW_FACT_SLOT, NULL), "blue");
    assert_string_equal(template_fact(THAW_FACT_ALERT, NULL), "slow");
    assert_int_equal(template_setting("AzureWebJobsStorage", api)->shape, THAW_SHAPE_UNKNOWN);
    assert_int_equal(template_setting("APPLICATIONINSIGHTS_CONNECTION_STRING", api)->shape,
                     THAW_SHAPE_UNKNOWN);
    assert_string_equal(template_setting("FUNCTIONS_WORKER_RUNTIME", api)->value, "python");
    assert_string_equal(template_setting("PYTHON_ENABLE_WORKER_EXTENSIONS", api)->value, "1");
    assert_int_equal(template_setting("KV", NULL)->shape, THAW_SHAPE_REFERENCE);
    /* "$${" is no expression. */
    assert_int_not_equal(template_setting("PLAIN", NULL)->shape, THAW_SHAPE_UNKNOWN);
}

static const char plan[] =
    "{\"format_version\": \"1.2\", \"planned_values\": {\"root_module\": {\"resources\": [\n"
    "{\"address\": \"azurerm_function_app_flex_consumption.f\", \"mode\": \"managed\",\n"
    " \"type\": \"azurerm_function_app_flex_consumption\", \"values\": {\n"
    "  \"runtime_name\": \"python\", \"runtime_version\": \"3.12\", \"http_concurrency\": null,\n"
    "  \"maximum_instance_count\": 50, \"instance_memory_in_mb\": 4096,\n"
    "  \"storage_authentication_type\": \"SystemAssignedIdentity\",\n"
    "  \"always_ready\": [{\"name\": \"http\", \"instance_count\": 1}],\n"
    "  \"site_config\": [{\"always_on\": null}],\n"
    "  \"app_settings\": {\"TEXT\": \"${no expression}\"}}}],\n"
    "\"child_modules\": [{\"resources\": [{\"address\": \"module.m.aws_lambda_function.l\",\n"
    " \"type\": \"aws_lambda_function\", \"values\": {\"memory_size\": 512, \"timeout\": 10,\n"
    "  \"runtime\": \"python3.12\", \"handler\": \"a.b\", \"architectures\": [\"arm64\"],\n"
    "  \"layers\": [\"arn:aws:lambda:eu-west-1:123456789012:layer:own:3\"],\n"
    "  \"snap_start\": [{\"apply_on\": \"PublishedVersions\"}],\n"
    "  \"environment\": [{\"variables\": {\"A\": \"b\"}}]}}]}]}},\n"
    "\"resource_changes\": [{\"address\": \"azurerm_function_app_flex_consumption.f\",\n"
    " \"change\": {\"after_unknown\": {\"app_settings\": {\"LATER\": true}}}}]}";

static void a_plan_is_read(void **state)
{
    static const char f[] = "azurerm_function_app_flex_consumption.f";
    static const char l[] = "module.m.aws_lambda_function.l";

    (void)state;
    template_read("plan.json", plan);
    assert_int_equal(template_unread(), 0);
    assert_string_equal(template_fact(THAW_FACT_PLAN, f), "flex");
    assert_string_equal(template_fact(THAW_FACT_PYTHON, f), "3.12");
    assert_string_equal(template_fact(THAW_FACT_MAXIMUM_INSTANCES, f), "50");
    assert_string_equal(template_fact(THAW_FACT_INSTANCE_MEMORY, f), "4096");
    assert_string_equal(template_fact(THAW_FACT_ALWAYS_READY, f), "http=1");
    assert_null(template_fact(THAW_FACT_HTTP_CONCURRENCY, NULL));
    assert_null(template_fact(THAW_FACT_ALWAYS_ON, NULL));
    assert_int_equal(template_setting("LATER", f)->shape, THAW_SHAPE_UNKNOWN);
    assert_int_not_equal(template_setting("TEXT", f)->shape, THAW_SHAPE_UNKNOWN);
    assert_string_equal(template_fact(THAW_FACT_MEMORY, l), "512");
    assert_string_equal(template_fact(THAW_FACT_TIMEOUT, l), "10");
    assert_string_equal(template_fact(THAW_FACT_LAMBDA_RUNTIME, l), "python3.12");
    assert_string_equal(template_fact(THAW_FACT_HANDLER, l), "a.b");
    assert_string_equal(template_fact(THAW_FACT_ARCHITECTURE, l), "arm64");
    assert_string_equal(template_fact(THAW_FACT_LAYER, l), "own:3");
    assert_string_equal(template_fact(THAW_FACT_SNAP_START, l), "PublishedVersions");
    assert_non_null(template_setting("A", l));
}

static void azapi_has_what_arm_has(void **state)
{
    (void)state;
    template_read("main.tf.json",
                  "{\"resource\": {\"azapi_resource\": {\"f\": {\"name\": \"f\","
                  " \"type\": \"Microsoft.Web/sites@2023-12-01\", \"body\": {\"kind\":"
                  " \"functionapp,linux\", \"properties\": {\"functionAppConfig\": {\"runtime\":"
                  " {\"name\": \"python\", \"version\": \"3.11\"}}}}}}}}");
    assert_string_equal(template_fact(THAW_FACT_PLAN, "azapi_resource.f"), "flex");
    assert_string_equal(template_fact(THAW_FACT_PYTHON, "azapi_resource.f"), "3.11");
    template_read("p.json",
                  "{\"format_version\": \"1\", \"values\": {\"root_module\": {\"resources\": [{"
                  "\"address\": \"a.f\", \"type\": \"azapi_resource\", \"values\": {\"type\":"
                  " \"Microsoft.Web/serverfarms@2023-12-01\", \"body\":"
                  " \"{\\\"sku\\\": {\\\"name\\\": \\\"Y1\\\"}}\"}}]}}}");
    assert_string_equal(template_fact(THAW_FACT_PLAN, "a.f"), "consumption");
    template_read("main.tf.json",
                  "{\"resource\": {\"azapi_resource\": {\"f\": {\"type\":"
                  " \"Microsoft.Web/sites@2023-12-01\", \"body\": \"${jsonencode(x)}\"}}}}");
    assert_int_equal(template_unread(), 1);
}

static void what_cannot_be_followed_is_counted(void **state)
{
    (void)state;
    template_read("main.tf.json", "{\"module\": {\"m\": {\"source\": \"./m\"}}, \"resource\": {"
                                  "\"azurerm_linux_function_app\": {\"f\": {\"count\": 2,"
                                  " \"app_settings\": \"${var.s}\"}}}}");
    assert_int_equal(template_unread(), 3);
    template_read("main.tf", "resource \"azurerm_linux_function_app\" \"f\" {}\n");
    assert_int_equal(template_unread(), 1);
    assert_true(template_has_app());
    template_read("other.tf", "resource \"azurerm_resource_group\" \"g\" {}\n");
    assert_false(template_has_app());
}

static void short_memory_is_told(void **state)
{
    (void)state;
    template_survives("main.tf.json", configuration);
    template_survives("plan.json", plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_configuration_is_read, template_end),
        cmocka_unit_test_teardown(a_plan_is_read, template_end),
        cmocka_unit_test_teardown(azapi_has_what_arm_has, template_end),
        cmocka_unit_test_teardown(what_cannot_be_followed_is_counted, template_end),
        cmocka_unit_test_teardown(short_memory_is_told, template_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
