/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "store/deliveries.h"
#include "store/statement.h"

#define DROPPED "deliveries dropped"

/* --- how much there is --- */

/* Counted once: from then on it is known, as there is one writer. */
static int know(struct thaw_database *database, struct thaw_error *error)
{
    struct thaw_statement statement;
    int code;

    if (database->queue.known)
        return 0;
    statement = thaw_statement_kept(database,
                                    "SELECT count(*), ifnull(sum(length(body)), 0) FROM delivery");
    if (thaw_statement_row(&statement)) {
        database->queue.count = (uint64_t)thaw_statement_integer(&statement, 0);
        database->queue.bytes = (uint64_t)thaw_statement_integer(&statement, 1);
    }
    code = thaw_statement_end(&statement, error);
    database->queue.known = code == 0;
    return code;
}

int thaw_deliveries_size(struct thaw_database *database, uint64_t *ret_count, uint64_t *ret_bytes,
                         struct thaw_error *error)
{
    int code = know(database, error);

    if (code)
        return code;
    *ret_count = database->queue.count;
    *ret_bytes = database->queue.bytes;
    return 0;
}

int thaw_deliveries_dropped(struct thaw_database *database, int64_t *ret, struct thaw_error *error)
{
    return thaw_database_counted(database, DROPPED, ret, error);
}

/* --- removing --- */

static int remove_up_to(struct thaw_database *database, int64_t id, struct thaw_error *error)
{
    struct thaw_statement statement =
        thaw_statement_kept(database, "DELETE FROM delivery WHERE id <= ? RETURNING length(body)");

    thaw_statement_number(&statement, id);
    while (thaw_statement_row(&statement)) {
        uint64_t length = (uint64_t)thaw_statement_integer(&statement, 0);

        database->queue.count -= database->queue.count > 0;
        database->queue.bytes -= length < database->queue.bytes ? length : database->queue.bytes;
    }
    return thaw_statement_end(&statement, error);
}

/* Up to which one the first have to go for so many bytes less; *ret_count of them. */
static int find_oldest(struct thaw_database *database, uint64_t bytes, int64_t *ret_id,
                       uint64_t *ret_count, struct thaw_error *error)
{
    struct thaw_statement statement =
        thaw_statement_kept(database, "SELECT id, length(body) FROM delivery ORDER BY id");
    uint64_t found = 0;

    *ret_count = 0;
    while (found < bytes && thaw_statement_row(&statement)) {
        *ret_id = thaw_statement_integer(&statement, 0);
        found += (uint64_t)thaw_statement_integer(&statement, 1);
        (*ret_count)++;
    }
    return thaw_statement_end(&statement, error);
}

static int make_room(struct thaw_database *database, uint64_t bytes, uint64_t *ret_dropped,
                     struct thaw_error *error)
{
    uint64_t count;
    int64_t id = 0;
    int code = find_oldest(database, bytes, &id, &count, error);

    if (code || !count)
        return code;
    code = remove_up_to(database, id, error);
    if (!code)
        code = thaw_database_count(database, DROPPED, (int64_t)count, error);
    if (!code)
        *ret_dropped = count;
    return code;
}

int thaw_deliveries_remove(struct thaw_database *database, int64_t up_to_id,
                           struct thaw_error *error)
{
    bool own;
    int code = thaw_database_join(database, &own, error);

    if (code)
        return code;
    code = know(database, error);
    if (!code)
        code = remove_up_to(database, up_to_id, error);
    return thaw_database_leave(database, own, code, error);
}

/* --- adding --- */

static int insert(struct thaw_database *database, const char *body, size_t length, int64_t unix_ns,
                  struct thaw_error *error)
{
    struct thaw_statement statement =
        thaw_statement_kept(database, "INSERT INTO delivery (time_ns, body) VALUES (?, ?)");
    int code;

    thaw_statement_number(&statement, unix_ns);
    thaw_statement_bytes(&statement, body, length);
    thaw_statement_row(&statement);
    code = thaw_statement_end(&statement, error);
    if (!code) {
        database->queue.count++;
        database->queue.bytes += length;
    }
    return code;
}

static int add(struct thaw_database *database, const char *body, size_t length, int64_t unix_ns,
               uint64_t most_bytes, uint64_t *ret_dropped, struct thaw_error *error)
{
    uint64_t wanted;
    int code = know(database, error);

    if (code)
        return code;
    wanted = database->queue.bytes + length;
    if (wanted > most_bytes)
        code = make_room(database, wanted - most_bytes, ret_dropped, error);
    return code ? code : insert(database, body, length, unix_ns, error);
}

int thaw_deliveries_add(struct thaw_database *database, const char *body, size_t length,
                        int64_t unix_ns, uint64_t most_bytes, uint64_t *ret_dropped,
                        struct thaw_error *error)
{
    uint64_t dropped = 0;
    bool own;
    int code;

    if (length > THAW_DELIVERY_BYTES_MAX || length > most_bytes)
        return thaw_error_set(error, -EMSGSIZE,
                              "%s: nothing was queued: %zu bytes are more than one delivery may "
                              "have",
                              database->path, length);
    code = thaw_database_join(database, &own, error);
    if (code)
        return code;
    code = add(database, body, length, unix_ns, most_bytes, &dropped, error);
    code = thaw_database_leave(database, own, code, error);
    if (!code)
        *ret_dropped = dropped;
    return code;
}

/* --- reading --- */

static int keep(struct thaw_database *database, struct thaw_statement *statement,
                struct thaw_stored_deliveries *ret, struct thaw_error *error)
{
    struct thaw_stored_delivery *item = thaw_array_add(&ret->items);
    const void *bytes;
    char *copy;

    if (!item)
        return thaw_error_memory(error);
    item->id = thaw_statement_integer(statement, 0);
    item->unix_ns = thaw_statement_integer(statement, 1);
    item->body = "";
    bytes = thaw_statement_blob(statement, 2, &item->length);
    if (item->length > THAW_DELIVERY_BYTES_MAX)
        return thaw_database_damaged(database, "a delivery is larger than any may be", error);
    if (!item->length)
        return 0;
    copy = thaw_arena_allocate(&ret->arena, item->length + 1);
    if (!copy)
        return thaw_error_memory(error);
    memcpy(copy, bytes, item->length);
    item->body = copy;
    return 0;
}

int thaw_deliveries_first(struct thaw_database *database, size_t most, size_t most_bytes,
                          struct thaw_stored_deliveries *ret, struct thaw_error *error)
{
    struct thaw_statement statement = thaw_statement_kept(
        database, "SELECT id, time_ns, body, length(body) FROM delivery ORDER BY id LIMIT ?");
    size_t bytes = 0;
    int code = 0, ended;

    thaw_statement_number(&statement, most < INT32_MAX ? (int64_t)most : INT32_MAX);
    while (!code && thaw_statement_row(&statement)) {
        bytes += (size_t)thaw_statement_integer(&statement, 3);
        if (bytes > most_bytes && ret->items.count)
            break;
        code = keep(database, &statement, ret, error);
    }
    ended = thaw_statement_end(&statement, code ? NULL : error);
    return code ? code : ended;
}

void thaw_stored_deliveries_free(struct thaw_stored_deliveries *deliveries)
{
    thaw_array_free(&deliveries->items);
    thaw_arena_free(&deliveries->arena);
}
