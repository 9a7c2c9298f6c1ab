/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PROJECT_TEMPLATE_H
#define THAW_PROJECT_TEMPLATE_H

#include "project/build.h"
#include "project/templates/template_tree.h"

/*
 * How a template is read: a reader for each form makes its tree and a list of resources in it,
 * with types as the platform has them; template_azure.c and template_aws.c say what they mean, from
 * tables that hold for all forms.
 */

enum thaw_resource_form {
    THAW_RESOURCE_ARM,       /* a resource of ARM: its properties are below "properties" */
    THAW_RESOURCE_MODULE,    /* a verified Bicep module: its parameters are such properties */
    THAW_RESOURCE_TERRAFORM, /* a resource of a Terraform provider */
    THAW_RESOURCE_AWS,       /* of CloudFormation: body is its Properties */
};

enum thaw_resource_app {
    THAW_RESOURCE_NOT_ASKED,
    THAW_RESOURCE_NO_APP,
    THAW_RESOURCE_APP,
};

struct thaw_resource {
    enum thaw_resource_form form;
    const char *type;   /* "Microsoft.Web/sites/config", "azurerm_service_plan" */
    const char *label;  /* what the template calls it */
    const char *name;   /* its own, with "{…}" for what is not known; of the last segment */
    const char *parent; /* label of what it belongs to, "" none */
    /* Of Bicep: its symbol in a scope, and the module it is of in the scope of who names that. */
    const char *symbol, *module;
    uint32_t scope, module_scope;
    bool is_existing;           /* deployed by another one: only its name matters */
    enum thaw_resource_app app; /* thaw_resource_is_app()'s own */
    const struct thaw_tree_node *body;
    uint32_t line, column, last_line;
};

struct thaw_template {
    struct thaw_project *project;
    const struct thaw_project_input *input;
    const char *file; /* input's, of the project's memory */
    struct thaw_tree tree;
    THAW_ARRAY(struct thaw_resource) resources;
    uint64_t unread;
    bool has_app;
    int code; /* what went wrong first; -ENOMEM */
};

/* A module that was followed from another template, of the project's memory. */
struct thaw_template_module {
    const char *file;
    struct thaw_template_module *next;
};

/* A form of template: what recognises it, what reads it. */
struct thaw_template_form {
    const char *name; /* struct thaw_project_template.form */
    bool (*is)(const char *file, const char *bytes, size_t length);
    void (*read)(struct thaw_template *template);
};

void thaw_template_bicep(struct thaw_template *template);
/* The type of what a verified module makes; NULL: nothing of functions, or it is none. */
const char *thaw_template_verified(const char *path, bool *ret_verified);
/* The path of a module's file as places name it; NULL: it is no file of the app's, or memory is
 * short. */
const char *thaw_template_module_file(struct thaw_template *template, const char *from,
                                      const char *written);
/* Was it followed from another one? Then what it says alone does not count. */
bool thaw_template_is_followed(const struct thaw_project *project, const char *file);
/* Notes that it is, and takes back what it said alone. 0 or -ENOMEM. */
int thaw_template_follow(struct thaw_project *project, const char *file);
void thaw_template_arm(struct thaw_template *template);
void thaw_template_terraform(struct thaw_template *template);      /* JSON */
void thaw_template_terraform_text(struct thaw_template *template); /* .tf: not read */
void thaw_template_sam(struct thaw_template *template);            /* JSON or YAML */
void thaw_template_dockerfile(struct thaw_template *template);

/* --- trees of other formats --- */

/* How a JSON text becomes a node: an expression, or a text. May be NULL: a text. */
typedef struct thaw_tree_node *thaw_template_text(struct thaw_tree *tree, const char *text,
                                                  uint32_t line, uint32_t column);
/* NULL: it is no JSON, which is the project's problem by then, or see tree's code. */
struct thaw_tree_node *thaw_template_json(struct thaw_template *template, thaw_template_text *text);
/* A JSON text inside of another one (jsonencode()); its places are all the given one's. */
struct thaw_tree_node *thaw_template_json_inner(struct thaw_template *template, const char *bytes,
                                                const struct thaw_tree_node *at);
struct thaw_tree_node *thaw_template_yaml(struct thaw_template *template);
/* "[…]" of ARM. */
struct thaw_tree_node *thaw_template_arm_text(struct thaw_tree *tree, const char *text,
                                              uint32_t line, uint32_t column);

/* --- what resources mean --- */

/* ARM takes 800; each one is held against the others. */
#define THAW_RESOURCES_MAX 2000

/* NULL: memory is short (template's code is set), or there are too many (the tree's -E2BIG). All
 * texts are the tree's. */
struct thaw_resource *thaw_template_add_resource(struct thaw_template *template,
                                                 enum thaw_resource_form form, const char *type,
                                                 const struct thaw_tree_node *body);
void thaw_template_azure(struct thaw_template *template);
void thaw_template_azure_plans(struct thaw_template *template);

/* The plan of a SKU's name ("FC1"), or where that is NULL of its tier ("FlexConsumption"); "" not
 * known. False: it is one that is not for functions. */
bool thaw_plan_of(const char *sku, const char *tier, const char **ret);
void thaw_template_aws(struct thaw_template *template);
/* Is it a function app (or a slot of one), as far as the template tells? Of the template's own,
 * when all are added: the first answer stays. */
bool thaw_resource_is_app(struct thaw_template *template, const struct thaw_resource *resource);
/* A member of the resource by a path of ARM's, wherever its form has it. */
const struct thaw_tree_node *thaw_resource_at(struct thaw_template *template,
                                              const struct thaw_resource *resource,
                                              const char *path);

/* --- what is found --- */

void thaw_template_fail(struct thaw_template *template, int code); /* 0: nothing */
/* value NULL: by an expression, "". */
void thaw_template_fact(struct thaw_template *template, enum thaw_fact_kind kind, const char *value,
                        const char *resource, const struct thaw_tree_node *at);
/* The fact that a node's text is; nothing for NULL. */
void thaw_template_fact_of(struct thaw_template *template, enum thaw_fact_kind kind,
                           const struct thaw_tree_node *node, const char *resource);
/* A setting; value NULL: not known. */
void thaw_template_setting(struct thaw_template *template, const char *name,
                           const struct thaw_tree_node *value, const struct thaw_tree_node *at,
                           const char *resource);
/* Settings of an object {NAME: value} or a list [{name, value}]; what is not known counts as
 * unread. */
void thaw_template_settings(struct thaw_template *template, const struct thaw_tree_node *node,
                            const char *resource);
/* Counts what is stated but cannot be followed: it may hold what is looked for. */
void thaw_template_note_open(struct thaw_template *template, const struct thaw_tree_node *node);

/* "NAME=COUNT" of an instance that is always ready. Never NULL. */
const char *thaw_template_ready(struct thaw_template *template, const char *name,
                                const char *count);

/* A path of a resource's body and the kind of fact that it states. */
struct thaw_template_row {
    enum thaw_fact_kind kind;
    const char *path;
};
void thaw_template_rows(struct thaw_template *template, const struct thaw_tree_node *body,
                        const struct thaw_template_row *rows, size_t count, const char *resource);

#endif
