/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "project/templates/bicep_text.h"

/* Expressions of Bicep and ARM; tokens are in bicep_text.c. */

static struct thaw_tree_node *unknown(const struct thaw_bicep_text *text)
{
    return thaw_bicep_node(text, THAW_TREE_UNKNOWN, "", 0);
}

static bool deeper(struct thaw_bicep_text *text)
{
    if (text->depth >= THAW_TREE_DEPTH_MAX)
        thaw_tree_fail(text->tree, -E2BIG);
    if (text->tree->code)
        return false;
    text->depth++;
    return true;
}

/* The bracket that closes; what stands before it in its place is skipped. */
static void close_bracket(struct thaw_bicep_text *text, const char *bracket)
{
    thaw_bicep_skip_lines(text);
    if (thaw_bicep_take_if(text, bracket))
        return;
    text->faults++;
    do {
        thaw_bicep_skip_statement(text);
        thaw_bicep_skip_lines(text);
        if (thaw_bicep_take_if(text, bracket))
            return;
    } while (text->token.kind != THAW_BICEP_END && !text->tree->code && !thaw_bicep_is(text, "}") &&
             !thaw_bicep_is(text, "]") && !thaw_bicep_is(text, ")"));
}

/* --- lists and objects ---------------------------------------------------------------------------
 */

/* [for x in y: …]: what it makes depends on the deployment. */
static struct thaw_tree_node *loop(struct thaw_bicep_text *text, struct thaw_tree_node *list)
{
    list->is_open = true;
    while (text->token.kind != THAW_BICEP_END && !thaw_bicep_is(text, "]") && !text->tree->code) {
        size_t before = text->token.at;

        thaw_bicep_skip_statement(text);
        thaw_bicep_skip_lines(text);
        if (text->token.at == before)
            break;
    }
    return list;
}

/* A list or object with "...x" in it is what a call of its parts would give. */
struct parts {
    struct thaw_tree_node *whole, *current;
    enum thaw_tree_kind kind;
};

static void add_spread(struct thaw_bicep_text *text, struct parts *parts)
{
    struct thaw_tree_node *spread;

    thaw_bicep_take(text);
    spread = thaw_bicep_expression(text);
    if (parts->whole == parts->current) {
        const char *call = parts->kind == THAW_TREE_LIST ? "concat" : "union";

        parts->whole = thaw_bicep_node(text, THAW_TREE_CALL, call, strlen(call));
        thaw_tree_append(parts->whole, parts->current);
    }
    thaw_tree_append(parts->whole, spread);
    parts->current = thaw_bicep_node(text, parts->kind, "", 0);
    thaw_tree_append(parts->whole, parts->current);
}

/* What stands between two items: 0 nothing, then what comes next is not an item. */
static bool separated(struct thaw_bicep_text *text)
{
    bool is = text->token.kind == THAW_BICEP_LINE;

    thaw_bicep_skip_lines(text);
    if (thaw_bicep_take_if(text, ",")) {
        thaw_bicep_skip_lines(text);
        is = true;
    }
    return is;
}

static struct thaw_tree_node *list(struct thaw_bicep_text *text)
{
    struct thaw_tree_node *node = thaw_bicep_node(text, THAW_TREE_LIST, "", 0);
    struct parts parts = {.whole = node, .current = node, .kind = THAW_TREE_LIST};

    thaw_bicep_take(text);
    thaw_bicep_skip_lines(text);
    if (node && thaw_bicep_is(text, "for"))
        loop(text, node);
    while (!text->tree->code && text->token.kind != THAW_BICEP_END && !thaw_bicep_is(text, "]")) {
        if (thaw_bicep_is(text, "..."))
            add_spread(text, &parts);
        else
            thaw_tree_append(parts.current, thaw_bicep_expression(text));
        if (!separated(text))
            break;
    }
    if (node)
        node->last_line = text->token.line;
    close_bracket(text, "]");
    return text->tree->code ? NULL : parts.whole;
}

/* A member's key, or NULL: none is here. *ret_known: it is no expression. */
static const char *member_key(struct thaw_bicep_text *text, bool *ret_known)
{
    struct thaw_tree_node *node = NULL;

    *ret_known = true;
    if (text->token.kind == THAW_BICEP_NAME || text->token.kind == THAW_BICEP_NUMBER) {
        node =
            thaw_bicep_node(text, THAW_TREE_TEXT, text->bytes + text->token.at, text->token.length);
        thaw_bicep_take(text);
    } else if (text->token.kind == THAW_BICEP_QUOTE) {
        node = thaw_bicep_quoted(text);
        *ret_known = node && node->kind == THAW_TREE_TEXT;
    }
    return node ? node->text : NULL;
}

static void member(struct thaw_bicep_text *text, struct thaw_tree_node *object)
{
    struct thaw_bicep_token place = text->token;
    bool is_known;
    const char *key = member_key(text, &is_known);
    struct thaw_tree_node *value;

    if (!key || !thaw_bicep_take_if(text, ":")) {
        text->faults += !text->tree->code;
        thaw_bicep_skip_statement(text);
        return;
    }
    value = thaw_bicep_expression(text);
    if (!value)
        return;
    if (!is_known) { /* a key that is an expression: something is there */
        object->is_open = true;
        return;
    }
    value->key = key;
    value->line = place.line;
    value->column = place.column;
    value->last_line = text->last_line;
    thaw_tree_append(object, value);
}

/* "resource NAME", not a member of that name. */
static bool is_nested(const struct thaw_bicep_text *text)
{
    struct thaw_bicep_text ahead = *text;

    if (!thaw_bicep_is(text, "resource"))
        return false;
    thaw_bicep_take(&ahead);
    return ahead.token.kind == THAW_BICEP_NAME;
}

struct thaw_tree_node *thaw_bicep_object(struct thaw_bicep_text *text,
                                         const struct thaw_bicep_nested *nested)
{
    struct thaw_tree_node *node = thaw_bicep_node(text, THAW_TREE_OBJECT, "", 0);
    struct parts parts = {.whole = node, .current = node, .kind = THAW_TREE_OBJECT};

    thaw_bicep_take(text);
    thaw_bicep_skip_lines(text);
    while (!text->tree->code && text->token.kind != THAW_BICEP_END && !thaw_bicep_is(text, "}")) {
        if (thaw_bicep_take_if(text, "@")) {
            thaw_bicep_skip_statement(text);
        } else if (nested && is_nested(text)) {
            nested->resource(text, nested->context);
        } else if (thaw_bicep_is(text, "...")) {
            add_spread(text, &parts);
        } else if (parts.current) {
            member(text, parts.current);
        }
        if (!separated(text))
            break;
    }
    if (node)
        node->last_line = text->token.line;
    close_bracket(text, "}");
    return text->tree->code ? NULL : parts.whole;
}

/* --- operands -----------------------------------------------------------------------------------
 */

static void arguments(struct thaw_bicep_text *text, struct thaw_tree_node *call)
{
    thaw_bicep_take(text);
    thaw_bicep_skip_lines(text);
    while (!text->tree->code && text->token.kind != THAW_BICEP_END && !thaw_bicep_is(text, ")")) {
        thaw_tree_append(call, thaw_bicep_expression(text));
        if (!separated(text))
            break;
    }
    close_bracket(text, ")");
}

/* parameters('x'), variables('x'): names of ARM's scopes. */
static void name_of_scope(struct thaw_bicep_text *text, struct thaw_tree_node *call)
{
    const char *name = call->first && !call->first->next ? thaw_tree_text(call->first) : NULL;
    bool is_parameter = !strcasecmp(call->text, "parameters");

    if (!name || (!is_parameter && strcasecmp(call->text, "variables")))
        return;
    name = thaw_arena_format(&text->tree->arena, "%s.%s", is_parameter ? "parameters" : "variables",
                             name);
    if (!name) {
        thaw_tree_fail(text->tree, -ENOMEM);
        return;
    }
    call->kind = THAW_TREE_REFERENCE;
    call->text = name;
    call->first = call->last = NULL;
}

static struct thaw_tree_node *name(struct thaw_bicep_text *text)
{
    const char *bytes = text->bytes + text->token.at;
    size_t length = text->token.length;
    enum thaw_tree_kind kind = THAW_TREE_REFERENCE;
    struct thaw_tree_node *node;

    if ((length == 4 && !memcmp(bytes, "true", 4)) || (length == 5 && !memcmp(bytes, "false", 5)))
        kind = THAW_TREE_BOOLEAN;
    else if (length == 4 && !memcmp(bytes, "null", 4))
        kind = THAW_TREE_NULL;
    node = thaw_bicep_node(text, kind, bytes, length);
    thaw_bicep_take(text);
    if (node && thaw_bicep_is(text, "(")) {
        node->kind = THAW_TREE_CALL;
        arguments(text, node);
        if (text->is_arm)
            name_of_scope(text, node);
    }
    return node;
}

static struct thaw_tree_node *operand(struct thaw_bicep_text *text)
{
    struct thaw_tree_node *node;

    if (thaw_bicep_is(text, "{"))
        return thaw_bicep_object(text, NULL);
    if (thaw_bicep_is(text, "["))
        return list(text);
    if (thaw_bicep_take_if(text, "(")) {
        thaw_bicep_skip_lines(text);
        node = thaw_bicep_expression(text);
        if (node && thaw_bicep_is(text, ",")) /* the arguments of a lambda */
            node->kind = THAW_TREE_UNKNOWN;
        while (thaw_bicep_take_if(text, ","))
            thaw_bicep_expression(text);
        close_bracket(text, ")");
        return node;
    }
    switch (text->token.kind) {
    case THAW_BICEP_QUOTE:
        return thaw_bicep_quoted(text);
    case THAW_BICEP_NAME:
        return name(text);
    case THAW_BICEP_NUMBER:
        node = thaw_bicep_node(text, THAW_TREE_NUMBER, text->bytes + text->token.at,
                               text->token.length);
        thaw_bicep_take(text);
        return node;
    default:
        text->faults++;
        node = unknown(text);
        thaw_bicep_skip_statement(text);
        return node;
    }
}

/* What is asked of a value: .name, ?.name, [x], ::name, !. Only of a reference can it be followed.
 */
static struct thaw_tree_node *accessors(struct thaw_bicep_text *text, struct thaw_tree_node *node)
{
    struct thaw_tree_node *key;

    while (node && !text->tree->code) {
        if (thaw_bicep_is(text, ".") || thaw_bicep_is(text, "?.") || thaw_bicep_is(text, "::")) {
            thaw_bicep_take(text);
            key = thaw_bicep_node(text, THAW_TREE_TEXT, text->bytes + text->token.at,
                                  text->token.kind == THAW_BICEP_NAME ? text->token.length : 0);
            thaw_bicep_take(text);
            if (thaw_bicep_is(text, "(")) { /* a method, as x.listKeys() */
                arguments(text, key);
                node->kind = THAW_TREE_UNKNOWN;
            }
        } else if (thaw_bicep_take_if(text, "[")) {
            thaw_bicep_take_if(text, "?");
            key = thaw_bicep_expression(text);
            close_bracket(text, "]");
        } else if (thaw_bicep_take_if(text, "!")) {
            continue;
        } else {
            return node;
        }
        if (node->kind == THAW_TREE_REFERENCE)
            thaw_tree_append(node, key);
        else
            node->kind = THAW_TREE_UNKNOWN;
    }
    return node;
}

/* A function of ARM that says what an operator does. */
static struct thaw_tree_node *call(const struct thaw_bicep_text *text, const char *name,
                                   struct thaw_tree_node *first, struct thaw_tree_node *second)
{
    struct thaw_tree_node *node = thaw_bicep_node(text, THAW_TREE_CALL, name, strlen(name));

    thaw_tree_append(node, first);
    thaw_tree_append(node, second);
    return node;
}

static struct thaw_tree_node *unary(struct thaw_bicep_text *text)
{
    bool is_changed = false, is_negative = false, is_not = false;
    struct thaw_tree_node *node;

    while (thaw_bicep_is(text, "!") || thaw_bicep_is(text, "-")) {
        is_negative = thaw_bicep_is(text, "-");
        is_not = !is_negative && !is_changed; /* one alone */
        is_changed = true;
        thaw_bicep_take(text);
    }
    node = accessors(text, operand(text));
    if (node && is_changed && is_negative && node->kind == THAW_TREE_NUMBER) {
        node->text = thaw_arena_format(&text->tree->arena, "-%s", node->text);
        if (!node->text)
            thaw_tree_fail(text->tree, -ENOMEM);
    } else if (node && is_not) {
        node = call(text, "not", node, NULL);
    } else if (node && is_changed) {
        node->kind = THAW_TREE_UNKNOWN;
    }
    return text->tree->code ? NULL : node;
}

static bool is_operator(const struct thaw_bicep_text *text)
{
    static const char *const signs[] = {"??", "&&", "||", "==", "!=", "=~", "!~", "<=", ">=",
                                        "<",  ">",  "+",  "-",  "*",  "/",  "%",  "=>", NULL};

    for (size_t i = 0; signs[i]; i++)
        if (thaw_bicep_is(text, signs[i]))
            return true;
    return false;
}

/* Lines may be broken before an operator of two values: then the next line goes on with this one.
 */
static void join_lines(struct thaw_bicep_text *text)
{
    struct thaw_bicep_text ahead = *text;

    if (text->token.kind != THAW_BICEP_LINE)
        return;
    thaw_bicep_skip_lines(&ahead);
    if (thaw_bicep_is(&ahead, "?") || thaw_bicep_is(&ahead, "&&") || thaw_bicep_is(&ahead, "||") ||
        thaw_bicep_is(&ahead, "??") || thaw_bicep_is(&ahead, "==") || thaw_bicep_is(&ahead, ":") ||
        thaw_bicep_is(&ahead, "."))
        *text = ahead;
}

/* x ? a : b */
static struct thaw_tree_node *condition(struct thaw_bicep_text *text, struct thaw_tree_node *test)
{
    struct thaw_tree_node *node = call(text, "if", test, NULL);

    thaw_bicep_take(text);
    thaw_bicep_skip_lines(text);
    thaw_tree_append(node, thaw_bicep_expression(text));
    thaw_bicep_skip_lines(text);
    if (!thaw_bicep_take_if(text, ":")) {
        text->faults++;
        return node;
    }
    thaw_bicep_skip_lines(text);
    thaw_tree_append(node, thaw_bicep_expression(text));
    return node;
}

/* What was read of this expression now stands that much deeper; each turn of a chain ("a == b ==
 * …") makes it so. */
static bool nest(struct thaw_bicep_text *text, unsigned levels)
{
    text->height += levels;
    if (text->depth + text->height > THAW_TREE_DEPTH_MAX)
        thaw_tree_fail(text->tree, -E2BIG);
    return !text->tree->code;
}

static struct thaw_tree_node *operation(struct thaw_bicep_text *text, struct thaw_tree_node *node)
{
    bool is_default = thaw_bicep_is(text, "??"), is_unequal = thaw_bicep_is(text, "!=");
    bool is_equal = thaw_bicep_is(text, "==");
    struct thaw_tree_node *either =
        is_default ? thaw_bicep_node(text, THAW_TREE_CONDITION, "", 0) : NULL;
    struct thaw_tree_node *other;

    thaw_bicep_take(text);
    thaw_bicep_skip_lines(text);
    other = unary(text);
    /* Nothing comes of comparing what is not known: so no chain of "||" is nested. */
    is_equal &= node->kind != THAW_TREE_UNKNOWN;
    is_unequal &= node->kind != THAW_TREE_UNKNOWN;
    if (!nest(text, is_unequal ? 2 : is_default || is_equal))
        return NULL;
    if (is_default) {
        thaw_tree_append(either, node);
        thaw_tree_append(either, other);
        return either;
    }
    if (is_equal || is_unequal) {
        node = call(text, "equals", node, other);
        return is_unequal ? call(text, "not", node, NULL) : node;
    }
    node->kind = THAW_TREE_UNKNOWN;
    return node;
}

static struct thaw_tree_node *whole(struct thaw_bicep_text *text)
{
    struct thaw_tree_node *node = unary(text);

    for (join_lines(text); node && is_operator(text); join_lines(text))
        node = operation(text, node);
    return node && thaw_bicep_is(text, "?") ? condition(text, node) : node;
}

struct thaw_tree_node *thaw_bicep_expression(struct thaw_bicep_text *text)
{
    struct thaw_tree_node *node;
    unsigned around = text->height;

    if (!deeper(text))
        return NULL;
    text->height = 0;
    node = whole(text);
    text->depth--;
    text->height = text->height + 1 > around ? text->height + 1 : around;
    return text->tree->code ? NULL : node;
}
