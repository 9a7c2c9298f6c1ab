/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "configuration/configuration.h"
#include "configuration/members.h"
#include "inventory/reading.h"

#define BYTES_MOST ((size_t)256 << 10)

/* For editors, which find the schema by it. */
static int take_schema(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                       void *place)
{
    (void)place;
    if (!json_is_string(value->json))
        return thaw_members_refuse(reading, value, "%s must be a text", value->key);
    return 0;
}

static const struct thaw_member members[] = {
    {"$schema", 0, false, take_schema},
    {"suppress", 0, false, thaw_configuration_take_suppress},
    {"gate", 0, false, thaw_configuration_take_gate},
    {"budgets", offsetof(struct thaw_configuration, budgets), false,
     thaw_configuration_take_budgets},
    {"forbidden", offsetof(struct thaw_configuration, budgets), false,
     thaw_configuration_take_forbidden},
    {"audit", 0, false, thaw_configuration_take_audit},
    {"lint", 0, false, thaw_configuration_take_lint},
    {"allowed", offsetof(struct thaw_configuration, budgets), false,
     thaw_configuration_take_allowed},
    {0},
};

static const struct thaw_member_table table = {
    .members = members,
    .what = "it",
};

static int refuse_at(const struct thaw_member_reading *reading, int line, int column,
                     const char *what)
{
    return thaw_error_set(reading->error, -EINVAL, "%s:%d:%d: %s", reading->name,
                          line < 1 ? 1 : line, column < 1 ? 1 : column, what);
}

static int check_twice(struct thaw_member_reading *reading)
{
    const struct thaw_json_positions *positions = &reading->positions;
    struct thaw_json_place again, before;
    const struct thaw_json_value *key;
    uint32_t first, second;
    int found = thaw_json_positions_twice(positions, &second, &first);

    if (found < 0)
        return thaw_error_memory(reading->error);
    if (!found)
        return 0;
    again = thaw_json_positions_key(positions, second);
    before = thaw_json_positions_key(positions, first);
    key = &positions->values.items[second];
    return thaw_error_set(reading->error, -EINVAL,
                          "%s:%u:%u: '%.*s' stands here again, after line %u, column %u",
                          reading->name, again.line, again.column,
                          key->key_length < 60 ? (int)key->key_length : 60,
                          positions->bytes + key->key, before.line, before.column);
}

/* What jansson has read, held against the tables. */
static int take_root(struct thaw_member_reading *reading, json_t *root, const char *bytes,
                     size_t length)
{
    int code = thaw_json_positions_scan(bytes, length, 0, &reading->positions);

    if (code == -ENOMEM)
        return thaw_error_memory(reading->error);
    if (code) /* not of what jansson accepts, and a file has few values */
        return refuse_at(reading, (int)reading->positions.end.line,
                         (int)reading->positions.end.column, "it can't be read");
    code = check_twice(reading);
    if (!code)
        code = thaw_members_take(reading, &table, &(struct thaw_member_value){"it", root, 0},
                                 reading->configuration);
    return code;
}

static void begin(struct thaw_configuration *configuration)
{
    *configuration = (struct thaw_configuration){
        .budgets.settings = {.target = "", .baseline = "", .until = ""},
    };
    thaw_audit_settings_begin(&configuration->audit);
}

int thaw_configuration_parse(const char *bytes, size_t length, const char *name,
                             struct thaw_configuration *ret, struct thaw_error *error)
{
    struct thaw_member_reading reading = {.name = name, .configuration = ret, .error = error};
    json_error_t wrong;
    size_t mark = thaw_json_mark_length(bytes, length);
    json_t *root = json_loadb(bytes + mark, length - mark, 0, &wrong);
    int code;

    begin(ret);
    if (!root && json_error_code(&wrong) == json_error_out_of_memory)
        return thaw_error_memory(error);
    if (!root)
        return refuse_at(&reading, wrong.line, wrong.column, wrong.text);
    code = take_root(&reading, root, bytes, length);
    thaw_json_positions_free(&reading.positions);
    json_decref(root);
    return code;
}

int thaw_configuration_read(const char *path, struct thaw_configuration *ret,
                            struct thaw_error *error)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    struct thaw_arena arena = {0};
    size_t length = 0;
    char *bytes = NULL;
    int code;

    begin(ret);
    if (fd < 0)
        return thaw_error_system(error, errno == ENOTDIR ? -ENOENT : -errno, "%s", path);
    code = thaw_reading_input(fd, path, BYTES_MOST, &arena, &bytes, &length, error);
    if (!code)
        code = thaw_configuration_parse(bytes, length, path, ret, error);
    thaw_arena_free(&arena);
    return code;
}

void thaw_configuration_free(struct thaw_configuration *configuration)
{
    thaw_arena_free(&configuration->arena);
    *configuration = (struct thaw_configuration){0};
}
