/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "store/parts.h"
#include "store/starts.h"
#include "store/starts_private.h"
#include "store/statement.h"
#include "store/words.h"

static const char insert_start[] =
    "INSERT INTO start (begin_ns, end_ns, total_ns, unattributed_ns, answered, further, complete,"
    " process, app_word, function_word, platform_word, python_word, program_word, unit_word,"
    " deployment_word, worker, control_group, container, pod, host_name, incomplete, trace, span,"
    " modules, modules_failed, imports_ns, other_imports_ns, parts, ended) VALUES (?, ?, ?, ?, ?, "
    "?, ?, ?,"
    " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/* What keeps a start from being added; NULL: nothing. */
static const char *misfit(const struct thaw_start *start)
{
    if (start->begin_unix_ns < 0 || start->end_unix_ns < 0)
        return "a start's time is before 1970";
    if (start->phase_count > THAW_PARTS_PHASES_MAX)
        return "a start has more than 256 phases";
    if (start->import_count > THAW_PARTS_IMPORTS_MAX)
        return "a start has more than 4,096 imports";
    if (start->total_ns > INT64_MAX || start->unattributed_ns > INT64_MAX ||
        start->imports_ns > INT64_MAX || start->other_imports_ns > INT64_MAX ||
        start->modules > INT64_MAX || start->modules_failed > INT64_MAX)
        return "a number of a start is beyond 2^63";
    for (size_t i = 0; i < start->import_count; i++) {
        if (start->imports[i].parent > start->import_count)
            return "an import's parent is none of the start's";
    }
    return NULL;
}

static int check(const struct thaw_database *database, const char *misfit, struct thaw_error *error)
{
    if (!database->write)
        return thaw_error_set(error, -EROFS, "%s: it is open for reading only", database->path);
    if (misfit)
        return thaw_error_set(error, -EINVAL, "%s: nothing was added: %s", database->path, misfit);
    if (database->pinned)
        return thaw_error_set(error, -ENOSPC,
                              "%s: nothing was added, as another program's reading keeps the file "
                              "from being tidied up and it is as large as it may be",
                              database->path);
    return 0;
}

/* --- its parts --- */

struct writing {
    struct thaw_database *database;
    thaw_parts_bytes bytes;
    struct thaw_error *error;
    int code;
};

static void put(struct writing *writing, uint64_t number)
{
    if (!writing->code && !thaw_parts_put(&writing->bytes, number))
        writing->code = thaw_error_memory(writing->error);
}

static int64_t word(struct writing *writing, const char *text)
{
    int64_t number = 0;

    if (!writing->code)
        writing->code = thaw_words_number(writing->database, text, &number, writing->error);
    return number;
}

static void put_parts(struct writing *writing, const struct thaw_start *start)
{
    put(writing, start->phase_count);
    for (size_t i = 0; i < start->phase_count; i++) {
        const struct thaw_start_phase *phase = &start->phases[i];

        put(writing, (uint64_t)word(writing, phase->name));
        put(writing, phase->begin_ns);
        put(writing, phase->ns);
        put(writing, phase->counted);
    }
    put(writing, start->import_count);
    for (size_t i = 0; i < start->import_count; i++) {
        const struct thaw_start_import *import = &start->imports[i];

        put(writing, (uint64_t)word(writing, import->name));
        put(writing, import->begin_ns);
        put(writing, import->total_ns);
        put(writing, import->self_ns);
        put(writing, import->parent);
        put(writing, import->failed);
    }
}

/* --- a start --- */

enum { identity_words = 7 };

static void bind_numbers(struct thaw_statement *statement, const struct thaw_start *start)
{
    thaw_statement_number(statement, start->begin_unix_ns);
    thaw_statement_number(statement, start->end_unix_ns);
    thaw_statement_number(statement, (int64_t)start->total_ns);
    thaw_statement_number(statement, (int64_t)start->unattributed_ns);
    thaw_statement_number(statement, start->answered);
    thaw_statement_number(statement, start->further);
    thaw_statement_number(statement, start->complete);
    thaw_statement_number(statement, start->process);
}

/* The beginning of a text that is too long, in a room of its own. */
struct cut_text {
    char text[THAW_START_TEXT_MAX + sizeof("…")];
};

static const char *bounded(const char *text, struct cut_text *cut)
{
    size_t length = strnlen(text, THAW_START_TEXT_MAX + 1);

    if (length <= THAW_START_TEXT_MAX)
        return text;
    length = thaw_words_cut(text, THAW_START_TEXT_MAX);
    memcpy(cut->text, text, length);
    memcpy(cut->text + length, "…", sizeof("…"));
    return cut->text;
}

static int insert(struct writing *writing, const struct thaw_start *start,
                  const int64_t words[identity_words])
{
    struct thaw_statement statement = thaw_statement_kept(writing->database, insert_start);
    const struct thaw_start_identity *identity = &start->identity;
    struct cut_text cuts[7];
    int64_t id;
    int code;

    bind_numbers(&statement, start);
    for (size_t i = 0; i < identity_words; i++)
        thaw_statement_number(&statement, words[i]);
    thaw_statement_text(&statement, bounded(identity->worker, &cuts[0]));
    thaw_statement_text(&statement, bounded(identity->control_group, &cuts[1]));
    thaw_statement_text(&statement, bounded(identity->container, &cuts[2]));
    thaw_statement_text(&statement, bounded(identity->pod, &cuts[3]));
    thaw_statement_text(&statement, bounded(identity->host_name, &cuts[4]));
    thaw_statement_text(&statement, bounded(start->incomplete, &cuts[5]));
    thaw_statement_text(&statement, start->trace);
    thaw_statement_text(&statement, start->span);
    thaw_statement_number(&statement, (int64_t)start->modules);
    thaw_statement_number(&statement, (int64_t)start->modules_failed);
    thaw_statement_number(&statement, (int64_t)start->imports_ns);
    thaw_statement_number(&statement, (int64_t)start->other_imports_ns);
    thaw_statement_bytes(&statement, writing->bytes.items, writing->bytes.count);
    thaw_statement_text(&statement, bounded(start->ended, &cuts[6]));
    thaw_statement_row(&statement);
    code = thaw_statement_end(&statement, writing->error);
    id = thaw_sqlite.sqlite3_last_insert_rowid(writing->database->handle);
    if (!code)
        thaw_words_start(writing->database, id);
    return code;
}

static void add_all(struct writing *writing, const struct thaw_start *start)
{
    const struct thaw_start_identity *identity = &start->identity;
    const int64_t words[identity_words] = {
        word(writing, identity->app),        word(writing, identity->function),
        word(writing, identity->platform),   word(writing, identity->python),
        word(writing, identity->program),    word(writing, identity->unit),
        word(writing, identity->deployment),
    };

    put_parts(writing, start);
    if (!writing->code)
        writing->code = insert(writing, start, words);
}

int thaw_starts_add(struct thaw_database *database, const struct thaw_start *start,
                    struct thaw_error *error)
{
    struct writing writing = {.database = database, .error = error};
    bool own;
    int code = check(database, misfit(start), error);

    if (!code)
        code = thaw_database_join(database, &own, error);
    if (code)
        return code;
    add_all(&writing, start);
    thaw_array_free(&writing.bytes);
    return thaw_database_leave(database, own, writing.code, error);
}

/* --- arrivals --- */

static const char *arrivals_misfit(const struct thaw_arrivals *arrivals)
{
    if (arrivals->from_unix_ns < 0 || arrivals->from_unix_ns % (int64_t)THAW_ARRIVALS_NS)
        return "arrivals begin at no whole 10 s";
    if (arrivals->requests > INT64_MAX || arrivals->busy_ns > INT64_MAX ||
        arrivals->most_at_once > INT64_MAX || arrivals->most_all > INT64_MAX ||
        arrivals->processes > INT64_MAX || arrivals->limit_looks > INT64_MAX ||
        arrivals->cold > INT64_MAX)
        return "a number of arrivals is beyond 2^63";
    if (arrivals->at_limit > arrivals->limit_looks)
        return "a part of arrivals is more than all of them";
    return NULL;
}

static int insert_arrivals(struct thaw_database *database, const struct thaw_arrivals *arrivals,
                           struct thaw_error *error)
{
    static const char sql[] =
        "INSERT INTO arrivals (app_word, from_ns, requests, cold, busy_ns, most_at_once, most_all,"
        " processes, at_limit, limit_looks, measured, after_start)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    struct thaw_statement statement;
    int64_t app = 0;
    int code = thaw_words_number(database, arrivals->app, &app, error);

    if (code)
        return code;
    statement = thaw_statement_kept(database, sql);
    thaw_statement_number(&statement, app);
    thaw_statement_number(&statement, arrivals->from_unix_ns);
    thaw_statement_number(&statement, (int64_t)arrivals->requests);
    thaw_statement_number(&statement, (int64_t)arrivals->cold);
    thaw_statement_number(&statement, (int64_t)arrivals->busy_ns);
    thaw_statement_number(&statement, (int64_t)arrivals->most_at_once);
    thaw_statement_number(&statement, (int64_t)arrivals->most_all);
    thaw_statement_number(&statement, (int64_t)arrivals->processes);
    thaw_statement_number(&statement, (int64_t)arrivals->at_limit);
    thaw_statement_number(&statement, (int64_t)arrivals->limit_looks);
    thaw_statement_number(&statement, arrivals->measured);
    thaw_statement_number(&statement, thaw_words_latest(database));
    thaw_statement_row(&statement);
    return thaw_statement_end(&statement, error);
}

int thaw_arrivals_add(struct thaw_database *database, const struct thaw_arrivals *arrivals,
                      struct thaw_error *error)
{
    bool own;
    int code = check(database, arrivals_misfit(arrivals), error);

    if (!code)
        code = thaw_database_join(database, &own, error);
    if (code)
        return code;
    return thaw_database_leave(database, own, insert_arrivals(database, arrivals, error), error);
}

/* --- when it was there --- */

/* The last row, if the new one goes on from it: *ret_id 0 if not. */
static int find_watched(struct thaw_database *database, const struct thaw_watched *watched,
                        int64_t *ret_id, struct thaw_error *error)
{
    struct thaw_statement statement =
        thaw_statement_kept(database, "SELECT id, until_ns FROM watched ORDER BY id DESC LIMIT 1");

    *ret_id = 0;
    if (thaw_statement_row(&statement)) {
        int64_t until = thaw_statement_integer(&statement, 1);

        if (watched->from_unix_ns >= until &&
            watched->from_unix_ns - until <= (int64_t)THAW_ARRIVALS_NS)
            *ret_id = thaw_statement_integer(&statement, 0);
    }
    return thaw_statement_end(&statement, error);
}

static int keep_watched(struct thaw_database *database, const struct thaw_watched *watched,
                        struct thaw_error *error)
{
    struct thaw_statement statement;
    int64_t id;
    int code = find_watched(database, watched, &id, error);

    if (code)
        return code;
    statement =
        thaw_statement_kept(database,
                            id ? "UPDATE watched SET until_ns = ?, lost = lost + ? WHERE id = ?"
                               : "INSERT INTO watched (until_ns, lost, from_ns) VALUES (?, ?, ?)");
    thaw_statement_number(&statement, watched->until_unix_ns);
    thaw_statement_number(&statement, (int64_t)watched->lost);
    thaw_statement_number(&statement, id ? id : watched->from_unix_ns);
    thaw_statement_row(&statement);
    return thaw_statement_end(&statement, error);
}

int thaw_watched_add(struct thaw_database *database, const struct thaw_watched *watched,
                     struct thaw_error *error)
{
    bool wrong = watched->from_unix_ns < 0 || watched->until_unix_ns < watched->from_unix_ns ||
                 watched->lost > INT32_MAX;
    bool own;
    int code = check(database, wrong ? "a time that was watched is none" : NULL, error);

    if (!code)
        code = thaw_database_join(database, &own, error);
    if (code)
        return code;
    return thaw_database_leave(database, own, keep_watched(database, watched, error), error);
}
