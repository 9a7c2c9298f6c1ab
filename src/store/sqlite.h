/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_STORE_SQLITE_H
#define THAW_STORE_SQLITE_H

#include <sqlite3.h>

/* The functions of SQLite, which only those who keep a history need (base/late_library.h). */
#define THAW_SQLITE_FUNCTIONS(EACH)                                                                \
    EACH(sqlite3_bind_blob64)                                                                      \
    EACH(sqlite3_bind_int64)                                                                       \
    EACH(sqlite3_bind_null)                                                                        \
    EACH(sqlite3_bind_text64)                                                                      \
    EACH(sqlite3_busy_timeout)                                                                     \
    EACH(sqlite3_changes64)                                                                        \
    EACH(sqlite3_close_v2)                                                                         \
    EACH(sqlite3_column_blob)                                                                      \
    EACH(sqlite3_column_bytes)                                                                     \
    EACH(sqlite3_column_int64)                                                                     \
    EACH(sqlite3_column_text)                                                                      \
    EACH(sqlite3_column_type)                                                                      \
    EACH(sqlite3_db_config)                                                                        \
    EACH(sqlite3_errmsg)                                                                           \
    EACH(sqlite3_extended_errcode)                                                                 \
    EACH(sqlite3_finalize)                                                                         \
    EACH(sqlite3_get_autocommit)                                                                   \
    EACH(sqlite3_last_insert_rowid)                                                                \
    EACH(sqlite3_libversion_number)                                                                \
    EACH(sqlite3_limit)                                                                            \
    EACH(sqlite3_open_v2)                                                                          \
    EACH(sqlite3_prepare_v3)                                                                       \
    EACH(sqlite3_reset)                                                                            \
    EACH(sqlite3_step)                                                                             \
    EACH(sqlite3_system_errno)

struct thaw_sqlite {
#define MEMBER(name) __typeof__(name) *name;
    THAW_SQLITE_FUNCTIONS(MEMBER)
#undef MEMBER
};

/* Only to be used after thaw_sqlite_load() gave 0: an open database is proof of that. */
extern struct thaw_sqlite thaw_sqlite;

int thaw_sqlite_load(void); /* 0; -ENOSYS: SQLite is not installed */
const char *thaw_sqlite_soname(void);

#endif
