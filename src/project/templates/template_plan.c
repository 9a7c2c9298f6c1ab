/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "project/templates/template.h"
#include "project/templates/template_tree_names.h"

/* Which plan a function app has: by the SKU of the server farm that it names. */

/* By the beginning of a SKU's name, or by its tier; the first that fits. */
static const struct {
    const char *sku; /* followed by digits, or the whole */
    const char *tier;
    const char *plan; /* NULL: not of functions */
} plans[] = {
    {"FC", "FlexConsumption", "flex"},   {"Y", "Dynamic", "consumption"},
    {"EP", "ElasticPremium", "premium"}, {"WS", "WorkflowStandard", NULL},
    {"F", "Free", "dedicated"},          {"D", "Shared", "dedicated"},
    {"B", "Basic", "dedicated"},         {"S", "Standard", "dedicated"},
    {"P", "Premium", "dedicated"},       {"P", "PremiumV2", "dedicated"},
    {"P", "PremiumV3", "dedicated"},     {"P", "PremiumV4", "dedicated"},
    {"P", "PremiumMV3", "dedicated"},    {"P", "PremiumMV4", "dedicated"},
    {"I", "Isolated", "dedicated"},      {"I", "IsolatedV2", "dedicated"},
    {"I", "IsolatedMV2", "dedicated"},
};

static bool fits(const char *sku, const char *beginning)
{
    size_t length = strlen(beginning);

    return !strncasecmp(sku, beginning, length) && sku[length] >= '0' && sku[length] <= '9';
}

bool thaw_plan_of(const char *sku, const char *tier, const char **ret)
{
    *ret = "";
    for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
        if ((sku && fits(sku, plans[i].sku)) ||
            (!sku && tier && !strcasecmp(tier, plans[i].tier))) {
            *ret = plans[i].plan ? plans[i].plan : "";
            return plans[i].plan;
        }
    }
    return true;
}

static bool is_farm(const struct thaw_resource *resource)
{
    return (resource->form <= THAW_RESOURCE_MODULE &&
            !strcasecmp(resource->type, "Microsoft.Web/serverfarms")) ||
           !strcmp(resource->type, "azurerm_service_plan") ||
           !strcmp(resource->type, "azurerm_app_service_plan");
}

static bool is_site(const struct thaw_resource *resource)
{
    return (resource->form <= THAW_RESOURCE_MODULE && !resource->is_existing &&
            !strcasecmp(resource->type, "Microsoft.Web/sites")) ||
           (!strncmp(resource->type, "azurerm_", 8) &&
            (strstr(resource->type, "_function_app") || strstr(resource->type, "_web_app")) &&
            !strstr(resource->type, "_slot"));
}

/* As it is written: a call's arguments tell more than its value. */
static const struct thaw_tree_node *farm_of(struct thaw_template *template,
                                            const struct thaw_resource *site)
{
    static const char *const keys[] = {"serverFarmId", "serverFarmResourceId", "service_plan_id",
                                       "app_service_plan_id"};
    const struct thaw_tree_node *body = site->body, *found = NULL;

    if (site->form == THAW_RESOURCE_ARM)
        body = thaw_tree_member(&template->tree, body, "properties");
    else
        body = thaw_tree_value(&template->tree, body);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && !found; i++)
        found = thaw_tree_seek(&template->tree, body, keys[i]);
    return found;
}

/* The symbol of the farm, or of the module that it is declared in. */
static bool is_symbol(const struct thaw_tree_node *node, const struct thaw_resource *farm)
{
    return (*farm->symbol && node->scope == farm->scope && !strcmp(node->text, farm->symbol)) ||
           (*farm->module && node->scope == farm->module_scope &&
            !strcmp(node->text, farm->module));
}

/* Does a site's reference name the farm? plan.id, resourceId('…', NAME), "${azurerm….id}". */
static bool names(struct thaw_template *template, const struct thaw_tree_node *reference,
                  const struct thaw_resource *farm)
{
    const char *text;

    if (!reference || !*farm->label)
        return false;
    if (reference->kind == THAW_TREE_CALL && reference->last)
        return !strcmp(thaw_tree_label(&template->tree, reference->last), farm->label);
    if (reference->kind == THAW_TREE_REFERENCE && is_symbol(reference, farm))
        return true;
    text = thaw_tree_label(&template->tree, reference);
    if (farm->form == THAW_RESOURCE_TERRAFORM)
        return strstr(text, farm->label) != NULL;
    reference = thaw_tree_value(&template->tree, reference);
    return thaw_tree_is(reference, THAW_TREE_UNKNOWN) && is_symbol(reference, farm);
}

struct farms {
    const struct thaw_resource *only; /* NULL: there are more, or none */
    size_t count;
};

static struct farms count_farms(const struct thaw_template *template)
{
    struct farms farms = {0};

    for (size_t i = 0; i < template->resources.count; i++)
        if (is_farm(&template->resources.items[i])) {
            farms.only = farms.count++ ? NULL : &template->resources.items[i];
        }
    return farms;
}

static bool is_function_app(struct thaw_template *template, const struct thaw_resource *site)
{
    return site->form == THAW_RESOURCE_TERRAFORM ? strstr(site->type, "_function_app") != NULL
                                                 : thaw_resource_is_app(template, site);
}

struct sku {
    const struct thaw_tree_node *node; /* what states it */
    const char *name;                  /* NULL: by an expression, or only a tier */
    const char *plan;
    bool is_named; /* by an expression, too */
};

/* False: none is stated, or it is not for functions. */
static bool sku_of(struct thaw_template *template, const struct thaw_resource *farm,
                   struct sku *ret)
{
    static const char *const names[] = {"skuName", "sku_name", "sku.name", "sku.size"};
    static const char *const tiers[] = {"sku.tier", "skuTier"};
    struct thaw_tree *tree = &template->tree;
    const struct thaw_tree_node *name = NULL, *tier = NULL, *whole;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !name; i++)
        name = thaw_tree_at(tree, farm->body, names[i]);
    for (size_t i = 0; i < sizeof(tiers) / sizeof(tiers[0]) && !tier; i++)
        tier = thaw_tree_at(tree, farm->body, tiers[i]);
    whole = thaw_tree_at(tree, farm->body, "sku");
    if (!name && thaw_tree_text(whole))
        name = whole;
    ret->node = name ? name : tier;
    ret->name = thaw_tree_text(name);
    ret->is_named = name;
    if (!ret->node)
        return false;
    return thaw_plan_of(ret->name, thaw_tree_text(tier), &ret->plan);
}

static void add(struct thaw_template *template, const struct sku *sku, const char *label)
{
    if (sku->is_named)
        thaw_template_fact(template, THAW_FACT_SKU, sku->name, label, sku->node);
    thaw_template_fact(template, THAW_FACT_PLAN, sku->plan, label, sku->node);
}

/* The farm's facts for each function app on it; for itself where nothing here is on it. */
static void farm_facts(struct thaw_template *template, const struct thaw_resource *farm,
                       bool is_only)
{
    bool is_used = false;
    struct sku sku = {.plan = ""};

    if (!sku_of(template, farm, &sku))
        return;
    for (size_t i = 0; i < template->resources.count; i++) {
        const struct thaw_resource *site = &template->resources.items[i];

        if (!is_site(site) || (!is_only && !names(template, farm_of(template, site), farm)))
            continue;
        is_used = true;
        if (is_function_app(template, site))
            add(template, &sku, site->label);
    }
    if (!is_used)
        add(template, &sku, farm->label);
}

/* Apps that tell their plan without a farm of this template. */
static void site_facts(struct thaw_template *template, const struct thaw_resource *site,
                       bool has_farm)
{
    const struct thaw_tree_node *environment, *flex;

    if (site->form == THAW_RESOURCE_TERRAFORM || !is_function_app(template, site))
        return;
    environment = thaw_resource_at(template, site, "managedEnvironmentId");
    if (!environment)
        environment = thaw_resource_at(template, site, "managedEnvironmentResourceId");
    flex = thaw_resource_at(template, site, "functionAppConfig");
    if (environment && environment->kind != THAW_TREE_NULL)
        thaw_template_fact(template, THAW_FACT_PLAN, "container-apps", site->label, environment);
    else if (!has_farm && thaw_tree_is(flex, THAW_TREE_OBJECT))
        thaw_template_fact(template, THAW_FACT_PLAN, "flex", site->label, flex);
}

void thaw_template_azure_plans(struct thaw_template *template)
{
    struct farms farms = count_farms(template);

    for (size_t i = 0; i < template->resources.count && !template->code; i++) {
        const struct thaw_resource *resource = &template->resources.items[i];

        if (is_farm(resource))
            farm_facts(template, resource, resource == farms.only);
        else if (is_site(resource))
            site_facts(template, resource, farms.count > 0);
    }
}
