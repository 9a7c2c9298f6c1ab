/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "project/templates/bicep_text.h"
#include "project/templates/template.h"
#include "project/templates/template_tree_names.h"

/* ARM templates: resources, nested ones and those of nested deployments. */

#define DEPLOYMENTS_MAX 64 /* inside of one another or beside */

struct level {
    struct thaw_template *template;
    const struct thaw_resource *around;
    uint32_t *scopes; /* how many there are */
    unsigned depth;
};

static void read_template(const struct level *level, const struct thaw_tree_node *root,
                          uint32_t scope, const struct thaw_tree_node *given);

struct thaw_tree_node *thaw_template_arm_text(struct thaw_tree *tree, const char *text,
                                              uint32_t line, uint32_t column)
{
    size_t length = strlen(text);
    struct thaw_bicep_text expression;
    struct thaw_tree_node *node;

    if (length >= 2 && text[0] == '[' && text[1] == '[') /* a bracket as such */
        return thaw_tree_new(tree, THAW_TREE_TEXT, text + 1, length - 1);
    if (length < 2 || text[0] != '[' || text[length - 1] != ']')
        return thaw_tree_new(tree, THAW_TREE_TEXT, text, length);
    thaw_bicep_begin(&expression, tree, text + 1, length - 2);
    thaw_bicep_begin_at(&expression, line, column);
    expression.is_arm = true;
    thaw_bicep_take(&expression);
    node = thaw_bicep_expression(&expression);
    if (node && expression.token.kind != THAW_BICEP_END)
        node->kind = THAW_TREE_UNKNOWN;
    return node;
}

/* --- names --------------------------------------------------------------------------------------
 */

/* Expressions of an inner template know its own parameters only. */
static void set_scope(struct thaw_tree *tree, struct thaw_tree_node *node, uint32_t scope)
{
    node->scope = scope;
    if (tree->steps++ >= THAW_TREE_STEPS_MAX)
        thaw_tree_fail(tree, -E2BIG);
    for (struct thaw_tree_node *child = node->first; child && !tree->code; child = child->next)
        set_scope(tree, child, scope);
}

static void define_all(struct thaw_tree *tree, const struct thaw_tree_node *root, uint32_t scope,
                       const struct thaw_tree_node *given)
{
    const struct thaw_tree_node *parameters = thaw_tree_written(root, "parameters");
    const struct thaw_tree_node *variables = thaw_tree_written(root, "variables");

    for (const struct thaw_tree_node *one = parameters ? parameters->first : NULL; one;
         one = one->next) {
        const struct thaw_tree_node *passed = thaw_tree_seek(tree, given, one->key);
        const struct thaw_tree_node *value = thaw_tree_written(passed, "value");

        if (value)
            thaw_tree_define(tree, scope, "parameters.", one->key, value, false);
        else
            thaw_tree_define(tree, scope, "parameters.", one->key,
                             passed ? NULL : thaw_tree_written(one, "defaultValue"), true);
    }
    for (const struct thaw_tree_node *one = variables ? variables->first : NULL; one;
         one = one->next)
        thaw_tree_define(tree, scope, "variables.", one->key,
                         strcasecmp(one->key, "copy") ? one : NULL, false);
}

/* --- resources ----------------------------------------------------------------------------------
 */

/* "{parameters.name}/appsettings": the last segment, and the one before it. Slashes inside of
 * braces do not count: they are none of the name's. */
static const char *last_slash(const char *name)
{
    const char *slash = NULL;
    size_t open = 0;

    for (; *name; name++) {
        open += *name == '{';
        open -= *name == '}' && open;
        if (*name == '/' && !open)
            slash = name;
    }
    return slash;
}

static const char *cut(struct thaw_tree *tree, const char *text, size_t length)
{
    const char *made = thaw_arena_text(&tree->arena, text, length);

    if (!made)
        thaw_tree_fail(tree, -ENOMEM);
    return made ? made : "";
}

static void set_names(const struct level *level, struct thaw_resource *resource,
                      const struct thaw_tree_node *written)
{
    struct thaw_tree *tree = &level->template->tree;
    const char *name = thaw_tree_label(tree, thaw_tree_written(written, "name"));
    const char *slash = last_slash(name);

    resource->label = name;
    resource->name = slash ? slash + 1 : name;
    if (level->around)
        resource->parent = level->around->label;
    else if (slash)
        resource->parent = cut(tree, name, (size_t)(slash - name));
}

/* Where the template of a deployment is a part of this one. */
static void deployment(const struct level *level, const struct thaw_tree_node *body)
{
    struct thaw_template *template = level->template;
    const struct thaw_tree_node *properties = thaw_tree_written(body, "properties");
    struct thaw_tree_node *inner =
        (struct thaw_tree_node *)thaw_tree_written(properties, "template");
    const struct thaw_tree_node *options =
        thaw_tree_written(properties, "expressionEvaluationOptions");
    const char *of = thaw_tree_text(thaw_tree_written(options, "scope"));
    struct level below = {.template = template, .scopes = level->scopes, .depth = level->depth + 1};

    if (!thaw_tree_is(inner, THAW_TREE_OBJECT) || *level->scopes >= DEPLOYMENTS_MAX ||
        level->depth >= THAW_TREE_DEPTH_MAX) {
        template->unread++;
        return;
    }
    if (of && !strcasecmp(of, "inner")) {
        set_scope(&template->tree, inner, ++*level->scopes);
        read_template(&below, inner, *level->scopes, thaw_tree_written(properties, "parameters"));
    } else {
        read_template(&below, inner, UINT32_MAX, NULL);
    }
}

static void read_resources(const struct level *level, const struct thaw_tree_node *list);

static void read_resource(const struct level *level, const struct thaw_tree_node *body)
{
    struct thaw_template *template = level->template;
    const char *own = thaw_tree_text(thaw_tree_written(body, "type")), *type = own;
    const char *existing = thaw_tree_text(thaw_tree_written(body, "existing"));
    struct level below = *level;
    struct thaw_resource *resource, copy;

    if (!own || (existing && !strcmp(existing, "true"))) {
        template->unread += !own;
        return;
    }
    template->unread += thaw_tree_written(body, "copy") != NULL;
    if (!strcasecmp(own, "Microsoft.Resources/deployments")) {
        deployment(level, body);
        return;
    }
    if (level->around && !strchr(own, '/'))
        type = thaw_arena_format(&template->tree.arena, "%s/%s", level->around->type, own);
    if (!type) {
        thaw_tree_fail(&template->tree, -ENOMEM);
        return;
    }
    resource = thaw_template_add_resource(template, THAW_RESOURCE_ARM, type, body);
    if (!resource)
        return;
    set_names(level, resource, body);
    copy = *resource; /* the list moves when it grows */
    below.around = &copy;
    below.depth++;
    if (below.depth < THAW_TREE_DEPTH_MAX)
        read_resources(&below, thaw_tree_written(body, "resources"));
}

static void read_resources(const struct level *level, const struct thaw_tree_node *list)
{
    /* By symbolic names, an object holds them as a list does. */
    for (const struct thaw_tree_node *one = list ? list->first : NULL; one; one = one->next)
        read_resource(level, one);
}

/* scope UINT32_MAX: the template knows the names around it. */
static void read_template(const struct level *level, const struct thaw_tree_node *root,
                          uint32_t scope, const struct thaw_tree_node *given)
{
    if (scope != UINT32_MAX)
        define_all(&level->template->tree, root, scope, given);
    read_resources(level, thaw_tree_written(root, "resources"));
}

void thaw_template_arm(struct thaw_template *template)
{
    struct thaw_tree_node *root = thaw_template_json(template, thaw_template_arm_text);
    uint32_t scopes = 0;
    struct level level = {.template = template, .scopes = &scopes};

    if (!root)
        return;
    read_template(&level, root, 0, NULL);
    thaw_template_azure(template);
}
