/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "project/templates/template_tree.h"
#include "project/templates/template_tree_names.h"

/*
 * Following what a template says by reference. Each value is made anew when it is asked for: a
 * template asks for little, and the bounds are on the steps of all.
 */
#define FOLLOW_DEPTH_MAX 48

static const struct thaw_tree_node unknown = {.key = "", .text = ""};

static const struct thaw_tree_node *follow(struct thaw_tree *tree,
                                           const struct thaw_tree_node *node, unsigned depth);

/* A node that takes the place of another one: its key and place. Its text is the tree's by then, or
 * constant: a long one may be referred to very often. */
static struct thaw_tree_node *new_at(struct thaw_tree *tree, const struct thaw_tree_node *node,
                                     enum thaw_tree_kind kind, const char *text)
{
    struct thaw_tree_node *made = thaw_tree_new(tree, kind, NULL, 0);

    if (made) {
        made->text = text;
        made->key = node->key;
        made->scope = node->scope;
        made->file = node->file;
        made->line = node->line;
        made->column = node->column;
        made->last_line = node->last_line;
    }
    return made;
}

/* Its text is what it was made from: labels need a name for it. */
static const struct thaw_tree_node *new_unknown(struct thaw_tree *tree,
                                                const struct thaw_tree_node *node)
{
    const struct thaw_tree_node *made = new_at(tree, node, THAW_TREE_UNKNOWN, node->text);

    return made ? made : &unknown;
}

/* A copy in a place of its own: same children. */
static struct thaw_tree_node *copied(struct thaw_tree *tree, const struct thaw_tree_node *node)
{
    struct thaw_tree_node *made = new_at(tree, node, node->kind, node->text);

    if (made) {
        made->is_open = node->is_open;
        made->first = node->first;
        made->last = node->last;
    }
    return made;
}

/* --- lists and objects put together -------------------------------------------------------------
 */

/* Later members win over earlier ones of the same key. */
static void take_in(struct thaw_tree *tree, struct thaw_tree_node *into,
                    const struct thaw_tree_node *value)
{
    if (!thaw_tree_is(value, into->kind)) {
        into->is_open |= !thaw_tree_is(value, THAW_TREE_NULL);
        return;
    }
    into->is_open |= value->is_open;
    for (const struct thaw_tree_node *child = value->first; child; child = child->next) {
        struct thaw_tree_node *before =
            into->kind == THAW_TREE_OBJECT
                ? (struct thaw_tree_node *)thaw_tree_seek(tree, into, child->key)
                : NULL;
        struct thaw_tree_node *copy = copied(tree, child);

        if (!copy)
            return;
        if (before) { /* that one is a copy, too */
            copy->next = before->next;
            *before = *copy;
            if (into->last == before)
                into->last = before;
        } else {
            thaw_tree_append(into, copy);
        }
    }
}

/* The children of a call (or a list) merged: of the kind that the first known one has. */
static const struct thaw_tree_node *merged(struct thaw_tree *tree,
                                           const struct thaw_tree_node *node,
                                           const struct thaw_tree_node *first, bool is_either,
                                           unsigned depth)
{
    struct thaw_tree_node *into = NULL;
    bool is_open = is_either;

    for (const struct thaw_tree_node *child = first; child; child = child->next) {
        const struct thaw_tree_node *value = follow(tree, child, depth);
        bool holds = value->kind == THAW_TREE_OBJECT || value->kind == THAW_TREE_LIST;

        if (!into && holds) {
            into = new_at(tree, node, value->kind, "");
            if (!into)
                return &unknown;
        }
        if (into)
            take_in(tree, into, value);
        else
            is_open |= value->kind != THAW_TREE_NULL;
    }
    if (!into)
        return new_unknown(tree, node);
    into->is_open |= is_open;
    return into;
}

/* --- texts --------------------------------------------------------------------------------------
 */

static void add_part(struct thaw_tree *tree, struct thaw_tree_node *join,
                     const struct thaw_tree_node *value)
{
    if (value->kind == THAW_TREE_JOIN) {
        for (const struct thaw_tree_node *part = value->first; part; part = part->next)
            thaw_tree_append(join, copied(tree, part));
    } else if (thaw_tree_text(value)) {
        thaw_tree_append(join, new_at(tree, value, THAW_TREE_TEXT, value->text));
    } else {
        thaw_tree_append(join, new_at(tree, value, THAW_TREE_UNKNOWN, value->text));
    }
}

/* One text where all of its parts are known. */
static const struct thaw_tree_node *text_of(struct thaw_tree *tree, struct thaw_tree_node *join)
{
    const char *text;

    if (!join)
        return &unknown;
    for (const struct thaw_tree_node *part = join->first; part; part = part->next)
        if (part->kind == THAW_TREE_UNKNOWN)
            return join;
    text = thaw_tree_joined(tree, join, "");
    join = text ? new_at(tree, join, THAW_TREE_TEXT, text) : NULL;
    return join ? join : &unknown;
}

static const struct thaw_tree_node *join_of(struct thaw_tree *tree,
                                            const struct thaw_tree_node *node, unsigned depth)
{
    struct thaw_tree_node *join = new_at(tree, node, THAW_TREE_JOIN, "");

    for (const struct thaw_tree_node *part = node->first; part && join; part = part->next)
        add_part(tree, join, follow(tree, part, depth));
    return text_of(tree, join);
}

/* "{0}-{1}" and what to put in. */
static const struct thaw_tree_node *format_of(struct thaw_tree *tree,
                                              const struct thaw_tree_node *node, unsigned depth)
{
    const struct thaw_tree_node *form = node->first ? follow(tree, node->first, depth) : NULL;
    struct thaw_tree_node *join = new_at(tree, node, THAW_TREE_JOIN, "");
    const char *text = thaw_tree_text(form);

    while (join && text && *text) {
        const struct thaw_tree_node *part = node->first->next;
        size_t length = strcspn(text, "{}");
        unsigned index = 0;

        if (length)
            thaw_tree_append(join, thaw_tree_new(tree, THAW_TREE_TEXT, text, length));
        text += length;
        if (!*text)
            break;
        if (text[0] == text[1]) { /* a brace as such */
            thaw_tree_append(join, thaw_tree_new(tree, THAW_TREE_TEXT, text, 1));
            text += 2;
            continue;
        }
        length = strcspn(text, "}");
        for (size_t i = 1; i < length && text[i] >= '0' && text[i] <= '9' && index < 1000; i++)
            index = index * 10 + (unsigned)(text[i] - '0');
        for (unsigned i = 0; part && i < index; i++)
            part = part->next;
        add_part(tree, join, part ? follow(tree, part, depth) : &unknown);
        text += length + (text[length] == '}');
    }
    return thaw_tree_text(form) ? text_of(tree, join) : new_unknown(tree, node);
}

/* --- functions ----------------------------------------------------------------------------------
 */

static const struct thaw_tree_node *merge_call(struct thaw_tree *tree,
                                               const struct thaw_tree_node *node, unsigned depth)
{
    return merged(tree, node, node->first, false, depth);
}

/* concat() is of lists or of texts. */
static const struct thaw_tree_node *concat_call(struct thaw_tree *tree,
                                                const struct thaw_tree_node *node, unsigned depth)
{
    for (const struct thaw_tree_node *child = node->first; child; child = child->next) {
        const struct thaw_tree_node *value = follow(tree, child, depth);

        if (thaw_tree_text(value) || value->kind == THAW_TREE_JOIN)
            return join_of(tree, node, depth);
        if (value->kind == THAW_TREE_LIST)
            return merged(tree, node, node->first, false, depth);
    }
    return new_unknown(tree, node);
}

/* Of the items of its only argument, a list. */
static const struct thaw_tree_node *merge_items(struct thaw_tree *tree,
                                                const struct thaw_tree_node *node, unsigned depth)
{
    const struct thaw_tree_node *list = node->first ? follow(tree, node->first, depth) : NULL;

    if (!thaw_tree_is(list, THAW_TREE_LIST))
        return new_unknown(tree, node);
    return merged(tree, node, list->first, list->is_open, depth);
}

static const struct thaw_tree_node *list_call(struct thaw_tree *tree,
                                              const struct thaw_tree_node *node, unsigned depth)
{
    struct thaw_tree_node *list = copied(tree, node);

    (void)depth;
    if (!list)
        return &unknown;
    list->kind = THAW_TREE_LIST;
    return list;
}

static const struct thaw_tree_node *object_call(struct thaw_tree *tree,
                                                const struct thaw_tree_node *node, unsigned depth)
{
    struct thaw_tree_node *object = new_at(tree, node, THAW_TREE_OBJECT, "");

    for (const struct thaw_tree_node *key = node->first; key && object; key = key->next->next) {
        const char *text = thaw_tree_text(follow(tree, key, depth));
        struct thaw_tree_node *member = key->next ? copied(tree, key->next) : NULL;

        if (member && text) {
            member->key = text;
            thaw_tree_append(object, member);
        } else {
            object->is_open = true;
        }
        if (!key->next)
            break;
    }
    return object ? object : &unknown;
}

static const struct thaw_tree_node *same_call(struct thaw_tree *tree,
                                              const struct thaw_tree_node *node, unsigned depth)
{
    return node->first ? follow(tree, node->first, depth) : new_unknown(tree, node);
}

/* is_open: it rests on a parameter's default, so that it may be the other one. */
static const struct thaw_tree_node *
boolean(struct thaw_tree *tree, const struct thaw_tree_node *node, bool is, bool is_open)
{
    struct thaw_tree_node *made = new_at(tree, node, THAW_TREE_BOOLEAN, is ? "true" : "false");

    if (!made)
        return &unknown;
    made->is_open = is_open;
    return made;
}

static const struct thaw_tree_node *not_call(struct thaw_tree *tree,
                                             const struct thaw_tree_node *node, unsigned depth)
{
    const struct thaw_tree_node *value = node->first ? follow(tree, node->first, depth) : NULL;

    if (!thaw_tree_is(value, THAW_TREE_BOOLEAN))
        return new_unknown(tree, node);
    return boolean(tree, node, strcmp(value->text, "true") != 0, value->is_open);
}

static const struct thaw_tree_node *equals_call(struct thaw_tree *tree,
                                                const struct thaw_tree_node *node, unsigned depth)
{
    const struct thaw_tree_node *one = node->first ? follow(tree, node->first, depth) : NULL;
    const struct thaw_tree_node *other =
        one && node->first->next ? follow(tree, node->first->next, depth) : NULL;

    if (!thaw_tree_text(one) || !thaw_tree_text(other))
        return new_unknown(tree, node);
    return boolean(tree, node, !strcmp(one->text, other->text), one->is_open || other->is_open);
}

static const struct thaw_tree_node *empty_call(struct thaw_tree *tree,
                                               const struct thaw_tree_node *node, unsigned depth)
{
    const struct thaw_tree_node *value = node->first ? follow(tree, node->first, depth) : NULL;

    if (thaw_tree_is(value, THAW_TREE_TEXT))
        return boolean(tree, node, !*value->text, value->is_open);
    if (thaw_tree_is(value, THAW_TREE_LIST) || thaw_tree_is(value, THAW_TREE_OBJECT))
        return boolean(tree, node, !value->first, value->is_open);
    return new_unknown(tree, node);
}

/* if(x, a, b): either, where x is not known for sure. */
static const struct thaw_tree_node *either_call(struct thaw_tree *tree,
                                                const struct thaw_tree_node *node, unsigned depth)
{
    const struct thaw_tree_node *test = node->first ? follow(tree, node->first, depth) : NULL;
    const struct thaw_tree_node *yes = node->first ? node->first->next : NULL;

    if (thaw_tree_is(test, THAW_TREE_BOOLEAN) && !test->is_open && yes && yes->next)
        return follow(tree, strcmp(test->text, "true") ? yes->next : yes, depth);
    return merged(tree, node, node->first ? node->first->next : NULL, true, depth);
}

static const struct {
    const char *name;
    const struct thaw_tree_node *(*call)(struct thaw_tree *, const struct thaw_tree_node *,
                                         unsigned);
} functions[] = {
    {"union", merge_call},         {"concat", concat_call},
    {"format", format_of},         {"shallowMerge", merge_items},
    {"flatten", merge_items},      {"createArray", list_call},
    {"createObject", object_call}, {"any", same_call},
    {"string", same_call},         {"int", same_call},
    {"if", either_call},           {"bool", same_call},
    {"merge", merge_call},         {"not", not_call},
    {"equals", equals_call},       {"empty", empty_call},
};

static const struct thaw_tree_node *call_of(struct thaw_tree *tree,
                                            const struct thaw_tree_node *node, unsigned depth)
{
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        if (!strcasecmp(node->text, functions[i].name))
            return functions[i].call(tree, node, depth);
    return new_unknown(tree, node);
}

/* --- references ---------------------------------------------------------------------------------
 */

static const struct thaw_tree_node *member_of(struct thaw_tree *tree,
                                              const struct thaw_tree_node *value,
                                              const struct thaw_tree_node *key, unsigned depth)
{
    const char *text = thaw_tree_text(follow(tree, key, depth));
    const struct thaw_tree_node *found = text ? thaw_tree_seek(tree, value, text) : NULL;

    return found ? follow(tree, found, depth) : NULL;
}

/* A default that is there to be overridden. */
static bool is_nothing(const struct thaw_tree_node *value)
{
    return value->kind == THAW_TREE_NULL || (value->kind == THAW_TREE_TEXT && !*value->text);
}

/* Not known, but it has a name: that of what it leads to in the end. */
static const struct thaw_tree_node *new_named(struct thaw_tree *tree,
                                              const struct thaw_tree_node *node,
                                              const struct thaw_tree_node *value)
{
    bool leads_on = value && value->kind == THAW_TREE_UNKNOWN && value->is_open && !node->first;
    struct thaw_tree_node *made =
        new_at(tree, node, THAW_TREE_UNKNOWN, leads_on ? value->text : node->text);

    if (!made)
        return &unknown;
    made->is_open = true;
    if (leads_on)
        made->scope = value->scope;
    return made;
}

static const struct thaw_tree_node *reference_of(struct thaw_tree *tree,
                                                 const struct thaw_tree_node *node, unsigned depth)
{
    const struct thaw_tree_name *name = thaw_tree_find_name(tree, node->scope, node->text);
    const struct thaw_tree_node *value =
        name && name->value ? follow(tree, name->value, depth) : NULL;
    struct thaw_tree_node *copy;

    for (const struct thaw_tree_node *key = node->first; key && value; key = key->next)
        value = member_of(tree, value, key, depth);
    if (!value || value->kind == THAW_TREE_UNKNOWN || (name->is_parameter && is_nothing(value)))
        return new_named(tree, node, value);
    copy = copied(tree, value);
    if (!copy)
        return &unknown;
    copy->key = node->key;
    copy->is_open |= name->is_parameter;
    return copy;
}

static const struct thaw_tree_node *follow(struct thaw_tree *tree,
                                           const struct thaw_tree_node *node, unsigned depth)
{
    if (tree->code)
        return &unknown;
    if (tree->steps++ >= THAW_TREE_STEPS_MAX) {
        thaw_tree_fail(tree, -E2BIG);
        return &unknown;
    }
    if (node->kind < THAW_TREE_REFERENCE)
        return node;
    if (depth >= FOLLOW_DEPTH_MAX)
        return new_unknown(tree, node);
    depth++;
    switch (node->kind) {
    case THAW_TREE_REFERENCE:
        return reference_of(tree, node, depth);
    case THAW_TREE_CALL:
        return call_of(tree, node, depth);
    case THAW_TREE_JOIN:
        return join_of(tree, node, depth);
    default:
        return merged(tree, node, node->first, true, depth);
    }
}

const struct thaw_tree_node *thaw_tree_value(struct thaw_tree *tree,
                                             const struct thaw_tree_node *node)
{
    return node ? follow(tree, node, 0) : NULL;
}
