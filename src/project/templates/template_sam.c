/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "project/templates/template.h"

/* CloudFormation and SAM, in JSON or YAML: their functions become references and conditions of the
 * tree, what their resources mean is told in template_aws.c. */

/* {"Ref": "X"}, {"Fn::…": …}: an object of one member. */
static void convert(struct thaw_tree *tree, struct thaw_tree_node *node)
{
    struct thaw_tree_node *only = node->first;

    if (node->kind != THAW_TREE_OBJECT || !only || only->next)
        return;
    if (!strcmp(only->key, "Ref") && only->kind == THAW_TREE_TEXT) {
        node->kind = THAW_TREE_REFERENCE;
        node->text = only->text;
        node->first = node->last = NULL;
    } else if (!strcmp(only->key, "Fn::If") && only->kind == THAW_TREE_LIST && only->first) {
        node->kind = THAW_TREE_CONDITION; /* behind the condition's name */
        node->first = only->first->next;
    } else if (!strcmp(only->key, "Fn::Sub") && only->kind == THAW_TREE_TEXT &&
               !strstr(only->text, "${")) {
        node->kind = THAW_TREE_TEXT;
        node->text = only->text;
        node->first = node->last = NULL;
    } else if (!strncmp(only->key, "Fn::", 4)) {
        node->kind = THAW_TREE_UNKNOWN;
        node->text = only->kind == THAW_TREE_TEXT ? only->text : only->key;
        node->first = node->last = NULL;
    }
    (void)tree;
}

/* Aliases make one node stand in several places, and in each other: the steps and their depth are
 * bounded, not the nodes and brackets alone. */
static void convert_all(struct thaw_tree *tree, struct thaw_tree_node *node, unsigned depth)
{
    if (tree->code)
        return;
    if (++tree->steps >= THAW_TREE_STEPS_MAX || depth > THAW_TREE_DEPTH_MAX) {
        thaw_tree_fail(tree, -E2BIG);
        return;
    }
    convert(tree, node);
    for (struct thaw_tree_node *child = node->first; child; child = child->next)
        convert_all(tree, child, depth + 1);
}

static void declare(struct thaw_template *template, const struct thaw_tree_node *item)
{
    const char *type = thaw_tree_text(thaw_tree_written(item, "Type"));
    struct thaw_resource *resource;

    if (!type) { /* Fn::ForEach, Fn::Transform */
        template->unread++;
        return;
    }
    if (!strcmp(type, "AWS::CloudFormation::Stack") ||
        !strcmp(type, "AWS::Serverless::Application"))
        template->unread++;
    resource = thaw_template_add_resource(template, THAW_RESOURCE_AWS, type,
                                          thaw_tree_written(item, "Properties"));
    if (!resource)
        return;
    resource->label = item->key;
    resource->line = item->line;
    resource->column = item->column;
    resource->last_line = item->last_line;
}

static bool is_json(const struct thaw_project_input *input)
{
    for (size_t i = 0; i < input->length; i++)
        if (!strchr(" \t\r\n\xEF\xBB\xBF", input->bytes[i]) || !input->bytes[i])
            return input->bytes[i] == '{';
    return false;
}

void thaw_template_sam(struct thaw_template *template)
{
    struct thaw_tree_node *root = is_json(template->input) ? thaw_template_json(template, NULL)
                                                           : thaw_template_yaml(template);
    const struct thaw_tree_node *parameters, *resources, *globals;

    if (!root)
        return;
    convert_all(&template->tree, root, 0);
    parameters = thaw_tree_written(root, "Parameters");
    resources = thaw_tree_written(root, "Resources");
    globals = thaw_tree_written(thaw_tree_written(root, "Globals"), "Function");
    for (const struct thaw_tree_node *one = parameters ? parameters->first : NULL; one;
         one = one->next)
        thaw_tree_define(&template->tree, 0, "", one->key, thaw_tree_written(one, "Default"), true);
    thaw_tree_define(&template->tree, 0, "globals/", "function", globals, false);
    for (const struct thaw_tree_node *one = resources ? resources->first : NULL; one;
         one = one->next)
        declare(template, one);
    thaw_template_aws(template);
}
