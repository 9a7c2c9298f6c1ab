/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_OPTIONS_H
#define THAW_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/offer.h"
#include "thaw/error.h"

/*
 * Options as tables: each row says where in the command's own struct its value goes. Parsing is
 * getopt_long's (bundled short options, --name=value, abbreviations, options after operands).
 */

enum thaw_option_type {
    THAW_OPTION_FLAG,     /* bool, no argument */
    THAW_OPTION_TEXT,     /* const char *, of argv */
    THAW_OPTION_TEXTS,    /* struct thaw_option_texts: may be given several times */
    THAW_OPTION_NUMBER,   /* int64_t within minimum and maximum */
    THAW_OPTION_CHOICE,   /* int, index into choices */
    THAW_OPTION_DURATION, /* uint64_t, ns */
};

#define THAW_OPTION_TEXTS_MOST 16

/* Of argv, in their order, NULL-terminated; zeroed: none. */
struct thaw_option_texts {
    const char *items[THAW_OPTION_TEXTS_MOST + 1];
    size_t count;
};

bool thaw_option_texts_have(const struct thaw_option_texts *texts, const char *text);

struct thaw_option {
    const char *name;     /* without dashes; NULL ends the table */
    char letter;          /* short form, 0 none */
    const char *argument; /* "FILE"; NULL for a flag; a choice's comes from choices */
    const char *help;     /* one sentence without its capital and full stop */
    enum thaw_option_type type;
    size_t offset; /* thaw_option_place() */
    int64_t minimum, maximum;
    const char *const *choices;     /* ended by NULL */
    const struct thaw_offer *offer; /* what can stand for its argument; NULL: not known */
};

/* offsetof that refuses a member of another type than the row's. */
#define thaw_option_place(structure, member, member_type)                                          \
    (offsetof(structure, member) +                                                                 \
     0 * sizeof(                                                                                   \
             char[__builtin_types_compatible_p(__typeof__(((structure *)0)->member), member_type)  \
                      ? 1                                                                          \
                      : -1]))

/* Rows; the rest follows as designated initialisers: {THAW_FLAG(struct x, json), .name = …}. */
#define THAW_FLAG(structure, member)                                                               \
    .type = THAW_OPTION_FLAG, .offset = thaw_option_place(structure, member, bool)
#define THAW_TEXT(structure, member)                                                               \
    .type = THAW_OPTION_TEXT, .offset = thaw_option_place(structure, member, const char *)
#define THAW_TEXTS(structure, member)                                                              \
    .type = THAW_OPTION_TEXTS,                                                                     \
    .offset = thaw_option_place(structure, member, struct thaw_option_texts)
#define THAW_NUMBER(structure, member)                                                             \
    .type = THAW_OPTION_NUMBER, .offset = thaw_option_place(structure, member, int64_t)
#define THAW_CHOICE(structure, member)                                                             \
    .type = THAW_OPTION_CHOICE, .offset = thaw_option_place(structure, member, int)
#define THAW_DURATION(structure, member)                                                           \
    .type = THAW_OPTION_DURATION, .offset = thaw_option_place(structure, member, uint64_t)

/* The word number index that its argument may be: a choice, or one of its offer. False: no more. */
bool thaw_option_word(const struct thaw_option *option, size_t index, struct thaw_word *ret);

/* What a parse found besides the values. */
struct thaw_operands {
    bool help; /* --help was given: nothing else counts */
    int count;
    char **items; /* the tail of argv, NULL-terminated as argv is */
};

/*
 * Ends argv before the first word that is `--`: what is behind it, ended by NULL, is a command that
 * has options of its own. NULL: there is no `--`.
 */
char **thaw_options_cut(int *argc, char **argv);

/*
 * Parses argv[1..] by the table (NULL: no options) into *values, which holds the defaults, and
 * fills *operands. With options_first the first operand ends the options. Every table has --help.
 * argv is reordered. Returns 0, -EINVAL with a line naming what is wrong and what was perhaps
 * meant, or -ENOMEM. Not reentrant (getopt's own state).
 */
int thaw_options_parse(const struct thaw_option *options, bool options_first, int argc, char **argv,
                       void *values, struct thaw_operands *operands, struct thaw_error *error);

/*
 * "250ms", "2s", "1.5min", "1h", or a plain number of seconds, up to a year. Returns 0 or -EINVAL.
 */
int thaw_options_duration(const char *text, uint64_t *ret_ns);

#endif
