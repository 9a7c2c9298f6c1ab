/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "project/templates/bicep_text.h"

/* Tokens and texts; expressions are in bicep_expression.c. */

static bool is_name_start(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
           byte == '$';
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static char byte_at(const struct thaw_bicep_text *text, size_t at)
{
    return at < text->length ? text->bytes[at] : '\0';
}

static void step(struct thaw_bicep_text *text)
{
    char byte = text->bytes[text->at++];

    if (byte == '\n') {
        text->line++;
        text->column = 1;
    } else if (((unsigned char)byte & 0xC0) != 0x80) {
        text->column++;
    }
}

static void steps(struct thaw_bicep_text *text, size_t count)
{
    while (count-- && text->at < text->length)
        step(text);
}

/* A comment at the place, or a directive (#disable-next-line …), if one is there; a comment without
 * an end goes to the end. */
static bool skip_comment(struct thaw_bicep_text *text)
{
    const char *at = text->bytes + text->at, *end;
    size_t left = text->length - text->at;

    if (text->is_arm || left < 2 || (at[0] != '#' && at[0] != '/') ||
        (at[0] == '/' && at[1] != '/' && at[1] != '*'))
        return false;
    if (at[0] == '#' || at[1] == '/') {
        end = memchr(at, '\n', left);
        steps(text, end ? (size_t)(end - at) : left);
    } else {
        end = memmem(at + 2, left - 2, "*/", 2);
        steps(text, end ? (size_t)(end - at) + 2 : left);
    }
    return true;
}

static void skip_space(struct thaw_bicep_text *text)
{
    while (text->at < text->length) {
        char byte = text->bytes[text->at];

        if (byte == ' ' || byte == '\t' || byte == '\r' || (text->is_arm && byte == '\n'))
            step(text);
        else if (!skip_comment(text))
            return;
    }
}

static size_t sign_length(const struct thaw_bicep_text *text)
{
    static const char *const signs[] = {"...", "??", "?.", "::", "&&", "||", "==",
                                        "!=",  "=~", "!~", "<=", ">=", "=>", NULL};

    for (size_t i = 0; signs[i]; i++) {
        size_t length = strlen(signs[i]);

        if (text->length - text->at >= length && !memcmp(text->bytes + text->at, signs[i], length))
            return length;
    }
    return 1;
}

static void name_token(struct thaw_bicep_text *text, struct thaw_bicep_token *token)
{
    token->kind = THAW_BICEP_NAME;
    while (is_name_start(byte_at(text, text->at)) || is_digit(byte_at(text, text->at)))
        step(text);
}

void thaw_bicep_take(struct thaw_bicep_text *text)
{
    struct thaw_bicep_token *token = &text->token;
    char byte;

    text->last_line = token->line;
    if (token->kind == THAW_BICEP_QUOTE && text->at == token->at)
        step(text); /* a text that nobody wanted: its quote is passed, so that it goes on */
    skip_space(text);
    *token = (struct thaw_bicep_token){
        .at = text->at, .line = text->line, .column = text->column, .kind = THAW_BICEP_END};
    if (text->at >= text->length)
        return;
    byte = text->bytes[text->at];
    if (byte == '\n') {
        token->kind = THAW_BICEP_LINE;
        step(text);
    } else if (byte == '\'') { /* read when it is asked for: it may have expressions in it */
        token->kind = THAW_BICEP_QUOTE;
    } else if (is_name_start(byte)) {
        name_token(text, token);
    } else if (is_digit(byte)) {
        token->kind = THAW_BICEP_NUMBER;
        while (is_digit(byte_at(text, text->at)))
            step(text);
    } else {
        token->kind =
            byte && strchr("{}[]():,.?=!<>+-*/%@&|~", byte) ? THAW_BICEP_SIGN : THAW_BICEP_OTHER;
        steps(text, token->kind == THAW_BICEP_SIGN ? sign_length(text) : 1);
    }
    token->length = text->at - token->at;
}

void thaw_bicep_begin(struct thaw_bicep_text *text, struct thaw_tree *tree, const char *bytes,
                      size_t length)
{
    *text = (struct thaw_bicep_text){
        .tree = tree, .bytes = bytes, .length = length, .line = 1, .column = 1};
}

void thaw_bicep_begin_at(struct thaw_bicep_text *text, uint32_t line, uint32_t column)
{
    text->line = line;
    text->column = column;
}

bool thaw_bicep_is(const struct thaw_bicep_text *text, const char *sign_or_name)
{
    const struct thaw_bicep_token *token = &text->token;

    return (token->kind == THAW_BICEP_NAME || token->kind == THAW_BICEP_SIGN) &&
           token->length == strlen(sign_or_name) &&
           !memcmp(text->bytes + token->at, sign_or_name, token->length);
}

bool thaw_bicep_take_if(struct thaw_bicep_text *text, const char *sign_or_name)
{
    if (!thaw_bicep_is(text, sign_or_name))
        return false;
    thaw_bicep_take(text);
    return true;
}

void thaw_bicep_skip_lines(struct thaw_bicep_text *text)
{
    while (text->token.kind == THAW_BICEP_LINE)
        thaw_bicep_take(text);
}

/* Past a text without looking into it. */
static void skip_quoted(struct thaw_bicep_text *text)
{
    if (!thaw_bicep_quoted(text) && text->at < text->length)
        step(text);
}

void thaw_bicep_skip_statement(struct thaw_bicep_text *text)
{
    size_t open = 0;

    while (text->token.kind != THAW_BICEP_END && !text->tree->code) {
        if (text->token.kind == THAW_BICEP_QUOTE) {
            skip_quoted(text);
            continue;
        }
        if (text->token.kind == THAW_BICEP_LINE && !open)
            return;
        if (thaw_bicep_is(text, "{") || thaw_bicep_is(text, "[") || thaw_bicep_is(text, "(")) {
            open++;
        } else if (thaw_bicep_is(text, "}") || thaw_bicep_is(text, "]") ||
                   thaw_bicep_is(text, ")")) {
            if (!open)
                return;
            open--;
        }
        thaw_bicep_take(text);
    }
}

struct thaw_tree_node *thaw_bicep_node(const struct thaw_bicep_text *text, enum thaw_tree_kind kind,
                                       const char *bytes, size_t length)
{
    struct thaw_tree_node *node = thaw_tree_new(text->tree, kind, bytes, length);

    if (node) {
        node->line = text->token.line;
        node->column = text->token.column;
        node->last_line = text->token.line;
        node->scope = text->scope;
        node->file = text->file;
    }
    return node;
}

/* --- texts --------------------------------------------------------------------------------------
 */

/* '''…''': nothing in it is special, the line end behind its beginning is not of it. */
static struct thaw_tree_node *lines_of(struct thaw_bicep_text *text)
{
    size_t begin = text->at + 3, end;
    const char *found;
    struct thaw_tree_node *node;

    begin += byte_at(text, begin) == '\r';
    begin += byte_at(text, begin) == '\n';
    if (begin > text->length)
        begin = text->length;
    found = memmem(text->bytes + begin, text->length - begin, "'''", 3);
    end = found ? (size_t)(found - text->bytes) : text->length;
    text->faults += !found;
    node = thaw_bicep_node(text, THAW_TREE_TEXT, text->bytes + begin, end - begin);
    steps(text, end + 3 - text->at);
    if (node)
        node->last_line = text->line;
    thaw_bicep_take(text);
    return node;
}

/* Behind the backslash at the place: adds what it stands for to out, of at least 4 bytes. */
static size_t escape(struct thaw_bicep_text *text, char *out)
{
    static const char from[] = "nrt", to[] = "\n\r\t";
    char byte = byte_at(text, text->at + 1);
    const char *known = byte ? strchr(from, byte) : NULL;

    if (byte == 'u' && byte_at(text, text->at + 2) == '{') { /* a character by its number */
        steps(text, 3);
        while (text->at < text->length && text->bytes[text->at] != '}' &&
               text->bytes[text->at] != '\'')
            step(text);
        if (byte_at(text, text->at) == '}')
            step(text);
        out[0] = '?';
        return 1;
    }
    steps(text, 2);
    out[0] = known ? to[known - from] : byte;
    return 1;
}

/* ${…}: the place is behind the brace. */
static struct thaw_tree_node *inner(struct thaw_bicep_text *text)
{
    struct thaw_tree_node *node;

    thaw_bicep_take(text);
    node = thaw_bicep_expression(text);
    if (!thaw_bicep_is(text, "}")) { /* not an expression as they are: to its brace */
        text->faults++;
        thaw_bicep_skip_statement(text);
    }
    /* The token "}" is taken, text->at is behind it: where the text goes on. */
    return node;
}

static struct thaw_tree_node *add_run(const struct thaw_bicep_text *text,
                                      struct thaw_tree_node *join, const char *run, size_t length)
{
    struct thaw_tree_node *part =
        length ? thaw_bicep_node(text, THAW_TREE_TEXT, run, length) : NULL;

    thaw_tree_append(join, part);
    return part;
}

/* One part of a text, of at most a buffer's size. False: the text's end is reached. */
static bool quoted_part(struct thaw_bicep_text *text, struct thaw_tree_node *join)
{
    char run[512];
    size_t length = 0;

    while (length + 4 < sizeof(run)) {
        char byte = byte_at(text, text->at);

        if (text->at >= text->length || (byte == '\n' && !text->is_arm)) {
            text->faults++;
            break;
        }
        if (byte == '\'' && text->is_arm && byte_at(text, text->at + 1) == '\'') {
            run[length++] = '\'';
            steps(text, 2);
        } else if (byte == '\'') {
            step(text);
            break;
        } else if (byte == '\\' && !text->is_arm) {
            length += escape(text, run + length);
        } else if (byte == '$' && !text->is_arm && byte_at(text, text->at + 1) == '{') {
            add_run(text, join, run, length);
            steps(text, 2);
            thaw_tree_append(join, inner(text));
            return !text->tree->code;
        } else {
            run[length++] = byte;
            step(text);
        }
    }
    add_run(text, join, run, length);
    return length + 4 >= sizeof(run) && !text->tree->code;
}

struct thaw_tree_node *thaw_bicep_quoted(struct thaw_bicep_text *text)
{
    struct thaw_tree_node *join;

    if (!text->is_arm && text->length - text->at >= 3 && !memcmp(text->bytes + text->at, "'''", 3))
        return lines_of(text);
    join = thaw_bicep_node(text, THAW_TREE_JOIN, "", 0);
    if (!join)
        return NULL;
    if (text->depth >= THAW_TREE_DEPTH_MAX) {
        thaw_tree_fail(text->tree, -E2BIG);
        return NULL;
    }
    text->depth++;
    step(text);
    while (quoted_part(text, join))
        ;
    text->depth--;
    thaw_bicep_take(text);
    if (!join->first)
        join->kind = THAW_TREE_TEXT;
    else if (!join->first->next && join->first->kind == THAW_TREE_TEXT) {
        join->kind = THAW_TREE_TEXT;
        join->text = join->first->text;
        join->first = join->last = NULL;
    }
    return join;
}
