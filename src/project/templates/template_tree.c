/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/table.h"
#include "project/templates/template_tree.h"
#include "project/templates/template_tree_names.h"

void thaw_tree_fail(struct thaw_tree *tree, int code)
{
    if (!tree->code)
        tree->code = code;
}

void thaw_tree_free(struct thaw_tree *tree)
{
    HASH_CLEAR(hh, tree->names);
    thaw_arena_free(&tree->arena);
}

struct thaw_tree_node *thaw_tree_new(struct thaw_tree *tree, enum thaw_tree_kind kind,
                                     const char *text, size_t length)
{
    struct thaw_tree_node *node;

    if (tree->code)
        return NULL;
    if (tree->nodes++ >= THAW_TREE_NODES_MAX) {
        thaw_tree_fail(tree, -E2BIG);
        return NULL;
    }
    node = thaw_arena_allocate(&tree->arena, sizeof(*node));
    if (node) {
        node->kind = kind;
        node->key = "";
        node->text = length ? thaw_arena_text(&tree->arena, text, length) : "";
    }
    if (!node || !node->text) {
        thaw_tree_fail(tree, -ENOMEM);
        return NULL;
    }
    return node;
}

void thaw_tree_append(struct thaw_tree_node *parent, struct thaw_tree_node *child)
{
    if (!parent || !child)
        return;
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    child->next = NULL;
}

/* --- names -------------------------------------------------------------------------------------
 */

/* Longer names than any tool takes are cut, here and there alike; no more of them is looked at. */
#define THAW_TREE_NAME_MAX 384

#define KEY_BYTES (THAW_TREE_NAME_MAX + 16)

static const char *write_key(char key[KEY_BYTES], uint32_t scope, const char *prefix,
                             const char *name)
{
    size_t length = (size_t)snprintf(key, KEY_BYTES, "%u/%s", scope, prefix);
    size_t own;

    if (length >= KEY_BYTES)
        return key;
    own = strnlen(name, KEY_BYTES - 1 - length);
    memcpy(key + length, name, own);
    key[length + own] = '\0';
    return key;
}

static const char *name_key(struct thaw_tree *tree, uint32_t scope, const char *prefix,
                            const char *name)
{
    char key[KEY_BYTES];
    const char *kept = thaw_arena_string(&tree->arena, write_key(key, scope, prefix, name));

    if (!kept)
        thaw_tree_fail(tree, -ENOMEM);
    return kept;
}

const struct thaw_tree_name *thaw_tree_find_name(struct thaw_tree *tree, uint32_t scope,
                                                 const char *name)
{
    char key[KEY_BYTES];
    struct thaw_tree_name *found = NULL;

    write_key(key, scope, "", name);
    HASH_FIND(hh, tree->names, key, strlen(key), found);
    return found;
}

void thaw_tree_define(struct thaw_tree *tree, uint32_t scope, const char *prefix, const char *name,
                      const struct thaw_tree_node *value, bool is_parameter)
{
    const char *key = tree->code ? NULL : name_key(tree, scope, prefix, name);
    struct thaw_tree_name *entry = NULL;

    if (!key)
        return;
    HASH_FIND(hh, tree->names, key, strlen(key), entry);
    if (entry)
        return;
    entry = thaw_arena_allocate(&tree->arena, sizeof(*entry));
    if (entry) {
        entry->value = value;
        entry->is_parameter = is_parameter;
        HASH_ADD_KEYPTR(hh, tree->names, key, strlen(key), entry);
    }
    if (!entry || !entry->hh.tbl)
        thaw_tree_fail(tree, -ENOMEM);
}

/* --- asking ------------------------------------------------------------------------------------
 */

#define CHILDREN_PER_STEP 16

/* The last one counts, where a key stands twice. */
static const struct thaw_tree_node *seek(const struct thaw_tree_node *object, const char *key,
                                         size_t *passed)
{
    const struct thaw_tree_node *found = NULL;

    if (!thaw_tree_is(object, THAW_TREE_OBJECT))
        return NULL;
    for (const struct thaw_tree_node *child = object->first; child; child = child->next, ++*passed)
        if (!strcasecmp(child->key, key))
            found = child;
    return found;
}

const struct thaw_tree_node *thaw_tree_written(const struct thaw_tree_node *object, const char *key)
{
    size_t passed = 0;

    return seek(object, key, &passed);
}

void thaw_tree_pass(struct thaw_tree *tree, size_t passed)
{
    tree->steps += passed / CHILDREN_PER_STEP;
    if (tree->steps >= THAW_TREE_STEPS_MAX)
        thaw_tree_fail(tree, -E2BIG);
}

const struct thaw_tree_node *thaw_tree_seek(struct thaw_tree *tree,
                                            const struct thaw_tree_node *object, const char *key)
{
    size_t passed = 0;
    const struct thaw_tree_node *found = tree->code ? NULL : seek(object, key, &passed);

    thaw_tree_pass(tree, passed);
    return found;
}

const struct thaw_tree_node *thaw_tree_member(struct thaw_tree *tree,
                                              const struct thaw_tree_node *object, const char *key)
{
    object = thaw_tree_value(tree, object);
    if (thaw_tree_is(object, THAW_TREE_UNKNOWN))
        return object;
    return thaw_tree_value(tree, thaw_tree_seek(tree, object, key));
}

const struct thaw_tree_node *thaw_tree_at(struct thaw_tree *tree, const struct thaw_tree_node *node,
                                          const char *path)
{
    char key[64];

    node = thaw_tree_value(tree, node);
    while (node && *path) {
        size_t length = strcspn(path, ".");

        if (length >= sizeof(key))
            return NULL;
        memcpy(key, path, length);
        key[length] = '\0';
        path += length + (path[length] == '.');
        if (node->kind == THAW_TREE_LIST && node->first && !node->first->next)
            node = thaw_tree_value(tree, node->first);
        node = thaw_tree_member(tree, node, key);
    }
    return node;
}

bool thaw_tree_is(const struct thaw_tree_node *node, enum thaw_tree_kind kind)
{
    return node && node->kind == kind;
}

const char *thaw_tree_text(const struct thaw_tree_node *node)
{
    bool is_scalar = thaw_tree_is(node, THAW_TREE_TEXT) || thaw_tree_is(node, THAW_TREE_NUMBER) ||
                     thaw_tree_is(node, THAW_TREE_BOOLEAN);

    return is_scalar ? node->text : NULL;
}

size_t thaw_tree_cut(const char *text, size_t most)
{
    size_t length = strnlen(text, most + 1);

    if (length <= most)
        return length;
    for (length = most; length && ((unsigned char)text[length] & 0xC0) == 0x80;)
        length--;
    return length;
}

/* Counts the bytes of a text that was made: one may be asked for as often as it is referred to. */
static void note_made(struct thaw_tree *tree, size_t bytes)
{
    tree->made += bytes;
    if (tree->made > THAW_TREE_MADE_MAX)
        thaw_tree_fail(tree, -E2BIG);
}

/* What stands for a part that is not known. */
static const char *hole_of(struct thaw_tree *tree, const struct thaw_tree_node *part,
                           const char *hole)
{
    const char *made;

    if (hole)
        return hole;
    made = thaw_arena_format(&tree->arena, "{%.*s}",
                             (int)thaw_tree_cut(part->text, THAW_TREE_NAME_MAX), part->text);
    if (!made)
        thaw_tree_fail(tree, -ENOMEM);
    else
        note_made(tree, strlen(made) + 1);
    return made ? made : "";
}

const char *thaw_tree_joined(struct thaw_tree *tree, const struct thaw_tree_node *node,
                             const char *hole)
{
    char *text = NULL;
    size_t length = 0;

    for (int round = 0; round < 2; round++) {
        length = 0;
        for (const struct thaw_tree_node *part = node->first; part; part = part->next) {
            const char *own = thaw_tree_text(part);
            size_t own_length;

            if (!own)
                own = hole_of(tree, part, hole);
            if (tree->code) /* a hole without its name would have another length next time */
                return NULL;
            own_length = strlen(own);
            if (length + own_length > THAW_TREE_TEXT_MAX)
                return NULL;
            if (text)
                memcpy(text + length, own, own_length);
            length += own_length;
        }
        if (!text)
            text = thaw_arena_bytes(&tree->arena, length + 1);
        if (!text) {
            thaw_tree_fail(tree, -ENOMEM);
            return NULL;
        }
    }
    text[length] = '\0';
    note_made(tree, length + 1);
    return text;
}

const char *thaw_tree_label(struct thaw_tree *tree, const struct thaw_tree_node *node)
{
    const char *text;
    size_t length;

    node = thaw_tree_value(tree, node);
    if (!node)
        return "";
    text = node->kind == THAW_TREE_JOIN ? thaw_tree_joined(tree, node, NULL) : thaw_tree_text(node);
    if (!text && node->kind == THAW_TREE_UNKNOWN && *node->text)
        text = hole_of(tree, node, NULL);
    if (!text)
        return "";
    /* Each is held against all others. */
    length = thaw_tree_cut(text, THAW_TREE_LABEL_MAX);
    if (!text[length])
        return text;
    text = thaw_arena_text(&tree->arena, text, length);
    if (!text)
        thaw_tree_fail(tree, -ENOMEM);
    note_made(tree, length + 1);
    return text ? text : "";
}
