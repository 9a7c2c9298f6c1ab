/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "project/templates/template.h"
#include "project/templates/template_tree_names.h"

/* What resources of AWS mean: of CloudFormation and SAM, of Terraform's provider. */

static const struct {
    enum thaw_fact_kind kind;
    const char *property, *argument; /* of CloudFormation, of Terraform */
} rows[] = {
    {THAW_FACT_MEMORY, "MemorySize", "memory_size"},
    {THAW_FACT_TIMEOUT, "Timeout", "timeout"},
    {THAW_FACT_LAMBDA_RUNTIME, "Runtime", "runtime"},
    {THAW_FACT_HANDLER, "Handler", "handler"},
    {THAW_FACT_CODE, "CodeUri", NULL},
    {THAW_FACT_PACKAGE_TYPE, "PackageType", "package_type"},
    {THAW_FACT_SNAP_START, "SnapStart.ApplyOn", "snap_start.apply_on"},
    {THAW_FACT_PROVISIONED, "ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions", NULL},
};

/* Each item is a fact. */
static const struct {
    enum thaw_fact_kind kind;
    const char *property, *argument;
} lists[] = {
    {THAW_FACT_ARCHITECTURE, "Architectures", "architectures"},
    {THAW_FACT_LAYER, "Layers", "layers"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct function {
    struct thaw_template *template;
    const struct thaw_resource *resource;
    const struct thaw_tree_node *globals; /* of SAM: what holds where a function says nothing */
};

static bool is_function(const struct thaw_resource *resource)
{
    return !strcmp(resource->type, "AWS::Serverless::Function") ||
           !strcmp(resource->type, "AWS::Lambda::Function") ||
           !strcmp(resource->type, "aws_lambda_function");
}

static const struct thaw_tree_node *globals_of(struct thaw_template *template,
                                               const struct thaw_resource *resource)
{
    const struct thaw_tree_name *name =
        strcmp(resource->type, "AWS::Serverless::Function")
            ? NULL
            : thaw_tree_find_name(&template->tree, 0, "globals/function");

    return name ? name->value : NULL;
}

static const char *path_of(const struct function *function, const char *property,
                           const char *argument)
{
    return function->resource->form == THAW_RESOURCE_AWS ? property : argument;
}

static const struct thaw_tree_node *own(const struct function *function, const char *path)
{
    return path ? thaw_tree_at(&function->template->tree, function->resource->body, path) : NULL;
}

static const struct thaw_tree_node *global(const struct function *function, const char *path)
{
    return path && function->globals
               ? thaw_tree_at(&function->template->tree, function->globals, path)
               : NULL;
}

/* "arn:aws:lambda:REGION:ACCOUNT:layer:NAME:VERSION" → "NAME:VERSION": accounts are not kept. */
static const char *layer_name(const char *text)
{
    const char *name = strstr(text, ":layer:");

    return name ? name + strlen(":layer:") : text;
}

static void item_fact(const struct function *function, enum thaw_fact_kind kind,
                      const struct thaw_tree_node *item)
{
    const struct thaw_tree_node *value = thaw_tree_value(&function->template->tree, item);
    const char *text = thaw_tree_text(value);

    if (text && kind == THAW_FACT_LAYER)
        text = layer_name(text);
    else if (!text && kind == THAW_FACT_LAYER && thaw_tree_is(value, THAW_TREE_UNKNOWN) &&
             !strchr(value->text, ':'))
        text = value->text; /* what the template calls it */
    thaw_template_fact(function->template, kind, text, function->resource->label, item);
}

static void list_facts(const struct function *function, enum thaw_fact_kind kind,
                       const struct thaw_tree_node *list)
{
    if (!list || list->kind == THAW_TREE_NULL)
        return;
    if (list->kind == THAW_TREE_UNKNOWN)
        thaw_template_fact(function->template, kind, "", function->resource->label, list);
    for (const struct thaw_tree_node *one = thaw_tree_is(list, THAW_TREE_LIST) ? list->first : NULL;
         one; one = one->next)
        item_fact(function, kind, one);
}

static void scalar_facts(const struct function *function)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *path = path_of(function, rows[i].property, rows[i].argument);
        const struct thaw_tree_node *found = own(function, path);

        if (!found)
            found = global(function, path);
        thaw_template_fact_of(function->template, rows[i].kind, found, function->resource->label);
    }
}

static bool has_variable(struct thaw_template *template, const struct thaw_tree_node *variables,
                         const char *name)
{
    return thaw_tree_seek(&template->tree, variables, name) != NULL;
}

/* Those of Globals hold where the function does not give the same name another value. */
static void variables(const struct function *function)
{
    struct thaw_template *template = function->template;
    const char *path = path_of(function, "Environment.Variables", "environment.variables");
    const struct thaw_tree_node *mine = own(function, path), *all = global(function, path);

    thaw_template_settings(template, mine, function->resource->label);
    thaw_template_note_open(template, all);
    for (const struct thaw_tree_node *one = thaw_tree_is(all, THAW_TREE_OBJECT) ? all->first : NULL;
         one; one = one->next)
        if (!has_variable(template, mine, one->key))
            thaw_template_setting(template, one->key, one, one, function->resource->label);
}

/* The queue of the template that "Queue.Arn" (of Fn::GetAtt) is of; NULL: none. */
static const struct thaw_resource *queue_of(const struct thaw_template *template,
                                            const struct thaw_tree_node *arn)
{
    size_t length = thaw_tree_is(arn, THAW_TREE_UNKNOWN) ? strcspn(arn->text, ".") : 0;

    for (size_t i = 0; length && i < template->resources.count; i++) {
        const struct thaw_resource *resource = &template->resources.items[i];

        if (!strcmp(resource->type, "AWS::SQS::Queue") && strlen(resource->label) == length &&
            !strncmp(resource->label, arn->text, length))
            return resource;
    }
    return NULL;
}

static void queue(const struct function *function, const struct thaw_tree_node *event)
{
    struct thaw_template *template = function->template;
    const struct thaw_resource *found =
        queue_of(template, thaw_tree_at(&template->tree, event, "Properties.Queue"));
    const struct thaw_tree_node *visibility;

    if (!found)
        return;
    visibility = thaw_tree_at(&template->tree, found->body, "VisibilityTimeout");
    if (visibility)
        thaw_template_fact_of(template, THAW_FACT_VISIBILITY, visibility,
                              function->resource->label);
    else
        thaw_template_fact(template, THAW_FACT_VISIBILITY, "unset", function->resource->label,
                           &(struct thaw_tree_node){.line = found->line,
                                                    .column = found->column,
                                                    .last_line = found->last_line});
}

static void events(const struct function *function)
{
    const struct thaw_tree_node *all = own(function, "Events");

    if (function->resource->form != THAW_RESOURCE_AWS)
        return;
    thaw_template_note_open(function->template, all);
    for (const struct thaw_tree_node *one = thaw_tree_is(all, THAW_TREE_OBJECT) ? all->first : NULL;
         one; one = one->next) {
        const struct thaw_tree_node *type =
            thaw_tree_member(&function->template->tree, one, "Type");

        thaw_template_fact_of(function->template, THAW_FACT_EVENT, type, function->resource->label);
        if (type && !strcmp(type->text, "SQS"))
            queue(function, one);
    }
}

static void one_function(struct thaw_template *template, const struct thaw_resource *resource)
{
    struct function function = {
        .template = template,
        .resource = resource,
        .globals = globals_of(template, resource),
    };
    struct thaw_tree_node place = {.kind = THAW_TREE_TEXT,
                                   .key = "",
                                   .text = resource->label,
                                   .line = resource->line,
                                   .column = resource->column,
                                   .last_line = resource->last_line};

    template->has_app = true;
    thaw_template_note_open(template, resource->body);
    thaw_template_fact_of(template, THAW_FACT_FUNCTION, &place, resource->label);
    scalar_facts(&function);
    for (size_t i = 0; i < COUNT(lists); i++) {
        const char *path = path_of(&function, lists[i].property, lists[i].argument);
        const struct thaw_tree_node *mine = own(&function, path), *all = global(&function, path);

        list_facts(&function, lists[i].kind, mine);
        if (!mine || lists[i].kind == THAW_FACT_LAYER) /* layers add up */
            list_facts(&function, lists[i].kind, all);
    }
    variables(&function);
    events(&function);
}

/* --- what belongs to functions ------------------------------------------------------------------
 */

/* The label of the function that a reference names; "" not known. */
static const char *function_of(struct thaw_template *template, const struct thaw_tree_node *name)
{
    const char *label;

    name = thaw_tree_value(&template->tree, name);
    label = thaw_tree_is(name, THAW_TREE_UNKNOWN) ? name->text : thaw_tree_text(name);
    return label ? label : "";
}

static const struct {
    const char *type;
    enum thaw_fact_kind kind;
    const char *path, *function; /* function NULL: of none */
} others[] = {
    {"AWS::Lambda::Alias", THAW_FACT_PROVISIONED,
     "ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions", "FunctionName"},
    {"AWS::Lambda::Version", THAW_FACT_PROVISIONED,
     "ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions", "FunctionName"},
    {"aws_lambda_provisioned_concurrency_config", THAW_FACT_PROVISIONED,
     "provisioned_concurrent_executions", "function_name"},
    {"AWS::CloudWatch::Alarm", THAW_FACT_ALERT, NULL, NULL},
    {"AWS::CloudWatch::CompositeAlarm", THAW_FACT_ALERT, NULL, NULL},
    {"aws_cloudwatch_metric_alarm", THAW_FACT_ALERT, NULL, NULL},
};

static void other(struct thaw_template *template, const struct thaw_resource *resource)
{
    struct thaw_tree_node named = {.kind = THAW_TREE_TEXT,
                                   .key = "",
                                   .text = resource->label,
                                   .line = resource->line,
                                   .column = resource->column,
                                   .last_line = resource->last_line};

    for (size_t i = 0; i < COUNT(others); i++) {
        if (strcmp(resource->type, others[i].type))
            continue;
        if (others[i].path)
            thaw_template_fact_of(template, others[i].kind,
                                  thaw_tree_at(&template->tree, resource->body, others[i].path),
                                  function_of(template, thaw_tree_written(resource->body,
                                                                          others[i].function)));
        else
            thaw_template_fact_of(template, others[i].kind, &named, resource->label);
    }
}

void thaw_template_aws(struct thaw_template *template)
{
    for (size_t i = 0; i < template->resources.count && !template->code; i++) {
        const struct thaw_resource *resource = &template->resources.items[i];

        if (is_function(resource))
            one_function(template, resource);
        else
            other(template, resource);
    }
}
