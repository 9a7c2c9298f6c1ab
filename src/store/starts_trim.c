/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "store/starts.h"
#include "store/starts_private.h"
#include "store/statement.h"
#include "store/words.h"

/* Removed at a time, so that nobody waits for it. */
#define STARTS_AT_ONCE 1000
#define ARRIVALS_AT_ONCE 5000
#define SHARE_AT_ONCE 20       /* for their bytes: a twentieth of all */
#define LOG_MAX (8ll << 20)    /* of the WAL, of a quarter of the file's bound if that is less */
#define PAGES_GIVEN_BACK "500" /* at a time */

static const struct thaw_starts_bounds usual = {200000, 2000000, 512ull << 20};
#define LEAST_BYTES (1ull << 20)

struct trimming {
    struct thaw_database *database;
    struct thaw_error *error;
    int64_t starts, arrivals, bytes; /* the bounds */
    int64_t log_most, pages_most;    /* of bytes: what the WAL and what pages in use may have */
    int code;
};

static int64_t at_most(int64_t number, int64_t most)
{
    return number < most ? number : most;
}

static int64_t bound(uint64_t given, uint64_t otherwise)
{
    return (int64_t)(given == 0 ? otherwise : given < INT64_MAX ? given : INT64_MAX);
}

static int64_t ask(struct trimming *trimming, const char *sql)
{
    struct thaw_statement statement;
    int64_t number = 0;

    if (trimming->code)
        return 0;
    statement = thaw_statement_kept(trimming->database, sql);
    if (thaw_statement_row(&statement))
        number = thaw_statement_integer(&statement, 0);
    trimming->code = thaw_statement_end(&statement, trimming->error);
    return number;
}

/* The first count of a table's. */
static void remove_first(struct trimming *trimming, const char *sql, int64_t count,
                         const char *counter)
{
    struct thaw_statement statement;
    int64_t removed;

    if (trimming->code || count <= 0)
        return;
    statement = thaw_statement_kept(trimming->database, sql);
    thaw_statement_number(&statement, count);
    thaw_statement_row(&statement);
    removed = thaw_sqlite.sqlite3_changes64(trimming->database->handle);
    trimming->code = thaw_statement_end(&statement, trimming->error);
    if (!trimming->code && removed && counter)
        trimming->code = thaw_database_count(trimming->database, counter, removed, trimming->error);
}

/* What pages in use take: those that are free will be used first. */
static int64_t used_bytes(struct trimming *trimming)
{
    int64_t pages = ask(trimming, "PRAGMA page_count"),
            unused = ask(trimming, "PRAGMA freelist_count");

    return (pages - unused) * ask(trimming, "PRAGMA page_size");
}

/* Numbers have no gaps, as only the first rows are ever removed. */
static const char count_starts[] =
    "SELECT ifnull((SELECT max(id) FROM start) - (SELECT min(id) FROM start) + 1, 0)";
static const char count_arrivals[] =
    "SELECT ifnull((SELECT max(id) FROM arrivals) - (SELECT min(id) FROM arrivals) + 1, 0)";

static void remove_rows(struct trimming *trimming)
{
    int64_t starts = ask(trimming, count_starts), arrivals = ask(trimming, count_arrivals);
    int64_t too_many = starts - trimming->starts, rows = arrivals - trimming->arrivals;

    if (used_bytes(trimming) > trimming->pages_most) {
        int64_t share = starts / SHARE_AT_ONCE + 1, row_share = arrivals / SHARE_AT_ONCE + 1;

        too_many = too_many > share ? too_many : share;
        rows = rows > row_share ? rows : row_share;
    }
    remove_first(trimming, "DELETE FROM start WHERE id < (SELECT min(id) FROM start) + ?",
                 at_most(too_many, STARTS_AT_ONCE), THAW_STARTS_REMOVED);
    remove_first(trimming, "DELETE FROM arrivals WHERE id < (SELECT min(id) FROM arrivals) + ?",
                 at_most(rows, ARRIVALS_AT_ONCE), THAW_ARRIVALS_REMOVED);
    remove_first(trimming, "DELETE FROM watched WHERE id <= (SELECT max(id) FROM watched) - ?",
                 THAW_WATCHED_MAX, NULL);
}

static void remove_words(struct trimming *trimming)
{
    static const char first[] =
        "SELECT min(ifnull((SELECT min(id) FROM start), (SELECT seq + 1 FROM sqlite_sequence"
        " WHERE name = 'start')), ifnull((SELECT after_start + 1 FROM arrivals ORDER BY id LIMIT"
        " 1), 1 << 62))";
    int64_t start = ask(trimming, first);

    if (!trimming->code)
        trimming->code = thaw_words_trim(trimming->database, start, trimming->error);
}

static void remove_oldest(struct trimming *trimming)
{
    trimming->code = thaw_database_begin(trimming->database, trimming->error);
    if (trimming->code)
        return;
    remove_rows(trimming);
    if (!trimming->code)
        remove_words(trimming);
    trimming->code = thaw_database_end(trimming->database, trimming->code, trimming->error);
}

static int64_t log_bytes(struct trimming *trimming)
{
    struct stat status = {0};
    char *name;

    if (asprintf(&name, "%s-wal", trimming->database->path) < 0) {
        trimming->code = thaw_error_memory(trimming->error);
        return 0;
    }
    if (stat(name, &status) != 0)
        status.st_size = 0;
    free(name);
    return status.st_size;
}

/* Without waiting for readers. */
static void empty_log(struct trimming *trimming)
{
    thaw_sqlite.sqlite3_busy_timeout(trimming->database->handle, 0);
    trimming->code =
        thaw_database_run(trimming->database, "PRAGMA wal_checkpoint(TRUNCATE)", trimming->error);
    thaw_sqlite.sqlite3_busy_timeout(trimming->database->handle, trimming->database->hold
                                                                     ? THAW_DATABASE_HELD_BUSY_MS
                                                                     : THAW_DATABASE_BUSY_MS);
    if (trimming->code == -EBUSY)
        trimming->code = 0;
}

static int64_t file_bytes(struct trimming *trimming)
{
    return ask(trimming, "PRAGMA page_count") * ask(trimming, "PRAGMA page_size");
}

static void give_back(struct trimming *trimming)
{
    if (trimming->code || file_bytes(trimming) <= trimming->pages_most)
        return;
    if (ask(trimming, "PRAGMA freelist_count") > 0 && !trimming->code)
        trimming->code =
            thaw_database_run(trimming->database, "PRAGMA incremental_vacuum(" PAGES_GIVEN_BACK ")",
                              trimming->error);
}

/* A reader keeps all that is written meanwhile in the log. */
static void bound_log(struct trimming *trimming)
{
    int64_t bytes;

    if (!trimming->code && log_bytes(trimming) > trimming->log_most)
        empty_log(trimming);
    bytes = log_bytes(trimming);
    trimming->database->pinned =
        bytes > trimming->log_most && bytes + file_bytes(trimming) > trimming->bytes;
    if (!trimming->code && trimming->database->pinned)
        trimming->code =
            thaw_error_set(trimming->error, -EBUSY,
                           "%s: another program has been reading it for too long: what is "
                           "written meanwhile is %lld MiB, and nothing is added until it ends",
                           trimming->database->path, (long long)(bytes >> 20));
}

int thaw_starts_trim(struct thaw_database *database, const struct thaw_starts_bounds *bounds,
                     struct thaw_error *error)
{
    struct trimming trimming = {
        .database = database,
        .error = error,
        .starts = bound(bounds->starts, usual.starts),
        .arrivals = bound(bounds->arrivals, usual.arrivals),
        .bytes = bound(bounds->bytes, usual.bytes),
    };

    if (trimming.bytes < (int64_t)LEAST_BYTES)
        trimming.bytes = (int64_t)LEAST_BYTES;
    trimming.log_most = at_most(LOG_MAX, trimming.bytes / 4);
    trimming.pages_most =
        trimming.bytes - trimming.log_most * 3 / 2; /* more come before the next */
    remove_oldest(&trimming);
    give_back(&trimming);
    bound_log(&trimming);
    return trimming.code;
}

int thaw_store_state(struct thaw_database *database, struct thaw_store_state *ret,
                     struct thaw_error *error)
{
    struct trimming reading = {.database = database, .error = error};
    struct thaw_store_state state = {0};

    if (!database->empty && database->version >= THAW_DATABASE_STARTS_VERSION) {
        state.starts = ask(&reading, count_starts);
        state.arrivals = ask(&reading, count_arrivals);
        if (!reading.code)
            reading.code =
                thaw_database_counted(database, THAW_STARTS_REMOVED, &state.starts_removed, error);
        if (!reading.code)
            reading.code = thaw_database_counted(database, THAW_ARRIVALS_REMOVED,
                                                 &state.arrivals_removed, error);
    }
    state.bytes = file_bytes(&reading) + log_bytes(&reading);
    if (!reading.code)
        *ret = state;
    return reading.code;
}
