/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "store/statement.h"
#include "store/words.h"

struct thaw_statement thaw_statement(struct thaw_database *database, const char *sql)
{
    struct thaw_statement statement = {.database = database, .next = 1};

    statement.code =
        thaw_sqlite.sqlite3_prepare_v3(database->handle, sql, -1, 0, &statement.handle, NULL);
    return statement;
}

struct thaw_statement thaw_statement_kept(struct thaw_database *database, const char *sql)
{
    struct thaw_statement statement = {.database = database, .next = 1};

    for (size_t i = 0; i < THAW_DATABASE_KEPT_MAX; i++) {
        if (database->kept[i].sql == sql) {
            statement.handle = database->kept[i].handle;
            statement.kept = true;
            return statement;
        }
    }
    statement.code =
        thaw_sqlite.sqlite3_prepare_v3(database->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                       &statement.handle, NULL);
    for (size_t i = 0; statement.code == SQLITE_OK && i < THAW_DATABASE_KEPT_MAX; i++) {
        if (!database->kept[i].sql) {
            database->kept[i].sql = sql;
            database->kept[i].handle = statement.handle;
            statement.kept = true;
            break;
        }
    }
    return statement;
}

static bool failed(const struct thaw_statement *statement)
{
    return statement->code != SQLITE_OK && statement->code != SQLITE_ROW &&
           statement->code != SQLITE_DONE;
}

void thaw_statement_text(struct thaw_statement *statement, const char *text)
{
    if (failed(statement))
        return;
    /* The encoding is named for SQLite's sake: bytes that are not UTF-8 come back as they were. */
    statement->code =
        text ? thaw_sqlite.sqlite3_bind_text64(statement->handle, statement->next, text,
                                               strlen(text), SQLITE_STATIC, SQLITE_UTF8)
             : thaw_sqlite.sqlite3_bind_null(statement->handle, statement->next);
    statement->next++;
}

void thaw_statement_number(struct thaw_statement *statement, int64_t number)
{
    if (!failed(statement))
        statement->code =
            thaw_sqlite.sqlite3_bind_int64(statement->handle, statement->next++, number);
}

void thaw_statement_bytes(struct thaw_statement *statement, const void *bytes, size_t length)
{
    if (!failed(statement))
        statement->code =
            thaw_sqlite.sqlite3_bind_blob64(statement->handle, statement->next++,
                                            length ? bytes : "", length, SQLITE_STATIC);
}

bool thaw_statement_row(struct thaw_statement *statement)
{
    if (!failed(statement))
        statement->code = thaw_sqlite.sqlite3_step(statement->handle);
    return statement->code == SQLITE_ROW;
}

int64_t thaw_statement_integer(struct thaw_statement *statement, int column)
{
    return thaw_sqlite.sqlite3_column_int64(statement->handle, column);
}

const void *thaw_statement_blob(struct thaw_statement *statement, int column, size_t *ret_length)
{
    const void *bytes;

    /* Of a text: in UTF-8 whatever the file's encoding. */
    bytes = thaw_sqlite.sqlite3_column_type(statement->handle, column) == SQLITE_BLOB
                ? thaw_sqlite.sqlite3_column_blob(statement->handle, column)
                : (const void *)thaw_sqlite.sqlite3_column_text(statement->handle, column);
    *ret_length = bytes ? (size_t)thaw_sqlite.sqlite3_column_bytes(statement->handle, column) : 0;
    if (!bytes && thaw_sqlite.sqlite3_extended_errcode(statement->database->handle) == SQLITE_NOMEM)
        statement->code = SQLITE_NOMEM;
    return bytes;
}

int thaw_statement_again(struct thaw_statement *statement, struct thaw_error *error)
{
    if (failed(statement))
        return thaw_database_fail(statement->database, statement->code, error);
    thaw_sqlite.sqlite3_reset(statement->handle);
    statement->code = SQLITE_OK;
    statement->next = 1;
    return 0;
}

int thaw_statement_end(struct thaw_statement *statement, struct thaw_error *error)
{
    int result =
        failed(statement) ? thaw_database_fail(statement->database, statement->code, error) : 0;

    if (statement->kept)
        thaw_sqlite.sqlite3_reset(statement->handle); /* which only says again how it failed */
    else
        thaw_sqlite.sqlite3_finalize(statement->handle);
    statement->handle = NULL;
    return result;
}

int thaw_database_run(struct thaw_database *database, const char *sql, struct thaw_error *error)
{
    struct thaw_statement statement = thaw_statement(database, sql);

    while (thaw_statement_row(&statement))
        ;
    return thaw_statement_end(&statement, error);
}

int thaw_database_ask(struct thaw_database *database, const char *sql, int64_t *ret,
                      struct thaw_error *error)
{
    struct thaw_statement statement = thaw_statement(database, sql);
    bool found = thaw_statement_row(&statement);
    int result;

    if (found)
        *ret = thaw_statement_integer(&statement, 0);
    result = thaw_statement_end(&statement, error);
    return result ? result : found ? 0 : -ENODATA;
}

/* At once for writing: who began as a reader could not become a writer when another one is. */
int thaw_database_begin(struct thaw_database *database, struct thaw_error *error)
{
    return thaw_database_run(database, database->write ? "BEGIN IMMEDIATE" : "BEGIN", error);
}

int thaw_database_end(struct thaw_database *database, int code, struct thaw_error *error)
{
    if (!code)
        code = thaw_database_run(database, "COMMIT", error);
    /* Some failures have ended the transaction already. */
    if (code && !thaw_sqlite.sqlite3_get_autocommit(database->handle))
        thaw_database_run(database, "ROLLBACK", NULL);
    if (code) { /* what is known of the file may have been undone with it */
        thaw_words_forget(database);
        database->queue.known = false;
    }
    return code;
}

int thaw_database_join(struct thaw_database *database, bool *ret_own, struct thaw_error *error)
{
    *ret_own = thaw_sqlite.sqlite3_get_autocommit(database->handle);
    return *ret_own ? thaw_database_begin(database, error) : 0;
}

int thaw_database_leave(struct thaw_database *database, bool own, int code,
                        struct thaw_error *error)
{
    return own ? thaw_database_end(database, code, error) : code;
}

int thaw_database_count(struct thaw_database *database, const char *counter, int64_t more,
                        struct thaw_error *error)
{
    struct thaw_statement statement =
        thaw_statement(database,
                       "INSERT INTO counter (name, value) VALUES (?, ?)"
                       " ON CONFLICT (name) DO UPDATE SET value = value + excluded.value");

    thaw_statement_text(&statement, counter);
    thaw_statement_number(&statement, more);
    thaw_statement_row(&statement);
    return thaw_statement_end(&statement, error);
}

int thaw_database_counted(struct thaw_database *database, const char *counter, int64_t *ret,
                          struct thaw_error *error)
{
    struct thaw_statement statement =
        thaw_statement(database, "SELECT value FROM counter WHERE name = ?");

    *ret = 0;
    thaw_statement_text(&statement, counter);
    if (thaw_statement_row(&statement))
        *ret = thaw_statement_integer(&statement, 0);
    return thaw_statement_end(&statement, error);
}
