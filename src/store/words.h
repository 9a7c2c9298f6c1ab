/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_STORE_WORDS_H
#define THAW_STORE_WORDS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/array.h"
#include "store/database.h"
#include "thaw/error.h"

/*
 * Texts that many starts share, kept once: names of apps, phases, imports. A word that no start has
 * any more is removed some time later.
 */
#define THAW_WORD_BYTES_MAX 1024 /* of longer ones the beginning, and "…" */

/* How many of the first bytes of a longer text are whole characters. */
size_t thaw_words_cut(const char *text, size_t most);

/* The number of a text, from 1, which is added where it is new; 0 of "". In a transaction. */
int thaw_words_number(struct thaw_database *database, const char *text, int64_t *ret,
                      struct thaw_error *error);

/* A start was added, as number start; the number of the latest one. */
void thaw_words_start(struct thaw_database *database, int64_t start);
int64_t thaw_words_latest(const struct thaw_database *database);

/* Removes some of those that only starts before this one named. */
int thaw_words_trim(struct thaw_database *database, int64_t first_start, struct thaw_error *error);

/* What is known of the file's words is forgotten. */
void thaw_words_forget(struct thaw_database *database);

/* All of them, by number. */
struct thaw_word_row {
    int64_t id;
    const char *text;
};
typedef THAW_ARRAY(struct thaw_word_row) thaw_word_rows;

#define THAW_WORDS_BYTES_MAX ((size_t)256 << 20) /* of what is read at once */

/* Texts are put into arena. -E2BIG; -EINVAL: damaged. */
int thaw_words_read(struct thaw_database *database, struct thaw_arena *arena, thaw_word_rows *ret,
                    struct thaw_error *error);

/* "" of 0; NULL: there is no such word. */
const char *thaw_words_find(const thaw_word_rows *words, int64_t id);

#endif
