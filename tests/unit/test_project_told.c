/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "project_tree.h"

static struct scratch scratch;

static int make_folder(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static void the_python_version_is_inferred(void **state)
{
    static const struct {
        const char *file, *text, *value, *reason;
    } cases[] = {
        {".python-version", "# by pyenv\n3.12.4\n", "3.12", ".python-version:2: Python 3.12"},
        {".python-version", "pypy3.9\n", "", "nothing tells it"},
        {"runtime.txt", "python-3.10.2\r\n", "3.10", "runtime.txt:1: Python 3.10"},
        {"runtime.txt", "", "", "nothing tells it"},
        {"Pipfile.lock", "{\"_meta\": {\"requires\": {\"python_version\": \"3.11\"}}}", "3.11",
         "Pipfile.lock: ==3.11.*"},
        {"environment.yml", "name: a\ndependencies:\n  - python=3.9\n  - pip\n", "3.9",
         "environment.yml: ==3.9.*"},
        {"pyproject.toml", "[project]\nname = 'a'\nrequires-python = '>=3.10'\n", "",
         "pyproject.toml: >=3.10 is a range"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *path = scratch_write_text(&scratch, cases[i].file, cases[i].text);
        struct thaw_project *project = project_read(&scratch);

        assert_string_equal(project->python.value, cases[i].value);
        if (strncmp(project->python.reason, cases[i].reason, strlen(cases[i].reason)) != 0)
            fail_msg("%s: %s", cases[i].file, project->python.reason);
        thaw_project_free(project);
        project =
            project_read_as(&scratch, &(struct thaw_project_options){.python_version = "3.13"});
        assert_string_equal(project->python.value, "3.13");
        assert_string_equal(project->python.reason, "--python");
        thaw_project_free(project);
        unlink(path);
    }
    scratch_write_text(&scratch, ".python-version", "3.11\n");
    scratch_write_text(&scratch, "runtime.txt", "python-3.12\n");
    {
        struct thaw_project *project = project_read(&scratch);

        assert_string_equal(project->python.value, "");
        assert_string_equal(project->python.reason,
                            ".python-version:1 says 3.11, runtime.txt:1 says 3.12");
        thaw_project_free(project);
    }
}

static void the_platform_is_inferred(void **state)
{
    static const struct {
        const char *file, *text, *value, *reason;
    } cases[] = {
        {"function_app.py", "x = 1\n", "azure_functions", "function_app.py"},
        {"f/function.json", "{}", "azure_functions", "f/function.json"},
        {"requirements.txt", "a\nAzure_Functions>=1\n", "azure_functions",
         "requirements.txt:2: asks for azure-functions"},
        {"requirements.txt", "awslambdaric\n", "aws_lambda",
         "requirements.txt:1: asks for awslambdaric"},
        {"app.py", "def lambda_handler(event, context):\n    pass\n", "aws_lambda",
         "app.py: defines lambda_handler"},
        {"local.settings.json", "{}", "azure_functions", "local.settings.json"},
        {"main.py", "print(1)\n", "", "nothing tells it"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *path = scratch_write_text(&scratch, cases[i].file, cases[i].text);
        struct thaw_project *project = project_read(&scratch);

        assert_string_equal(project->platform.value, cases[i].value);
        assert_string_equal(project->platform.reason, cases[i].reason);
        assert_string_equal(project->packaging.value, *cases[i].value ? "zip" : "");
        thaw_project_free(project);
        unlink(path);
    }
}

static void a_lambda_is_told_by_its_template(void **state)
{
    struct thaw_project *project;

    (void)state;
    scratch_write_text(&scratch, "template.yaml",
                       "AWSTemplateFormatVersion: '2010-09-09'\n"
                       "Transform: AWS::Serverless-2016-10-31\nResources:\n  Hello:\n"
                       "    Type: AWS::Serverless::Function\n    Properties:\n"
                       "      CodeUri: src/\n      Handler: app.handle\n"
                       "      Runtime: python3.13\n");
    scratch_write_text(&scratch, "src/app.py", "def handle(event, context):\n    return 1\n");
    scratch_write_text(&scratch, "src/requirements.txt", "requests==2.0\n");
    project = project_read(&scratch);
    assert_string_equal(project->platform.value, "aws_lambda");
    assert_string_equal(project->plan.reason, "only Azure Functions has plans");
    assert_string_equal(project->python.value, "3.13");
    assert_string_equal(project->packaging.value, "zip");
    assert_int_equal(project->function_count, 1);
    assert_int_equal(project->functions[0].model, THAW_FUNCTION_LAMBDA);
    assert_string_equal(project->functions[0].script, "src/app.py");
    assert_string_equal(project->requirements[0].place.file, "src/requirements.txt");
    thaw_project_free(project);
}

static void an_image_makes_a_container(void **state)
{
    struct thaw_project *project;

    (void)state;
    scratch_write_text(&scratch, "host.json", "{}");
    scratch_write_text(
        &scratch, "api.dockerfile",
        "FROM mcr.microsoft.com/azure-functions/python:4-python3.11\nCOPY . /home/\n");
    project = project_read(&scratch);
    assert_string_equal(project->packaging.value, "container");
    assert_string_equal(project->python.value, "3.11");
    assert_string_equal(project->plan.value, "");
    thaw_project_free(project);
}

/* Of a database, of tests. */
static void other_images_tell_nothing(void **state)
{
    struct thaw_project *project;

    (void)state;
    scratch_write_text(&scratch, "host.json", "{}");
    scratch_write_text(&scratch, "database/Dockerfile", "FROM postgres:16\n");
    scratch_write_text(&scratch, "tools/Dockerfile", "FROM python:3.9-slim\n");
    project = project_read(&scratch);
    assert_int_equal(project->template_count, 2);
    assert_string_equal(project->packaging.value, "zip");
    assert_string_equal(project->python.value, "");
    thaw_project_free(project);
}

static void the_plan_is_a_word_of_the_list(void **state)
{
    struct thaw_project *project;
    struct thaw_error error = {0};
    struct thaw_project_options options = {.path = scratch.path, .plan = "gold"};

    (void)state;
    scratch_write_text(&scratch, "host.json", "{}");
    assert_int_equal(thaw_project_read(&options, &project, &error), -EINVAL);
    assert_non_null(strstr(error.message, "gold: no plan: consumption, flex"));
    project = project_read_as(&scratch, &(struct thaw_project_options){.plan = "flex"});
    assert_string_equal(project->plan.value, "flex");
    assert_string_equal(project->plan.reason, "--plan");
    thaw_project_free(project);
}

static void an_app_one_folder_below_is_told(void **state)
{
    struct thaw_project *project;

    (void)state;
    scratch_write_text(&scratch, "src/host.json", "{}");
    scratch_write_text(&scratch, "src/f/function.json", "{}");
    project = project_read(&scratch);
    assert_string_equal(project->platform.value, "");
    project_assert_problem(project, "src/host.json", THAW_PROBLEM_CUT,
                           "host.json is not here but in src/: give that");
    thaw_project_free(project);
    scratch_write_text(&scratch, "other/host.json", "{}");
    project = project_read(&scratch);
    project_assert_problem(project, "other/host.json", THAW_PROBLEM_CUT,
                           "host.json is not here but in other/, src/");
    thaw_project_free(project);
    scratch_write_text(&scratch, "host.json", "{}");
    project = project_read(&scratch);
    assert_string_equal(project->platform.value, "azure_functions");
    assert_int_equal(project->problem_count, 0);
    thaw_project_free(project);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(the_python_version_is_inferred),   TEST(the_platform_is_inferred),
        TEST(a_lambda_is_told_by_its_template), TEST(an_image_makes_a_container),
        TEST(other_images_tell_nothing),        TEST(the_plan_is_a_word_of_the_list),
        TEST(an_app_one_folder_below_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
