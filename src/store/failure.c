/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "store/statement.h"

int thaw_database_damaged(const struct thaw_database *database, const char *what,
                          struct thaw_error *error)
{
    return thaw_error_set(
        error, -EINVAL,
        "%s: the history is damaged (%s); nothing was changed: move the file away "
        "to begin a new one",
        database->path, what);
}

/* What the system said, where SQLite only says that input or output failed. */
static int system_error(const struct thaw_database *database, int otherwise,
                        struct thaw_error *error)
{
    int number = thaw_sqlite.sqlite3_system_errno(database->handle);

    return thaw_error_system(error, -(number > 0 ? number : otherwise), "%s", database->path);
}

int thaw_database_fail(const struct thaw_database *database, int code, struct thaw_error *error)
{
    const char *path = database->path;

    switch (code & 0xFF) {
    case SQLITE_NOMEM:
        return thaw_error_memory(error);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return thaw_error_set(error, -EBUSY,
                              "%s: another program has held it for 5 seconds; try again when it is "
                              "done",
                              path);
    case SQLITE_FULL:
        return thaw_error_set(error, -ENOSPC,
                              "%s: no space is left; the history is as it was before", path);
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return thaw_error_set(error, -EROFS,
                              "%s: it can't be written: the file or its folder is read-only", path);
    case SQLITE_IOERR:
        return system_error(database, EIO, error);
    case SQLITE_CANTOPEN:
        return system_error(database, EACCES, error);
    case SQLITE_TOOBIG:
        return thaw_database_damaged(database, "a value is larger than 1 MiB", error);
    case SQLITE_NOTADB:
        return thaw_error_set(error, -EINVAL,
                              "%s: this is no history, which is a SQLite file; nothing was changed",
                              path);
    default: /* CORRUPT; ERROR, SCHEMA, CONSTRAINT: tables that are not those of this program */
        return thaw_database_damaged(database, thaw_sqlite.sqlite3_errmsg(database->handle), error);
    }
}
