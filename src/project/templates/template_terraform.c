/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "project/templates/bicep_text.h"
#include "project/templates/template.h"
#include "project/templates/template_tree_names.h"

/* Terraform as JSON: configuration (*.tf.json), and what `terraform show -json` says of a plan or a
 * state. What its resources mean: template_azurerm.c and template_aws.c. */

void thaw_template_azurerm(struct thaw_template *template);

/* --- "${…}" -------------------------------------------------------------------------------------
 */

/* var.x, local.x and TYPE.NAME are one name each. */
static void join_names(struct thaw_tree *tree, struct thaw_tree_node *node)
{
    if (node->kind == THAW_TREE_REFERENCE && thaw_tree_is(node->first, THAW_TREE_TEXT)) {
        const char *text = thaw_arena_format(&tree->arena, "%s.%s", node->text, node->first->text);

        if (!text) {
            thaw_tree_fail(tree, -ENOMEM);
            return;
        }
        node->text = text;
        node->first = node->first->next;
        node->last = node->first ? node->last : NULL;
    }
    for (struct thaw_tree_node *child = node->first; child; child = child->next)
        join_names(tree, child);
}

static struct thaw_tree_node *expression(struct thaw_tree *tree, const char *bytes, size_t length,
                                         uint32_t line, uint32_t column)
{
    struct thaw_bicep_text text;
    struct thaw_tree_node *node;

    if (memchr(bytes, '"', length)) /* texts inside are written otherwise than Bicep's */
        return thaw_tree_new(tree, THAW_TREE_UNKNOWN, bytes, length);
    thaw_bicep_begin(&text, tree, bytes, length);
    thaw_bicep_begin_at(&text, line, column);
    text.is_arm = true;
    thaw_bicep_take(&text);
    node = thaw_bicep_expression(&text);
    if (!node)
        return NULL;
    join_names(tree, node);
    if (text.token.kind != THAW_BICEP_END)
        node->kind = THAW_TREE_UNKNOWN;
    return node;
}

/* Behind the brace that closes what begins at text ("${"); NULL: none does. */
static const char *closing(const char *text)
{
    size_t open = 0;

    for (text += 1; *text; text++) {
        open += *text == '{';
        if (*text == '}' && !--open)
            return text + 1;
    }
    return NULL;
}

static struct thaw_tree_node *interpolated(struct thaw_tree *tree, const char *text, uint32_t line,
                                           uint32_t column)
{
    struct thaw_tree_node *join = thaw_tree_new(tree, THAW_TREE_JOIN, NULL, 0);
    const char *whole = text;

    while (*text && join && !tree->code) {
        const char *begin = strstr(text, "${"), *end = begin ? closing(begin) : NULL;
        size_t before = begin ? (size_t)(begin - text) : strlen(text);

        if (begin && before && begin[-1] == '$') { /* "$${" is no expression */
            thaw_tree_append(join, thaw_tree_new(tree, THAW_TREE_TEXT, text, before));
            thaw_tree_append(join, thaw_tree_new(tree, THAW_TREE_TEXT, "{", 1));
            text = begin + 2;
            continue;
        }
        if (before)
            thaw_tree_append(join, thaw_tree_new(tree, THAW_TREE_TEXT, text, before));
        if (!begin)
            break;
        if (!end)
            return thaw_tree_new(tree, THAW_TREE_UNKNOWN, NULL, 0);
        if (begin == whole && !*end)
            return expression(tree, begin + 2, (size_t)(end - begin) - 3, line, column);
        thaw_tree_append(join,
                         expression(tree, begin + 2, (size_t)(end - begin) - 3, line, column));
        text = end;
    }
    return join;
}

static struct thaw_tree_node *text_of(struct thaw_tree *tree, const char *text, uint32_t line,
                                      uint32_t column)
{
    if (strstr(text, "%{")) /* a directive: if, for */
        return thaw_tree_new(tree, THAW_TREE_UNKNOWN, NULL, 0);
    if (strstr(text, "${"))
        return interpolated(tree, text, line, column);
    return thaw_tree_new(tree, THAW_TREE_TEXT, text, strlen(text));
}

/* --- configuration ------------------------------------------------------------------------------
 */

/* Blocks of a kind are an object, or a list of such; each of them is gone through. */
typedef void each_block(struct thaw_template *template, const char *type,
                        const struct thaw_tree_node *named);

static void each(struct thaw_template *template, const struct thaw_tree_node *blocks,
                 const char *type, each_block *call)
{
    bool is_list = thaw_tree_is(blocks, THAW_TREE_LIST);

    for (const struct thaw_tree_node *one = blocks ? blocks->first : NULL; one; one = one->next) {
        if (!is_list)
            call(template, type, one);
        for (const struct thaw_tree_node *inner = is_list ? one->first : NULL; inner;
             inner = inner->next)
            call(template, type, inner);
    }
}

static struct thaw_resource *declare(struct thaw_template *template, const char *type,
                                     const struct thaw_tree_node *body, const char *label)
{
    struct thaw_resource *resource =
        thaw_template_add_resource(template, THAW_RESOURCE_TERRAFORM, type, body);

    if (resource)
        resource->label = resource->symbol = label;
    return resource;
}

static void configured(struct thaw_template *template, const char *type,
                       const struct thaw_tree_node *named)
{
    const struct thaw_tree_node *body = named;
    const char *label = thaw_arena_format(&template->tree.arena, "%s.%s", type, named->key);

    if (!label) {
        thaw_template_fail(template, -ENOMEM);
        return;
    }
    if (thaw_tree_is(body, THAW_TREE_LIST))
        body = body->first;
    if (!body)
        return;
    declare(template, type, body, label);
    template->unread += thaw_tree_written(body, "count") || thaw_tree_written(body, "for_each") ||
                        thaw_tree_written(body, "dynamic");
}

static void types(struct thaw_template *template, const char *type,
                  const struct thaw_tree_node *named)
{
    (void)type;
    each(template, named, named->key, configured);
}

static void variable(struct thaw_template *template, const char *type,
                     const struct thaw_tree_node *named)
{
    const struct thaw_tree_node *body =
        thaw_tree_is(named, THAW_TREE_LIST) && named->first ? named->first : named;

    thaw_tree_define(&template->tree, 0, type, named->key, thaw_tree_written(body, "default"),
                     true);
}

static void local(struct thaw_template *template, const char *type,
                  const struct thaw_tree_node *named)
{
    thaw_tree_define(&template->tree, 0, type, named->key, named, false);
}

static void module(struct thaw_template *template, const char *type,
                   const struct thaw_tree_node *named)
{
    (void)type;
    (void)named;
    template->unread++;
}

static void configuration(struct thaw_template *template, const struct thaw_tree_node *root)
{
    each(template, thaw_tree_written(root, "variable"), "var.", variable);
    each(template, thaw_tree_written(root, "locals"), "local.", local);
    each(template, thaw_tree_written(root, "resource"), "", types);
    each(template, thaw_tree_written(root, "module"), "", module);
}

/* --- terraform show -json -----------------------------------------------------------------------
 */

/* By address: what the plan does not know before it is applied. */
static void unknowns(struct thaw_template *template, const struct thaw_tree_node *root)
{
    const struct thaw_tree_node *changes = thaw_tree_written(root, "resource_changes");

    for (const struct thaw_tree_node *one = changes ? changes->first : NULL; one; one = one->next) {
        const char *address = thaw_tree_text(thaw_tree_written(one, "address"));
        const struct thaw_tree_node *change = thaw_tree_written(one, "change");

        if (address)
            thaw_tree_define(&template->tree, 0, "unknown.", address,
                             thaw_tree_written(change, "after_unknown"), false);
    }
}

static void shown(struct thaw_template *template, const struct thaw_tree_node *item)
{
    const char *type = thaw_tree_text(thaw_tree_written(item, "type"));
    const char *address = thaw_tree_text(thaw_tree_written(item, "address"));
    const char *mode = thaw_tree_text(thaw_tree_written(item, "mode"));
    const struct thaw_tree_node *values = thaw_tree_written(item, "values");

    if (type && address && values && (!mode || !strcmp(mode, "managed")))
        declare(template, type, values, address);
}

static void shown_module(struct thaw_template *template, const struct thaw_tree_node *module,
                         unsigned depth)
{
    const struct thaw_tree_node *items = thaw_tree_written(module, "resources");
    const struct thaw_tree_node *children = thaw_tree_written(module, "child_modules");

    for (const struct thaw_tree_node *one = items ? items->first : NULL; one; one = one->next)
        shown(template, one);
    for (const struct thaw_tree_node *one = children && depth ? children->first : NULL; one;
         one = one->next)
        shown_module(template, one, depth - 1);
}

static bool is_shown(const struct thaw_project_input *input)
{
    static const char version[] = "\"format_version\"", module[] = "\"root_module\"";

    return memmem(input->bytes, input->length, version, sizeof(version) - 1) &&
           memmem(input->bytes, input->length, module, sizeof(module) - 1);
}

static void show(struct thaw_template *template, const struct thaw_tree_node *root)
{
    const struct thaw_tree_node *values = thaw_tree_written(root, "planned_values");

    if (!values)
        values = thaw_tree_written(root, "values");
    unknowns(template, root);
    shown_module(template, thaw_tree_written(values, "root_module"), THAW_TREE_DEPTH_MAX);
}

void thaw_template_terraform(struct thaw_template *template)
{
    bool is_show = is_shown(template->input);
    struct thaw_tree_node *root = thaw_template_json(template, is_show ? NULL : text_of);

    if (!root)
        return;
    if (is_show)
        show(template, root);
    else
        configuration(template, root);
    thaw_template_azurerm(template);
    thaw_template_azure(template);
    thaw_template_aws(template);
}

/* *.tf is not read: `terraform show -json` says the same, with all of it followed. */
void thaw_template_terraform_text(struct thaw_template *template)
{
    static const char *const types[] = {"_function_app", "aws_lambda_function",
                                        "Microsoft.Web/sites"};
    const struct thaw_project_input *input = template->input;

    template->unread = 1;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        template->has_app |=
            memmem(input->bytes, input->length, types[i], strlen(types[i])) != NULL;
}
