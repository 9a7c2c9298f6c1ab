/* SPDX-License-Identifier: Apache-2.0 */
#include "configuration/configuration.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/closest.h"
#include "inventory/reading.h"

#define BYTES_MOST ((size_t)256 << 10)
#define ENTRIES_MOST 1000 /* more than that is no list that somebody keeps */

struct parsing {
    const char *name;
    struct thaw_configuration *configuration;
    struct thaw_error *error;
};

/* A value of an entry: where it goes, and whether it has to be there. */
struct member {
    const char *key;
    size_t offset;
    bool required;
};

static const struct member members[] = {
    {"id", offsetof(struct thaw_suppression, id), true},
    {"reason", offsetof(struct thaw_suppression, reason), true},
    {"file", offsetof(struct thaw_suppression, file), false},
    {"module", offsetof(struct thaw_suppression, module), false},
    {"until", offsetof(struct thaw_suppression, until), false},
};

enum { MEMBERS = sizeof(members) / sizeof(members[0]) };

static const struct member *member_of(const char *key)
{
    for (size_t i = 0; i < MEMBERS; i++)
        if (!strcmp(members[i].key, key))
            return &members[i];
    return NULL;
}

static int refuse_key(const struct parsing *parsing, size_t index, const char *key)
{
    struct thaw_closest closest = {.typed = key};

    for (size_t i = 0; i < MEMBERS; i++)
        thaw_closest_offer(&closest, members[i].key);
    return thaw_error_set(parsing->error, -EINVAL, "%s: suppress[%zu]: unknown key '%.60s'%s%s%s",
                          parsing->name, index, key, closest.name ? " (did you mean '" : "",
                          closest.name ? closest.name : "", closest.name ? "'?)" : "");
}

static int check_id(const struct parsing *parsing, size_t index, const char *id)
{
    struct thaw_closest closest = {.typed = id};
    size_t count;
    const struct thaw_finding_kind *const *kinds = thaw_finding_kinds(&count);

    for (size_t i = 0; i < count; i++) {
        if (!strcmp(kinds[i]->id, id))
            return 0;
        thaw_closest_offer(&closest, kinds[i]->id);
    }
    if (closest.name)
        return thaw_error_set(parsing->error, -EINVAL,
                              "%s: suppress[%zu]: there is no finding '%.60s' (did you mean '%s'?)",
                              parsing->name, index, id, closest.name);
    return thaw_error_set(parsing->error, -EINVAL,
                          "%s: suppress[%zu]: there is no finding '%.60s'; `thaw explain list` "
                          "names them",
                          parsing->name, index, id);
}

static int two_digits(const char *text)
{
    return (text[0] - '0') * 10 + text[1] - '0';
}

/* "2027-01-31"; that a month has fewer days does no harm, as days are only compared. */
static bool is_day(const char *text)
{
    static const char form[] = "dddd-dd-dd";

    if (strlen(text) != sizeof(form) - 1)
        return false;
    for (size_t i = 0; i < sizeof(form) - 1; i++)
        if (form[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != '-')
            return false;
    return two_digits(text + 5) >= 1 && two_digits(text + 5) <= 12 && two_digits(text + 8) >= 1 &&
           two_digits(text + 8) <= 31;
}

static int check_entry(const struct parsing *parsing, size_t index,
                       const struct thaw_suppression *entry)
{
    int code = check_id(parsing, index, entry->id);

    if (!code && !entry->reason[strspn(entry->reason, " \t\r\n")])
        code = thaw_error_set(parsing->error, -EINVAL, "%s: suppress[%zu]: the reason is empty",
                              parsing->name, index);
    if (!code && *entry->until && !is_day(entry->until))
        code = thaw_error_set(parsing->error, -EINVAL,
                              "%s: suppress[%zu]: until takes a day like \"2027-01-31\", not "
                              "\"%.40s\"",
                              parsing->name, index, entry->until);
    return code;
}

static int take_member(const struct parsing *parsing, size_t index, const char *key,
                       const json_t *value, struct thaw_suppression *entry)
{
    const struct member *member = member_of(key);
    const char *text;

    if (!member)
        return refuse_key(parsing, index, key);
    if (!json_is_string(value))
        return thaw_error_set(parsing->error, -EINVAL, "%s: suppress[%zu]: %s must be a text",
                              parsing->name, index, key);
    text = thaw_arena_text(&parsing->configuration->arena, json_string_value(value),
                           json_string_length(value));
    if (!text)
        return thaw_error_memory(parsing->error);
    memcpy((char *)entry + member->offset, &text, sizeof(text));
    return 0;
}

static int take_entry(const struct parsing *parsing, size_t index, json_t *object)
{
    struct thaw_suppression *entry = &parsing->configuration->suppressions[index];
    const char *key;
    json_t *value;

    if (!json_is_object(object))
        return thaw_error_set(parsing->error, -EINVAL,
                              "%s: suppress[%zu] must be an object with id and reason",
                              parsing->name, index);
    *entry = (struct thaw_suppression){.file = "", .module = "", .until = ""};
    json_object_foreach(object, key, value)
    {
        int code = take_member(parsing, index, key, value, entry);

        if (code)
            return code;
    }
    for (size_t i = 0; i < MEMBERS; i++)
        if (members[i].required && !json_object_get(object, members[i].key))
            return thaw_error_set(parsing->error, -EINVAL, "%s: suppress[%zu]: %s is missing",
                                  parsing->name, index, members[i].key);
    return check_entry(parsing, index, entry);
}

static int take_entries(const struct parsing *parsing, json_t *array)
{
    struct thaw_configuration *configuration = parsing->configuration;
    size_t count = json_array_size(array);

    if (!json_is_array(array))
        return thaw_error_set(parsing->error, -EINVAL, "%s: suppress must be a list",
                              parsing->name);
    if (count > ENTRIES_MOST)
        return thaw_error_set(parsing->error, -EINVAL, "%s: suppress has more than %d entries",
                              parsing->name, ENTRIES_MOST);
    configuration->suppressions =
        thaw_arena_allocate(&configuration->arena,
                            (count + 1) * sizeof(*configuration->suppressions));
    if (!configuration->suppressions)
        return thaw_error_memory(parsing->error);
    for (; configuration->count < count; configuration->count++) {
        int code =
            take_entry(parsing, configuration->count, json_array_get(array, configuration->count));
        if (code)
            return code;
    }
    return 0;
}

static int take_root(const struct parsing *parsing, json_t *root)
{
    const char *key;
    json_t *value;
    int code = 0;

    if (!json_is_object(root))
        return thaw_error_set(parsing->error, -EINVAL,
                              "%s: it must be an object: {\"suppress\": "
                              "[...]}",
                              parsing->name);
    json_object_foreach(root, key, value)
    {
        if (strcmp(key, "suppress"))
            code =
                thaw_error_set(parsing->error, -EINVAL,
                               "%s: unknown key '%.60s' (there is: suppress)", parsing->name, key);
        else
            code = take_entries(parsing, value);
        if (code)
            return code;
    }
    return 0;
}

int thaw_configuration_parse(const char *bytes, size_t length, const char *name,
                             struct thaw_configuration *ret, struct thaw_error *error)
{
    struct parsing parsing = {.name = name, .configuration = ret, .error = error};
    json_error_t wrong;
    json_t *root = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &wrong);
    int code;

    if (!root && json_error_code(&wrong) == json_error_out_of_memory)
        return thaw_error_memory(error);
    if (!root)
        return thaw_error_set(error, -EINVAL, "%s:%d:%d: %s", name, wrong.line, wrong.column,
                              wrong.text);
    code = take_root(&parsing, root);
    json_decref(root);
    return code;
}

int thaw_configuration_read(const char *path, struct thaw_configuration *ret,
                            struct thaw_error *error)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    size_t length = 0;
    char *bytes = NULL;
    int code;

    if (fd < 0)
        return thaw_error_system(error, errno == ENOTDIR ? -ENOENT : -errno, "%s", path);
    code = thaw_reading_input(fd, path, BYTES_MOST, &ret->arena, &bytes, &length, error);
    return code ? code : thaw_configuration_parse(bytes, length, path, ret, error);
}

void thaw_configuration_free(struct thaw_configuration *configuration)
{
    thaw_arena_free(&configuration->arena);
    *configuration = (struct thaw_configuration){0};
}
