/* SPDX-License-Identifier: Apache-2.0 */
#include "lint_cases.h"

#define PACKAGE "WEBSITE_RUN_FROM_PACKAGE"
#define BUILD "SCM_DO_BUILD_DURING_DEPLOYMENT"
#define ORYX "ENABLE_ORYX_BUILD"

static struct thaw_setting *exported(struct lint_fixture *fixture, const char *name,
                                     const char *value)
{
    return lint_fixture_setting(fixture, THAW_SETTING_EXPORTED, name, value);
}

static void test_slots(void **state)
{
    struct lint_fixture *fixture = *state;

    lint_fixture_fact(fixture, THAW_FACT_SLOT, "staging");
    unchecked(fixture, &thaw_rule_slots_on_flex);
    fixture->project.plan.value = "premium";
    silent(fixture, &thaw_rule_slots_on_flex);
    fixture->project.plan.value = "flex";
    says_at(fixture, &thaw_rule_slots_on_flex, "slots", "Flex Consumption has none", "error",
            "main.bicep:1");
    lint_fixture_fact(fixture, THAW_FACT_SLOT, "");
    says(fixture, &thaw_rule_slots_on_flex, "slots", "2 slots in all");
    fixture->memory.facts.count = 0;
    silent(fixture, &thaw_rule_slots_on_flex);
}

static void test_not_mounted(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_setting *setting = exported(fixture, "OTHER", "1");

    fixture->project.plan.value = "premium";
    unchecked(fixture, &thaw_rule_package_not_mounted);
    fixture->project.has_exported_settings = true;
    says_at(fixture, &thaw_rule_package_not_mounted, PACKAGE, "is not set", "warning", "");
    setting->name = PACKAGE;
    silent(fixture, &thaw_rule_package_not_mounted);
    setting->value = NULL;
    setting->shape = THAW_SHAPE_SIGNED_URL;
    silent(fixture, &thaw_rule_package_not_mounted);
    setting->value = "0";
    says_at(fixture, &thaw_rule_package_not_mounted, PACKAGE, "is off", "warning",
            "settings.json:1");
    fixture->project.packaging.value = "container";
    silent(fixture, &thaw_rule_package_not_mounted);
    fixture->project.packaging.value = "zip";
    fixture->project.plan.value = "flex";
    silent(fixture, &thaw_rule_package_not_mounted);
}

static void test_on_flex(void **state)
{
    struct lint_fixture *fixture = *state;

    lint_fixture_setting(fixture, THAW_SETTING_LOCAL, PACKAGE, "1");
    exported(fixture, "OTHER", "1");
    unchecked(fixture, &thaw_rule_package_setting_on_flex);
    fixture->project.plan.value = "flex";
    silent(fixture, &thaw_rule_package_setting_on_flex);
    exported(fixture, PACKAGE, "1");
    says_at(fixture, &thaw_rule_package_setting_on_flex, PACKAGE, "does not allow", "error",
            "settings.json:3");
    fixture->project.plan.value = "premium";
    silent(fixture, &thaw_rule_package_setting_on_flex);
}

static void test_development(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_setting *setting = exported(fixture, "AzureWebJobsStorage", NULL);

    setting->shape = THAW_SHAPE_STORAGE_KEY;
    silent(fixture, &thaw_rule_development_storage_deployed);
    setting->shape = THAW_SHAPE_DEVELOPMENT;
    says_at(fixture, &thaw_rule_development_storage_deployed, "AzureWebJobsStorage", "emulator",
            "error", "settings.json:1");
    setting->origin = THAW_SETTING_LOCAL;
    unchecked(fixture, &thaw_rule_development_storage_deployed);
    exported(fixture, "OTHER", "1");
    silent(fixture, &thaw_rule_development_storage_deployed);
}

static void test_flex_storage(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_project_fact *fact;

    unchecked(fixture, &thaw_rule_flex_deployment_storage);
    fact = lint_fixture_fact(fixture, THAW_FACT_DEPLOYMENT_STORAGE, "SystemAssignedIdentity");
    silent(fixture, &thaw_rule_flex_deployment_storage);
    fact->value = "userassignedidentity";
    silent(fixture, &thaw_rule_flex_deployment_storage);
    fact->value = "";
    silent(fixture, &thaw_rule_flex_deployment_storage);
    fact->value = "storageaccountconnectionstring";
    says_at(fixture, &thaw_rule_flex_deployment_storage, fact->value, "not by an identity",
            "warning", "main.bicep:1");
}

static void test_build(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_setting *build, *package;

    unchecked(fixture, &thaw_rule_remote_build_contradiction);
    exported(fixture, ORYX, "true");
    silent(fixture, &thaw_rule_remote_build_contradiction);
    exported(fixture, BUILD, "true");
    silent(fixture, &thaw_rule_remote_build_contradiction);
    build = &fixture->memory.settings.items[1];
    build->value = "0";
    says_at(fixture, &thaw_rule_remote_build_contradiction, ORYX, "nothing is built", "warning",
            "settings.json:1");
    build->value = "1";
    package = lint_fixture_setting(fixture, THAW_SETTING_TEMPLATE, PACKAGE, "1");
    silent(fixture, &thaw_rule_remote_build_contradiction);
    package->value = NULL;
    package->shape = THAW_SHAPE_URL;
    says_at(fixture, &thaw_rule_remote_build_contradiction, BUILD, "a package at a URL", "warning",
            "settings.json:2");
    fixture->project.plan.value = "flex";
    silent(fixture, &thaw_rule_remote_build_contradiction);
    /* What the platform put there after a build of its own. */
    fixture->project.plan.value = "consumption";
    package->origin = THAW_SETTING_EXPORTED;
    silent(fixture, &thaw_rule_remote_build_contradiction);
}

static void test_always_on(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_project_fact *fact;

    unchecked(fixture, &thaw_rule_always_on_missing);
    fixture->project.plan.value = "dedicated";
    silent(fixture, &thaw_rule_always_on_missing);
    lint_fixture_function(fixture, "tick", "timerTrigger");
    lint_fixture_template(fixture, "main.bicep");
    says(fixture, &thaw_rule_always_on_missing, "alwaysOn", "is not set");
    fixture->memory.templates.items[0].unread = 2;
    silent(fixture, &thaw_rule_always_on_missing);
    fact = lint_fixture_fact(fixture, THAW_FACT_ALWAYS_ON, "false");
    says_at(fixture, &thaw_rule_always_on_missing, "alwaysOn", "tick (function_app.py:1)",
            "warning", "main.bicep:1");
    fact->value = "true";
    silent(fixture, &thaw_rule_always_on_missing);
    fact->value = "";
    silent(fixture, &thaw_rule_always_on_missing);
    fact->value = "false";
    fixture->project.plan.value = "premium";
    silent(fixture, &thaw_rule_always_on_missing);
    fixture->project.plan.value = "dedicated";
    lint_fixture_fact(fixture, THAW_FACT_SKU, "F1");
    silent(fixture, &thaw_rule_always_on_missing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_CASE(test_slots),       LINT_CASE(test_not_mounted),  LINT_CASE(test_on_flex),
        LINT_CASE(test_development), LINT_CASE(test_flex_storage), LINT_CASE(test_build),
        LINT_CASE(test_always_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
