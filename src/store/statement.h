/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_STORE_STATEMENT_H
#define THAW_STORE_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/database.h"
#include "store/sqlite.h"

/*
 * Statements, all of them prepared: no text from outside ever becomes SQL. What fails is told once,
 * by thaw_database_fail(), in the words of the file's user.
 */
#define THAW_DATABASE_BUSY_MS 5000     /* how long is waited for others, as database.h says */
#define THAW_DATABASE_HELD_BUSY_MS 200 /* by who holds it, and has more to do than to wait */
#define THAW_DATABASE_KEPT_MAX 32      /* statements that are kept prepared */

struct thaw_database {
    sqlite3 *handle;
    char *path; /* as the user gave it */
    bool write;
    bool empty;      /* read though nothing was ever put in: it has no tables */
    int64_t version; /* of its tables: an older one's where it could only be read */
    struct {
        const char *sql; /* by its address */
        sqlite3_stmt *handle;
    } kept[THAW_DATABASE_KEPT_MAX];
    struct thaw_words *words; /* words.c: NULL none are known yet */
    int hold;                 /* database.h: its file's descriptor and 1, 0 not held */
    bool pinned;              /* starts_trim.c: its log can't be emptied, so nothing is added */
    struct {
        bool known;
        uint64_t count, bytes;
    } queue; /* deliveries.c */
};

/* A statement that is being made or stepped through; the first failure stays, what follows does
 * nothing. Zeroed but for its database; to be ended by thaw_statement_end(). */
struct thaw_statement {
    struct thaw_database *database;
    sqlite3_stmt *handle;
    int code; /* of SQLite; SQLITE_OK, SQLITE_ROW, SQLITE_DONE are fine */
    int next; /* the parameter that is bound next, from 1 */
    bool kept;
};

struct thaw_statement thaw_statement(struct thaw_database *database, const char *sql);

/* The same of one that is run often: it stays prepared. sql is known by its address, and is in use
 * once at a time. */
struct thaw_statement thaw_statement_kept(struct thaw_database *database, const char *sql);

/* The next parameter. NULL texts are SQL's NULL. They must live until the statement is run. */
void thaw_statement_text(struct thaw_statement *statement, const char *text);
void thaw_statement_number(struct thaw_statement *statement, int64_t number);
void thaw_statement_bytes(struct thaw_statement *statement, const void *bytes, size_t length);

/* The next row; false: there is none, or it failed. */
bool thaw_statement_row(struct thaw_statement *statement);

/* Columns of the row; the bytes, of a text, too, are there until the next row. */
int64_t thaw_statement_integer(struct thaw_statement *statement, int column);
const void *thaw_statement_blob(struct thaw_statement *statement, int column, size_t *ret_length);

/* 0, or a negative errno with its line in *error. It may be bound and run again if 0. */
int thaw_statement_again(struct thaw_statement *statement, struct thaw_error *error);

/* The same, and frees it. */
int thaw_statement_end(struct thaw_statement *statement, struct thaw_error *error);

/* A statement without parameters and rows. */
int thaw_database_run(struct thaw_database *database, const char *sql, struct thaw_error *error);

/* The number in the first column of the first row; -ENODATA without a line: there is no row. */
int thaw_database_ask(struct thaw_database *database, const char *sql, int64_t *ret,
                      struct thaw_error *error);

/* thaw_database_begin() of what may be a part of its caller's: *ret_own says whether it is not. */
int thaw_database_join(struct thaw_database *database, bool *ret_own, struct thaw_error *error);
int thaw_database_leave(struct thaw_database *database, bool own, int code,
                        struct thaw_error *error);

/* Adds to a number that is kept in the file: of what was removed, and why. */
int thaw_database_count(struct thaw_database *database, const char *counter, int64_t more,
                        struct thaw_error *error);
int thaw_database_counted(struct thaw_database *database, const char *counter, int64_t *ret,
                          struct thaw_error *error);

/* Fills *error with what SQLite's code means of this file, returns the errno. */
int thaw_database_fail(const struct thaw_database *database, int code, struct thaw_error *error);

/* A file that is whole for SQLite, but not what this program wrote. -EINVAL. */
int thaw_database_damaged(const struct thaw_database *database, const char *what,
                          struct thaw_error *error);

/* A step: what brings a file from one version to the next. Statements end with a row NULL. */
struct thaw_database_step {
    const char *const *statements;
};

/* thaw_database_open() with other steps than this program's: for tests of how files of older and
 * later versions are met. */
int thaw_database_open_steps(const char *path, bool write, const struct thaw_database_step *steps,
                             size_t step_count, struct thaw_database **ret,
                             struct thaw_error *error);

/* This program's, THAW_DATABASE_VERSION of them (steps.c). */
extern const struct thaw_database_step thaw_database_steps[THAW_DATABASE_VERSION];

#endif
