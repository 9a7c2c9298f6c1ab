/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "project/templates/template.h"
#include "project/templates/template_tree_names.h"

/* Azure's resources as Terraform's providers have them. */

void thaw_template_azurerm(struct thaw_template *template);

static const struct thaw_template_row rows[] = {
    {THAW_FACT_ALWAYS_ON, "site_config.always_on"},
    {THAW_FACT_SCALE_LIMIT, "site_config.app_scale_limit"},
    {THAW_FACT_MINIMUM_ELASTIC, "site_config.elastic_instance_minimum"},
    {THAW_FACT_PREWARMED, "site_config.pre_warmed_instance_count"},
    {THAW_FACT_STACK, "site_config.linux_fx_version"},
    {THAW_FACT_PYTHON, "site_config.application_stack.python_version"},
    {THAW_FACT_RUNTIME, "runtime_name"},
    {THAW_FACT_MAXIMUM_INSTANCES, "maximum_instance_count"},
    {THAW_FACT_INSTANCE_MEMORY, "instance_memory_in_mb"},
    {THAW_FACT_HTTP_CONCURRENCY, "http_concurrency"},
    {THAW_FACT_DEPLOYMENT_STORAGE, "storage_authentication_type"},
};

/* Arguments that the provider turns into settings. */
static const struct {
    const char *path, *setting;
} implied[] = {
    {"site_config.application_insights_connection_string", "APPLICATIONINSIGHTS_CONNECTION_STRING"},
    {"site_config.application_insights_key", "APPINSIGHTS_INSTRUMENTATIONKEY"},
    {"functions_extension_version", "FUNCTIONS_EXTENSION_VERSION"},
    {"storage_account_access_key", "AzureWebJobsStorage"},
    {"storage_key_vault_secret_id", "AzureWebJobsStorage"},
};

static const struct {
    const char *type, *os; /* os NULL: not told by the type */
    bool is_slot;
} apps[] = {
    {"azurerm_linux_function_app", "linux", false},
    {"azurerm_windows_function_app", "windows", false},
    {"azurerm_function_app_flex_consumption", "linux", false},
    {"azurerm_function_app", NULL, false},
    {"azurerm_linux_function_app_slot", "linux", true},
    {"azurerm_windows_function_app_slot", "windows", true},
    {"azurerm_function_app_slot", NULL, true},
};

static const char *const alerts[] = {
    "azurerm_monitor_metric_alert",
    "azurerm_monitor_scheduled_query_rules_alert",
    "azurerm_monitor_scheduled_query_rules_alert_v2",
    "azurerm_monitor_activity_log_alert",
    "azurerm_monitor_smart_detector_alert_rule",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A state has 0 for what is not set. */
static bool is_unset(enum thaw_fact_kind kind, const struct thaw_tree_node *node)
{
    const char *text = thaw_tree_text(node);

    return text && !strcmp(text, "0") && kind != THAW_FACT_MAXIMUM_INSTANCES;
}

static const struct thaw_tree_node *at(struct thaw_template *template,
                                       const struct thaw_resource *resource, const char *path)
{
    const struct thaw_tree_node *found = thaw_tree_at(&template->tree, resource->body, path);

    return thaw_tree_is(found, THAW_TREE_NULL) ? NULL : found;
}

static void ready(struct thaw_template *template, const struct thaw_resource *resource)
{
    const struct thaw_tree_node *blocks = at(template, resource, "always_ready");
    struct thaw_tree *tree = &template->tree;
    bool is_list = thaw_tree_is(blocks, THAW_TREE_LIST);

    thaw_template_note_open(template, blocks);
    for (const struct thaw_tree_node *one = is_list ? blocks->first : blocks; one;
         one = is_list ? one->next : NULL) {
        const char *name = thaw_tree_text(thaw_tree_member(tree, one, "name"));
        const char *count = thaw_tree_text(thaw_tree_member(tree, one, "instance_count"));
        const char *value = name && count ? thaw_template_ready(template, name, count) : "";

        thaw_template_fact(template, THAW_FACT_ALWAYS_READY, value, resource->label, one);
    }
}

/* What a plan does not know yet is there all the same. */
static void unknown_settings(struct thaw_template *template, const struct thaw_resource *resource)
{
    static const struct thaw_tree_node unknown = {.key = "", .text = ""};
    char key[512];
    const struct thaw_tree_name *name;
    const struct thaw_tree_node *settings;

    if (strlen(resource->label) > 400)
        return;
    strcpy(key, "unknown.");
    strcat(key, resource->label);
    name = thaw_tree_find_name(&template->tree, 0, key);
    settings = name ? thaw_tree_written(name->value, "app_settings") : NULL;
    if (thaw_tree_is(settings, THAW_TREE_BOOLEAN))
        template->unread += !strcmp(settings->text, "true");
    else if (thaw_tree_is(settings, THAW_TREE_OBJECT))
        for (const struct thaw_tree_node *one = settings->first; one; one = one->next)
            thaw_template_setting(template, one->key, &unknown, one, resource->label);
}

static void settings(struct thaw_template *template, const struct thaw_resource *resource)
{
    static const struct thaw_tree_node python = {.kind = THAW_TREE_TEXT,
                                                 .key = "",
                                                 .text = "python"};
    const struct thaw_tree_node *version =
        at(template, resource, "site_config.application_stack.python_version");

    thaw_template_settings(template, thaw_tree_written(resource->body, "app_settings"),
                           resource->label);
    unknown_settings(template, resource);
    for (size_t i = 0; i < COUNT(implied); i++) {
        const struct thaw_tree_node *value = at(template, resource, implied[i].path);
        const char *text = thaw_tree_text(value);

        if (value && (!text || *text))
            thaw_template_setting(template, implied[i].setting, value, value, resource->label);
    }
    if (version) /* the provider sets it by the stack */
        thaw_template_setting(template, "FUNCTIONS_WORKER_RUNTIME", &python, version,
                              resource->label);
}

static void app(struct thaw_template *template, const struct thaw_resource *resource,
                const char *os, bool is_slot)
{
    const struct thaw_tree_node *runtime = at(template, resource, "runtime_name");
    const char *name = thaw_tree_text(runtime);

    template->has_app = true;
    if (is_slot)
        thaw_template_fact_of(template, THAW_FACT_SLOT, at(template, resource, "name"),
                              resource->label);
    if (os)
        thaw_template_fact(template, THAW_FACT_OS, os, resource->label, resource->body);
    if (!strcmp(resource->type, "azurerm_function_app_flex_consumption"))
        thaw_template_fact(template, THAW_FACT_PLAN, "flex", resource->label, resource->body);
    if (runtime && (!name || !strcasecmp(name, "python")))
        thaw_template_fact_of(template, THAW_FACT_PYTHON, at(template, resource, "runtime_version"),
                              resource->label);
    thaw_template_note_open(template, resource->body);
    thaw_template_note_open(template, at(template, resource, "site_config"));
    for (size_t i = 0; i < COUNT(rows); i++)
        if (!is_unset(rows[i].kind, at(template, resource, rows[i].path)))
            thaw_template_rows(template, resource->body, &rows[i], 1, resource->label);
    ready(template, resource);
    settings(template, resource);
}

/* A resource of Azure as it is: body has what ARM has. */
static void azapi(struct thaw_template *template, struct thaw_resource *resource)
{
    const char *type = thaw_tree_text(thaw_tree_written(resource->body, "type"));
    const struct thaw_tree_node *body = at(template, resource, "body");
    const char *text = thaw_tree_text(body);
    char *own;

    if (!type)
        return;
    own = (char *)thaw_arena_text(&template->tree.arena, type, strcspn(type, "@"));
    if (!own) {
        thaw_template_fail(template, -ENOMEM);
        return;
    }
    if (text)
        body = thaw_template_json_inner(template, text, body);
    if (!thaw_tree_is(body, THAW_TREE_OBJECT)) {
        template->unread += !strncasecmp(own, "Microsoft.Web/", 14);
        return;
    }
    resource->name = thaw_tree_label(&template->tree, thaw_tree_written(resource->body, "name"));
    resource->form = THAW_RESOURCE_ARM;
    resource->type = own;
    resource->body = body;
}

static void one(struct thaw_template *template, struct thaw_resource *resource)
{
    for (size_t i = 0; i < COUNT(apps); i++)
        if (!strcmp(resource->type, apps[i].type))
            app(template, resource, apps[i].os, apps[i].is_slot);
    for (size_t i = 0; i < COUNT(alerts); i++)
        if (!strcmp(resource->type, alerts[i]))
            thaw_template_fact_of(template, THAW_FACT_ALERT, at(template, resource, "name"),
                                  resource->label);
    if (!strcmp(resource->type, "azapi_resource") ||
        !strcmp(resource->type, "azapi_update_resource"))
        azapi(template, resource);
}

void thaw_template_azurerm(struct thaw_template *template)
{
    for (size_t i = 0; i < template->resources.count && !template->code; i++)
        one(template, &template->resources.items[i]);
}
