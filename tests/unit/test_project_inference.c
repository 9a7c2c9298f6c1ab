/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chaos_malloc.h"
#include "project/reading.h"

/* What templates and settings say of the plan, the package and Python; read from no file. */

struct stated {
    enum thaw_fact_kind kind;
    const char *value, *resource, *file;
    uint32_t line;
};

#define FACTS_MAX 4

static void add_facts(struct thaw_project *project, const struct stated *facts)
{
    for (size_t i = 0; i < FACTS_MAX && facts[i].file; i++) {
        const struct thaw_project_place place = {.file = facts[i].file, .line = facts[i].line};

        assert_non_null(thaw_project_add_fact(project, facts[i].kind, facts[i].value,
                                              facts[i].resource, &place));
    }
}

static void add_setting(struct thaw_project *project, enum thaw_setting_origin origin,
                        const char *name)
{
    struct thaw_setting *setting = thaw_project_add_setting(project);

    assert_non_null(setting);
    setting->name = name;
    setting->origin = origin;
    setting->place.file = "s.json";
    setting->place.line = 2;
}

/* A reading of an app of which nothing but that is known. */
struct fixture {
    struct thaw_project_options options;
    struct thaw_shipped shipped;
    struct thaw_project_reading reading;
};

static struct thaw_project *begin(struct fixture *fixture, const char *platform)
{
    *fixture = (struct fixture){0};
    fixture->reading.options = &fixture->options;
    fixture->reading.project = thaw_project_new();
    assert_non_null(fixture->reading.project);
    fixture->shipped.python.version = "";
    fixture->reading.project->shipped = &fixture->shipped;
    fixture->reading.project->platform.value = platform;
    return fixture->reading.project;
}

static void end(struct fixture *fixture)
{
    thaw_project_free(fixture->reading.project);
    thaw_arena_free(&fixture->reading.arena);
}

static void the_plan_is_what_all_of_the_strongest_kind_say(void **state)
{
    static const struct {
        struct stated facts[FACTS_MAX];
        const char *plan, *reason, *packaging;
    } cases[] = {
        {{{THAW_FACT_SKU, "FC1", "p", "main.bicep", 12},
          {THAW_FACT_PLAN, "flex", "p", "main.bicep", 12}},
         "flex",
         "main.bicep:12: SKU FC1",
         "zip"},
        {{{THAW_FACT_PLAN, "premium", "p", "a.json", 3}},
         "premium",
         "a.json:3: plan premium",
         "zip"},
        {{{THAW_FACT_PLAN, "flex", "a", "main.bicep", 3},
          {THAW_FACT_PLAN, "premium", "b", "dev.bicep", 4},
          {THAW_FACT_PLAN, "flex", "c", "more.bicep", 5}},
         "",
         "main.bicep:3 says flex, dev.bicep:4 says premium",
         "zip"},
        {{{THAW_FACT_PLAN, "", "a", "main.bicep", 3}},
         "",
         "main.bicep:3 states it by an expression",
         "zip"},
        {{{THAW_FACT_PLAN, "", "a", "main.bicep", 3},
          {THAW_FACT_PLAN, "premium", "b", "dev.bicep", 4}},
         "premium",
         "dev.bicep:4: plan premium",
         "zip"},
        {{{THAW_FACT_PLAN, "", "a", "main.bicep", 3},
          {THAW_FACT_INSTANCE_MEMORY, "2048", "b", "main.bicep", 9}},
         "flex",
         "main.bicep:9: instanceMemoryMB, which only Flex has",
         "zip"},
        {{{THAW_FACT_ALWAYS_ON, "false", "a", "main.bicep", 3}}, "", "nothing tells it", "zip"},
        {{{THAW_FACT_ALWAYS_ON, "true", "a", "main.bicep", 3}},
         "dedicated",
         "main.bicep:3: alwaysOn, which only dedicated plans have",
         "zip"},
        {{{THAW_FACT_MINIMUM_REPLICAS, "1", "a", "main.bicep", 3}},
         "container-apps",
         "main.bicep:3: minReplicas, of Container Apps only",
         "container"},
        {{{THAW_FACT_STACK, "DOCKER|h/x:1", "a", "main.bicep", 3}},
         "",
         "nothing tells it",
         "container"},
        {{{THAW_FACT_BASE_IMAGE, "mcr.microsoft.com/azure-functions/python:4-python3.11", "",
           "Dockerfile", 1}},
         "",
         "nothing tells it",
         "container"},
        {{{THAW_FACT_BASE_IMAGE, "python:3.11", "", "Dockerfile", 1}},
         "",
         "nothing tells it",
         "zip"},
        {{{THAW_FACT_BASE_IMAGE, "python:3.11", "", "Dockerfile", 1},
          {THAW_FACT_PLAN, "flex", "a", "main.bicep", 3}},
         "flex",
         "main.bicep:3: plan flex",
         "zip"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture fixture;
        struct thaw_project *project = begin(&fixture, "azure_functions");

        add_facts(project, cases[i].facts);
        assert_int_equal(thaw_project_infer_plan(&fixture.reading, NULL), 0);
        assert_string_equal(project->plan.value, cases[i].plan);
        assert_string_equal(project->plan.reason, cases[i].reason);
        assert_string_equal(project->packaging.value, cases[i].packaging);
        end(&fixture);
    }
}

static void what_the_user_says_is_strongest(void **state)
{
    struct fixture fixture;
    struct thaw_project *project = begin(&fixture, "azure_functions");

    (void)state;
    add_facts(project, (struct stated[FACTS_MAX]){{THAW_FACT_PLAN, "flex", "a", "main.bicep", 3}});
    fixture.options.plan = "premium";
    assert_int_equal(thaw_project_infer_plan(&fixture.reading, NULL), 0);
    assert_string_equal(project->plan.value, "premium");
    assert_string_equal(project->plan.reason, "--plan");
    end(&fixture);
}

static void only_azure_has_plans(void **state)
{
    struct fixture fixture;
    struct thaw_project *project = begin(&fixture, "aws_lambda");

    (void)state;
    add_facts(project,
              (struct stated[FACTS_MAX]){{THAW_FACT_PACKAGE_TYPE, "Image", "a", "t.yaml", 3}});
    assert_int_equal(thaw_project_infer_plan(&fixture.reading, NULL), 0);
    assert_string_equal(project->plan.value, "");
    assert_string_equal(project->plan.reason, "only Azure Functions has plans");
    assert_string_equal(project->packaging.value, "container");
    assert_string_equal(project->packaging.reason, "t.yaml:3: package type Image");
    end(&fixture);
    project = begin(&fixture, "");
    assert_int_equal(thaw_project_infer_plan(&fixture.reading, NULL), 0);
    assert_string_equal(project->plan.reason, "the platform is not known");
    assert_string_equal(project->packaging.value, "");
    end(&fixture);
}

/* local.settings.json is of a developer's machine. */
static void settings_hint_where_they_are_deployed(void **state)
{
    struct fixture fixture;
    struct thaw_project *project = begin(&fixture, "azure_functions");

    (void)state;
    add_setting(project, THAW_SETTING_LOCAL, "DEPLOYMENT_STORAGE_CONNECTION_STRING");
    assert_int_equal(thaw_project_infer_plan(&fixture.reading, NULL), 0);
    assert_string_equal(project->plan.value, "");
    add_setting(project, THAW_SETTING_EXPORTED, "deployment_storage_connection_string");
    assert_int_equal(thaw_project_infer_plan(&fixture.reading, NULL), 0);
    assert_string_equal(project->plan.value, "flex");
    assert_string_equal(project->plan.place.file, "s.json");
    end(&fixture);
}

static void templates_tell_the_python(void **state)
{
    static const struct {
        struct stated facts[FACTS_MAX];
        const char *python, *reason;
    } cases[] = {
        {{{THAW_FACT_PYTHON, "3.11", "a", "main.bicep", 3}}, "3.11", "main.bicep:3: Python 3.11"},
        {{{THAW_FACT_STACK, "Python|3.9", "a", "main.bicep", 3}},
         "3.9",
         "main.bicep:3: linuxFxVersion Python|3.9"},
        {{{THAW_FACT_STACK, "NODE|20", "a", "main.bicep", 3}}, "", "nothing tells it"},
        {{{THAW_FACT_LAMBDA_RUNTIME, "python3.13", "a", "t.yaml", 3}},
         "3.13",
         "t.yaml:3: runtime python3.13"},
        {{{THAW_FACT_LAMBDA_RUNTIME, "python3.13", "a", "t.yaml", 3},
          {THAW_FACT_LAMBDA_RUNTIME, "python3.9", "b", "t.yaml", 9}},
         "",
         "t.yaml:3 says 3.13, t.yaml:9 says 3.9"},
        {{{THAW_FACT_BASE_IMAGE, "mcr.microsoft.com/azure-functions/python:4-python3.11-slim", "",
           "Dockerfile", 1}},
         "3.11",
         "Dockerfile:1: image mcr.microsoft.com/azure-functions/python:4-python3.11-slim"},
        {{{THAW_FACT_BASE_IMAGE, "python:3.12.1-slim", "", "Dockerfile", 1}},
         "3.12",
         "Dockerfile:1: image python:3.12.1-slim"},
        {{{THAW_FACT_BASE_IMAGE, "h/python:3.12@sha256:0123", "", "Dockerfile", 1}},
         "3.12",
         "Dockerfile:1: image h/python:3.12@sha256:0123"},
        {{{THAW_FACT_BASE_IMAGE, "h:5000/v3.9/x", "", "Dockerfile", 1}}, "", "nothing tells it"},
        {{{THAW_FACT_BASE_IMAGE, "debian:13.3.1", "", "Dockerfile", 1}}, "", "nothing tells it"},
        {{{THAW_FACT_PYTHON, "", "a", "main.bicep", 3}},
         "",
         "main.bicep:3 states it by an expression"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture fixture;
        struct thaw_project *project = begin(&fixture, "");

        add_facts(project, cases[i].facts);
        assert_int_equal(thaw_project_infer_python(&fixture.reading, NULL), 0);
        assert_string_equal(project->python.value, cases[i].python);
        assert_string_equal(project->python.reason, cases[i].reason);
        end(&fixture);
    }
}

static void add_manifest(struct thaw_project *project, const char *file, const char *range)
{
    struct thaw_manifest *manifest = thaw_array_add(&project->memory->manifests);

    assert_non_null(manifest);
    *manifest = (struct thaw_manifest){.file = file, .requires_python = range};
}

static void a_range_tells_it_only_where_it_is_one_version(void **state)
{
    static const struct {
        const char *range, *python, *reason;
    } cases[] = {
        {"==3.11.*", "3.11", "pyproject.toml: ==3.11.*"},
        {"~=3.11.4", "3.11", "pyproject.toml: ~=3.11.4"},
        {">=3.11.4,<3.12", "3.11", "pyproject.toml: >=3.11.4,<3.12"},
        {">=3.10", "", "pyproject.toml: >=3.10 is a range: which one it is, it leaves open"},
        {"nonsense", "", "pyproject.toml: nonsense is a range: which one it is, it leaves open"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture fixture;
        struct thaw_project *project = begin(&fixture, "");

        add_manifest(project, "requirements.txt", "");
        add_manifest(project, "pyproject.toml", cases[i].range);
        assert_int_equal(thaw_project_bound_python(&fixture.reading, NULL), 0);
        assert_string_equal(project->python.value, cases[i].python);
        assert_string_equal(project->python.reason, cases[i].reason);
        project->python.value = "3.9";
        project->python.reason = "known";
        assert_int_equal(thaw_project_bound_python(&fixture.reading, NULL), 0);
        assert_string_equal(project->python.reason, "known");
        end(&fixture);
    }
}

static void templates_tell_the_platform(void **state)
{
    static const struct {
        struct stated facts[FACTS_MAX];
        const char *form, *platform, *reason;
    } cases[] = {
        {{{THAW_FACT_FUNCTION, "F", "F", "t.yaml", 3}},
         "SAM",
         "aws_lambda",
         "t.yaml:3: a Lambda function"},
        {{{THAW_FACT_BASE_IMAGE, "public.ecr.aws/lambda/python:3.12", "", "Dockerfile", 1}},
         "Dockerfile",
         "aws_lambda",
         "Dockerfile:1: image public.ecr.aws/lambda/python:3.12"},
        {{{THAW_FACT_BASE_IMAGE, "mcr.microsoft.com/azure-functions/python:4", "", "Dockerfile",
           1}},
         "Dockerfile",
         "azure_functions",
         "Dockerfile:1: image mcr.microsoft.com/azure-functions/python:4"},
        {{{0}}, "Bicep", "azure_functions", "t: Bicep of a function app"},
        {{{THAW_FACT_FUNCTION, "F", "F", "t.yaml", 3}},
         "Bicep",
         "",
         "t.yaml:3 says aws_lambda, t says azure_functions"},
        {{{0}}, "Terraform", "", "nothing tells it"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture fixture;
        struct thaw_project *project = begin(&fixture, "");
        struct thaw_project_template *template = thaw_array_add(&project->memory->templates);

        assert_non_null(template);
        *template =
            (struct thaw_project_template){.file = "t", .form = cases[i].form, .has_app = true};
        add_facts(project, cases[i].facts);
        assert_int_equal(thaw_project_infer_platform(&fixture.reading, NULL), 0);
        assert_string_equal(project->platform.value, cases[i].platform);
        assert_string_equal(project->platform.reason, cases[i].reason);
        end(&fixture);
    }
}

static void short_memory_is_told(void **state)
{
    (void)state;
    assert_true(chaos_malloc_works());
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_project_options options = {.plan = "flex", .python_version = "3.11"};
        struct thaw_project *project = thaw_project_new();
        struct thaw_project_reading reading = {.options = &options, .project = project};
        int result = project ? 0 : -ENOMEM;

        if (result == 0)
            project->platform.value = "azure_functions";
        if (result == 0)
            result = thaw_project_infer_plan(&reading, NULL);
        if (result == 0)
            result = thaw_project_infer_python(&reading, NULL);
        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        thaw_project_free(project);
        thaw_arena_free(&reading.arena);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_plan_is_what_all_of_the_strongest_kind_say),
        cmocka_unit_test(what_the_user_says_is_strongest),
        cmocka_unit_test(only_azure_has_plans),
        cmocka_unit_test(settings_hint_where_they_are_deployed),
        cmocka_unit_test(templates_tell_the_python),
        cmocka_unit_test(a_range_tells_it_only_where_it_is_one_version),
        cmocka_unit_test(templates_tell_the_platform),
        cmocka_unit_test(short_memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
