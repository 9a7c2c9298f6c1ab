/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "inventory/metadata.h"

#define VALUE_BYTES_MAX 512
#define REQUIREMENTS_MAX 1024

struct text {
    const char *bytes;
    size_t length;
};

struct names {
    const char **items;
    size_t count;
    size_t capacity;
};

/* The next line without its end; false behind the last. */
static bool text_line(struct text *rest, struct text *line)
{
    const char *end;

    if (!rest->length)
        return false;
    end = memchr(rest->bytes, '\n', rest->length);
    line->bytes = rest->bytes;
    line->length = end ? (size_t)(end - rest->bytes) : rest->length;
    rest->bytes += line->length + (end != NULL);
    rest->length -= line->length + (end != NULL);
    if (line->length && line->bytes[line->length - 1] == '\r')
        line->length--;
    return true;
}

static struct text text_trim(struct text text)
{
    while (text.length && isspace((unsigned char)*text.bytes)) {
        text.bytes++;
        text.length--;
    }
    while (text.length && isspace((unsigned char)text.bytes[text.length - 1]))
        text.length--;
    if (text.length > VALUE_BYTES_MAX)
        text.length = VALUE_BYTES_MAX;
    return text;
}

/* The value when the line is "KEY: value"; names of headers have no case. */
static bool text_header(struct text line, const char *key, struct text *value)
{
    size_t length = strlen(key);

    if (line.length <= length || line.bytes[length] != ':' ||
        strncasecmp(line.bytes, key, length) != 0)
        return false;
    *value = text_trim((struct text){line.bytes + length + 1, line.length - length - 1});
    return true;
}

static bool is_name_byte(char byte)
{
    return isalnum((unsigned char)byte) || byte == '-' || byte == '_' || byte == '.';
}

/* The name in "name[extra] (>=1) ; marker" (PEP 508). */
static struct text requirement_name(struct text requirement)
{
    struct text name = {requirement.bytes, 0};

    while (name.length < requirement.length && is_name_byte(requirement.bytes[name.length]))
        name.length++;
    return name;
}

/* True when the marker behind ";" asks for an extra: nobody asked for it here. */
static bool requirement_is_extra(struct text requirement)
{
    const char *marker = memchr(requirement.bytes, ';', requirement.length);
    const char *end = requirement.bytes + requirement.length;
    const size_t length = sizeof("extra") - 1;

    for (; marker && (size_t)(end - marker) > length; marker++) {
        if (!is_name_byte(marker[0]) && memcmp(marker + 1, "extra", length) == 0 &&
            (marker + 1 + length == end || !is_name_byte(marker[1 + length])))
            return true;
    }
    return false;
}

bool thaw_metadata_same_name(const char *one, const char *other)
{
    while (*one && *other) {
        bool separator = strchr("-_.", *one) != NULL;

        if (separator != (strchr("-_.", *other) != NULL))
            return false;
        if (!separator && tolower((unsigned char)*one) != tolower((unsigned char)*other))
            return false;
        one += separator ? strspn(one, "-_.") : 1;
        other += separator ? strspn(other, "-_.") : 1;
    }
    return *one == *other;
}

/* Keeps the requirement's name when it counts and is new. False when memory is short. */
static bool names_add(struct names *names, struct text requirement, struct thaw_arena *arena)
{
    struct text name = requirement_name(requirement);
    const char **slot;
    const char *copy;

    if (!name.length || requirement_is_extra(requirement) || names->count >= REQUIREMENTS_MAX)
        return true;
    copy = thaw_arena_text(arena, name.bytes, name.length);
    if (!copy)
        return false;
    for (size_t i = 0; i < names->count; i++) {
        if (thaw_metadata_same_name(names->items[i], copy))
            return true;
    }
    slot = thaw_array_add(names);
    if (slot)
        *slot = copy;
    return slot != NULL;
}

/* Moves the names into the arena. */
static bool names_finish(struct names *names, struct thaw_arena *arena, struct thaw_texts *ret)
{
    *ret = (struct thaw_texts){0};
    if (!names->count)
        return true;
    ret->items = thaw_arena_allocate(arena, names->count * sizeof(*names->items));
    if (!ret->items)
        return false;
    memcpy(ret->items, names->items, names->count * sizeof(*names->items));
    ret->count = names->count;
    return true;
}

static bool metadata_line(struct text line, struct names *names, struct thaw_arena *arena,
                          struct thaw_metadata *ret)
{
    struct text value;

    if (!*ret->name && text_header(line, "Name", &value)) {
        ret->name = thaw_arena_text(arena, value.bytes, value.length);
        return ret->name != NULL;
    }
    if (!*ret->version && text_header(line, "Version", &value)) {
        ret->version = thaw_arena_text(arena, value.bytes, value.length);
        return ret->version != NULL;
    }
    if (text_header(line, "Requires-Dist", &value))
        return names_add(names, value, arena);
    return true;
}

int thaw_metadata_parse(const char *bytes, size_t length, struct thaw_arena *arena,
                        struct thaw_metadata *ret, struct thaw_error *error)
{
    struct text rest = {bytes, length}, line;
    struct names names = {0};
    bool fine = true;

    *ret = (struct thaw_metadata){.name = "", .version = ""};
    while (fine && text_line(&rest, &line) && line.length)
        fine = metadata_line(line, &names, arena, ret);
    fine = fine && names_finish(&names, arena, &ret->requires);
    thaw_array_free(&names);
    return fine ? 0 : thaw_error_memory(error);
}

int thaw_metadata_parse_requires(const char *bytes, size_t length, struct thaw_arena *arena,
                                 struct thaw_metadata *ret, struct thaw_error *error)
{
    struct text rest = {bytes, length}, line;
    struct names names = {0};
    bool fine = true;

    while (fine && text_line(&rest, &line)) {
        line = text_trim(line);
        if (line.length && *line.bytes == '[')
            break;
        fine = names_add(&names, line, arena);
    }
    fine = fine && names_finish(&names, arena, &ret->requires);
    thaw_array_free(&names);
    return fine ? 0 : thaw_error_memory(error);
}
