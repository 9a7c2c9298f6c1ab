/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/statement.h"
#include "store/words.h"

#define APPLICATION_ID 0x74686177       /* "thaw", in the file's header */
#define LEAST_SQLITE 3037000            /* the first with STRICT tables */
#define VALUE_BYTES_MAX (1 << 20)       /* of a row */
#define PATH_SIZE 1024                  /* of what SQLite is given: it takes 512 */
#define HOLD_OFFSET ((off_t)1 << 40)    /* SQLite's locks are at 2^30 */
#define BUSY_STEP_NS (10 * 1000 * 1000) /* where SQLite does not wait by itself */

/* The folders above a file, for its owner alone, as the XDG base directories want them. */
static int make_folders(const char *path, struct thaw_error *error)
{
    char *copy = strdup(path);
    int result = 0;

    if (!copy)
        return thaw_error_memory(error);
    for (char *slash = strchr(copy + 1, '/'); slash && !result; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(copy, 0700) != 0 && errno != EEXIST)
            result = thaw_error_system(error, -errno, "%s: the folder can't be made", copy);
        *slash = '/';
    }
    free(copy);
    return result;
}

/* For its owner alone: SQLite gives what it puts beside it the same mode. */
static int make_file(const char *path, struct thaw_error *error)
{
    int result = make_folders(path, error), fd;

    if (result)
        return result;
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return thaw_error_system(error, -errno, "%s", path);
    close(fd);
    return 0;
}

static int look_at(const char *path, bool write, struct thaw_error *error)
{
    struct stat status;

    if (stat(path, &status) != 0) {
        if (errno == ENOENT && write) {
            int made = make_file(path, error);

            if (made != -EEXIST) /* else somebody was faster */
                return made;
        }
        if (stat(path, &status) != 0)
            return thaw_error_system(error, -errno, "%s", path);
    }
    if (!S_ISREG(status.st_mode))
        return thaw_error_set(error, -EINVAL, "%s: this is no file", path);
    return 0;
}

/* A path that means a file whatever it is called: not ":memory:", not "file:…". */
static bool plain_path(char *out, const char *path)
{
    return snprintf(out, PATH_SIZE, "%s%s", *path == '/' ? "" : "./", path) < PATH_SIZE;
}

/* The same for a file that nobody can be writing to: where there is no way to write, SQLite could
 * not make what readers and writers share. RFC 3986. */
static bool immutable_path(char *out, const char *path)
{
    char *whole = realpath(path, NULL);
    size_t used = (size_t)snprintf(out, PATH_SIZE, "file://");

    for (const char *at = whole; at && *at && used + sizeof("%XX?immutable=1") < PATH_SIZE; at++) {
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                     (*at >= '0' && *at <= '9') || strchr("/-._~", *at);

        used += (size_t)snprintf(out + used, PATH_SIZE - used, plain ? "%c" : "%%%02X",
                                 (unsigned char)*at);
        if (!at[1]) {
            snprintf(out + used, PATH_SIZE - used, "?immutable=1");
            free(whole);
            return true;
        }
    }
    free(whole);
    return false;
}

/* What is written and not yet in the file itself is beside it. */
static bool has_writers_file(const char *path)
{
    char *name;
    struct stat status;
    bool has;

    if (asprintf(&name, "%s-wal", path) < 0)
        return true;
    has = stat(name, &status) == 0 && status.st_size > 0;
    free(name);
    return has;
}

/* The file is input from outside: nothing in its schema is run or believed. */
static int configure(struct thaw_database *database, struct thaw_error *error)
{
    static const struct {
        int option, value;
    } rows[] = {{SQLITE_DBCONFIG_DEFENSIVE, 1},      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
                {SQLITE_DBCONFIG_ENABLE_FKEY, 1},    {SQLITE_DBCONFIG_DQS_DML, 0},
                {SQLITE_DBCONFIG_DQS_DDL, 0}};
    int code = thaw_sqlite.sqlite3_busy_timeout(database->handle, THAW_DATABASE_BUSY_MS);

    thaw_sqlite.sqlite3_limit(database->handle, SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX);
    thaw_sqlite.sqlite3_limit(database->handle, SQLITE_LIMIT_ATTACHED, 0);
    for (size_t i = 0; code == SQLITE_OK && i < sizeof(rows) / sizeof(rows[0]); i++)
        code = thaw_sqlite.sqlite3_db_config(database->handle, rows[i].option, rows[i].value, NULL);
    if (code != SQLITE_OK)
        return thaw_database_fail(database, code, error);
    code = thaw_database_run(database, "PRAGMA mmap_size = 0", error);
    if (!code)
        code = thaw_database_run(database, "PRAGMA temp_store = MEMORY", error);
    if (!code)
        code = thaw_database_run(database, "PRAGMA journal_size_limit = 4194304", error);
    if (!code)
        code = thaw_database_run(database, "PRAGMA cell_size_check = ON", error);
    if (!code && !database->write)
        code = thaw_database_run(database, "PRAGMA query_only = ON", error);
    return code;
}

/* What the file says it is. */
struct identity {
    int64_t application, version, objects;
};

static int identify(struct thaw_database *database, struct identity *ret, struct thaw_error *error)
{
    int code = thaw_database_ask(database, "PRAGMA application_id", &ret->application, error);

    if (!code)
        code = thaw_database_ask(database, "PRAGMA user_version", &ret->version, error);
    if (!code)
        code =
            thaw_database_ask(database, "SELECT count(*) FROM sqlite_schema", &ret->objects, error);
    return code == -ENODATA ? thaw_database_damaged(database, "it has no header", error) : code;
}

/* The same at one moment: another program may just be making the file. */
static int identify_at_once(struct thaw_database *database, struct identity *ret,
                            struct thaw_error *error)
{
    int code = thaw_database_run(database, "BEGIN", error);

    return code ? code : thaw_database_end(database, identify(database, ret, error), error);
}

static bool is_new(const struct identity *identity)
{
    return identity->application == 0 && identity->version == 0 && identity->objects == 0;
}

/* Is it what this program can read? */
static int check_identity(const struct thaw_database *database, const struct identity *identity,
                          size_t version, struct thaw_error *error)
{
    if (is_new(identity))
        return 0;
    if (identity->application != APPLICATION_ID)
        return thaw_error_set(error, -EINVAL,
                              "%s: this SQLite file is another program's; nothing was changed",
                              database->path);
    if (identity->version > (int64_t)version)
        return thaw_error_set(error, -EINVAL,
                              "%s: it was made by a later thaw (version %" PRId64 " of the file, "
                              "this one knows %zu); use that one, or another file",
                              database->path, identity->version, version);
    if (identity->version < 1)
        return thaw_database_damaged(database, "it says no version", error);
    return 0;
}

/* SQLite's own look at all pages, and whether indexes have what their tables have: an entry that
 * one lacks would be gone in silence. */
static int check_pages(struct thaw_database *database, struct thaw_error *error)
{
    struct thaw_statement statement = thaw_statement(database, "PRAGMA integrity_check(1)");
    char what[200] = "no answer";
    size_t length;

    if (thaw_statement_row(&statement)) {
        const char *text = thaw_statement_blob(&statement, 0, &length);

        snprintf(what, sizeof(what), "%s", text ? text : "");
        what[strcspn(what, "\n")] = '\0';
    }
    int code = thaw_statement_end(&statement, error);
    if (!code && strcmp(what, "ok") != 0)
        code = thaw_database_damaged(database, what, error);
    return code;
}

/* The change to WAL takes the file for itself, for which SQLite does not always wait. Where the
 * file system has no shared memory it stays as it was, which is as safe. */
static int use_wal(struct thaw_database *database, struct thaw_error *error)
{
    uint64_t until = thaw_clock_now_ns() + (uint64_t)THAW_DATABASE_BUSY_MS * 1000000;
    int code;

    while ((code = thaw_database_run(database, "PRAGMA journal_mode = WAL", error)) == -EBUSY &&
           thaw_clock_now_ns() < until)
        nanosleep(&(const struct timespec){.tv_nsec = BUSY_STEP_NS}, NULL);
    return code;
}

static int take_step(struct thaw_database *database, const struct thaw_database_step *step,
                     size_t version, struct thaw_error *error)
{
    char sql[64];
    int code = 0;

    for (size_t i = 0; !code && step->statements[i]; i++)
        code = thaw_database_run(database, step->statements[i], error);
    snprintf(sql, sizeof(sql), "PRAGMA user_version = %zu", version);
    return code ? code : thaw_database_run(database, sql, error);
}

/* All steps or none. That pages can be given back is settled before a file's first page is written;
 * in one that has others they are only used again. */
static int bring_up_to_date(struct thaw_database *database, const struct thaw_database_step *steps,
                            size_t count, struct thaw_error *error)
{
    struct identity identity;
    char sql[64];
    int code = thaw_database_run(database, "PRAGMA auto_vacuum = INCREMENTAL", error);

    if (!code)
        code = use_wal(database, error);
    if (!code)
        code = thaw_database_begin(database, error);
    if (code)
        return code;
    code = identify(database, &identity, error); /* again: somebody may have been faster */
    if (!code)
        code = check_identity(database, &identity, count, error);
    snprintf(sql, sizeof(sql), "PRAGMA application_id = %d", APPLICATION_ID);
    if (!code && is_new(&identity))
        code = thaw_database_run(database, sql, error);
    for (size_t i = code ? count : (size_t)identity.version; !code && i < count; i++)
        code = take_step(database, &steps[i], i + 1, error);
    return thaw_database_end(database, code, error);
}

/* One connection; *database has its path. */
static int connect_as(struct thaw_database *database, const char *name, int flags,
                      struct identity *ret, struct thaw_error *error)
{
    int code = thaw_sqlite.sqlite3_open_v2(name, &database->handle,
                                           flags | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_NOMUTEX |
                                               SQLITE_OPEN_EXRESCODE,
                                           NULL);

    if (code != SQLITE_OK)
        return database->handle ? thaw_database_fail(database, code, error)
                                : thaw_error_memory(error);
    code = configure(database, error);
    return code ? code : identify_at_once(database, ret, error);
}

static void disconnect(struct thaw_database *database)
{
    for (size_t i = 0; i < THAW_DATABASE_KEPT_MAX; i++) {
        if (database->kept[i].sql)
            thaw_sqlite.sqlite3_finalize(database->kept[i].handle);
    }
    memset(database->kept, 0, sizeof(database->kept));
    if (database->handle)
        thaw_sqlite.sqlite3_close_v2(database->handle);
    database->handle = NULL;
}

static int connect_to(struct thaw_database *database, struct identity *ret,
                      struct thaw_error *error)
{
    char name[PATH_SIZE];
    int code;

    if (!plain_path(name, database->path))
        return thaw_error_system(error, -ENAMETOOLONG, "%s", database->path);
    /* Also to read: the last one who closes it tidies up what writers and readers share beside it.
     * Where it can't be written it is opened for reading. */
    code = connect_as(database, name, SQLITE_OPEN_READWRITE, ret, error);
    if (!code || database->write || code == -ENOMEM || code == -EINVAL || code == -EBUSY ||
        has_writers_file(database->path) || !immutable_path(name, database->path))
        return code;
    disconnect(database);
    return connect_as(database, name, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, ret, error);
}

static int open_checked(struct thaw_database *database, const struct thaw_database_step *steps,
                        size_t count, struct thaw_error *error)
{
    struct identity identity;
    int code = connect_to(database, &identity, error);

    if (!code)
        code = check_identity(database, &identity, count, error);
    if (!code && !is_new(&identity))
        code = check_pages(database, error);
    if (code)
        return code;
    database->version = database->write ? (int64_t)count : identity.version;
    if (!database->write) {
        database->empty = is_new(&identity);
        return 0; /* what a later step brings is not in an older one */
    }
    return identity.version == (int64_t)count ? 0 : bring_up_to_date(database, steps, count, error);
}

static int load(struct thaw_error *error)
{
    if (thaw_sqlite_load() != 0)
        return thaw_error_set(error, -ENOSYS,
                              "a history needs SQLite, and %s is not installed (Debian: "
                              "libsqlite3-0)",
                              thaw_sqlite_soname());
    if (thaw_sqlite.sqlite3_libversion_number() < LEAST_SQLITE)
        return thaw_error_set(error, -ENOSYS,
                              "a history needs SQLite 3.37 or later; the one that is installed is "
                              "older");
    return 0;
}

int thaw_database_open_steps(const char *path, bool write, const struct thaw_database_step *steps,
                             size_t step_count, struct thaw_database **ret,
                             struct thaw_error *error)
{
    struct thaw_database *database;
    int code = load(error);

    if (!code)
        code = look_at(path, write, error);
    if (code)
        return code;
    database = calloc(1, sizeof(*database));
    if (!database)
        return thaw_error_memory(error);
    database->write = write;
    database->path = strdup(path);
    code = database->path ? open_checked(database, steps, step_count, error)
                          : thaw_error_memory(error);
    if (code) {
        thaw_database_close(database);
        return code;
    }
    *ret = database;
    return 0;
}

int thaw_database_open(const char *path, bool write, struct thaw_database **ret,
                       struct thaw_error *error)
{
    return thaw_database_open_steps(path, write, thaw_database_steps, THAW_DATABASE_VERSION, ret,
                                    error);
}

/* By a lock of the open file, which ends with the program however that ends; far behind the bytes
 * that SQLite locks, and not of its kind. */
int thaw_database_hold(struct thaw_database *database, struct thaw_error *error)
{
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = HOLD_OFFSET, .l_len = 1};
    int code, fd;

    if (database->hold)
        return 0;
    fd = open(database->path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return thaw_error_system(error, -errno, "%s", database->path);
    database->hold = fd + 1;
    if (fcntl(fd, F_OFD_SETLK, &lock) == 0) {
        thaw_sqlite.sqlite3_busy_timeout(database->handle, THAW_DATABASE_HELD_BUSY_MS);
        return thaw_database_run(database, "PRAGMA synchronous = NORMAL", error);
    }
    code = errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
    if (code == -EBUSY)
        return thaw_error_set(
            error, code, "%s: another `thaw audit` adds to it; give this one a file of its own",
            database->path);
    return thaw_error_system(error, code, "%s: it can't be locked", database->path);
}

void thaw_database_close(struct thaw_database *database)
{
    if (!database)
        return;
    disconnect(database);
    thaw_words_forget(database);
    if (database->hold)
        close(database->hold - 1); /* last: it ends the locks of SQLite's on that file, too */
    free(database->path);
    free(database);
}
