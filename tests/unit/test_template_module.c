/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "project/build.h"

/* Bicep's modules that are files of the app: followed with what they are given. */

static const char main_text[] = "param more object = {}\n"
                                "var storage = { blob: true, queue: false }\n"
                                "module plan './core/plan.bicep' = {\n"
                                "  name: 'plan'\n"
                                "  params: { sku: { name: 'FC1' } }\n"
                                "}\n"
                                "module api 'app/../app/api.bicep' = {\n"
                                "  name: 'api'\n"
                                "  params: {\n"
                                "    runtimeVersion: '3.12'\n"
                                "    planId: plan.outputs.id\n"
                                "    useBlob: storage.blob\n"
                                "    useQueue: storage.queue\n"
                                "    appSettings: { GIVEN: '1' }\n"
                                "  }\n"
                                "}\n";

static const char plan_text[] = "param sku object\n"
                                "resource farm 'Microsoft.Web/serverfarms@2023-12-01' = {\n"
                                "  name: 'farm'\n"
                                "  sku: sku\n"
                                "}\n"
                                "output id string = farm.id\n";

static const char api_text[] =
    "param runtimeVersion string\n"
    "param planId string\n"
    "param useBlob bool = false\n"
    "param useQueue bool = true\n"
    "param useTable bool = false\n"
    "param appSettings object = {}\n"
    "var own = union(appSettings, useBlob ? { BLOB: 'x' } : {}, useQueue ? { QUEUE: 'x' } : {},\n"
    "  !useTable ? {} : { TABLE: 'x' }, runtimeVersion == '3.12' ? { NEW: 'x' } : { OLD: 'x' },\n"
    "  empty(appSettings) ? { EMPTY: 'x' } : {})\n"
    "resource app 'Microsoft.Web/sites@2023-12-01' = {\n"
    "  name: 'app'\n"
    "  kind: 'functionapp,linux'\n"
    "  properties: {\n"
    "    serverFarmId: planId\n"
    "    functionAppConfig: { runtime: { name: 'python', version: runtimeVersion } }\n"
    "  }\n"
    "}\n"
    "module settings 'settings.bicep' = { name: 's', params: { name: app.name, all: own } }\n";

static const char settings_text[] =
    "param name string\n"
    "param all object\n"
    "resource site 'Microsoft.Web/sites@2023-12-01' existing = { name: name }\n"
    "resource settings 'Microsoft.Web/sites/config@2023-12-01' = {\n"
    "  parent: site\n"
    "  name: 'appsettings'\n"
    "  properties: all\n"
    "}\n";

static const struct {
    const char *file, *text;
} files[] = {
    {"infra/main.bicep", main_text},
    {"infra/core/plan.bicep", plan_text},
    {"infra/app/api.bicep", api_text},
    {"infra/app/settings.bicep", settings_text},
    {"infra/loop.bicep", "module again 'loop.bicep' = { name: 'x' }\n"},
    {"infra/binary.bicep", "var a = '\xff'\n"},
};

static int include(void *context, const char *file, const char **bytes, size_t *length)
{
    size_t *asked = context;

    ++*asked;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (strcmp(files[i].file, file))
            continue;
        *bytes = files[i].text;
        *length = strlen(files[i].text);
        return 0;
    }
    return -ENOENT;
}

static size_t asked;
static const struct thaw_template_source source = {include, &asked};
static struct thaw_project *project;

static int begin(void **state)
{
    (void)state;
    asked = 0;
    project = thaw_project_new();
    assert_non_null(project);
    project->memory->template_source = &source;
    return 0;
}

static int end(void **state)
{
    (void)state;
    thaw_project_free(project);
    project = NULL;
    return 0;
}

static int read_text(const char *file, const char *text)
{
    struct thaw_project_input input = {.file = file, .bytes = text, .length = strlen(text)};
    struct thaw_error error;

    return thaw_read_template(project, &input, &error);
}

static const struct thaw_project_fact *fact(enum thaw_fact_kind kind)
{
    return thaw_project_fact(project, kind, NULL);
}

static void modules_have_what_they_are_given(void **state)
{
    (void)state;
    assert_int_equal(read_text("infra/main.bicep", main_text), 0);
    thaw_project_show(project);
    assert_int_equal(project->template_count, 1);
    assert_int_equal(project->templates[0].unread, 0);
    assert_true(project->templates[0].has_app);
    assert_string_equal(fact(THAW_FACT_PYTHON)->value, "3.12");
    assert_string_equal(fact(THAW_FACT_PYTHON)->place.file, "infra/main.bicep");
    assert_int_equal(fact(THAW_FACT_PYTHON)->place.line, 10);
    assert_string_equal(fact(THAW_FACT_OS)->place.file, "infra/app/api.bicep");
    assert_string_equal(fact(THAW_FACT_OS)->resource, "api.app");
    assert_string_equal(fact(THAW_FACT_PLAN)->value, "flex");
    assert_string_equal(fact(THAW_FACT_PLAN)->resource, "api.app");
    assert_null(thaw_project_fact(project, THAW_FACT_PLAN, fact(THAW_FACT_PLAN)));
}

static void conditions_by_what_is_given(void **state)
{
    (void)state;
    assert_int_equal(read_text("infra/main.bicep", main_text), 0);
    thaw_project_show(project);
    assert_int_equal(project->setting_count, 3);
    assert_non_null(thaw_project_setting(project, "GIVEN", NULL));
    assert_non_null(thaw_project_setting(project, "BLOB", NULL));
    assert_non_null(thaw_project_setting(project, "NEW", NULL));
}

static void settings_belong_to_the_app_of_the_name(void **state)
{
    (void)state;
    assert_int_equal(read_text("infra/main.bicep", main_text), 0);
    thaw_project_show(project);
    assert_string_equal(thaw_project_setting(project, "BLOB", NULL)->resource, "api.app");
    assert_string_equal(thaw_project_setting(project, "BLOB", NULL)->place.file,
                        "infra/app/api.bicep");
    assert_string_equal(thaw_project_setting(project, "GIVEN", NULL)->place.file,
                        "infra/main.bicep");
}

/* Whatever the order in which files are read. */
static void alone_they_do_not_count(void **state)
{
    (void)state;
    assert_int_equal(read_text("infra/app/api.bicep", api_text), 0);
    assert_int_equal(project->memory->templates.count, 1);
    assert_true(project->memory->facts.count > 0);
    assert_int_equal(read_text("infra/main.bicep", main_text), 0);
    assert_int_equal(read_text("infra/core/plan.bicep", plan_text), 0);
    assert_int_equal(read_text("infra/app/settings.bicep", settings_text), 0);
    thaw_project_show(project);
    assert_int_equal(project->template_count, 1);
    assert_int_equal(thaw_project_unread(project), 0);
    assert_null(thaw_project_fact(project, THAW_FACT_PYTHON, fact(THAW_FACT_PYTHON)));
}

static void what_cannot_be_had_is_unread(void **state)
{
    static const char *const rows[] = {"none.bicep", "../../out.bicep", "/etc/x.bicep",
                                       "ts:spec:1",  "x.json",          "binary.bicep"};
    char text[128];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        end(NULL);
        begin(NULL);
        snprintf(text, sizeof(text), "module m '%s' = { name: 'm' }\n", rows[i]);
        assert_int_equal(read_text("infra/main.bicep", text), 0);
        thaw_project_show(project);
        assert_int_equal(project->templates[0].unread, 1);
        assert_int_equal(asked, i == 0 || i == 5);
    }
}

static void circles_are_bounded(void **state)
{
    (void)state;
    assert_int_equal(read_text("infra/main.bicep", "module m 'loop.bicep' = { name: 'm' }\n"), 0);
    thaw_project_show(project);
    assert_true(project->templates[0].unread > 0);
    assert_true(asked <= 64);
}

static void short_memory_is_told(void **state)
{
    (void)state;
    assert_true(chaos_malloc_works());
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_project_input input = {.file = "infra/main.bicep",
                                           .bytes = main_text,
                                           .length = sizeof(main_text) - 1};
        struct thaw_project *own = thaw_project_new();
        struct thaw_error error;
        int code = -ENOMEM;

        if (own) {
            own->memory->template_source = &source;
            code = thaw_read_template(own, &input, &error);
        }
        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        thaw_project_free(own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(modules_have_what_they_are_given, begin, end),
        cmocka_unit_test_setup_teardown(conditions_by_what_is_given, begin, end),
        cmocka_unit_test_setup_teardown(settings_belong_to_the_app_of_the_name, begin, end),
        cmocka_unit_test_setup_teardown(alone_they_do_not_count, begin, end),
        cmocka_unit_test_setup_teardown(what_cannot_be_had_is_unread, begin, end),
        cmocka_unit_test_setup_teardown(circles_are_bounded, begin, end),
        cmocka_unit_test_setup_teardown(short_memory_is_told, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
