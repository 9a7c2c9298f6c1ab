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

#define SCHEMA                                                                                     \
    "{\"$schema\": "                                                                               \
    "\"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#\","

static const char app[] = SCHEMA
    "\n\"parameters\": {\"appName\": {\"type\": \"string\"},"
    " \"sku\": {\"type\": \"string\", \"defaultValue\": \"Y1\"}},\n"
    "\"variables\": {\"plan\": \"[concat(parameters('appName'), '-plan')]\","
    " \"settings\": {\"FUNCTIONS_EXTENSION_VERSION\": \"~4\"}},\n"
    "\"resources\": [\n"
    "{\"type\": \"Microsoft.Web/serverfarms\", \"name\": \"[variables('plan')]\","
    " \"sku\": {\"name\": \"[parameters('sku')]\"}},\n"
    "{\"type\": \"Microsoft.Web/serverfarms\", \"name\": \"web\", \"sku\": {\"name\": \"P1v3\"}},\n"
    "{\"type\": \"Microsoft.Insights/components\", \"name\": \"[parameters('appName')]\"},\n"
    "{\"type\": \"Microsoft.Web/sites\", \"name\": \"site\", \"kind\": \"app,linux\","
    " \"properties\": {\"serverFarmId\": \"[resourceId('Microsoft.Web/serverfarms', 'web')]\"}},\n"
    "{\"type\": \"Microsoft.Web/sites\", \"name\": \"[parameters('appName')]\","
    " \"kind\": \"functionapp,linux\", \"properties\": {\n"
    "  \"serverFarmId\": \"[resourceId('Microsoft.Web/serverfarms', variables('plan'))]\",\n"
    "  \"siteConfig\": {\"linuxFxVersion\": \"PYTHON|3.10\", \"functionAppScaleLimit\": 5,\n"
    "   \"preWarmedInstanceCount\": 2, \"appSettings\": [\n"
    "    {\"name\": \"AzureWebJobsStorage\", \"value\": \"[listKeys('x', "
    "'2019').keys[0].value]\"},\n"
    "    {\"name\": \"KV\", \"value\": \"[concat('@Microsoft.KeyVault(SecretUri=', "
    "reference('s').uri, ')')]\"},\n"
    "    {\"name\": \"BRACKET\", \"value\": \"[[x] and y\"}]}},\n"
    "  \"resources\": [{\"type\": \"slots\", \"name\": \"staging\", \"kind\": \"functionapp\"},\n"
    "   {\"type\": \"config\", \"name\": \"appsettings\",\n"
    "    \"properties\": \"[union(variables('settings'), createObject('A', '1'))]\"}]},\n"
    "{\"type\": \"Microsoft.Web/sites/config\","
    " \"name\": \"[format('{0}/appsettings', parameters('appName'))]\","
    " \"properties\": {\"LATER\": \"x y\"}},\n"
    "{\"type\": \"Microsoft.Insights/scheduledQueryRules\", \"name\": \"slow\"}\n"
    "]}";

#define LABEL "{parameters.appName}"

static void an_app_is_read_whole(void **state)
{
    (void)state;
    template_read("azuredeploy.json", app);
    assert_int_equal(template_unread(), 0);
    assert_true(template_has_app());
    assert_string_equal(template_project()->templates[0].form, "ARM");
    assert_string_equal(template_fact(THAW_FACT_PLAN, LABEL), "consumption");
    assert_string_equal(template_fact(THAW_FACT_SKU, LABEL), "Y1");
    assert_int_equal(template_facts(THAW_FACT_PLAN, NULL), 1);
    assert_string_equal(template_fact(THAW_FACT_OS, LABEL), "linux");
    assert_string_equal(template_fact(THAW_FACT_STACK, LABEL), "PYTHON|3.10");
    assert_string_equal(template_fact(THAW_FACT_PYTHON, LABEL), "3.10");
    assert_string_equal(template_fact(THAW_FACT_SCALE_LIMIT, LABEL), "5");
    assert_string_equal(template_fact(THAW_FACT_PREWARMED, LABEL), "2");
    assert_string_equal(template_fact(THAW_FACT_SLOT, LABEL), "staging");
    assert_string_equal(template_fact(THAW_FACT_ALERT, NULL), "slow");
}

static void settings_have_shapes_and_places(void **state)
{
    (void)state;
    template_read("azuredeploy.json", app);
    assert_int_equal(template_settings(), 6);
    assert_int_equal(template_setting("AzureWebJobsStorage", LABEL)->shape, THAW_SHAPE_UNKNOWN);
    assert_int_equal(template_setting("AzureWebJobsStorage", LABEL)->place.line, 13);
    assert_int_equal(template_setting("AzureWebJobsStorage", LABEL)->place.column, 6);
    assert_int_equal(template_setting("KV", LABEL)->shape, THAW_SHAPE_REFERENCE);
    assert_int_equal(template_setting("BRACKET", LABEL)->shape, THAW_SHAPE_TEXT);
    assert_string_equal(template_setting("FUNCTIONS_EXTENSION_VERSION", LABEL)->value, "~4");
    assert_non_null(template_setting("A", LABEL));
    assert_int_equal(template_setting("LATER", LABEL)->place.line, 19);
}

static void nested_deployments_have_their_own_names(void **state)
{
    static const char text[] = SCHEMA
        "\"parameters\": {\"sku\": {\"defaultValue\": \"B1\"}}, \"resources\": ["
        "{\"type\": \"Microsoft.Resources/deployments\", \"name\": \"n\", \"properties\": {"
        "\"expressionEvaluationOptions\": {\"scope\": \"inner\"},"
        "\"parameters\": {\"sku\": {\"value\": \"EP2\"}},"
        "\"template\": {\"parameters\": {\"sku\": {}, \"other\": {\"defaultValue\": \"in\"}},"
        "\"resources\": [{\"type\": \"Microsoft.Web/serverfarms\","
        " \"name\": \"[parameters('other')]\", \"sku\": {\"name\": \"[parameters('sku')]\"}}]}}},"
        "{\"type\": \"Microsoft.Resources/deployments\", \"name\": \"o\", \"properties\": {"
        "\"template\": {\"resources\": [{\"type\": \"Microsoft.Web/serverfarms\","
        " \"name\": \"out\", \"sku\": {\"name\": \"[parameters('sku')]\"}}]}}}]}";

    (void)state;
    template_read("azuredeploy.json", text);
    assert_int_equal(template_unread(), 0);
    assert_string_equal(template_fact(THAW_FACT_PLAN, "in"), "premium");
    assert_string_equal(template_fact(THAW_FACT_PLAN, "out"), "dedicated");
}

static void what_cannot_be_followed_is_counted(void **state)
{
    (void)state;
    template_read("azuredeploy.json",
                  SCHEMA "\"resources\": [{\"type\": \"Microsoft.Resources/deployments\","
                         " \"properties\": {\"templateLink\": {\"uri\": \"https://x.test/\"}}}]}");
    assert_int_equal(template_unread(), 1);
    template_read("azuredeploy.json",
                  SCHEMA "\"resources\": [{\"type\": \"Microsoft.Web/sites\", \"name\": \"f\","
                         " \"kind\": \"functionapp\", \"copy\": {\"name\": \"c\", \"count\": 2},"
                         " \"properties\": {\"siteConfig\": \"[parameters('config')]\"}}]}");
    assert_int_equal(template_unread(), 3); /* copies, siteConfig, settings in it */
    template_read("azuredeploy.json",
                  SCHEMA "\"resources\": [{\"type\": \"Microsoft.Web/sites\", \"name\": \"f\","
                         " \"kind\": \"[parameters('kind')]\", \"properties\": {\"siteConfig\":"
                         " {\"appSettings\": [{\"name\": \"FUNCTIONS_WORKER_RUNTIME\", \"value\":"
                         " \"[parameters('runtime')]\"}]}}}]}");
    assert_true(template_has_app());
    assert_int_equal(template_setting("FUNCTIONS_WORKER_RUNTIME", "f")->shape, THAW_SHAPE_UNKNOWN);
}

static void symbolic_names_and_existing_ones(void **state)
{
    (void)state;
    template_read("azuredeploy.json",
                  SCHEMA "\"languageVersion\": \"2.0\", \"resources\": {"
                         "\"a\": {\"type\": \"Microsoft.Insights/metricAlerts\", \"name\": \"x\"},"
                         "\"b\": {\"type\": \"Microsoft.Insights/metricAlerts\", \"name\": \"y\","
                         " \"existing\": true}}}");
    assert_int_equal(template_facts(THAW_FACT_ALERT, NULL), 1);
    assert_string_equal(template_fact(THAW_FACT_ALERT, NULL), "x");
}

static void a_secret_in_a_default_is_told(void **state)
{
    (void)state;
    template_read(
        "azuredeploy.json",
        SCHEMA "\"parameters\": {\"key\": {\"type\": \"securestring\", \"defaultValue\":"
               " \"DefaultEndpointsProtocol=https;AccountName=a;AccountKey="
               "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3ODk"
               "rLw==\"}}, \"resources\": [{\"type\": \"Microsoft.Web/sites\", \"name\": \"f\","
               " \"kind\": \"functionapp\", \"properties\": {\"siteConfig\": {\"appSettings\":"
               " [{\"name\": \"AzureWebJobsStorage\", \"value\": \"[parameters('key')]\"}]}}}]}");
    assert_int_equal(template_setting("AzureWebJobsStorage", "f")->shape, THAW_SHAPE_STORAGE_KEY);
    assert_null(template_setting("AzureWebJobsStorage", "f")->value);
}

static void what_is_no_template_is_refused(void **state)
{
    static const char text[] = "{\"a\": 1}";
    struct thaw_project_input input = {.file = "x.json", .bytes = text, .length = strlen(text)};
    struct thaw_project *project = thaw_project_new();
    struct thaw_error error = {0};

    (void)state;
    assert_false(thaw_template_may_be("x.json", text, strlen(text)));
    assert_int_equal(thaw_read_template(project, &input, &error), -EINVAL);
    assert_non_null(strstr(error.message, "x.json: no template"));
    thaw_project_free(project);
}

static void broken_json_is_a_problem(void **state)
{
    (void)state;
    template_read("azuredeploy.json", SCHEMA "\"resources\": [");
    assert_int_equal(template_unread(), 1);
    assert_int_equal(template_project()->problem_count, 1);
    assert_int_equal(template_project()->problems[0].kind, THAW_PROBLEM_MALFORMED);
}

static void short_memory_is_told(void **state)
{
    (void)state;
    template_survives("azuredeploy.json", app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(an_app_is_read_whole, template_end),
        cmocka_unit_test_teardown(settings_have_shapes_and_places, template_end),
        cmocka_unit_test_teardown(nested_deployments_have_their_own_names, template_end),
        cmocka_unit_test_teardown(what_cannot_be_followed_is_counted, template_end),
        cmocka_unit_test_teardown(symbolic_names_and_existing_ones, template_end),
        cmocka_unit_test_teardown(a_secret_in_a_default_is_told, template_end),
        cmocka_unit_test(what_is_no_template_is_refused),
        cmocka_unit_test_teardown(broken_json_is_a_problem, template_end),
        cmocka_unit_test_teardown(short_memory_is_told, template_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
