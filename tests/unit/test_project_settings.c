/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "project_input.h"

static struct thaw_error error;

static int read_local(const char *text)
{
    struct thaw_project_input input = project_input("local.settings.json", text);

    project_again();
    return thaw_read_local_settings(project, &input);
}

static int read_exported(const char *text)
{
    struct thaw_project_input input = project_input("given/settings.json", text);

    project_again();
    error = (struct thaw_error){0};
    return thaw_read_exported_settings(project, &input, &error);
}

static const struct thaw_setting *assert_setting(const char *name, enum thaw_setting_origin origin,
                                                 enum thaw_setting_shape shape, const char *value,
                                                 uint32_t line, uint32_t column)
{
    const struct thaw_setting *setting;

    assert_int_equal(thaw_project_show(project), 0);
    setting = thaw_project_setting(project, name, NULL);
    assert_non_null(setting);
    assert_int_equal(setting->origin, origin);
    assert_int_equal(setting->shape, shape);
    assert_int_equal(setting->place.line, line);
    assert_int_equal(setting->place.column, column);
    if (value)
        assert_string_equal(setting->value, value);
    else
        assert_null(setting->value);
    return setting;
}

static void assert_fact(enum thaw_fact_kind kind, const char *value, const char *resource,
                        uint32_t line)
{
    const struct thaw_project_fact *fact;

    assert_int_equal(thaw_project_show(project), 0);
    fact = thaw_project_fact(project, kind, NULL);
    assert_non_null(fact);
    assert_string_equal(fact->value, value);
    assert_string_equal(fact->resource, resource);
    assert_int_equal(fact->place.line, line);
}

/* --- local.settings.json ------------------------------------------------------------------------
 */

static void local_settings_are_read(void **state)
{
    (void)state;
    assert_int_equal(read_local("{\n"
                                "  \"IsEncrypted\": false,\n"
                                "  \"Values\": {\n"
                                "    \"FUNCTIONS_WORKER_RUNTIME\": \"python\", // here\n"
                                "    \"AzureWebJobsStorage\": \"UseDevelopmentStorage=true\",\n"
                                "    \"DB\": \"Server=a;Password=hunter2\",\n"
                                "  },\n"
                                "  \"Host\": {\"LocalHttpPort\": 7071},\n"
                                "  \"ConnectionStrings\": {\n"
                                "    \"Main\": \"Server=a;Password=hunter2\",\n"
                                "    \"Other\": {\"ConnectionString\": \"a b\",\n"
                                "                \"ProviderName\": \"p\"}}\n"
                                "}\n"),
                     0);
    assert_no_problem();
    assert_int_equal(project->setting_count, 5);
    assert_false(project->has_exported_settings);
    assert_setting("FUNCTIONS_WORKER_RUNTIME", THAW_SETTING_LOCAL, THAW_SHAPE_WORD, "python", 4, 5);
    assert_setting("AzureWebJobsStorage", THAW_SETTING_LOCAL, THAW_SHAPE_DEVELOPMENT, NULL, 5, 5);
    assert_setting("DB", THAW_SETTING_LOCAL, THAW_SHAPE_PASSWORD, NULL, 6, 5);
    assert_setting("ConnectionStrings:Main", THAW_SETTING_LOCAL, THAW_SHAPE_PASSWORD, NULL, 10, 5);
    assert_setting("ConnectionStrings:Other", THAW_SETTING_LOCAL, THAW_SHAPE_TEXT, NULL, 11, 5);
}

static void values_have_to_be_texts(void **state)
{
    (void)state;
    assert_int_equal(read_local("{\"Values\": {\n"
                                "\"PYTHON_THREADPOOL_THREAD_COUNT\": 4,\n"
                                "\"PYTHON_X\": true,\n"
                                "\"A\": {\"b\": \"c\"},\n"
                                "\"B\": [],\n"
                                "\"C\": null}}"),
                     0);
    assert_problem(0, THAW_PROBLEM_TYPE, 2, 1, "PYTHON_THREADPOOL_THREAD_COUNT has to be a text");
    assert_problem(1, THAW_PROBLEM_TYPE, 3, 1, "true or false");
    assert_problem(2, THAW_PROBLEM_TYPE, 4, 1, "an object");
    assert_problem(3, THAW_PROBLEM_TYPE, 5, 1, "a list");
    assert_int_equal(project->problem_count, 4);
    assert_int_equal(project->setting_count, 3);
    assert_setting("PYTHON_THREADPOOL_THREAD_COUNT", THAW_SETTING_LOCAL, THAW_SHAPE_NUMBER, "4", 2,
                   1);
    assert_setting("PYTHON_X", THAW_SETTING_LOCAL, THAW_SHAPE_BOOLEAN, "true", 3, 1);
    assert_setting("C", THAW_SETTING_LOCAL, THAW_SHAPE_UNKNOWN, NULL, 6, 1);
}

static void members_of_other_types_are_told(void **state)
{
    (void)state;
    assert_int_equal(read_local("{\"IsEncrypted\": \"no\",\n\"Values\": [],\n\"Host\": 1,\n"
                                "\"ConnectionStrings\": \"a\"}"),
                     0);
    assert_problem(0, THAW_PROBLEM_TYPE, 1, 2, "IsEncrypted has to be true or false");
    assert_problem(1, THAW_PROBLEM_TYPE, 2, 1, "Values");
    assert_problem(2, THAW_PROBLEM_TYPE, 3, 1, "Host");
    assert_problem(3, THAW_PROBLEM_TYPE, 4, 1, "ConnectionStrings");
    assert_int_equal(project->setting_count, 0);
    assert_int_equal(read_local("[]"), 0);
    assert_problem(0, THAW_PROBLEM_MALFORMED, 1, 1, "object");
}

static void encrypted_values_tell_nothing(void **state)
{
    (void)state;
    assert_int_equal(read_local("{\"IsEncrypted\": true, \"Values\": {\"PYTHON_X\": \"1\"}}"), 0);
    assert_setting("PYTHON_X", THAW_SETTING_LOCAL, THAW_SHAPE_UNKNOWN, NULL, 1, 34);
}

/* Of what stands twice the last one counts, and has its place. */
static void settings_that_stand_twice_are_one(void **state)
{
    (void)state;
    assert_int_equal(read_local("{\"Values\": {\n\"A\": \"1\",\n\"B\": \"2\",\n\"A\": \"x y\",\n"
                                "\"C\": \"3\"}}"),
                     0);
    assert_problem(0, THAW_PROBLEM_DUPLICATE_KEY, 4, 1, "\"A\"");
    assert_int_equal(project->setting_count, 3);
    assert_setting("B", THAW_SETTING_LOCAL, THAW_SHAPE_NUMBER, NULL, 3, 1);
    assert_setting("C", THAW_SETTING_LOCAL, THAW_SHAPE_NUMBER, NULL, 5, 1);
    assert_setting("A", THAW_SETTING_LOCAL, THAW_SHAPE_TEXT, NULL, 4, 1);
}

static void settings_are_bounded(void **state)
{
    size_t length = 0, size = 6000 * 24 + 100;
    char *text = malloc(size);

    (void)state;
    assert_non_null(text);
    length += (size_t)snprintf(text, size, "{\"Values\": {\n");
    for (int i = 0; i < 6000; i++)
        length +=
            (size_t)snprintf(text + length, size - length, "%s\"S%d\": \"1\"\n", i ? "," : "", i);
    snprintf(text + length, size - length, "}}");
    assert_int_equal(read_local(text), 0);
    assert_problem(0, THAW_PROBLEM_CUT, 5002, 2, "5000 settings");
    assert_int_equal(project->setting_count, 5000);
    free(text);
}

/* --- exports ------------------------------------------------------------------------------------
 */

static void names_and_values_are_read_in_all_their_forms(void **state)
{
    static const struct {
        const char *text;
        uint32_t line, column;
    } rows[] = {
        {"[\n{\"name\": \"PYTHON_X\", \"slotSetting\": false, \"value\": \"1\"},\n"
         "{\"name\": \"S\", \"value\": null}]",
         2, 2},
        {"{\"PYTHON_X\": \"1\",\n \"S\": null}", 1, 2},
        {"{\"id\": \"/subscriptions/x\", \"type\": \"Microsoft.Web/sites/config\",\n"
         "\"properties\": {\n\"PYTHON_X\": \"1\", \"S\": null}}",
         3, 1},
        {"{\"IsEncrypted\": false, \"Values\": {\"PYTHON_X\": \"1\", \"S\": null}}", 1, 35},
        {"{\"appSettings\": [{\"value\": \"1\", \"name\": \"PYTHON_X\"}, {\"name\": \"S\"}]}", 1,
         33},
        {"{\"name\": \"app\", \"siteConfig\": {\"appSettings\": [{\"name\": \"PYTHON_X\",\n"
         "\"value\": \"1\"}, {\"name\": \"S\"}]}}",
         1, 49},
        {"{\"FunctionName\": \"f\", \"Runtime\": \"python3.12\", \"Environment\": {\n"
         "\"Variables\": {\"PYTHON_X\": \"1\", \"S\": null}}}",
         2, 15},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(read_exported(rows[i].text), 0);
        assert_no_problem();
        assert_true(project->has_exported_settings);
        assert_int_equal(project->setting_count, 2);
        assert_setting("PYTHON_X", THAW_SETTING_EXPORTED, THAW_SHAPE_NUMBER, "1", rows[i].line,
                       rows[i].column);
        assert_int_equal(thaw_project_setting(project, "S", NULL)->shape, THAW_SHAPE_UNKNOWN);
        assert_string_equal(project->settings[0].place.file, "given/settings.json");
    }
    assert_int_equal(read_exported("[]"), 0);
    assert_true(project->has_exported_settings);
    assert_int_equal(read_exported("{}"), 0);
    assert_true(project->has_exported_settings);
}

static void what_is_no_export_is_refused(void **state)
{
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"{\"a\": {\"b\": 1}}", "given/settings.json: no app settings: expected"},
        {"[1, 2]", "no app settings"},
        {"\"text\"", "no app settings"},
        {"{\"properties\": {\"a\": []}}", "no app settings"},
        {"{\"a\": 1,\n 'b': 2}", "given/settings.json:2:2: no JSON"},
        {"", "empty"},
        {"\xFF\xFE{", "given/settings.json: UTF-16"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(read_exported(rows[i].text), -EINVAL);
        if (!strstr(error.message, rows[i].words))
            fail_msg("%s: %s", rows[i].text, error.message);
        assert_false(project->has_exported_settings);
    }
}

static void items_without_a_name_are_told(void **state)
{
    (void)state;
    assert_int_equal(read_exported("[{\"name\": \"A\", \"value\": {\"b\": 1}},\n{\"value\": \"1\"},"
                                   "\n1, {\"name\": \"B\", \"value\": 2}]"),
                     0);
    assert_problem(0, THAW_PROBLEM_TYPE, 1, 3, "A has to be a text");
    assert_problem(1, THAW_PROBLEM_TYPE, 2, 1, "without a name");
    assert_problem(2, THAW_PROBLEM_TYPE, 3, 1, "without a name");
    assert_int_equal(project->problem_count, 3);
    assert_setting("B", THAW_SETTING_EXPORTED, THAW_SHAPE_NUMBER, NULL, 3, 5);
}

static const char site[] =
    "{\"name\": \"shop\",\n"
    "\"kind\": \"functionapp,linux\",\n"
    "\"properties\": {\n"
    "\"sku\": \"FlexConsumption\", \"reserved\": true,\n"
    "\"functionAppConfig\": {\n"
    "\"deployment\": {\"storage\": {\"authentication\": {\"type\": \"SystemAssignedIdentity\"}}},\n"
    "\"runtime\": {\"name\": \"Python\",\n \"version\": \"3.12\"},\n"
    "\"scaleAndConcurrency\": {\"instanceMemoryMB\": 2048, \"maximumInstanceCount\": 100,\n"
    "\"alwaysReady\": [\n{\"name\": \"http\", \"instanceCount\": 2}],\n"
    "\"triggers\": {\"http\": {\"perInstanceConcurrency\": 16}}}},\n"
    "\"siteConfig\": {\"appSettings\": null, \"alwaysOn\": false,\n"
    "\"linuxFxVersion\": \"\"}}}";

static void a_site_states_facts(void **state)
{
    (void)state;
    assert_int_equal(read_exported(site), 0);
    assert_no_problem();
    assert_false(project->has_exported_settings); /* they were left out */
    assert_fact(THAW_FACT_PLAN, "flex", "shop", 5);
    assert_fact(THAW_FACT_OS, "linux", "shop", 4);
    assert_fact(THAW_FACT_DEPLOYMENT_STORAGE, "systemassignedidentity", "shop", 6);
    assert_fact(THAW_FACT_RUNTIME, "python", "shop", 7);
    assert_fact(THAW_FACT_PYTHON, "3.12", "shop", 8);
    assert_fact(THAW_FACT_INSTANCE_MEMORY, "2048", "shop", 9);
    assert_fact(THAW_FACT_MAXIMUM_INSTANCES, "100", "shop", 9);
    assert_fact(THAW_FACT_ALWAYS_READY, "http=2", "shop", 11);
    assert_fact(THAW_FACT_HTTP_CONCURRENCY, "16", "shop", 12);
    assert_fact(THAW_FACT_ALWAYS_ON, "false", "shop", 13);
    assert_null(thaw_project_fact(project, THAW_FACT_STACK, NULL));
}

static void plans_are_told_by_their_tier(void **state)
{
    static const struct {
        const char *text, *plan;
    } rows[] = {
        {"{\"siteConfig\": {}, \"sku\": \"Dynamic\"}", "consumption"},
        {"{\"siteConfig\": {}, \"sku\": \"ElasticPremium\"}", "premium"},
        {"{\"siteConfig\": {}, \"sku\": \"PremiumV3\"}", "dedicated"},
        {"{\"siteConfig\": {}, \"sku\": \"Basic\", \"kind\": "
         "\"functionapp,linux,container,azurecontainerapps\"}",
         "container-apps"},
        {"{\"siteConfig\": {}, \"sku\": \"Other\"}", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(read_exported(rows[i].text), 0);
        if (rows[i].plan)
            assert_fact(THAW_FACT_PLAN, rows[i].plan, "", 1);
        else
            assert_null(thaw_project_fact(project, THAW_FACT_PLAN, NULL));
    }
}

static void a_lambda_function_states_facts(void **state)
{
    (void)state;
    assert_int_equal(read_exported(
                         "{\"Configuration\": {\n\"FunctionName\": \"orders\",\n"
                         "\"FunctionArn\": \"arn:aws:lambda:eu-west-1:123456789012:function:o\",\n"
                         "\"MemorySize\": 512, \"Timeout\": 30,\n\"Runtime\": \"python3.12\",\n"
                         "\"Handler\": \"app.handler\", \"PackageType\": \"Zip\",\n"
                         "\"Architectures\": [\"arm64\"], \"SnapStart\": {\"ApplyOn\": \"None\"},\n"
                         "\"Layers\": [\n{\"Arn\": \"arn:aws:lambda:eu-west-1:123456789012:layer:"
                         "numpy:7\", \"CodeSize\": 1}],\n"
                         "\"Environment\": {\"Variables\": {\"API_KEY\": "
                         "\"0f8fad5bd9cb469fa16570867728950e\"}}}}"),
                     0);
    assert_no_problem();
    assert_true(project->has_exported_settings);
    assert_fact(THAW_FACT_FUNCTION, "orders", "orders", 2);
    assert_fact(THAW_FACT_MEMORY, "512", "orders", 4);
    assert_fact(THAW_FACT_TIMEOUT, "30", "orders", 4);
    assert_fact(THAW_FACT_LAMBDA_RUNTIME, "python3.12", "orders", 5);
    assert_fact(THAW_FACT_HANDLER, "app.handler", "orders", 6);
    assert_fact(THAW_FACT_PACKAGE_TYPE, "Zip", "orders", 6);
    assert_fact(THAW_FACT_ARCHITECTURE, "arm64", "orders", 7);
    assert_fact(THAW_FACT_SNAP_START, "None", "orders", 7);
    assert_fact(THAW_FACT_LAYER, "numpy:7", "orders", 9); /* without the account */
    assert_string_equal(
        assert_setting("API_KEY", THAW_SETTING_EXPORTED, THAW_SHAPE_TOKEN, NULL, 10, 31)->resource,
        "orders");
}

static void without_memory_it_says_so(void **state)
{
    static const char *const texts[] = {
        site,
        "{\"FunctionName\": \"f\", \"Layers\": [{\"Arn\": \":layer:a:1\"}], \"Environment\":"
        "{\"Variables\": {\"PYTHON_X\": \"1\", \"B\": {}}}}",
        "[{\"name\": \"PYTHON_X\", \"value\": \"1\"}, {}]",
        "{\"Values\": {\"PYTHON_X\": \"1\"}, \"ConnectionStrings\": {\"A\": \"b\"}}",
    };

    (void)state;
    assert_true(chaos_malloc_works());
    for (size_t i = 0; i < 2 * sizeof(texts) / sizeof(texts[0]); i++) {
        for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
            struct thaw_project_input input = project_input("file", texts[i / 2]);
            int code = -ENOMEM;

            project = thaw_project_new();
            if (project)
                code = i % 2 ? thaw_read_local_settings(project, &input)
                             : thaw_read_exported_settings(project, &input, &error);
            chaos_malloc_pause();
            assert_int_equal(code, chaos_malloc_failed()      ? -ENOMEM
                                   : i / 2 == 3 && i % 2 == 0 ? code
                                                              : 0);
            project_end(NULL);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(local_settings_are_read, project_end),
        cmocka_unit_test_teardown(values_have_to_be_texts, project_end),
        cmocka_unit_test_teardown(members_of_other_types_are_told, project_end),
        cmocka_unit_test_teardown(encrypted_values_tell_nothing, project_end),
        cmocka_unit_test_teardown(settings_that_stand_twice_are_one, project_end),
        cmocka_unit_test_teardown(settings_are_bounded, project_end),
        cmocka_unit_test_teardown(names_and_values_are_read_in_all_their_forms, project_end),
        cmocka_unit_test_teardown(what_is_no_export_is_refused, project_end),
        cmocka_unit_test_teardown(items_without_a_name_are_told, project_end),
        cmocka_unit_test_teardown(a_site_states_facts, project_end),
        cmocka_unit_test_teardown(plans_are_told_by_their_tier, project_end),
        cmocka_unit_test_teardown(a_lambda_function_states_facts, project_end),
        cmocka_unit_test(without_memory_it_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
