/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_INVENTORY_APP_WORDS_H
#define THAW_INVENTORY_APP_WORDS_H

#include "base/path_table.h"
#include "inventory/distributions.h"

/*
 * In which files of the user's a word stands: code, text in code, comments, settings. That a word
 * stands nowhere is certain, what it means where it stands is not.
 */
struct thaw_app_words {
    struct thaw_path_table words; /* -> index in files */
    struct thaw_texts *files;     /* of each word: where it stands, at most 2 */
    size_t count;
    bool is_cut; /* not all files could be read: a word may stand in others */
};

/* 0 or -ENOMEM. Each word once; memory is the arena's. */
int thaw_app_words_open(struct thaw_app_words *words, const struct thaw_texts *list,
                        struct thaw_arena *arena);

/*
 * Looks through the source and settings files of a folder and of those in it: not hidden ones, not
 * installations, not what a distribution owns, nor what lists requirements itself; no link is
 * followed. Bounded: 16 folders deep, 20,000 entries, 2,000 files, 32 MiB. 0 or -ENOMEM.
 */
int thaw_app_words_look(struct thaw_app_words *words, const char *folder,
                        const struct thaw_distributions *distributions, struct thaw_arena *arena);

/* Where a word stands, NULL: it was not in the list. */
const struct thaw_texts *thaw_app_words_of(const struct thaw_app_words *words, const char *word);

void thaw_app_words_close(struct thaw_app_words *words);

#endif
