/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PROJECT_TEMPLATE_TREE_H
#define THAW_PROJECT_TEMPLATE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/*
 * What a template of a deployment holds, in one form for all of them: ARM and Terraform as JSON,
 * Bicep as source, SAM as YAML. Readers make nodes; what they mean is told from here, by
 * thaw_tree_value(), which follows what a reader has only written down: references to parameters
 * and variables, unions, joined texts. What can't be followed is UNKNOWN, never a guess.
 */
enum thaw_tree_kind {
    THAW_TREE_UNKNOWN,
    THAW_TREE_NULL,
    THAW_TREE_BOOLEAN, /* text: "true", "false" */
    THAW_TREE_NUMBER,  /* text: as it is written */
    THAW_TREE_TEXT,
    THAW_TREE_LIST,
    THAW_TREE_OBJECT,
    /* To be followed. */
    THAW_TREE_REFERENCE, /* text: a name of the scope; children: keys that lead on from its value */
    THAW_TREE_CALL,      /* text: a function's name; children: its arguments */
    THAW_TREE_JOIN,      /* its children, one behind the other, are the text */
    THAW_TREE_CONDITION, /* children: the values that it may have */
};

struct thaw_tree_node {
    enum thaw_tree_kind kind;
    /* LIST, OBJECT: it may hold more than its children; BOOLEAN: it may be the other one; UNKNOWN:
     * its text is a reference's name. */
    bool is_open;
    uint32_t scope;                   /* where a reference's name is looked up */
    const char *file;                 /* it stands in; NULL: the template itself */
    const char *key;                  /* in an object; "" else */
    const char *text;                 /* never NULL */
    uint32_t line, column, last_line; /* of its key, where it has one; 0 not known */
    struct thaw_tree_node *first, *last, *next;
};

#define THAW_TREE_NODES_MAX ((size_t)1 << 20)
#define THAW_TREE_STEPS_MAX ((size_t)1 << 20) /* of following */
#define THAW_TREE_MADE_MAX ((size_t)32 << 20) /* bytes of texts that were joined */
#define THAW_TREE_TEXT_MAX ((size_t)64 << 10) /* a joined text beyond is UNKNOWN */
#define THAW_TREE_LABEL_MAX ((size_t)1024)    /* bytes of what something is called */
#define THAW_TREE_DEPTH_MAX 128

struct thaw_tree_name; /* of the scope */

struct thaw_tree {
    struct thaw_arena arena;
    struct thaw_tree_name *names;
    size_t nodes, steps, made;
    int code; /* what went wrong first: -ENOMEM, -E2BIG (a bound is hit); then nothing more is
                 made, and values are UNKNOWN */
};

void thaw_tree_free(struct thaw_tree *tree);
/* Remembers what went wrong first. */
void thaw_tree_fail(struct thaw_tree *tree, int code);

/* --- for readers --- */

/* A node without a parent; text is copied (NULL: ""). NULL: see tree's code. */
struct thaw_tree_node *thaw_tree_new(struct thaw_tree *tree, enum thaw_tree_kind kind,
                                     const char *text, size_t length);
/* The node itself becomes the last child; either may be NULL. */
void thaw_tree_append(struct thaw_tree_node *parent, struct thaw_tree_node *child);
/* Gives a name of a scope its value; the first one stays. value NULL: UNKNOWN. A parameter's
 * value is a default: lists and objects of parameters are taken for open. */
void thaw_tree_define(struct thaw_tree *tree, uint32_t scope, const char *prefix, const char *name,
                      const struct thaw_tree_node *value, bool is_parameter);

/* --- for those who ask --- */

/* What a node comes to: never one of those to be followed, but for a JOIN of which a part is not
 * known (its children then are TEXT or UNKNOWN). NULL only for NULL. */
const struct thaw_tree_node *thaw_tree_value(struct thaw_tree *tree,
                                             const struct thaw_tree_node *node);
/* The value of an object's member (case counts not); NULL: it has none. UNKNOWN: the object is. */
const struct thaw_tree_node *thaw_tree_member(struct thaw_tree *tree,
                                              const struct thaw_tree_node *object, const char *key);
/* The same of a path ("properties.siteConfig.alwaysOn"). A list on the way that has one item, as
 * Terraform writes blocks, stands for that item. */
const struct thaw_tree_node *thaw_tree_at(struct thaw_tree *tree, const struct thaw_tree_node *node,
                                          const char *path);
/* The member as it is written, not followed: for its place. */
const struct thaw_tree_node *thaw_tree_written(const struct thaw_tree_node *object,
                                               const char *key);

bool thaw_tree_is(const struct thaw_tree_node *node, enum thaw_tree_kind kind); /* NULL: no */
/* The text of a TEXT, NUMBER, BOOLEAN; NULL of all else. */
const char *thaw_tree_text(const struct thaw_tree_node *node);
/* The length of the text, or of a beginning of it that has at most so many bytes and no part of a
 * character. */
size_t thaw_tree_cut(const char *text, size_t most);
/* What a node is called in words: its text, with "{name}" for what is not known, or a long one's
 * beginning. Never NULL. */
const char *thaw_tree_label(struct thaw_tree *tree, const struct thaw_tree_node *node);

#endif
