/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_OFFER_H
#define THAW_CLI_OFFER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What can stand for the value of an option, or for an operand. Lists (`-f list`), man pages and
 * completions are made of it.
 */

struct thaw_word {
    const char *word;
    const char *description;        /* one line without full stop; NULL none */
    const struct thaw_offer *after; /* of the operand that follows this one; NULL: none does */
};

enum thaw_offer_kind {
    THAW_OFFER_WORDS,
    THAW_OFFER_FILES,
    THAW_OFFER_FOLDERS,
    THAW_OFFER_PROCESSES,
    THAW_OFFER_COMMAND_LINE, /* a program of this machine, and then what it takes */
};

struct thaw_offer {
    enum thaw_offer_kind kind;
    /* Of WORDS one of these: a table that ends with a row without word, or a function that gives
     * the word number index and is false where there are no more. */
    const struct thaw_word *words;
    bool (*word)(size_t index, struct thaw_word *ret);
};

extern const struct thaw_offer thaw_offer_files;
extern const struct thaw_offer thaw_offer_folders;
extern const struct thaw_offer thaw_offer_processes;
extern const struct thaw_offer thaw_offer_command_line;

/* The word number index; false: there are no more, or offer (may be NULL) is no words. */
bool thaw_offer_word(const struct thaw_offer *offer, size_t index, struct thaw_word *ret);

/* Is that one of its words? */
bool thaw_offer_has(const struct thaw_offer *offer, const char *word);

/* Writes them to stdout, "NAME  DESCRIPTION", aligned, a line each; on a terminal the descriptions
 * are wrapped to its width. */
void thaw_offer_list(const struct thaw_offer *offer);

#endif
