/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/history.h"
#include "store/statement.h"

#define REMOVED "gate entries removed"

_Static_assert(sizeof(double) == 8 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "samples are kept as they lie in memory");

/* --- adding --- */

static bool fits(const char *text)
{
    return !text || strlen(text) <= THAW_HISTORY_TEXT_MAX;
}

static bool is_sample(double sample)
{
    return sample == 0 ||
           (sample >= THAW_HISTORY_SAMPLE_LEAST && sample <= THAW_HISTORY_SAMPLE_MAX); /* no NaN */
}

static int refuse(const struct thaw_database *database, const char *what, struct thaw_error *error)
{
    return thaw_error_set(error, -EINVAL, "%s: nothing was added: %s", database->path, what);
}

static int check_value(const struct thaw_database *database, const struct thaw_history_value *value,
                       struct thaw_error *error)
{
    if (!value->metric || !*value->metric)
        return refuse(database, "a value has no metric", error);
    if (!fits(value->metric) || !fits(value->module) || !fits(value->distribution) ||
        !fits(value->phase) || !fits(value->class) || !fits(value->unit))
        return refuse(database, "a name is longer than 64 KiB", error);
    if (value->count > THAW_HISTORY_SAMPLES_MAX)
        return refuse(database, "a metric has more than 10,000 samples", error);
    for (size_t i = 0; i < value->count; i++) {
        if (!is_sample(value->samples[i]))
            return refuse(database, "a sample is not a number from 0 to 2^53", error);
    }
    return 0;
}

static int check_entry(const struct thaw_database *database, const struct thaw_history_entry *entry,
                       struct thaw_error *error)
{
    int code = 0;

    if (!database->write)
        return thaw_error_set(error, -EROFS, "%s: it is open for reading only", database->path);
    if (entry->time_ns < 0)
        return refuse(database, "its time is before 1970", error);
    if (!fits(entry->name) || !fits(entry->commit) || !fits(entry->branch) || !fits(entry->key) ||
        !fits(entry->verdict))
        return refuse(database, "a text is longer than 64 KiB", error);
    if (entry->value_count > THAW_HISTORY_VALUES_MAX)
        return refuse(database, "it has more than 4,096 values", error);
    for (size_t i = 0; !code && i < entry->value_count; i++)
        code = check_value(database, &entry->values[i], error);
    return code;
}

static void bind_text(struct thaw_statement *statement, const char *text)
{
    thaw_statement_text(statement, text ? text : "");
}

static int add_entry(struct thaw_database *database, const struct thaw_history_entry *entry,
                     int64_t *ret_id, struct thaw_error *error)
{
    struct thaw_statement statement =
        thaw_statement(database, "INSERT INTO gate (time_ns, name, commit_id, branch, key, verdict)"
                                 " VALUES (?, ?, ?, ?, ?, ?)");

    thaw_statement_number(&statement, entry->time_ns);
    bind_text(&statement, entry->name);
    bind_text(&statement, entry->commit);
    bind_text(&statement, entry->branch);
    bind_text(&statement, entry->key);
    bind_text(&statement, entry->verdict);
    thaw_statement_row(&statement);
    *ret_id = thaw_sqlite.sqlite3_last_insert_rowid(database->handle);
    return thaw_statement_end(&statement, error);
}

static int add_values(struct thaw_database *database, const struct thaw_history_entry *entry,
                      int64_t id, struct thaw_error *error)
{
    struct thaw_statement statement = thaw_statement(
        database, "INSERT INTO gate_value (gate, place, metric, module, distribution, phase, class,"
                  " unit, samples) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    int code = 0, ended;

    for (size_t i = 0; !code && i < entry->value_count; i++) {
        const struct thaw_history_value *value = &entry->values[i];

        thaw_statement_number(&statement, id);
        thaw_statement_number(&statement, (int64_t)i);
        bind_text(&statement, value->metric);
        bind_text(&statement, value->module);
        bind_text(&statement, value->distribution);
        bind_text(&statement, value->phase);
        bind_text(&statement, value->class);
        bind_text(&statement, value->unit);
        thaw_statement_bytes(&statement, value->samples, value->count * sizeof(*value->samples));
        thaw_statement_row(&statement);
        code = thaw_statement_again(&statement, error);
    }
    ended = thaw_statement_end(&statement, code ? NULL : error);
    return code ? code : ended;
}

/* The earliest go, with their values. */
static int remove_earliest(struct thaw_database *database, int64_t most, struct thaw_error *error)
{
    struct thaw_statement statement =
        thaw_statement(database,
                       "DELETE FROM gate WHERE id IN"
                       " (SELECT id FROM gate ORDER BY time_ns DESC, id DESC LIMIT -1 OFFSET ?)");
    int64_t removed;
    int code;

    thaw_statement_number(&statement, most);
    thaw_statement_row(&statement);
    removed = thaw_sqlite.sqlite3_changes64(database->handle);
    code = thaw_statement_end(&statement, error);
    return code || !removed ? code : thaw_database_count(database, REMOVED, removed, error);
}

int thaw_history_add_bounded(struct thaw_database *database, const struct thaw_history_entry *entry,
                             size_t most, struct thaw_error *error)
{
    int64_t id = 0;
    int code = check_entry(database, entry, error);

    if (!code)
        code = thaw_database_begin(database, error);
    if (code)
        return code;
    code = add_entry(database, entry, &id, error);
    if (!code)
        code = add_values(database, entry, id, error);
    if (!code)
        code = remove_earliest(database, (int64_t)most, error);
    return thaw_database_end(database, code, error);
}

int thaw_history_add(struct thaw_database *database, const struct thaw_history_entry *entry,
                     struct thaw_error *error)
{
    return thaw_history_add_bounded(database, entry, THAW_HISTORY_ENTRIES_MAX, error);
}

/* --- reading --- */

struct reading {
    struct thaw_database *database;
    struct thaw_history *history;
    struct thaw_error *error;
    size_t bytes; /* read so far */
    int code;
};

static void damaged(struct reading *reading, int64_t id, const char *what)
{
    char text[120];

    snprintf(text, sizeof(text), "entry %" PRId64 ": %s", id, what);
    if (!reading->code)
        reading->code = thaw_database_damaged(reading->database, text, reading->error);
}

static void count_bytes(struct reading *reading, size_t bytes)
{
    reading->bytes += bytes;
    if (reading->bytes > THAW_HISTORY_BYTES_MAX && !reading->code)
        reading->code = thaw_error_set(reading->error, -E2BIG,
                                       "%s: this is more than 256 MiB; ask for less, by --last or "
                                       "--metric",
                                       reading->database->path);
}

static void *kept(struct reading *reading, const void *address)
{
    if (!address && !reading->code)
        reading->code = thaw_error_memory(reading->error);
    return (void *)address;
}

static const char *read_text(struct reading *reading, struct thaw_statement *statement, int column,
                             int64_t id)
{
    size_t length;
    const char *bytes = thaw_statement_blob(statement, column, &length);

    if (length > THAW_HISTORY_TEXT_MAX)
        damaged(reading, id, "a text is longer than 64 KiB");
    count_bytes(reading, length);
    return reading->code ? ""
                         : kept(reading, thaw_arena_text(&reading->history->arena,
                                                         bytes ? bytes : "", length));
}

static void read_entry(struct reading *reading, struct thaw_statement *statement)
{
    struct thaw_history_entry *entry;
    int64_t id = thaw_statement_integer(statement, 0);

    entry = kept(reading, thaw_array_add(&reading->history->entries));
    if (!entry)
        return;
    *entry = (struct thaw_history_entry){.id = id, .time_ns = thaw_statement_integer(statement, 1)};
    if (entry->time_ns < 0)
        damaged(reading, id, "its time is before 1970");
    if (reading->history->entries.count > 1 && entry[-1].time_ns > entry->time_ns)
        damaged(reading, id, "it is out of order");
    count_bytes(reading, sizeof(*entry));
    entry->name = read_text(reading, statement, 2, id);
    entry->commit = read_text(reading, statement, 3, id);
    entry->branch = read_text(reading, statement, 4, id);
    entry->key = read_text(reading, statement, 5, id);
    entry->verdict = read_text(reading, statement, 6, id);
}

static void read_entries(struct reading *reading, const struct thaw_history_question *question)
{
    struct thaw_statement statement = thaw_statement(
        reading->database,
        "SELECT id, time_ns, name, commit_id, branch, key, verdict FROM"
        " (SELECT * FROM gate WHERE (?1 IS NULL OR name = ?1) AND (?2 IS NULL OR branch = ?2)"
        " ORDER BY time_ns DESC, id DESC LIMIT ?3) ORDER BY time_ns, id");
    bool all = question->most == 0 || question->most > THAW_HISTORY_ENTRIES_MAX;
    int ended;

    thaw_statement_text(&statement, question->name);
    thaw_statement_text(&statement, question->branch);
    thaw_statement_number(&statement, all ? THAW_HISTORY_ENTRIES_MAX : (int64_t)question->most);
    while (!reading->code && thaw_statement_row(&statement))
        read_entry(reading, &statement);
    ended = thaw_statement_end(&statement, reading->code ? NULL : reading->error);
    reading->code = reading->code ? reading->code : ended;
}

static void read_samples(struct reading *reading, struct thaw_statement *statement, int64_t id,
                         struct thaw_history_value *value)
{
    size_t length;
    const void *bytes = thaw_statement_blob(statement, 6, &length);
    double *samples;

    if (length % sizeof(*samples) || length / sizeof(*samples) > THAW_HISTORY_SAMPLES_MAX)
        damaged(reading, id, "samples that are no list of numbers");
    count_bytes(reading, length);
    if (reading->code || !length)
        return;
    samples = kept(reading, thaw_arena_bytes(&reading->history->arena, length));
    if (!samples)
        return;
    memcpy(samples, bytes, length);
    value->samples = samples;
    value->count = length / sizeof(*samples);
    for (size_t i = 0; i < value->count; i++) {
        if (!is_sample(samples[i]))
            damaged(reading, id, "a sample that is not a number from 0 to 2^53");
    }
}

typedef THAW_ARRAY(struct thaw_history_value) value_list;

static void read_value(struct reading *reading, struct thaw_statement *statement, int64_t id,
                       value_list *values)
{
    struct thaw_history_value *value;

    if (values->count == THAW_HISTORY_VALUES_MAX) {
        damaged(reading, id, "more than 4,096 values");
        return;
    }
    value = kept(reading, thaw_array_add(values));
    if (!value)
        return;
    count_bytes(reading, sizeof(*value));
    value->metric = read_text(reading, statement, 0, id);
    value->module = read_text(reading, statement, 1, id);
    value->distribution = read_text(reading, statement, 2, id);
    value->phase = read_text(reading, statement, 3, id);
    value->class = read_text(reading, statement, 4, id);
    value->unit = read_text(reading, statement, 5, id);
    read_samples(reading, statement, id, value);
}

static void keep_values(struct reading *reading, struct thaw_history_entry *entry,
                        const value_list *values)
{
    size_t size = values->count * sizeof(*values->items);
    struct thaw_history_value *copy;

    if (reading->code || !values->count)
        return;
    copy = kept(reading, thaw_arena_bytes(&reading->history->arena, size));
    if (!copy)
        return;
    memcpy(copy, values->items, size);
    entry->values = copy;
    entry->value_count = values->count;
}

static void read_values(struct reading *reading, const struct thaw_history_question *question)
{
    struct thaw_statement statement = thaw_statement(
        reading->database,
        "SELECT metric, module, distribution, phase, class, unit, samples FROM gate_value"
        " WHERE gate = ?1 AND (?2 IS NULL OR metric = ?2) AND (?3 IS NULL OR module = ?3)"
        " AND (?4 IS NULL OR distribution = ?4) AND (?5 IS NULL OR phase = ?5) ORDER BY place");
    value_list values = {0};
    int ended;

    for (size_t i = 0; !reading->code && i < reading->history->entries.count; i++) {
        struct thaw_history_entry *entry = &reading->history->entries.items[i];

        thaw_statement_number(&statement, entry->id);
        thaw_statement_text(&statement, question->metric);
        thaw_statement_text(&statement, question->module);
        thaw_statement_text(&statement, question->distribution);
        thaw_statement_text(&statement, question->phase);
        values.count = 0;
        while (!reading->code && thaw_statement_row(&statement))
            read_value(reading, &statement, entry->id, &values);
        if (!reading->code)
            reading->code = thaw_statement_again(&statement, reading->error);
        keep_values(reading, entry, &values);
    }
    ended = thaw_statement_end(&statement, reading->code ? NULL : reading->error);
    reading->code = reading->code ? reading->code : ended;
    thaw_array_free(&values);
}

/* In one transaction, so that it is the state of one moment. */
int thaw_history_read(struct thaw_database *database, const struct thaw_history_question *question,
                      struct thaw_history *ret, struct thaw_error *error)
{
    struct reading reading = {.database = database, .history = ret, .error = error};

    if (database->empty)
        return 0;
    reading.code = thaw_database_run(database, "BEGIN", error);
    if (reading.code)
        return reading.code;
    reading.code = thaw_database_counted(database, REMOVED, &ret->removed, error);
    if (!reading.code)
        read_entries(&reading, question);
    if (!reading.code)
        read_values(&reading, question);
    return thaw_database_end(database, reading.code, error);
}

void thaw_history_free(struct thaw_history *history)
{
    thaw_array_free(&history->entries);
    thaw_arena_free(&history->arena);
}
