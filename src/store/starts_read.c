/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/parts.h"
#include "store/starts.h"
#include "store/starts_private.h"
#include "store/statement.h"
#include "store/words.h"

#define MOST 100000 /* starts, where the question says none */

struct reading {
    struct thaw_database *database;
    const struct thaw_starts_question *question;
    struct thaw_stored_starts *stored;
    struct thaw_error *error;
    thaw_word_rows words;
    int64_t id;   /* of the row that is read */
    size_t bytes; /* read so far */
    int code;
};

static void damaged(struct reading *reading, const char *what)
{
    char text[120];

    snprintf(text, sizeof(text), "row %" PRId64 ": %s", reading->id, what);
    if (!reading->code)
        reading->code = thaw_database_damaged(reading->database, text, reading->error);
}

static void count_bytes(struct reading *reading, size_t bytes)
{
    reading->bytes += bytes;
    if (reading->bytes > THAW_STARTS_BYTES_MAX && !reading->code)
        reading->code = thaw_error_set(reading->error, -E2BIG,
                                       "%s: this is more than 1 GiB; ask for less, by --since or "
                                       "--app",
                                       reading->database->path);
}

static void *kept(struct reading *reading, const void *address)
{
    if (!address && !reading->code)
        reading->code = thaw_error_memory(reading->error);
    return (void *)address;
}

static void *list(struct reading *reading, size_t count, size_t size)
{
    count_bytes(reading, count * size);
    return reading->code || !count
               ? NULL
               : kept(reading, thaw_arena_allocate(&reading->stored->arena, count * size));
}

static const char *read_word(struct reading *reading, int64_t number)
{
    const char *text = thaw_words_find(&reading->words, number);

    if (!text)
        damaged(reading, "a name that is not in it");
    return text ? text : "";
}

static const char *read_text(struct reading *reading, struct thaw_statement *statement, int column)
{
    size_t length;
    const char *bytes = thaw_statement_blob(statement, column, &length), *text;

    if (length > THAW_START_TEXT_MAX + sizeof("…"))
        damaged(reading, "a text is longer than 4 KiB");
    if (reading->code || !length)
        return "";
    count_bytes(reading, length);
    text = kept(reading, thaw_arena_text(&reading->stored->arena, bytes, length));
    return text ? text : "";
}

/* A number that may not be below 0, nor above most. */
static uint64_t read_number(struct reading *reading, struct thaw_statement *statement, int column,
                            uint64_t most)
{
    int64_t number = thaw_statement_integer(statement, column);

    if (number < 0 || (uint64_t)number > most)
        damaged(reading, "a number that can't be");
    return reading->code ? 0 : (uint64_t)number;
}

/* --- parts --- */

static const char *part_name(struct reading *reading, struct thaw_parts_reader *parts)
{
    uint64_t number = thaw_parts_get(parts);

    return read_word(reading, number > INT64_MAX ? -1 : (int64_t)number);
}

static size_t part_count(struct reading *reading, struct thaw_parts_reader *parts, uint64_t most)
{
    uint64_t count = thaw_parts_get(parts);

    if (parts->failed || count > most)
        damaged(reading, "phases and imports that are none");
    return reading->code ? 0 : (size_t)count;
}

static uint64_t part_ns(struct reading *reading, struct thaw_parts_reader *parts)
{
    uint64_t ns = thaw_parts_get(parts);

    if (ns > INT64_MAX)
        damaged(reading, "a duration that can't be");
    return ns;
}

static void read_phases(struct reading *reading, struct thaw_parts_reader *parts,
                        struct thaw_start *start)
{
    size_t count = part_count(reading, parts, THAW_PARTS_PHASES_MAX);
    struct thaw_start_phase *phases = list(reading, count, sizeof(*phases));

    for (size_t i = 0; !reading->code && i < count; i++) {
        phases[i].name = part_name(reading, parts);
        phases[i].begin_ns = part_ns(reading, parts);
        phases[i].ns = part_ns(reading, parts);
        phases[i].counted = thaw_parts_get(parts) != 0;
    }
    start->phases = phases;
    start->phase_count = phases ? count : 0;
}

static void read_imports(struct reading *reading, struct thaw_parts_reader *parts,
                         struct thaw_start *start)
{
    size_t count = part_count(reading, parts, THAW_PARTS_IMPORTS_MAX);
    struct thaw_start_import *imports = list(reading, count, sizeof(*imports));

    for (size_t i = 0; !reading->code && i < count; i++) {
        uint64_t parent;

        imports[i].name = part_name(reading, parts);
        imports[i].begin_ns = part_ns(reading, parts);
        imports[i].total_ns = part_ns(reading, parts);
        imports[i].self_ns = part_ns(reading, parts);
        parent = thaw_parts_get(parts);
        if (parent > count)
            damaged(reading, "an import whose parent is none");
        imports[i].parent = (uint32_t)parent;
        imports[i].failed = thaw_parts_get(parts) != 0;
    }
    start->imports = imports;
    start->import_count = imports ? count : 0;
}

static void read_parts(struct reading *reading, struct thaw_statement *statement, int column,
                       struct thaw_start *start)
{
    size_t length;
    const unsigned char *bytes = thaw_statement_blob(statement, column, &length);
    struct thaw_parts_reader parts = {.at = bytes, .end = bytes ? bytes + length : bytes};

    read_phases(reading, &parts, start);
    if (!reading->code)
        read_imports(reading, &parts, start);
    if (parts.failed || parts.at != parts.end)
        damaged(reading, "phases and imports that are none");
}

/* --- starts --- */

#define START_COLUMNS                                                                              \
    "SELECT id, begin_ns, end_ns, total_ns, unattributed_ns, answered, further, complete, "        \
    "process,"                                                                                     \
    " app_word, function_word, platform_word, python_word, program_word, unit_word,"               \
    " deployment_word, worker, control_group, container, pod, host_name, incomplete, trace, span," \
    " modules, modules_failed, imports_ns, other_imports_ns, parts, ended FROM start"
#define ASKED " WHERE (?1 IS NULL OR app_word = ?1) AND end_ns >= ?2 AND end_ns < ?3"

static void read_identity(struct reading *reading, struct thaw_statement *statement,
                          struct thaw_start_identity *identity)
{
    const char **const words[] = {&identity->app,       &identity->function, &identity->platform,
                                  &identity->python,    &identity->program,  &identity->unit,
                                  &identity->deployment};
    const char **const texts[] = {&identity->worker, &identity->control_group, &identity->container,
                                  &identity->pod, &identity->host_name};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        *words[i] = read_word(reading, thaw_statement_integer(statement, 9 + (int)i));
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        *texts[i] = read_text(reading, statement, 16 + (int)i);
}

static void read_start(struct reading *reading, struct thaw_statement *statement)
{
    struct thaw_start *start = kept(reading, thaw_array_add(&reading->stored->starts));

    if (!start)
        return;
    reading->id = thaw_statement_integer(statement, 0);
    count_bytes(reading, sizeof(*start));
    read_identity(reading, statement, &start->identity);
    start->begin_unix_ns = (int64_t)read_number(reading, statement, 1, INT64_MAX);
    start->end_unix_ns = (int64_t)read_number(reading, statement, 2, INT64_MAX);
    start->total_ns = read_number(reading, statement, 3, INT64_MAX);
    start->unattributed_ns = read_number(reading, statement, 4, INT64_MAX);
    start->answered = read_number(reading, statement, 5, 1);
    start->further = read_number(reading, statement, 6, 1);
    start->complete = read_number(reading, statement, 7, 1);
    start->process = (uint32_t)read_number(reading, statement, 8, UINT32_MAX);
    start->incomplete = read_text(reading, statement, 21);
    snprintf(start->trace, sizeof(start->trace), "%s", read_text(reading, statement, 22));
    snprintf(start->span, sizeof(start->span), "%s", read_text(reading, statement, 23));
    start->modules = read_number(reading, statement, 24, INT64_MAX);
    start->modules_failed = read_number(reading, statement, 25, INT64_MAX);
    start->imports_ns = read_number(reading, statement, 26, INT64_MAX);
    start->other_imports_ns = read_number(reading, statement, 27, INT64_MAX);
    read_parts(reading, statement, 28, start);
    start->ended = read_text(reading, statement, 29);
}

/* The number of the app's word in *ret; -1: no start has it. */
static int find_app(struct reading *reading, int64_t *ret)
{
    struct thaw_statement statement =
        thaw_statement(reading->database, "SELECT id FROM word WHERE text = ?");

    thaw_statement_text(&statement, reading->question->app);
    *ret = thaw_statement_row(&statement) ? thaw_statement_integer(&statement, 0)
           : *reading->question->app      ? -1
                                          : 0;
    return thaw_statement_end(&statement, reading->error);
}

static void bind_question(struct reading *reading, struct thaw_statement *statement)
{
    const struct thaw_starts_question *question = reading->question;
    int64_t app;

    if (!question->app) {
        thaw_statement_text(statement, NULL);
    } else if (!reading->code) {
        reading->code = find_app(reading, &app);
        thaw_statement_number(statement, app);
    }
    thaw_statement_number(statement, question->since_unix_ns);
    thaw_statement_number(statement, question->until_unix_ns ? question->until_unix_ns : INT64_MAX);
}

static void end(struct reading *reading, struct thaw_statement *statement)
{
    int ended = thaw_statement_end(statement, reading->code ? NULL : reading->error);

    reading->code = reading->code ? reading->code : ended;
}

static int64_t count_asked(struct reading *reading)
{
    struct thaw_statement statement =
        thaw_statement(reading->database, "SELECT count(*) FROM start" ASKED);
    int64_t count = 0;

    bind_question(reading, &statement);
    if (!reading->code && thaw_statement_row(&statement))
        count = thaw_statement_integer(&statement, 0);
    end(reading, &statement);
    return count;
}

static void read_starts(struct reading *reading)
{
    size_t most = reading->question->most ? reading->question->most : MOST;
    int64_t asked = count_asked(reading);
    struct thaw_statement statement =
        thaw_statement(reading->database, START_COLUMNS " WHERE id IN (SELECT id FROM start" ASKED
                                                        " ORDER BY end_ns DESC, id DESC"
                                                        " LIMIT ?4)");

    bind_question(reading, &statement);
    thaw_statement_number(&statement, most < INT64_MAX ? (int64_t)most : INT64_MAX);
    while (!reading->code && thaw_statement_row(&statement))
        read_start(reading, &statement);
    end(reading, &statement);
    reading->stored->left_out = asked - (int64_t)reading->stored->starts.count;
}

/* --- arrivals and what was watched --- */

static void read_arrivals_row(struct reading *reading, struct thaw_statement *statement)
{
    struct thaw_arrivals *row;

    if (reading->stored->arrivals.count == THAW_STARTS_ARRIVALS_MAX) {
        reading->code = thaw_error_set(reading->error, -E2BIG,
                                       "%s: there are more than 4,000,000 rows of arrivals; ask "
                                       "for less, by --since or --app",
                                       reading->database->path);
        return;
    }
    row = kept(reading, thaw_array_add(&reading->stored->arrivals));
    if (!row)
        return;
    reading->id = thaw_statement_integer(statement, 0);
    count_bytes(reading, sizeof(*row));
    row->app = read_word(reading, thaw_statement_integer(statement, 1));
    row->from_unix_ns = (int64_t)read_number(reading, statement, 2, INT64_MAX);
    if (row->from_unix_ns % (int64_t)THAW_ARRIVALS_NS)
        damaged(reading, "arrivals begin at no whole 10 s");
    row->requests = read_number(reading, statement, 3, INT64_MAX);
    row->cold = read_number(reading, statement, 4, INT64_MAX);
    row->busy_ns = read_number(reading, statement, 5, INT64_MAX);
    row->most_at_once = read_number(reading, statement, 6, INT64_MAX);
    row->most_all = read_number(reading, statement, 7, INT64_MAX);
    row->processes = read_number(reading, statement, 8, INT64_MAX);
    row->limit_looks = read_number(reading, statement, 10, INT64_MAX);
    row->at_limit = read_number(reading, statement, 9, row->limit_looks);
    row->measured = read_number(reading, statement, 11, 1);
}

static void read_arrivals(struct reading *reading)
{
    struct thaw_statement statement = thaw_statement(
        reading->database,
        "SELECT id, app_word, from_ns, requests, cold, busy_ns, most_at_once, most_all, processes,"
        " at_limit, limit_looks, measured FROM arrivals WHERE (?1 IS NULL OR app_word = ?1)"
        " AND from_ns >= ?2 AND from_ns < ?3");

    bind_question(reading, &statement);
    while (!reading->code && thaw_statement_row(&statement))
        read_arrivals_row(reading, &statement);
    end(reading, &statement);
}

static void read_watched_row(struct reading *reading, struct thaw_statement *statement)
{
    struct thaw_watched *row = kept(reading, thaw_array_add(&reading->stored->watched));

    if (!row)
        return;
    reading->id = thaw_statement_integer(statement, 0);
    row->from_unix_ns = (int64_t)read_number(reading, statement, 1, INT64_MAX);
    row->until_unix_ns = (int64_t)read_number(reading, statement, 2, INT64_MAX);
    row->lost = read_number(reading, statement, 3, INT64_MAX);
    if (row->until_unix_ns < row->from_unix_ns)
        damaged(reading, "a time that ends before it begins");
}

static void read_watched(struct reading *reading)
{
    struct thaw_statement statement =
        thaw_statement(reading->database, "SELECT id, from_ns, until_ns, lost FROM watched WHERE"
                                          " until_ns >= ?1 AND from_ns < ?2 ORDER BY id DESC"
                                          " LIMIT ?3");
    const struct thaw_starts_question *question = reading->question;

    thaw_statement_number(&statement, question->since_unix_ns);
    thaw_statement_number(&statement,
                          question->until_unix_ns ? question->until_unix_ns : INT64_MAX);
    thaw_statement_number(&statement, THAW_WATCHED_MAX);
    while (!reading->code && thaw_statement_row(&statement))
        read_watched_row(reading, &statement);
    end(reading, &statement);
}

/* --- all --- */

static int compare(int64_t one, int64_t other)
{
    return one < other ? -1 : one > other;
}

static int compare_starts(const void *one, const void *other)
{
    const struct thaw_start *a = one, *b = other;
    int order = compare(a->end_unix_ns, b->end_unix_ns);

    if (!order)
        order = compare(a->begin_unix_ns, b->begin_unix_ns);
    return order ? order : compare(a->process, b->process);
}

static int compare_arrivals(const void *one, const void *other)
{
    const struct thaw_arrivals *a = one, *b = other;
    int order = compare(a->from_unix_ns, b->from_unix_ns);

    return order ? order : strcmp(a->app, b->app);
}

static int compare_watched(const void *one, const void *other)
{
    return compare(((const struct thaw_watched *)one)->from_unix_ns,
                   ((const struct thaw_watched *)other)->from_unix_ns);
}

static void sort(struct thaw_stored_starts *stored)
{
    if (stored->starts.count)
        qsort(stored->starts.items, stored->starts.count, sizeof(*stored->starts.items),
              compare_starts);
    if (stored->arrivals.count)
        qsort(stored->arrivals.items, stored->arrivals.count, sizeof(*stored->arrivals.items),
              compare_arrivals);
    if (stored->watched.count)
        qsort(stored->watched.items, stored->watched.count, sizeof(*stored->watched.items),
              compare_watched);
}

static void read_all(struct reading *reading)
{
    struct thaw_stored_starts *stored = reading->stored;

    reading->code = thaw_database_counted(reading->database, THAW_STARTS_REMOVED,
                                          &stored->starts_removed, reading->error);
    if (!reading->code)
        reading->code = thaw_database_counted(reading->database, THAW_ARRIVALS_REMOVED,
                                              &stored->arrivals_removed, reading->error);
    if (!reading->code)
        reading->code =
            thaw_words_read(reading->database, &stored->arena, &reading->words, reading->error);
    if (!reading->code)
        read_starts(reading);
    if (!reading->code)
        read_arrivals(reading);
    if (!reading->code)
        read_watched(reading);
    if (!reading->code)
        sort(stored);
}

int thaw_starts_read(struct thaw_database *database, const struct thaw_starts_question *question,
                     struct thaw_stored_starts *ret, struct thaw_error *error)
{
    struct reading reading = {
        .database = database, .question = question, .stored = ret, .error = error};

    if (database->empty || database->version < THAW_DATABASE_STARTS_VERSION)
        return 0;
    reading.code = thaw_database_run(database, "BEGIN", error);
    if (reading.code)
        return reading.code;
    read_all(&reading);
    thaw_array_free(&reading.words);
    return thaw_database_end(database, reading.code, error);
}

void thaw_stored_starts_free(struct thaw_stored_starts *stored)
{
    thaw_array_free(&stored->starts);
    thaw_array_free(&stored->arrivals);
    thaw_array_free(&stored->watched);
    thaw_arena_free(&stored->arena);
}
