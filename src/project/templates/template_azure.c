/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "project/templates/template.h"
#include "project/templates/template_tree_names.h"

/* What resources of Azure mean, however their template is written. Plans: template_plan.c. */

/* Below "properties" of Microsoft.Web/sites. */
static const struct thaw_template_row app_rows[] = {
    {THAW_FACT_RUNTIME, "functionAppConfig.runtime.name"},
    {THAW_FACT_MAXIMUM_INSTANCES, "functionAppConfig.scaleAndConcurrency.maximumInstanceCount"},
    {THAW_FACT_INSTANCE_MEMORY, "functionAppConfig.scaleAndConcurrency.instanceMemoryMB"},
    {THAW_FACT_HTTP_CONCURRENCY,
     "functionAppConfig.scaleAndConcurrency.triggers.http.perInstanceConcurrency"},
    {THAW_FACT_DEPLOYMENT_STORAGE, "functionAppConfig.deployment.storage.authentication.type"},
};

/* Of siteConfig, and of a resource "config/web" that is the same. */
static const struct thaw_template_row site_rows[] = {
    {THAW_FACT_STACK, "linuxFxVersion"},
    {THAW_FACT_ALWAYS_ON, "alwaysOn"},
    {THAW_FACT_PREWARMED, "preWarmedInstanceCount"},
    {THAW_FACT_MINIMUM_ELASTIC, "minimumElasticInstanceCount"},
    {THAW_FACT_SCALE_LIMIT, "functionAppScaleLimit"},
};

static const char *const alert_types[] = {"Microsoft.Insights/metricAlerts",
                                          "Microsoft.Insights/scheduledQueryRules",
                                          "Microsoft.Insights/activityLogAlerts",
                                          "Microsoft.AlertsManagement/smartDetectorAlertRules",
                                          "Microsoft.Insights/alertrules"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct thaw_tree_node *thaw_resource_at(struct thaw_template *template,
                                              const struct thaw_resource *resource,
                                              const char *path)
{
    const struct thaw_tree_node *body = resource->body;

    if (resource->form == THAW_RESOURCE_ARM)
        body = thaw_tree_member(&template->tree, body, "properties");
    return thaw_tree_at(&template->tree, body, path);
}

static bool is_type(const struct thaw_resource *resource, const char *type)
{
    return resource->form <= THAW_RESOURCE_MODULE && !strcasecmp(resource->type, type);
}

/* A site or slot: other resources of the same name are common. */
static const struct thaw_resource *find(struct thaw_template *template, const char *label)
{
    thaw_tree_pass(&template->tree, *label ? template->resources.count : 0);
    for (size_t i = 0; i < template->resources.count && *label; i++) {
        const struct thaw_resource *one = &template->resources.items[i];

        if ((is_type(one, "Microsoft.Web/sites") || is_type(one, "Microsoft.Web/sites/slots")) &&
            !strcmp(one->label, label))
            return one;
    }
    return NULL;
}

/* --- is it one of functions? --------------------------------------------------------------------
 */

static bool is_of_functions(const char *name)
{
    return name &&
           (!strncasecmp(name, "FUNCTIONS_", 10) || !strcasecmp(name, "AzureWebJobsStorage") ||
            !strncasecmp(name, "AzureWebJobsStorage__", 21));
}

/* Do settings have a name that only function apps have? */
static bool holds_functions(struct thaw_template *template, const struct thaw_tree_node *settings)
{
    bool is = false;
    size_t passed = 0;

    settings = thaw_tree_value(&template->tree, settings);
    for (const struct thaw_tree_node *one = settings ? settings->first : NULL; one && !is;
         one = one->next, passed++) {
        const char *name = settings->kind == THAW_TREE_OBJECT
                               ? one->key
                               : thaw_tree_text(thaw_tree_member(&template->tree, one, "name"));

        is = is_of_functions(name);
    }
    thaw_tree_pass(&template->tree, passed);
    return is;
}

/* A resource of settings that says so for its parent. */
static bool settings_say_so(struct thaw_template *template, const struct thaw_resource *app)
{
    thaw_tree_pass(&template->tree, template->resources.count);
    for (size_t i = 0; i < template->resources.count && !template->tree.code; i++) {
        const struct thaw_resource *one = &template->resources.items[i];

        if ((is_type(one, "Microsoft.Web/sites/config") ||
             is_type(one, "Microsoft.Web/sites/slots/config")) &&
            *app->label && !strcmp(one->parent, app->label) &&
            holds_functions(template, thaw_tree_member(&template->tree, one->body, "properties")))
            return true;
    }
    return false;
}

static bool is_app(struct thaw_template *template, const struct thaw_resource *resource)
{
    const char *kind = thaw_tree_label(&template->tree, thaw_tree_written(resource->body, "kind"));

    if (is_type(resource, "Microsoft.App/containerApps")) {
        const char *image =
            thaw_tree_text(thaw_resource_at(template, resource, "template.containers.image"));

        return strcasestr(kind, "functionapp") || (image && strstr(image, "azure-functions")) ||
               holds_functions(template,
                               thaw_resource_at(template, resource, "template.containers.env"));
    }
    if (!is_type(resource, "Microsoft.Web/sites") &&
        !is_type(resource, "Microsoft.Web/sites/slots"))
        return false;
    if (strcasestr(kind, "functionapp"))
        return !strcasestr(kind, "workflowapp");
    if (*kind && !strchr(kind, '{'))
        return false;
    return thaw_resource_at(template, resource, "functionAppConfig") ||
           holds_functions(template,
                           thaw_resource_at(template, resource, "siteConfig.appSettings")) ||
           holds_functions(template,
                           thaw_resource_at(template, resource, "appSettingsKeyValuePairs")) ||
           settings_say_so(template, resource);
}

bool thaw_resource_is_app(struct thaw_template *template, const struct thaw_resource *resource)
{
    enum thaw_resource_app *known = &((struct thaw_resource *)resource)->app;

    if (*known == THAW_RESOURCE_NOT_ASKED)
        *known = is_app(template, resource) ? THAW_RESOURCE_APP : THAW_RESOURCE_NO_APP;
    return *known == THAW_RESOURCE_APP;
}

/* --- apps ---------------------------------------------------------------------------------------
 */

static void site_config(struct thaw_template *template, const struct thaw_tree_node *config,
                        const char *label)
{
    const struct thaw_tree_node *stack = thaw_tree_at(&template->tree, config, "linuxFxVersion");
    const char *text = thaw_tree_text(stack);

    thaw_template_rows(template, config, site_rows, COUNT(site_rows), label);
    if (text && !strncasecmp(text, "python|", 7))
        thaw_template_fact(template, THAW_FACT_PYTHON, text + 7, label, stack);
    thaw_template_settings(template, thaw_tree_at(&template->tree, config, "appSettings"), label);
}

static void always_ready(struct thaw_template *template, const struct thaw_tree_node *list,
                         const char *label)
{
    struct thaw_tree *tree = &template->tree;

    thaw_template_note_open(template, list);
    for (const struct thaw_tree_node *item = thaw_tree_is(list, THAW_TREE_LIST) ? list->first
                                                                                : NULL;
         item; item = item->next) {
        const char *name = thaw_tree_text(thaw_tree_member(tree, item, "name"));
        const char *count = thaw_tree_text(thaw_tree_member(tree, item, "instanceCount"));
        const char *value = name && count ? thaw_template_ready(template, name, count) : "";

        thaw_template_fact(template, THAW_FACT_ALWAYS_READY, value, label, item);
    }
}

/* Flex: what the platform is told in place of settings. */
static void function_app_config(struct thaw_template *template,
                                const struct thaw_resource *resource)
{
    const struct thaw_tree_node *runtime =
        thaw_resource_at(template, resource, "functionAppConfig.runtime.name");
    const char *name = thaw_tree_text(runtime);

    thaw_template_note_open(template, thaw_resource_at(template, resource, "functionAppConfig"));
    if (!name || !strcasecmp(name, "python"))
        thaw_template_fact_of(template, THAW_FACT_PYTHON,
                              thaw_resource_at(template, resource,
                                               "functionAppConfig.runtime.version"),
                              resource->label);
    always_ready(template,
                 thaw_resource_at(template, resource,
                                  "functionAppConfig.scaleAndConcurrency.alwaysReady"),
                 resource->label);
}

static void operating_system(struct thaw_template *template, const struct thaw_resource *resource)
{
    const struct thaw_tree_node *kind = thaw_tree_member(&template->tree, resource->body, "kind");
    const char *text = thaw_tree_text(kind);
    const char *reserved = thaw_tree_text(thaw_resource_at(template, resource, "reserved"));

    if (text && strcasestr(text, "linux"))
        thaw_template_fact(template, THAW_FACT_OS, "linux", resource->label, kind);
    else if (text && !reserved && !thaw_resource_at(template, resource, "functionAppConfig") &&
             !thaw_resource_at(template, resource, "siteConfig.linuxFxVersion"))
        thaw_template_fact(template, THAW_FACT_OS, "windows", resource->label, kind);
    if (text && strcasestr(text, "azurecontainerapps"))
        thaw_template_fact(template, THAW_FACT_PLAN, "container-apps", resource->label, kind);
}

/* Settings and slots of a verified module, which are lists of its own. */
static void module_parts(struct thaw_template *template, const struct thaw_resource *resource)
{
    struct thaw_tree *tree = &template->tree;
    const struct thaw_tree_node *configs = thaw_resource_at(template, resource, "configs");
    const struct thaw_tree_node *slots = thaw_resource_at(template, resource, "slots");

    thaw_template_settings(template,
                           thaw_resource_at(template, resource, "appSettingsKeyValuePairs"),
                           resource->label);
    thaw_template_note_open(template, configs);
    thaw_template_note_open(template, slots);
    for (const struct thaw_tree_node *one = configs ? configs->first : NULL; one; one = one->next) {
        const char *name = thaw_tree_text(thaw_tree_member(tree, one, "name"));

        if (name && !strcasecmp(name, "appsettings"))
            thaw_template_settings(template, thaw_tree_member(tree, one, "properties"),
                                   resource->label);
        else if (name && !strcasecmp(name, "web"))
            site_config(template, thaw_tree_member(tree, one, "properties"), resource->label);
    }
    for (const struct thaw_tree_node *one = slots ? slots->first : NULL; one; one = one->next)
        thaw_template_fact(template, THAW_FACT_SLOT,
                           thaw_tree_text(thaw_tree_member(tree, one, "name")), resource->label,
                           one);
}

static void app(struct thaw_template *template, const struct thaw_resource *resource)
{
    const struct thaw_tree_node *config = thaw_resource_at(template, resource, "siteConfig");
    const struct thaw_tree_node *body = resource->body;

    if (resource->form == THAW_RESOURCE_ARM)
        body = thaw_tree_member(&template->tree, body, "properties");
    template->has_app = true;
    thaw_template_note_open(template, body);
    thaw_template_note_open(template, config);
    thaw_template_rows(template, body, app_rows, COUNT(app_rows), resource->label);
    if (thaw_tree_at(&template->tree, body, "functionAppConfig"))
        function_app_config(template, resource);
    operating_system(template, resource);
    if (config)
        site_config(template, config, resource->label);
    if (resource->form == THAW_RESOURCE_MODULE)
        module_parts(template, resource);
}

static void container_app(struct thaw_template *template, const struct thaw_resource *resource)
{
    static const struct thaw_template_row rows[] = {
        {THAW_FACT_MINIMUM_REPLICAS, "template.scale.minReplicas"},
    };
    const struct thaw_tree_node *body = resource->body;
    const struct thaw_tree_node *containers;

    if (resource->form == THAW_RESOURCE_ARM)
        body = thaw_tree_member(&template->tree, body, "properties");
    template->has_app = true;
    thaw_template_fact(template, THAW_FACT_PLAN, "container-apps", resource->label, resource->body);
    thaw_template_rows(template, body, rows, COUNT(rows), resource->label);
    containers = thaw_tree_at(&template->tree, body, "template.containers");
    thaw_template_note_open(template, containers);
    for (const struct thaw_tree_node *one = containers ? containers->first : NULL; one;
         one = one->next)
        thaw_template_settings(template, thaw_tree_member(&template->tree, one, "env"),
                               resource->label);
}

/* --- what belongs to apps -----------------------------------------------------------------------
 */

/* What its settings are called by: where the parent is only named here, by the app of this template
 * that has the name. */
static const char *owner(struct thaw_template *template, const struct thaw_resource *resource)
{
    const struct thaw_resource *parent = find(template, resource->parent);
    const struct thaw_tree_node *name;

    if (!parent || !parent->is_existing)
        return resource->parent;
    name = thaw_tree_member(&template->tree, parent->body, "name");
    for (size_t i = 0; i < template->resources.count && name; i++) {
        const struct thaw_resource *one = &template->resources.items[i];

        if (!is_type(one, "Microsoft.Web/sites") || one->is_existing)
            continue;
        if (name->kind == THAW_TREE_UNKNOWN
                ? (one->scope == name->scope && *one->symbol && !strcmp(one->symbol, name->text)) ||
                      (one->module_scope == name->scope && *one->module &&
                       !strcmp(one->module, name->text))
                : !strcmp(thaw_tree_label(&template->tree, name),
                          thaw_tree_label(&template->tree, thaw_tree_written(one->body, "name"))))
            return one->label;
    }
    return resource->parent;
}

/* Is its parent an app, or, where that is not in this template, do its settings say so? */
static bool belongs(struct thaw_template *template, const struct thaw_resource *resource,
                    const struct thaw_tree_node *settings)
{
    const struct thaw_resource *parent = find(template, owner(template, resource));

    if (parent && is_type(parent, "Microsoft.Web/sites/slots") && *parent->parent &&
        !thaw_resource_is_app(template, parent))
        parent = find(template, parent->parent);
    if (parent && !parent->is_existing)
        return thaw_resource_is_app(template, parent);
    settings = thaw_tree_value(&template->tree, settings);
    return holds_functions(template, settings) || thaw_tree_is(settings, THAW_TREE_UNKNOWN) ||
           (settings && settings->is_open);
}

static void config(struct thaw_template *template, const struct thaw_resource *resource)
{
    const struct thaw_tree_node *settings = thaw_tree_written(resource->body, "properties");
    const char *name = resource->name, *label = owner(template, resource);

    if (!*name)
        name = thaw_tree_label(&template->tree, thaw_tree_written(resource->body, "name"));
    if (strrchr(name, '/'))
        name = strrchr(name, '/') + 1;
    if (!belongs(template, resource, settings))
        return;
    if (!strcasecmp(name, "appsettings"))
        thaw_template_settings(template, settings, label);
    else if (!strcasecmp(name, "web"))
        site_config(template, thaw_tree_value(&template->tree, settings), label);
    else if (strchr(name, '{') || !*name)
        template->unread++;
}

static void slot(struct thaw_template *template, const struct thaw_resource *resource)
{
    const struct thaw_tree_node *name = thaw_tree_member(&template->tree, resource->body, "name");
    const char *text = thaw_tree_text(name), *slash = text ? strrchr(text, '/') : NULL;

    if (!thaw_resource_is_app(template, resource) && !belongs(template, resource, NULL))
        return;
    if (!text && strrchr(resource->name, '/'))
        text = strrchr(resource->name, '/') + 1;
    else if (!text && *resource->name && !strchr(resource->name, '{'))
        text = resource->name;
    thaw_template_fact(template, THAW_FACT_SLOT, slash ? slash + 1 : text, resource->parent,
                       thaw_tree_written(resource->body, "name"));
    if (thaw_resource_at(template, resource, "siteConfig"))
        site_config(template, thaw_resource_at(template, resource, "siteConfig"), resource->label);
}

static void alert(struct thaw_template *template, const struct thaw_resource *resource)
{
    const struct thaw_tree_node *name = thaw_tree_member(&template->tree, resource->body, "name");

    thaw_template_fact(template, THAW_FACT_ALERT, thaw_tree_text(name), resource->label,
                       thaw_tree_written(resource->body, "name"));
}

static void one(struct thaw_template *template, const struct thaw_resource *resource)
{
    if (resource->is_existing)
        return;
    if (is_type(resource, "Microsoft.Web/sites") && thaw_resource_is_app(template, resource))
        app(template, resource);
    else if (is_type(resource, "Microsoft.Web/sites/slots"))
        slot(template, resource);
    else if (is_type(resource, "Microsoft.Web/sites/config") ||
             is_type(resource, "Microsoft.Web/sites/slots/config"))
        config(template, resource);
    else if (is_type(resource, "Microsoft.App/containerApps") &&
             thaw_resource_is_app(template, resource))
        container_app(template, resource);
    for (size_t i = 0; i < COUNT(alert_types); i++)
        if (is_type(resource, alert_types[i]))
            alert(template, resource);
}

void thaw_template_azure(struct thaw_template *template)
{
    for (size_t i = 0; i < template->resources.count && !template->code; i++)
        one(template, &template->resources.items[i]);
    thaw_template_azure_plans(template);
}
