/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/closest.h"
#include "configuration/members.h"

static int refuse(struct thaw_member_reading *reading, struct thaw_json_place place,
                  const char *format, va_list arguments) __attribute__((format(printf, 3, 0)));

static int refuse(struct thaw_member_reading *reading, struct thaw_json_place place,
                  const char *format, va_list arguments)
{
    char what[400];

    vsnprintf(what, sizeof(what), format, arguments);
    return thaw_error_set(reading->error, -EINVAL, "%s:%u:%u: %s", reading->name, place.line,
                          place.column, what);
}

int thaw_members_refuse(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                        const char *format, ...)
{
    va_list arguments;
    int code;

    va_start(arguments, format);
    code = refuse(reading, thaw_json_positions_place(&reading->positions, value->at), format,
                  arguments);
    va_end(arguments);
    return code;
}

int thaw_members_refuse_member(struct thaw_member_reading *reading,
                               const struct thaw_member_value *object, const char *key,
                               const char *format, ...)
{
    uint32_t at = thaw_json_positions_member(&reading->positions, object->at, key);
    va_list arguments;
    int code;

    va_start(arguments, format);
    code = refuse(reading, thaw_json_positions_key(&reading->positions, at), format, arguments);
    va_end(arguments);
    return code;
}

const char *thaw_members_meant(const char *typed, const char *(*next)(size_t index), char *buffer,
                               size_t size)
{
    struct thaw_closest closest = {.typed = typed};
    const char *name;

    for (size_t i = 0; (name = next(i)); i++)
        thaw_closest_offer(&closest, name);
    buffer[0] = '\0';
    if (closest.name)
        snprintf(buffer, size, " (did you mean '%s'?)", closest.name);
    return buffer;
}

static int refuse_key(struct thaw_member_reading *reading, const struct thaw_member_table *table,
                      const struct thaw_member_value *object, const char *key)
{
    struct thaw_closest closest = {.typed = key};
    char there[200] = "";

    for (const struct thaw_member *row = table->members; row->key; row++) {
        size_t length = strlen(there);

        thaw_closest_offer(&closest, row->key);
        snprintf(there + length, sizeof(there) - length, "%s%s", length ? ", " : "", row->key);
    }
    if (closest.name)
        return thaw_members_refuse_member(reading, object, key,
                                          "unknown key '%.60s' (did you mean '%s'?)", key,
                                          closest.name);
    return thaw_members_refuse_member(reading, object, key, "unknown key '%.60s' (there are: %s)",
                                      key, there);
}

static int check_keys(struct thaw_member_reading *reading, const struct thaw_member_table *table,
                      const struct thaw_member_value *object)
{
    const char *key;
    json_t *value;

    json_object_foreach(object->json, key, value)
    {
        const struct thaw_member *row = table->members;

        while (row->key && strcmp(row->key, key))
            row++;
        if (!row->key)
            return refuse_key(reading, table, object, key);
    }
    return 0;
}

int thaw_members_take(struct thaw_member_reading *reading, const struct thaw_member_table *table,
                      const struct thaw_member_value *object, void *ret)
{
    int code;

    if (!json_is_object(object->json))
        return thaw_members_refuse(reading, object, "%s must be an object", table->what);
    if (table->empty)
        memcpy(ret, table->empty, table->size);
    code = check_keys(reading, table, object);
    for (const struct thaw_member *row = table->members; !code && row->key; row++) {
        struct thaw_member_value value = {
            .key = row->key,
            .json = json_object_get(object->json, row->key),
        };

        if (value.json) {
            value.at = thaw_json_positions_member(&reading->positions, object->at, row->key);
            code = row->take(reading, &value, (char *)ret + row->offset);
        } else if (row->required) {
            code = thaw_members_refuse(reading, object, "%s is missing from %s", row->key,
                                       table->what);
        }
    }
    return code || !table->check ? code : table->check(reading, object, ret);
}

int thaw_members_take_list(struct thaw_member_reading *reading,
                           const struct thaw_member_table *table,
                           const struct thaw_member_value *list, void **ret_items,
                           size_t *ret_count)
{
    size_t count = json_array_size(list->json);
    uint32_t at = thaw_json_positions_first(&reading->positions, list->at);
    char *items;

    if (!json_is_array(list->json))
        return thaw_members_refuse(reading, list, "%s must be a list", list->key);
    if (count > THAW_CONFIGURATION_ENTRIES_MAX)
        return thaw_members_refuse(reading, list, "%s has more than %d entries", list->key,
                                   THAW_CONFIGURATION_ENTRIES_MAX);
    items = thaw_arena_allocate(&reading->configuration->arena, (count + 1) * table->size);
    if (!items)
        return thaw_error_memory(reading->error);
    for (size_t i = 0; i < count; i++) {
        struct thaw_member_value item = {list->key, json_array_get(list->json, i), at};
        int code = thaw_members_take(reading, table, &item, items + i * table->size);

        if (code)
            return code;
        at = thaw_json_positions_next(&reading->positions, at);
    }
    *ret_items = items;
    *ret_count = count;
    return 0;
}
