/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "project/inference.h"

/* The plan that an app of Azure runs on, and the form in which any is deployed. */

static const char *const plans[] = {"consumption", "flex", "premium", "dedicated",
                                    "container-apps"};

static int by_option(struct thaw_project_reading *reading, struct thaw_statements *statements)
{
    const struct thaw_project_options *options = reading->options;

    return options->plan ? thaw_infer_say(reading, statements, options->plan, NULL, "%s",
                                          options->plan_from ? options->plan_from : "--plan")
                         : 0;
}

/* The SKU that the plan was told by: of the same resource, or right beside it. */
static const char *sku_of(const struct thaw_project_reading *reading,
                          const struct thaw_project_fact *plan)
{
    const struct thaw_project_fact *fact;

    for (size_t at = 0; (fact = thaw_infer_fact(reading, THAW_FACT_SKU, &at));) {
        if (strcmp(fact->place.file, plan->place.file) == 0 &&
            strcmp(fact->resource, plan->resource) == 0 && *fact->value)
            return fact->value;
    }
    return "";
}

static int by_plans(struct thaw_project_reading *reading, struct thaw_statements *statements)
{
    const struct thaw_project_fact *fact;
    int result = 0;

    for (size_t at = 0; result == 0 && (fact = thaw_infer_fact(reading, THAW_FACT_PLAN, &at));) {
        const char *sku = sku_of(reading, fact);

        result = thaw_infer_say(reading, statements, fact->value, &fact->place, "%s %.60s",
                                *sku ? "SKU" : "plan", *sku ? sku : fact->value);
    }
    return result;
}

/* What only one plan has; where the plan itself stands in a file that was not read. Sources of all:
 * the Flex Consumption and Premium plans' pages at learn.microsoft.com (2026-11-23). */
static const struct property {
    enum thaw_fact_kind kind;
    const char *plan;
    const char *what;
    const char *value; /* only if it is that one; NULL: any */
} properties[] = {
    {THAW_FACT_RUNTIME, "flex", "functionAppConfig, which only Flex has", NULL},
    {THAW_FACT_DEPLOYMENT_STORAGE, "flex", "functionAppConfig, which only Flex has", NULL},
    {THAW_FACT_ALWAYS_READY, "flex", "always-ready instances, which only Flex has", NULL},
    {THAW_FACT_INSTANCE_MEMORY, "flex", "instanceMemoryMB, which only Flex has", NULL},
    {THAW_FACT_MAXIMUM_INSTANCES, "flex", "maximumInstanceCount, which only Flex has", NULL},
    {THAW_FACT_HTTP_CONCURRENCY, "flex", "perInstanceConcurrency, which only Flex has", NULL},
    {THAW_FACT_PREWARMED, "premium", "pre-warmed instances, which only Premium has", NULL},
    {THAW_FACT_MINIMUM_ELASTIC, "premium", "minimumElasticInstanceCount, of Premium only", NULL},
    {THAW_FACT_ALWAYS_ON, "dedicated", "alwaysOn, which only dedicated plans have", "true"},
    {THAW_FACT_MINIMUM_REPLICAS, "container-apps", "minReplicas, of Container Apps only", NULL},
};

static int by_properties(struct thaw_project_reading *reading, struct thaw_statements *statements)
{
    int result = 0;

    for (size_t i = 0; result == 0 && i < sizeof(properties) / sizeof(properties[0]); i++) {
        const struct property *row = &properties[i];
        const struct thaw_project_fact *fact;

        for (size_t at = 0; result == 0 && (fact = thaw_infer_fact(reading, row->kind, &at));) {
            if (!row->value || strcasecmp(fact->value, row->value) == 0)
                result =
                    thaw_infer_say(reading, statements, row->plan, &fact->place, "%s", row->what);
        }
    }
    return result;
}

/* The name that public templates and the portal give the setting for the storage of Flex' packages
 * (storageAccountConnectionStringName; 2026-11-29): no other plan has it. */
static int by_settings(struct thaw_project_reading *reading, struct thaw_statements *statements)
{
    size_t at = 0;
    const struct thaw_setting *setting =
        thaw_infer_setting(reading, "DEPLOYMENT_STORAGE_CONNECTION_STRING", &at);

    return setting ? thaw_infer_say(reading, statements, "flex", &setting->place,
                                    "%s, the setting for Flex' packages", setting->name)
                   : 0;
}

static const thaw_evidence plan_kinds[] = {by_option, by_plans, by_properties, by_settings, NULL};

/* --- the form of the package ------------------------------------------------------------------ */

static int by_itself(struct thaw_project_reading *reading, struct thaw_statements *statements)
{
    return reading->project->is_zip ? thaw_infer_say(reading, statements, "zip", NULL, "it is one")
                                    : 0;
}

static int by_package_facts(struct thaw_project_reading *reading,
                            struct thaw_statements *statements)
{
    const struct thaw_project_fact *fact;
    int result = 0;

    for (size_t at = 0;
         result == 0 && (fact = thaw_infer_fact(reading, THAW_FACT_PACKAGE_TYPE, &at));)
        result = thaw_infer_say(reading, statements,
                                !*fact->value                           ? ""
                                : strcasecmp(fact->value, "Image") == 0 ? "container"
                                                                        : "zip",
                                &fact->place, "package type %.40s", fact->value);
    for (size_t at = 0; result == 0 && (fact = thaw_infer_fact(reading, THAW_FACT_STACK, &at));) {
        if (strncasecmp(fact->value, "DOCKER|", 7) == 0)
            result = thaw_infer_say(reading, statements, "container", &fact->place,
                                    "linuxFxVersion names an image");
    }
    return result;
}

static bool is_plan_of_code(const char *plan)
{
    return strcmp(plan, "consumption") == 0 || strcmp(plan, "flex") == 0;
}

/* By now the plan is known, if it is told at all: Consumption and Flex run no containers, Container
 * Apps run nothing else. */
static int by_plan(struct thaw_project_reading *reading, struct thaw_statements *statements)
{
    const struct thaw_inferred *plan = &reading->project->plan;
    bool is_container = strcmp(plan->value, "container-apps") == 0;

    if (!is_container && !is_plan_of_code(plan->value))
        return 0;
    return thaw_infer_say(reading, statements, is_container ? "container" : "zip", &plan->place,
                          "the plan is %s, which runs %s", plan->value,
                          is_container ? "containers" : "no containers");
}

/* A Dockerfile that is not the platform's own kind may be of the app's tools: of Azure, whose
 * containers need that image, it says nothing. */
static int by_image(struct thaw_project_reading *reading, struct thaw_statements *statements)
{
    bool is_azure = strcmp(reading->project->platform.value, "azure_functions") == 0;
    const struct thaw_project_fact *fact;

    for (size_t at = 0; (fact = thaw_infer_fact(reading, THAW_FACT_BASE_IMAGE, &at));) {
        if (is_azure ? *thaw_infer_image_platform(fact->value) != '\0'
                     : thaw_infer_is_own_image(reading, fact))
            return thaw_infer_say(reading, statements, "container", &fact->place, "image %.100s",
                                  fact->value);
    }
    return 0;
}

static int by_default(struct thaw_project_reading *reading, struct thaw_statements *statements)
{
    return *reading->project->platform.value
               ? thaw_infer_say(reading, statements, "zip", NULL, "nothing tells of a container")
               : 0;
}

static const thaw_evidence packaging_kinds[] = {by_itself, by_package_facts, by_plan,
                                                by_image,  by_default,       NULL};

/* Stacks that name no image, and none that does, or may. */
static bool has_stack_of_code(const struct thaw_project_reading *reading)
{
    const struct thaw_project_fact *fact;
    bool found = false;

    for (size_t at = 0; (fact = thaw_infer_fact(reading, THAW_FACT_STACK, &at));) {
        if (!*fact->value || strncasecmp(fact->value, "DOCKER|", 7) == 0)
            return false;
        found = true;
    }
    return found;
}

int thaw_infer_runs_no_container(struct thaw_project_reading *reading)
{
    struct thaw_inferred plan;

    if (thaw_infer(reading, plan_kinds, "", &plan) < 0)
        return -ENOMEM;
    return is_plan_of_code(plan.value) || has_stack_of_code(reading);
}

static int check_option(const char *plan, struct thaw_error *error)
{
    for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
        if (strcmp(plan, plans[i]) == 0)
            return 0;
    }
    return thaw_error_set(error, -EINVAL,
                          "%s: no plan: consumption, flex, premium, dedicated, container-apps",
                          plan);
}

int thaw_project_infer_plan(struct thaw_project_reading *reading, struct thaw_error *error)
{
    struct thaw_project *project = reading->project;
    int result = reading->options->plan ? check_option(reading->options->plan, error) : 0;

    if (result < 0)
        return result;
    if (strcmp(project->platform.value, "azure_functions") == 0 || reading->options->plan)
        result = thaw_infer(reading, plan_kinds, "nothing tells it", &project->plan);
    else
        project->plan = (struct thaw_inferred){.value = "",
                                               .reason = *project->platform.value
                                                             ? "only Azure Functions has plans"
                                                             : "the platform is not known",
                                               .place.file = ""};
    if (result == 0)
        result = thaw_infer(reading, packaging_kinds, "nothing tells it", &project->packaging);
    return result < 0 ? thaw_error_memory(error) : 0;
}
