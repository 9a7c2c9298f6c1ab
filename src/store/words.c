/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "base/text.h"
#include "store/statement.h"
#include "store/words.h"

/*
 * A word's `seen` would have to be written at each start that names it; it is when it lags so many
 * starts behind. So no start names a word that it is more than that ahead of.
 */
#define LAG 1000
#define CACHE_MAX 20000  /* words known without a look at the file */
#define REMOVED_MAX 2000 /* at a time */

static const char upsert[] = "INSERT INTO word (text, seen) VALUES (?, ?) ON CONFLICT (text)"
                             " DO UPDATE SET seen = max(seen, excluded.seen) RETURNING id";

struct word {
    UT_hash_handle hh;
    int64_t id, seen;
    char text[];
};

struct thaw_words {
    struct word *table; /* by text */
    int64_t start;      /* the latest */
};

static void forget_table(struct thaw_words *words)
{
    struct word *word, *next;

    HASH_ITER(hh, words->table, word, next)
    {
        HASH_DEL(words->table, word);
        free(word);
    }
}

void thaw_words_forget(struct thaw_database *database)
{
    if (!database->words)
        return;
    forget_table(database->words);
    free(database->words);
    database->words = NULL;
}

static int begin(struct thaw_database *database, struct thaw_error *error)
{
    int code;

    if (database->words)
        return 0;
    database->words = calloc(1, sizeof(*database->words));
    if (!database->words)
        return thaw_error_memory(error);
    code = thaw_database_ask(database, "SELECT ifnull(max(id), 0) FROM start",
                             &database->words->start, error);
    if (code)
        thaw_words_forget(database);
    return code;
}

void thaw_words_start(struct thaw_database *database, int64_t start)
{
    if (database->words && start > database->words->start)
        database->words->start = start;
}

int64_t thaw_words_latest(const struct thaw_database *database)
{
    return database->words ? database->words->start : 0;
}

/* A whole character less rather than half of one. */
size_t thaw_words_cut(const char *text, size_t most)
{
    size_t length = most;

    while (length && ((unsigned char)text[length] & 0xC0) == 0x80)
        length--;
    return length;
}

static struct word *find(struct thaw_words *words, const char *text, size_t length)
{
    struct word *word;

    HASH_FIND(hh, words->table, text, length, word);
    return word;
}

static int remember(struct thaw_words *words, const char *text, size_t length, int64_t id,
                    int64_t seen, struct thaw_error *error)
{
    struct word *word = find(words, text, length);

    if (word) {
        word->id = id;
        word->seen = seen;
        return 0;
    }
    if (HASH_COUNT(words->table) >= CACHE_MAX)
        forget_table(words);
    word = calloc(1, sizeof(*word) + length + 1);
    if (!word)
        return thaw_error_memory(error);
    memcpy(word->text, text, length);
    word->id = id;
    word->seen = seen;
    HASH_ADD(hh, words->table, text, length, word);
    if (!word->hh.tbl) {
        free(word);
        return thaw_error_memory(error);
    }
    return 0;
}

static int look_up(struct thaw_database *database, const char *text, size_t length, int64_t *ret,
                   struct thaw_error *error)
{
    struct thaw_statement statement;
    int64_t seen = database->words->start + 1;
    int code;

    statement = thaw_statement_kept(database, upsert);
    thaw_statement_text(&statement, text);
    thaw_statement_number(&statement, seen);
    if (thaw_statement_row(&statement)) {
        *ret = thaw_statement_integer(&statement, 0);
        thaw_statement_row(&statement);
    }
    code = thaw_statement_end(&statement, error);
    return code ? code : remember(database->words, text, length, *ret, seen, error);
}

int thaw_words_number(struct thaw_database *database, const char *text, int64_t *ret,
                      struct thaw_error *error)
{
    char cut[THAW_WORD_BYTES_MAX + sizeof("…")];
    size_t length = strlen(text);
    struct word *word;
    int code;

    *ret = 0;
    if (!length)
        return 0;
    code = begin(database, error);
    if (code)
        return code;
    if (length > THAW_WORD_BYTES_MAX) {
        length = thaw_words_cut(text, THAW_WORD_BYTES_MAX);
        memcpy(cut, text, length);
        memcpy(cut + length, "…", sizeof("…"));
        text = cut;
        length = strlen(cut);
    }
    word = find(database->words, text, length);
    if (word && database->words->start - word->seen < LAG) {
        *ret = word->id;
        return 0;
    }
    return look_up(database, text, length, ret, error);
}

int thaw_words_trim(struct thaw_database *database, int64_t first_start, struct thaw_error *error)
{
    struct thaw_statement statement =
        thaw_statement_kept(database,
                            "DELETE FROM word WHERE id IN"
                            " (SELECT id FROM word WHERE seen < ? ORDER BY seen LIMIT ?)");
    bool some;
    int code;

    thaw_statement_number(&statement, first_start - LAG);
    thaw_statement_number(&statement, REMOVED_MAX);
    thaw_statement_row(&statement);
    some = thaw_sqlite.sqlite3_changes64(database->handle) > 0;
    code = thaw_statement_end(&statement, error);
    if (!code && some)
        thaw_words_forget(database);
    return code;
}

int thaw_words_read(struct thaw_database *database, struct thaw_arena *arena, thaw_word_rows *ret,
                    struct thaw_error *error)
{
    struct thaw_statement statement =
        thaw_statement(database, "SELECT id, text FROM word ORDER BY id");
    size_t bytes = 0, length;
    int code = 0, ended;

    while (!code && thaw_statement_row(&statement)) {
        const char *text = thaw_statement_blob(&statement, 1, &length);
        struct thaw_word_row *row = thaw_array_add(ret);

        bytes += sizeof(*row) + length;
        if (bytes > THAW_WORDS_BYTES_MAX)
            code = thaw_error_set(error, -E2BIG, "%s: its names are more than 256 MiB",
                                  database->path);
        else if (!row || !(row->text = thaw_arena_text(arena, text ? text : "", length)))
            code = thaw_error_memory(error);
        else
            row->id = thaw_statement_integer(&statement, 0);
        if (!code && ret->count > 1 && row[-1].id >= row->id)
            code = thaw_database_damaged(database, "its words are out of order", error);
    }
    ended = thaw_statement_end(&statement, code ? NULL : error);
    return code ? code : ended;
}

static int compare_id(const void *key, const void *row)
{
    int64_t id = *(const int64_t *)key, other = ((const struct thaw_word_row *)row)->id;

    return id < other ? -1 : id > other;
}

const char *thaw_words_find(const thaw_word_rows *words, int64_t id)
{
    const struct thaw_word_row *row =
        id && words->count
            ? bsearch(&id, words->items, words->count, sizeof(*words->items), compare_id)
            : NULL;

    return row ? row->text : id ? NULL : "";
}
