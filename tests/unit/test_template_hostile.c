/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "project/build.h"
#include "template_fixture.h"

/* Templates that are made to take all memory, the stack or hours: what can't be followed within the
 * bounds is told, and nothing else happens. */

#define SCHEMA "{\"$schema\":\"https://x.test/2019-04-01/deploymentTemplate.json#\","
#define SAM "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n"

/* A text that grows. */
static char *made;
static size_t length;
static FILE *out;

static void begin(const char *text)
{
    out = open_memstream(&made, &length);
    assert_non_null(out);
    fputs(text, out);
}

static void times(size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        fputs(text, out);
}

static void read_as(const char *file)
{
    assert_int_equal(fclose(out), 0);
    template_read(file, made);
    free(made);
    made = NULL;
}

static size_t told(enum thaw_problem_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < template_project()->problem_count; i++)
        count += template_project()->problems[i].kind == kind;
    return count;
}

/* --- depth --- */

static void chains_of_operators_are_bounded(void **state)
{
    static const char *const rows[][3] = {
        {"main.tf.json", "{\"locals\":{\"a\":\"${1", "}\"}}"},
        {"azuredeploy.json", SCHEMA "\"variables\":{\"a\":\"[1", "]\"}}"},
        {"main.bicep", "var a = 1", "\n"},
    };
    static const char *const signs[] = {"==1", "!=1", "??1", "==(1==1)"};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (size_t sign = 0; sign < sizeof(signs) / sizeof(signs[0]); sign++) {
            begin(rows[i][1]);
            times(100000, signs[sign]);
            times(1, rows[i][2]);
            read_as(rows[i][0]);
            assert_int_equal(told(THAW_PROBLEM_CUT), 1);
        }
    /* What is nested on the left counts, too. */
    begin("var a = ");
    times(100, "(");
    times(1, "1");
    times(100, "==1==1==1)");
    times(1, "\n");
    read_as("main.bicep");
    assert_int_equal(told(THAW_PROBLEM_CUT), 1);
}

static void long_expressions_are_read(void **state)
{
    (void)state;
    begin("var a = 1 == 1");
    times(1000, " || 1 == 1 && b != 1 + 1");
    times(1, "\nvar c = [\n");
    times(1000, "  1 == 1\n");
    times(1, "]\nvar d = 1");
    times(100, " == 1");
    times(1, "\nresource s 'Microsoft.Web/sites@2024-04-01' = {\n  name: 'a'\n"
             "  kind: 'functionapp'\n}\n");
    read_as("main.bicep");
    assert_int_equal(template_project()->problem_count, 0);
    assert_true(template_has_app());
}

static void aliases_in_aliases_are_bounded(void **state)
{
    char line[64];

    (void)state;
    begin(SAM "  ? &a0 [x]\n  : x\n");
    for (int i = 1; i < 900; i++) {
        snprintf(line, sizeof(line), "  ? &a%d ", i);
        times(1, line);
        times(100, "[");
        snprintf(line, sizeof(line), "*a%d", i - 1);
        times(1, line);
        times(100, "]");
        times(1, "\n  : x\n"); /* a key that is no text: it is nowhere but in its alias */
    }
    times(1, "  last: *a899\n");
    read_as("template.yaml");
    assert_int_equal(told(THAW_PROBLEM_CUT), 1);
}

/* --- memory --- */

#define LONG_TEXT ((size_t)400 << 10)
#define REFERENCES ((size_t)2500) /* 1 GB, if each were a copy */
#define MEMORY_MAX ((size_t)400 << 20)

static void a_long_text(void)
{
    for (size_t i = 0; i < LONG_TEXT / 10; i++)
        times(1, "xxxxxxxxxx");
}

static void items(const char *first, const char *more)
{
    times(1, first);
    times(REFERENCES - 1, more);
}

/* Reads in a child, so that its memory is its own. */
static void read_in_little_memory(const char *file)
{
    struct rusage used;
    int status = 0;
    pid_t child;

    assert_int_equal(fclose(out), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        template_read(file, made);
        _exit(0);
    }
    free(made);
    assert_int_equal(wait4(child, &status, 0, &used), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_in_range((size_t)used.ru_maxrss << 10, 1, MEMORY_MAX);
}

#define SITE                                                                                       \
    "{\"type\":\"Microsoft.Web/sites\",\"name\":\"s\",\"kind\":\"functionapp\",\"properties\":{"
#define LONG "\"[variables('a')]\""

static void long_texts_are_not_copied(void **state)
{
    static const struct {
        const char *item, *begin, *end;
    } rows[] = {
        {"{\"name\":\"A\",\"value\":" LONG "}", SITE "\"siteConfig\":{\"appSettings\":[", "]}}}"},
        {"{\"name\":" LONG ",\"value\":\"1\"}", SITE "\"siteConfig\":{\"appSettings\":[", "]}}}"},
        {SITE "\"siteConfig\":{\"linuxFxVersion\":" LONG "}}}", "", ""},
        {"{\"type\":\"Microsoft.Web/sites\",\"kind\":\"functionapp\",\"name\":" LONG "}", "", ""},
        {"{\"type\":\"Microsoft.Insights/metricAlerts\",\"name\":\"[concat(variables('a'),x)]\"}",
         "", ""},
    };
    char more[512];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin(SCHEMA "\"variables\":{\"a\":\"");
        a_long_text();
        times(1, "\"},\"resources\":[");
        times(1, rows[i].begin);
        snprintf(more, sizeof(more), ",%s", rows[i].item);
        items(rows[i].item, more);
        times(1, rows[i].end);
        times(1, "]}");
        read_in_little_memory("azuredeploy.json");
    }
}

static void long_names_of_what_is_unknown_are_not_copied(void **state)
{
    (void)state;
    begin("param p string\nvar a = ");
    a_long_text();
    times(1, "\n");
    times(1000,
          "resource s 'Microsoft.Insights/metricAlerts@2024-04-01' = {\n name: '${a}${a}'\n}\n");
    read_in_little_memory("main.bicep");
}

static void aliases_of_long_texts_are_no_copies(void **state)
{
    (void)state;
    begin(SAM "  A: &a '");
    a_long_text();
    times(1, "'\n  B: &b {x: *a}\n  C:\n");
    items("  - *a\n", "  - *a\n");
    times(1, "  D:\n");
    items("  - {<<: *b}\n", "  - {<<: *b}\n");
    read_in_little_memory("template.yaml");
}

static void images_of_many_arguments_are_not_followed(void **state)
{
    (void)state;
    begin("ARG A=\nARG B=xxxxxxxxxx\n");
    for (int i = 0; i < 6; i++) {
        times(1, "FROM ");
        times(400, "xxxxxxxxxx");
        times(30000, "$A");
        times(1, "\n");
    }
    read_in_little_memory("Dockerfile");
    begin("ARG A=\nARG B=xxxxxxxxxx\nFROM a");
    times(100, "$A");
    times(1, "/b\n");
    read_as("Dockerfile");
    assert_string_equal(template_fact(THAW_FACT_BASE_IMAGE, NULL), "a/b");
    begin("ARG A=\nFROM a");
    times(101, "$A");
    read_as("Dockerfile");
    assert_string_equal(template_fact(THAW_FACT_BASE_IMAGE, NULL), "");
    begin("ARG B=");
    times(41, "0123456789");
    times(1, "\nFROM ");
    times(9, "$B");
    read_as("Dockerfile");
    assert_int_equal(strlen(template_fact(THAW_FACT_BASE_IMAGE, NULL)), 1024); /* of 3690 */
    begin("ARG B=");
    times(41, "0123456789");
    times(1, "\nFROM ");
    times(10, "$B");
    read_as("Dockerfile");
    assert_string_equal(template_fact(THAW_FACT_BASE_IMAGE, NULL), "");
}

static void a_name_is_cut_where_a_character_ends(void **state)
{
    const struct thaw_project_fact *fact;

    (void)state;
    begin(SCHEMA "\"resources\":[{\"type\":\"Microsoft.Insights/metricAlerts\",\"name\":\"");
    times(2000, "\xe2\x82\xac");
    times(1, "\"}]}");
    read_as("azuredeploy.json");
    fact = template_find(THAW_FACT_ALERT, NULL);
    assert_int_equal(strlen(fact->value), 1023);
    assert_int_equal(strlen(fact->resource), 1023);
    assert_int_equal(template_unread(), 1); /* of the value */
    begin(SCHEMA "\"resources\":[" SITE "\"functionAppConfig\":{\"scaleAndConcurrency\":{"
                 "\"alwaysReady\":[{\"name\":\"http\",\"instanceCount\":1}]},\"deployment\":{"
                 "\"storage\":{\"authentication\":{\"type\":\"");
    times(2000, "X");
    times(1, "\"}}}},\"siteConfig\":{\"appSettings\":[{\"value\":\"[concat('@Microsoft.KeyVault(',"
             "x)]\",\"name\":\"");
    times(2000, "X");
    times(1, "\"}]}}}]}");
    assert_int_equal(fclose(out), 0);
    template_survives("azuredeploy.json", made);
    free(made);
}

static void always_ready_instances_are_no_copies(void **state)
{
    (void)state;
    begin(SCHEMA "\"variables\":{\"a\":\"");
    a_long_text();
    times(1, "\"},\"resources\":[" SITE "\"functionAppConfig\":{\"scaleAndConcurrency\":{"
             "\"alwaysReady\":[");
    items("{\"name\":" LONG ",\"instanceCount\":1}", ",{\"name\":" LONG ",\"instanceCount\":1}");
    times(1, "]},\"deployment\":{\"storage\":{\"authentication\":{\"type\":" LONG "}}}}}}]}");
    read_in_little_memory("azuredeploy.json");
}

/* --- each against all others --- */

static void sites_and_configs(size_t sites, size_t configs, size_t members, bool is_one_name)
{
    begin(SCHEMA "\"resources\":[{}");
    for (size_t i = 0; i < sites; i++)
        fprintf(out,
                ",{\"type\":\"Microsoft.Web/sites\",\"name\":\"x%zu\",\"properties\":{"
                "\"serverFarmId\":\"[resourceId('a','p')]\"}}",
                is_one_name ? 0 : i);
    for (size_t i = 0; i < configs; i++) {
        fprintf(out,
                ",{\"type\":\"Microsoft.Web/sites/config\",\"name\":\"x%zu/appsettings\","
                "\"properties\":{",
                is_one_name ? 0 : i);
        for (size_t j = 0; j < members; j++)
            fprintf(out, "\"a%zu\":1,", j);
        times(1, is_one_name ? "\"z\":1}}" : "\"FUNCTIONS_EXTENSION_VERSION\":\"~4\"}}");
    }
    times(1, "]}");
    read_as("azuredeploy.json");
}

static void sites_and_settings_of_one_name_are_bounded(void **state)
{
    (void)state;
    sites_and_configs(500, 500, 200, true);
    assert_int_equal(told(THAW_PROBLEM_CUT), 1);
    sites_and_configs(300, 300, 50, false);
    assert_int_equal(told(THAW_PROBLEM_CUT), 0);
    assert_int_equal(template_settings(), 300 * 51);
}

/* --- places --- */

/* As many keys as would take minutes, if each were looked for among all. */
#define KEYS 30000

static void keys_by_escapes_have_their_places(void **state)
{
    (void)state;
    begin(SCHEMA "\"variables\":{\n");
    for (int i = 0; i < KEYS; i++)
        fprintf(out, "\"\\u0061%d\":1,\n", i);
    times(1, "\"b\":1},\n\"resources\":[{\"type\":\"Microsoft.Web/sites\",\"name\":\"s\","
             "\"kind\":\"functionapp\",\"properties\":{\"siteConfig\":{\"appSettings\":[\n"
             "{\"\\u006eame\":\"A\",\"value\":\"1\"}]}}}]}");
    read_as("azuredeploy.json");
    assert_int_equal(template_setting("A", "s")->place.line, KEYS + 4);
}

static void keys_that_stand_again_have_their_places(void **state)
{
    (void)state;
    begin(
        "{\"resource\":{\"azurerm_linux_function_app\":{\"f\":{\"app_settings\":{\n"
        "\"A\":\"1\",\n\"B\":\"1\",\n\"\\u0041\":\"2\",\n\"C\":\"1\",\n\"B\":\"3\",\n\"D\":\"4\"\n"
        "}}}}}");
    read_as("main.tf.json");
    assert_int_equal(template_setting("A", NULL)->place.line, 4);
    assert_int_equal(template_setting("B", NULL)->place.line, 6);
    assert_int_equal(template_setting("C", NULL)->place.line, 5);
    assert_int_equal(template_setting("D", NULL)->place.line, 7);
    begin("{\"locals\":{\n");
    for (int i = 0; i < 2 * KEYS; i++)
        fprintf(out, "\"a%d\":1,\n", i % KEYS);
    times(1, "\"b\":1},\n\"resource\":{\"azurerm_linux_function_app\":{\"f\":{\"app_settings\":{\n"
             "\"A\":\"1\"}}}}}");
    read_as("main.tf.json");
    assert_int_equal(template_setting("A", NULL)->place.line, 2 * KEYS + 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(chains_of_operators_are_bounded, template_end),
        cmocka_unit_test_teardown(long_expressions_are_read, template_end),
        cmocka_unit_test_teardown(aliases_in_aliases_are_bounded, template_end),
        cmocka_unit_test_teardown(long_texts_are_not_copied, template_end),
        cmocka_unit_test_teardown(long_names_of_what_is_unknown_are_not_copied, template_end),
        cmocka_unit_test_teardown(aliases_of_long_texts_are_no_copies, template_end),
        cmocka_unit_test_teardown(images_of_many_arguments_are_not_followed, template_end),
        cmocka_unit_test_teardown(always_ready_instances_are_no_copies, template_end),
        cmocka_unit_test_teardown(sites_and_settings_of_one_name_are_bounded, template_end),
        cmocka_unit_test_teardown(keys_by_escapes_have_their_places, template_end),
        cmocka_unit_test_teardown(keys_that_stand_again_have_their_places, template_end),
        cmocka_unit_test_teardown(a_name_is_cut_where_a_character_ends, template_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
