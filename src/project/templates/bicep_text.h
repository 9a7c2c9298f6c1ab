/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PROJECT_BICEP_TEXT_H
#define THAW_PROJECT_BICEP_TEXT_H

#include "project/templates/template_tree.h"

/*
 * The text of Bicep, and of the expressions inside ARM templates, which are written alike: read
 * into nodes. Only what declares something is told apart; comparisons and sums become UNKNOWN.
 */
enum thaw_bicep_token_kind {
    THAW_BICEP_END,
    THAW_BICEP_LINE, /* the end of a line that has something in it */
    THAW_BICEP_NAME,
    THAW_BICEP_NUMBER,
    THAW_BICEP_QUOTE, /* a text begins here: thaw_bicep_expression() reads it */
    THAW_BICEP_SIGN,  /* punctuation, one to three bytes */
    THAW_BICEP_OTHER, /* a byte that has no place in Bicep */
};

struct thaw_bicep_token {
    enum thaw_bicep_token_kind kind;
    size_t at, length;
    uint32_t line, column;
};

struct thaw_bicep_text {
    struct thaw_tree *tree;
    const char *bytes;
    size_t length;
    uint32_t scope;   /* of its names */
    const char *file; /* of its nodes; NULL: the template itself */
    bool is_arm;      /* texts have no expressions in them, and '' for a quote */
    size_t at;        /* behind token */
    uint32_t line, column;
    struct thaw_bicep_token token; /* the next one, not taken yet */
    unsigned depth;                /* of what is read now */
    unsigned height;               /* levels below it that were read already */
    uint32_t last_line;            /* of what was taken last */
    uint64_t faults;               /* places that could not be read */
};

void thaw_bicep_begin(struct thaw_bicep_text *text, struct thaw_tree *tree, const char *bytes,
                      size_t length);
/* The place of what begins the text, where that is not its first line and column. */
void thaw_bicep_begin_at(struct thaw_bicep_text *text, uint32_t line, uint32_t column);

void thaw_bicep_take(struct thaw_bicep_text *text); /* to the next token */
bool thaw_bicep_is(const struct thaw_bicep_text *text, const char *sign_or_name);
bool thaw_bicep_take_if(struct thaw_bicep_text *text, const char *sign_or_name);
void thaw_bicep_skip_lines(struct thaw_bicep_text *text);
/* Behind the end of the line, or of the brackets that were opened on it. */
void thaw_bicep_skip_statement(struct thaw_bicep_text *text);

/* An expression: never NULL but when tree->code is set; what can't be read is UNKNOWN. */
struct thaw_tree_node *thaw_bicep_expression(struct thaw_bicep_text *text);
/* A text: the token is a QUOTE. */
struct thaw_tree_node *thaw_bicep_quoted(struct thaw_bicep_text *text);
/* A node that has the token's place. */
struct thaw_tree_node *thaw_bicep_node(const struct thaw_bicep_text *text, enum thaw_tree_kind kind,
                                       const char *bytes, size_t length);

/*
 * Members of an object that declare a resource of their own. Called at a NAME "resource" that is
 * followed by a name; it takes all of it. context is the caller's.
 */
struct thaw_bicep_nested {
    void (*resource)(struct thaw_bicep_text *text, void *context);
    void *context;
};
/* An object, its token "{" not taken yet; nested may be NULL. */
struct thaw_tree_node *thaw_bicep_object(struct thaw_bicep_text *text,
                                         const struct thaw_bicep_nested *nested);

#endif
