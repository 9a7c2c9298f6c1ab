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

static const char sam[] =
    "AWSTemplateFormatVersion: '2010-09-09'\n"
    "Transform: AWS::Serverless-2016-10-31\n"
    "Parameters:\n"
    "  Memory:\n"
    "    Type: Number\n"
    "    Default: 512\n"
    "Globals:\n"
    "  Function:\n"
    "    Timeout: 30\n"
    "    Runtime: python3.11\n"
    "    Layers: [!Ref Shared]\n"
    "    Environment:\n"
    "      Variables: {ALL: x y, BOTH: '1'}\n"
    "Resources:\n"
    "  Api:\n"
    "    Type: AWS::Serverless::Function\n"
    "    Properties:\n"
    "      CodeUri: src/\n"
    "      Handler: app.handler\n"
    "      MemorySize: !Ref Memory\n"
    "      Timeout: 5\n"
    "      Architectures:\n"
    "        - arm64\n"
    "      Layers:\n"
    "        - arn:aws:lambda:eu-west-1:123456789012:layer:own:3\n"
    "        - !Sub arn:${AWS::Partition}:x\n"
    "      SnapStart:\n"
    "        ApplyOn: PublishedVersions\n"
    "      ProvisionedConcurrencyConfig:\n"
    "        ProvisionedConcurrentExecutions: 2\n"
    "      Environment:\n"
    "        Variables:\n"
    "          BOTH: '2'\n"
    "          TABLE: !Ref Table\n"
    "          NAME: !Sub '${Table}-x'\n"
    "          ON: true\n"
    "      Events:\n"
    "        Get: {Type: HttpApi, Properties: {Path: /, Method: get}}\n"
    "        Queue:\n"
    "          Type: SQS\n"
    "  Old:\n"
    "    Type: AWS::Lambda::Function\n"
    "    Properties:\n"
    "      PackageType: Image\n"
    "      Code: {ImageUri: !GetAtt Image.Uri}\n"
    "  Live:\n"
    "    Type: AWS::Lambda::Alias\n"
    "    Properties:\n"
    "      FunctionName: !Ref Old\n"
    "      ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 7}\n"
    "  Errors:\n"
    "    Type: AWS::CloudWatch::Alarm\n";

static void functions_are_read(void **state)
{
    (void)state;
    template_read("template.yaml", sam);
    assert_string_equal(template_project()->templates[0].form, "SAM");
    assert_int_equal(template_unread(), 0);
    assert_true(template_has_app());
    assert_int_equal(template_facts(THAW_FACT_FUNCTION, NULL), 2);
    assert_int_equal(template_find(THAW_FACT_FUNCTION, "Api")->place.line, 15);
    assert_string_equal(template_fact(THAW_FACT_HANDLER, "Api"), "app.handler");
    assert_string_equal(template_fact(THAW_FACT_MEMORY, "Api"), "512");
    assert_string_equal(template_fact(THAW_FACT_TIMEOUT, "Api"), "5");
    assert_string_equal(template_fact(THAW_FACT_LAMBDA_RUNTIME, "Api"), "python3.11");
    assert_string_equal(template_fact(THAW_FACT_ARCHITECTURE, "Api"), "arm64");
    assert_string_equal(template_fact(THAW_FACT_SNAP_START, "Api"), "PublishedVersions");
    assert_string_equal(template_fact(THAW_FACT_PROVISIONED, "Api"), "2");
    assert_int_equal(template_facts(THAW_FACT_EVENT, "Api"), 2);
    assert_string_equal(template_fact(THAW_FACT_EVENT, "Api"), "HttpApi");
    assert_string_equal(template_fact(THAW_FACT_ALERT, NULL), "Errors");
}

static void globals_are_of_sam_alone(void **state)
{
    (void)state;
    template_read("template.yaml", sam);
    assert_null(template_fact(THAW_FACT_TIMEOUT, "Old"));
    assert_string_equal(template_fact(THAW_FACT_PACKAGE_TYPE, "Old"), "Image");
    assert_string_equal(template_fact(THAW_FACT_PROVISIONED, "Old"), "7");
}

static void layers_add_up_without_accounts(void **state)
{
    const struct thaw_project *project;
    size_t own = 0;

    (void)state;
    template_read("template.yaml", sam);
    project = template_project();
    assert_int_equal(template_facts(THAW_FACT_LAYER, "Api"), 3);
    assert_string_equal(template_fact(THAW_FACT_LAYER, "Api"), "Shared");
    for (size_t i = 0; i < project->fact_count; i++) {
        own += !strcmp(project->facts[i].value, "own:3");
        assert_null(strstr(project->facts[i].value, "123456789012"));
    }
    assert_int_equal(own, 1);
}

static void variables_are_settings(void **state)
{
    (void)state;
    template_read("template.yaml", sam);
    assert_int_equal(template_settings(), 5);
    assert_int_equal(template_setting("ALL", "Api")->shape, THAW_SHAPE_TEXT);
    assert_int_equal(template_setting("ALL", "Api")->place.line, 13);
    assert_int_equal(template_setting("BOTH", "Api")->place.line, 33);
    assert_int_equal(template_setting("TABLE", "Api")->shape, THAW_SHAPE_UNKNOWN);
    assert_int_equal(template_setting("NAME", "Api")->shape, THAW_SHAPE_UNKNOWN);
    assert_int_equal(template_setting("ON", "Api")->shape, THAW_SHAPE_BOOLEAN);
}

static void json_is_read_alike(void **state)
{
    (void)state;
    template_read(
        "stack.json",
        "{\"AWSTemplateFormatVersion\": \"2010-09-09\", \"Parameters\": {\"M\":"
        " {\"Default\": 256}}, \"Resources\": {\"F\": {\"Type\":"
        " \"AWS::Lambda::Function\", \"Properties\": {\"MemorySize\": {\"Ref\": \"M\"},"
        " \"Handler\": {\"Fn::Sub\": \"a.b\"}, \"Runtime\": {\"Fn::Sub\": \"${R}\"},"
        " \"Timeout\": {\"Fn::If\": [\"C\", 3, 4]},"
        " \"Environment\": {\"Variables\": {\"Fn::If\": [\"C\", {\"A\": \"1\"}, {}]}}}}}}");
    assert_string_equal(template_fact(THAW_FACT_MEMORY, "F"), "256");
    assert_string_equal(template_fact(THAW_FACT_HANDLER, "F"), "a.b");
    assert_string_equal(template_fact(THAW_FACT_LAMBDA_RUNTIME, "F"), "");
    assert_string_equal(template_fact(THAW_FACT_TIMEOUT, "F"), "");
    assert_non_null(template_setting("A", "F"));
    assert_int_equal(template_unread(), 1);
}

static void anchors_and_merges(void **state)
{
    (void)state;
    template_read("t.yml", "AWSTemplateFormatVersion: x\n"
                           "Base: &base {Runtime: python3.12, Timeout: 3, Loop: &l [*l]}\n"
                           "Resources:\n"
                           "  F:\n"
                           "    Type: AWS::Lambda::Function\n"
                           "    Properties:\n"
                           "      <<: *base\n"
                           "      Timeout: 9\n"
                           "      Timeout: 10\n");
    assert_string_equal(template_fact(THAW_FACT_LAMBDA_RUNTIME, "F"), "python3.12");
    assert_string_equal(template_fact(THAW_FACT_TIMEOUT, "F"), "10");
}

/* Aliases of aliases make a tree of many paths from few bytes. */
static void laughs_are_bounded(void **state)
{
    char text[2048] = "AWSTemplateFormatVersion: x\na0: &a0 [x, x]\n";
    size_t used = strlen(text);

    (void)state;
    for (int i = 1; i < 30; i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "a%d: &a%d [*a%d, *a%d, *a%d]\n",
                                 i, i, i - 1, i - 1, i - 1);
    template_read("t.yaml", text);
    assert_int_equal(template_project()->problem_count, 1);
    assert_int_equal(template_project()->problems[0].kind, THAW_PROBLEM_CUT);
}

static void broken_yaml_is_a_problem(void **state)
{
    (void)state;
    template_read("t.yaml", "AWSTemplateFormatVersion: x\nResources:\n  - a\n b: [\n");
    assert_int_equal(template_unread(), 1);
    assert_int_equal(template_project()->problem_count, 1);
    assert_int_equal(template_project()->problems[0].kind, THAW_PROBLEM_MALFORMED);
    assert_true(template_project()->problems[0].place.line >= 3);
    template_read("t.yaml", "AWSTemplateFormatVersion: \xff\n");
    assert_int_equal(template_project()->problem_count, 1);
}

static void short_memory_is_told(void **state)
{
    (void)state;
    template_survives("template.yaml", sam);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(functions_are_read, template_end),
        cmocka_unit_test_teardown(globals_are_of_sam_alone, template_end),
        cmocka_unit_test_teardown(layers_add_up_without_accounts, template_end),
        cmocka_unit_test_teardown(variables_are_settings, template_end),
        cmocka_unit_test_teardown(json_is_read_alike, template_end),
        cmocka_unit_test_teardown(anchors_and_merges, template_end),
        cmocka_unit_test_teardown(laughs_are_bounded, template_end),
        cmocka_unit_test_teardown(broken_yaml_is_a_problem, template_end),
        cmocka_unit_test_teardown(short_memory_is_told, template_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
