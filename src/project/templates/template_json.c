/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "project/document.h"
#include "project/templates/template.h"

/* JSON as a tree: values by jansson, places by base/json_position.h. */

struct reading {
    struct thaw_tree *tree;
    thaw_template_text *text;
    const struct thaw_project_document *document; /* NULL: places are those of at */
    const struct thaw_tree_node *at;
};

static struct thaw_tree_node *value_of(const struct reading *reading, const json_t *value,
                                       uint32_t position, const char *key, unsigned depth);

static void set_place(const struct reading *reading, struct thaw_tree_node *node, uint32_t position)
{
    struct thaw_project_place place;

    if (!reading->document) {
        node->line = reading->at->line;
        node->column = reading->at->column;
        node->last_line = reading->at->last_line;
        return;
    }
    place = thaw_document_place(reading->document, position);
    node->line = place.line;
    node->column = place.column;
    node->last_line = place.last_line;
}

static struct thaw_tree_node *object_of(const struct reading *reading, const json_t *object,
                                        uint32_t position, unsigned depth)
{
    const struct thaw_project_document *document = reading->document;
    struct thaw_tree_node *node = thaw_tree_new(reading->tree, THAW_TREE_OBJECT, NULL, 0);
    uint32_t next = THAW_JSON_NO_VALUE, own = THAW_JSON_NO_VALUE;
    const char *key;
    json_t *value;

    if (document)
        next = thaw_json_positions_first(&document->positions, position);
    json_object_foreach((json_t *)object, key, value)
    {
        if (document) {
            uint32_t first = thaw_document_next(document, next, &own);

            next = thaw_json_positions_next(&document->positions, first);
        }
        thaw_tree_append(node, value_of(reading, value, own, key, depth));
        if (reading->tree->code)
            return NULL;
    }
    return node;
}

static struct thaw_tree_node *list_of(const struct reading *reading, const json_t *list,
                                      uint32_t position, unsigned depth)
{
    struct thaw_tree_node *node = thaw_tree_new(reading->tree, THAW_TREE_LIST, NULL, 0);
    uint32_t own = THAW_JSON_NO_VALUE;
    size_t index;
    json_t *value;

    if (reading->document)
        own = thaw_json_positions_first(&reading->document->positions, position);
    json_array_foreach(list, index, value)
    {
        thaw_tree_append(node, value_of(reading, value, own, NULL, depth));
        if (reading->tree->code)
            return NULL;
        if (reading->document)
            own = thaw_json_positions_next(&reading->document->positions, own);
    }
    return node;
}

static struct thaw_tree_node *text_of(const struct reading *reading, const json_t *value,
                                      uint32_t position)
{
    struct thaw_tree_node place = {0};

    set_place(reading, &place, position);
    if (reading->text)
        return reading->text(reading->tree, json_string_value(value), place.line, place.column);
    return thaw_tree_new(reading->tree, THAW_TREE_TEXT, json_string_value(value),
                         json_string_length(value));
}

static struct thaw_tree_node *number_of(struct thaw_tree *tree, const json_t *value)
{
    char text[64];
    int length = json_is_integer(value)
                     ? snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(value))
                     : snprintf(text, sizeof(text), "%.15g", json_real_value(value));

    return thaw_tree_new(tree, THAW_TREE_NUMBER, text, (size_t)length);
}

static struct thaw_tree_node *scalar_of(struct thaw_tree *tree, const json_t *value)
{
    if (json_is_boolean(value))
        return json_is_true(value) ? thaw_tree_new(tree, THAW_TREE_BOOLEAN, "true", 4)
                                   : thaw_tree_new(tree, THAW_TREE_BOOLEAN, "false", 5);
    if (json_is_number(value))
        return number_of(tree, value);
    return thaw_tree_new(tree, THAW_TREE_NULL, NULL, 0);
}

static struct thaw_tree_node *value_of(const struct reading *reading, const json_t *value,
                                       uint32_t position, const char *key, unsigned depth)
{
    struct thaw_tree_node *node;

    if (depth >= THAW_TREE_DEPTH_MAX) {
        thaw_tree_fail(reading->tree, -E2BIG);
        return NULL;
    }
    if (json_is_object(value))
        node = object_of(reading, value, position, depth + 1);
    else if (json_is_array(value))
        node = list_of(reading, value, position, depth + 1);
    else if (json_is_string(value))
        node = text_of(reading, value, position);
    else
        node = scalar_of(reading->tree, value);
    if (!node)
        return NULL;
    set_place(reading, node, position);
    if (key)
        node->key = thaw_arena_string(&reading->tree->arena, key);
    if (!node->key) {
        thaw_tree_fail(reading->tree, -ENOMEM);
        return NULL;
    }
    return node;
}

struct thaw_tree_node *thaw_template_json(struct thaw_template *template, thaw_template_text *text)
{
    struct reading reading = {.tree = &template->tree, .text = text};
    struct thaw_project_document *document = NULL;
    struct thaw_tree_node *node = NULL;

    thaw_template_fail(template, thaw_document_read(template->project, template->input, &document));
    if (document && document->root) {
        reading.document = document;
        node = value_of(&reading, document->root, 0, NULL, 0);
    } else {
        template->unread++;
    }
    thaw_document_free(document);
    return node;
}

struct thaw_tree_node *thaw_template_json_inner(struct thaw_template *template, const char *bytes,
                                                const struct thaw_tree_node *at)
{
    struct reading reading = {.tree = &template->tree, .at = at};
    json_error_t error;
    json_t *root = json_loads(bytes, 0, &error);
    struct thaw_tree_node *node = root ? value_of(&reading, root, 0, NULL, 0) : NULL;

    json_decref(root);
    return node;
}
