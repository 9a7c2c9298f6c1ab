/* SPDX-License-Identifier: Apache-2.0 */
/* Deployment, by settings and templates: slots, packages, builds, Always On. */
#include <string.h>
#include <strings.h>

#include "lint/look.h"
#include "lint/rules.h"

#define PACKAGE "WEBSITE_RUN_FROM_PACKAGE"

/* --- slots --- */

static size_t count_slots(const struct thaw_lint *lint)
{
    const struct thaw_project_fact *fact = NULL;
    size_t count = 0;

    while ((fact = thaw_project_fact(lint->project, THAW_FACT_SLOT, fact)))
        count++;
    return count;
}

static void check_slots(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_project_fact *slot = thaw_project_fact(lint->project, THAW_FACT_SLOT, NULL);
    struct thaw_lint_finding *finding;
    double most;

    if (!slot || !thaw_lint_fact_number(thaw_lint_plan(lint), "slots", &most) || most > 0)
        return;
    finding = thaw_lint_add(lint, rule, &slot->place, "slots", "a deployment slot, but %s has none",
                            thaw_lint_plan_title(lint));
    if (count_slots(lint) > 1)
        thaw_lint_evidence(lint, finding, "%zu slots in all", count_slots(lint));
    thaw_lint_plan_evidence(lint, finding);
    thaw_lint_fix(lint, finding,
                  "remove it; deploy to a second app and move the traffic, or use "
                  "the plan's rolling updates");
}

const struct thaw_lint_rule thaw_rule_slots_on_flex = {
    .kind =
        {
            .id = "slots-on-flex",
            .severity = "error",
            .title = "deployment slots on a plan that has none",
            .needs = "the plan, and a template",
            .explanation =
                "Flex Consumption and Container Apps have no deployment slots: a template with one "
                "is refused. Consumption has 2 (the production slot counts), Premium 3, Dedicated "
                "up to 20 by its size.\n"
                "\n"
                "Slots are what most guides take for a deployment without an interruption and for "
                "warming a new version before it gets calls.\n"
                "\n"
                "How to change it: on Flex deploy with rolling updates (siteUpdateStrategy), or "
                "keep "
                "two apps behind Front Door or API Management and move the traffic between them.\n"
                "\n"
                "What may go wrong: two apps with the same triggers both read the same queue; "
                "disable the one that is not in use (AzureWebJobs.NAME.Disabled).",
        },
    .area = "deployment",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_plan,
    .check = check_slots,
};

/* --- the package --- */

static bool package_is(const struct thaw_lint *lint, const char *what)
{
    return !strcmp(thaw_lint_fact_text(thaw_lint_plan(lint), "package_setting"), what);
}

static bool is_container(const struct thaw_lint *lint)
{
    return !strcmp(lint->project->packaging.value, "container");
}

static void check_not_mounted(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_setting *setting;
    const char *value = thaw_lint_setting_value(lint, PACKAGE, &setting);
    struct thaw_lint_finding *finding;

    if (!package_is(lint, "recommended") || is_container(lint))
        return;
    if (setting && setting->shape != THAW_SHAPE_EMPTY && !thaw_lint_is_false(value))
        return;
    finding = thaw_lint_add(lint, rule, setting ? &setting->place : NULL, PACKAGE,
                            setting ? "%s is off: the app runs from many files on a share"
                                    : "%s is not set: the app runs from many files on a share",
                            PACKAGE);
    thaw_lint_plan_evidence(lint, finding);
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "settings", PACKAGE));
    thaw_lint_fix(lint, finding, "set %s to 1 and deploy a zip with its dependencies", PACKAGE);
}

static bool can_check_not_mounted(const struct thaw_lint *lint)
{
    return thaw_lint_knows_settings_and_plan(lint);
}

const struct thaw_lint_rule thaw_rule_package_not_mounted = {
    .kind =
        {
            .id = "package-not-mounted",
            .severity = "warning",
            .title = "the app does not run from its package",
            .needs = "the plan and all settings that are deployed",
            .explanation =
                "With WEBSITE_RUN_FROM_PACKAGE=1 the platform mounts the deployed zip as it is. "
                "Without it the files are copied to a share on the network, and each import is a "
                "handful of look-ups and reads there. Thousands of small files of a dependency "
                "tree "
                "make that the most of a cold start: tens of seconds are known.\n"
                "\n"
                "It is told on Premium and Dedicated, where all deployed settings are known. Flex "
                "Consumption always runs from its package and needs no setting.\n"
                "\n"
                "How to change it: set it to 1 and deploy a zip that has the dependencies in "
                ".python_packages/lib/site-packages.\n"
                "\n"
                "What may go wrong: the app's folder is read-only then. What writes beside the "
                "code "
                "has to write to /tmp. The portal's editor no longer works.",
        },
    .area = "deployment",
    .platforms = THAW_LINT_AZURE,
    .can_check = can_check_not_mounted,
    .check = check_not_mounted,
};

static void check_on_flex(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_setting *setting = thaw_lint_deployed(lint, PACKAGE);
    struct thaw_lint_finding *finding;

    if (!setting || !package_is(lint, "forbidden"))
        return;
    finding =
        thaw_lint_add(lint, rule, &setting->place, PACKAGE, "%s is set, which %s does not allow",
                      PACKAGE, thaw_lint_plan_title(lint));
    thaw_lint_plan_evidence(lint, finding);
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "settings", PACKAGE));
    thaw_lint_fix(lint, finding,
                  "remove it: the plan runs from the package in "
                  "functionAppConfig.deployment.storage");
}

const struct thaw_lint_rule thaw_rule_package_setting_on_flex = {
    .kind =
        {
            .id = "package-setting-on-flex",
            .severity = "error",
            .title = "WEBSITE_RUN_FROM_PACKAGE on a plan that does not take it",
            .needs = "the plan and the settings that are deployed",
            .explanation =
                "Flex Consumption always runs from a package: the one in the blob container that "
                "functionAppConfig.deployment.storage names. WEBSITE_RUN_FROM_PACKAGE must not be "
                "set there; a deployment is refused, or the app does not find what was deployed.\n"
                "\n"
                "It comes along when settings are copied from an app on another plan: most guides "
                "recommend it there, rightly.\n"
                "\n"
                "How to change it: az functionapp config appsettings delete --setting-names "
                "WEBSITE_RUN_FROM_PACKAGE, with the app's --name and --resource-group; deploy "
                "again.\n"
                "\n"
                "What may go wrong: nothing; there is no other way of running on this plan.",
        },
    .area = "deployment",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_plan_and_settings,
    .check = check_on_flex,
};

/* --- the emulator's storage --- */

static void check_development(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->setting_count; i++) {
        const struct thaw_setting *setting = &lint->project->settings[i];
        struct thaw_lint_finding *finding;

        if (setting->origin == THAW_SETTING_LOCAL || setting->shape != THAW_SHAPE_DEVELOPMENT)
            continue;
        finding =
            thaw_lint_add(lint, rule, &setting->place, setting->name,
                          "%s is the storage emulator of a developer's machine", setting->name);
        thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "settings", setting->name));
        thaw_lint_fix(lint, finding,
                      "name a storage account: %s__accountName with a managed identity",
                      setting->name);
    }
}

const struct thaw_lint_rule thaw_rule_development_storage_deployed = {
    .kind =
        {
            .id = "development-storage-deployed",
            .severity = "error",
            .title = "a deployed setting points to the storage emulator",
            .needs = "the settings that are deployed",
            .explanation =
                "UseDevelopmentStorage=true means the emulator (Azurite) on the machine itself. On "
                "the platform there is none: the host can't keep its keys and locks, timers and "
                "queues do not start, and the app is restarted again and again.\n"
                "\n"
                "It gets there when local.settings.json is published with its values (func azure "
                "functionapp publish --publish-local-settings), or copied into a template.\n"
                "\n"
                "How to change it: AzureWebJobsStorage__accountName with the account's name, and "
                "for the app's identity the roles that the host needs there (Storage Blob Data "
                "Owner, and for queues Storage Queue Data Contributor).\n"
                "\n"
                "What may go wrong: Durable's history and timers' schedules begin anew in the new "
                "account.",
        },
    .area = "deployment",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_settings,
    .check = check_development,
};

/* --- Flex: how it gets at its package --- */

static void check_flex_storage(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_project_fact *fact = NULL;

    while ((fact = thaw_project_fact(lint->project, THAW_FACT_DEPLOYMENT_STORAGE, fact))) {
        struct thaw_lint_finding *finding;

        if (!*fact->value || strcasestr(fact->value, "identity"))
            continue;
        finding = thaw_lint_add(lint, rule, &fact->place, fact->value,
                                "the deployment storage is reached by %s, not by an identity",
                                fact->value);
        thaw_lint_source(lint, finding,
                         thaw_lint_azure_fact(lint, "limits", "deployment_storage_identity"));
        thaw_lint_fix(lint, finding,
                      "authentication: {type: 'SystemAssignedIdentity'}, with the "
                      "role Storage Blob Data Contributor");
    }
}

static bool has_deployment_storage(const struct thaw_lint *lint)
{
    return thaw_project_fact(lint->project, THAW_FACT_DEPLOYMENT_STORAGE, NULL) != NULL;
}

const struct thaw_lint_rule thaw_rule_flex_deployment_storage = {
    .kind =
        {
            .id = "flex-deployment-storage",
            .severity = "warning",
            .title = "the package's storage is reached by a connection string",
            .needs = "a template that states functionAppConfig.deployment.storage",
            .explanation =
                "On Flex Consumption each new instance fetches the package from a blob container. "
                "With StorageAccountConnectionString it does so by the account's key, which opens "
                "the whole account and has to be kept, and changed, as a setting. When the key is "
                "rotated and the setting is not, new instances don't start: those that run go on, "
                "so it is noticed with the next load.\n"
                "\n"
                "How to change it:\n"
                "  authentication: { type: 'SystemAssignedIdentity' }\n"
                "and for that identity the role Storage Blob Data Contributor on the container; "
                "for "
                "a user-assigned one its resource id as well.\n"
                "\n"
                "What may go wrong: the role takes some minutes to be in effect; a template has to "
                "assign it before the first deployment.",
        },
    .area = "deployment",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_deployment_storage,
    .check = check_flex_storage,
};

/* --- builds --- */

static void tell_build(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                       const struct thaw_setting *setting, const struct thaw_setting *other,
                       const char *title, const char *fix)
{
    struct thaw_lint_finding *finding =
        thaw_lint_add(lint, rule, &setting->place, setting->name, "%s", title);

    thaw_lint_evidence(lint, finding, "%s (%s)", setting->name,
                       thaw_lint_place_text(lint, &setting->place));
    thaw_lint_evidence(lint, finding, "%s (%s)", other->name,
                       thaw_lint_place_text(lint, &other->place));
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "settings", setting->name));
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "settings", other->name));
    thaw_lint_fix(lint, finding, "%s", fix);
}

static void check_build(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_setting *build, *oryx, *package = thaw_lint_deployed(lint, PACKAGE);
    const char *does_build =
        thaw_lint_setting_value(lint, "SCM_DO_BUILD_DURING_DEPLOYMENT", &build);
    const char *does_oryx = thaw_lint_setting_value(lint, "ENABLE_ORYX_BUILD", &oryx);

    /* On Flex neither is read, which another rule says. */
    if (package_is(lint, "forbidden"))
        return;
    /* On Consumption the platform itself puts the address of what it built there: then a setting
     * that was exported contradicts nothing, one of a template does. */
    if (build && thaw_lint_is_true(does_build) && package &&
        package->origin == THAW_SETTING_TEMPLATE &&
        (package->shape == THAW_SHAPE_URL || package->shape == THAW_SHAPE_SIGNED_URL))
        tell_build(lint, rule, build, package,
                   "a build on the platform is asked for, but the app runs from a package at a URL",
                   "build the package before, or remove WEBSITE_RUN_FROM_PACKAGE");
    if (build && oryx && thaw_lint_is_false(does_build) && thaw_lint_is_true(does_oryx))
        tell_build(lint, rule, oryx, build,
                   "ENABLE_ORYX_BUILD is on, SCM_DO_BUILD_DURING_DEPLOYMENT off: nothing is built",
                   "set both to true, or remove both and ship the dependencies");
}

const struct thaw_lint_rule thaw_rule_remote_build_contradiction = {
    .kind =
        {
            .id = "remote-build-contradiction",
            .severity = "warning",
            .title = "settings about the build contradict one another",
            .needs = "the settings that are deployed",
            .explanation =
                "A remote build installs requirements.txt on the platform while a deployment goes "
                "on: SCM_DO_BUILD_DURING_DEPLOYMENT=true, and on App Service plans "
                "ENABLE_ORYX_BUILD=true with it. An app that runs from a package at a URL is not "
                "deployed through that way at all: nothing is built, and imports fail for want of "
                "dependencies. Oryx without the first setting does nothing either.\n"
                "\n"
                "How to change it: decide for one. Built on the platform: both settings true and "
                "no "
                "URL in WEBSITE_RUN_FROM_PACKAGE. Built before: neither, and a package with "
                ".python_packages/lib/site-packages, made on Linux with the app's Python.\n"
                "\n"
                "What may go wrong: a package that was built elsewhere has to fit the platform: "
                "thaw explain foreign-platform-library.",
        },
    .area = "deployment",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_settings,
    .check = check_build,
};

/* --- Always On --- */

/* Sizes without a machine of their own do not have it. */
static bool can_be_always_on(const struct thaw_lint *lint)
{
    const struct thaw_project_fact *fact = NULL;

    while ((fact = thaw_project_fact(lint->project, THAW_FACT_SKU, fact)))
        if (!strcasecmp(fact->value, "F1") || !strcasecmp(fact->value, "D1"))
            return false;
    return true;
}

static void check_always_on(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_project_fact *fact =
        thaw_project_fact(lint->project, THAW_FACT_ALWAYS_ON, NULL);
    struct thaw_lint_finding *finding;

    if (!thaw_lint_plan_is(lint, "dedicated") || !can_be_always_on(lint))
        return;
    if (fact ? strcasecmp(fact->value, "false") != 0 : !thaw_lint_knows_templates(lint))
        return;
    finding =
        thaw_lint_add(lint, rule, fact ? &fact->place : &lint->project->plan.place, "alwaysOn",
                      fact ? "alwaysOn is off: the app sleeps when HTTP is quiet"
                           : "alwaysOn is not set: the app sleeps when HTTP is "
                             "quiet");
    for (size_t i = 0; i < lint->project->function_count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];

        if (thaw_lint_is_live(function) && thaw_app_trigger(function) &&
            thaw_app_trigger(function)->type && !thaw_lint_is_http(function)) {
            thaw_lint_evidence(lint, finding, "%s is called by a %s",
                               thaw_lint_function_text(lint, function),
                               thaw_app_trigger(function)->type);
            break;
        }
    }
    thaw_lint_plan_evidence(lint, finding);
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "limits", "always_on"));
    thaw_lint_fix(lint, finding, "set siteConfig.alwaysOn: true");
}

const struct thaw_lint_rule thaw_rule_always_on_missing = {
    .kind =
        {
            .id = "always-on-missing",
            .severity = "warning",
            .title = "an app on a Dedicated plan is allowed to sleep",
            .needs = "the plan, and a template that states alwaysOn or was read as a whole",
            .explanation =
                "On a Dedicated (App Service) plan nothing watches queues and timers from outside: "
                "the app itself does, as long as it runs. Without Always On it is unloaded after "
                "some minutes without HTTP calls, and then its timers and queues wait until one "
                "comes – which has the whole cold start.\n"
                "\n"
                "The machine is paid for in any case: sleeping saves nothing.\n"
                "\n"
                "How to change it: siteConfig: { alwaysOn: true }, or az functionapp config set "
                "--always-on true with the app's --name and --resource-group.\n"
                "\n"
                "What may go wrong: Free and Shared sizes do not have it. On Consumption and Flex "
                "there is no such property: the platform watches triggers there.",
        },
    .area = "deployment",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_plan,
    .check = check_always_on,
};
