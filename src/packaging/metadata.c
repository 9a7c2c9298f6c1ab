/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "packaging/metadata.h"
#include "packaging/version_parts.h"

#define VALUE_BYTES_MAX ((size_t)512)
#define REQUIREMENT_BYTES_MAX ((size_t)4096)
#define LICENSE_BYTES_MAX ((size_t)80)
#define REQUIREMENTS_MAX 8192
#define EXTRAS_MAX 1024

struct list {
    const char **items;
    size_t count;
    size_t capacity;
};

struct reader {
    struct thaw_span rest;
    struct thaw_arena *arena;
    struct list requires;
    struct list extras;
    bool is_expression; /* the license is one by SPDX, which counts for more */
};

/* The next line without its end; false behind the last. */
static bool reader_line(struct reader *reader, struct thaw_span *line)
{
    struct thaw_span *rest = &reader->rest;
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

static struct thaw_span cut(struct thaw_span text, size_t limit)
{
    if (text.length > limit)
        text.length = limit;
    return text;
}

/* The value when the line is "KEY: value"; names of headers have no case. */
static bool header(struct thaw_span line, const char *key, struct thaw_span *value)
{
    size_t length = strlen(key);

    if (line.length <= length || line.bytes[length] != ':' ||
        strncasecmp(line.bytes, key, length) != 0)
        return false;
    *value = thaw_span_trim((struct thaw_span){line.bytes + length + 1, line.length - length - 1});
    return true;
}

/* Adds a text of the arena, NULL: memory was short for it. */
static bool list_add(struct list *list, const char *text, size_t limit)
{
    const char **slot;

    if (!text || list->count >= limit)
        return text != NULL;
    slot = thaw_array_add(list);
    if (slot)
        *slot = text;
    return slot != NULL;
}

/* Moves the texts into the arena. */
static bool list_finish(struct list *list, struct thaw_arena *arena, struct thaw_texts *ret)
{
    *ret = (struct thaw_texts){0};
    if (!list->count)
        return true;
    ret->items = thaw_arena_allocate(arena, list->count * sizeof(*list->items));
    if (!ret->items)
        return false;
    memcpy(ret->items, list->items, list->count * sizeof(*list->items));
    ret->count = list->count;
    return true;
}

static bool reader_list(struct reader *reader, struct list *list, struct thaw_span value,
                        size_t bytes_max, size_t limit)
{
    value = cut(value, bytes_max);
    if (!value.length || list->count >= limit)
        return true;
    return list_add(list, thaw_arena_text(reader->arena, value.bytes, value.length), limit);
}

/* The first of its kind counts. */
static bool reader_text(struct reader *reader, struct thaw_span value, const char **ret)
{
    value = cut(value, VALUE_BYTES_MAX);
    if (!**ret)
        *ret = thaw_arena_text(reader->arena, value.bytes, value.length);
    return *ret != NULL;
}

/* A line that begins with white space belongs to the one before it: a whole licence's text. */
static bool goes_on(const struct reader *reader)
{
    return reader->rest.length && (*reader->rest.bytes == ' ' || *reader->rest.bytes == '\t');
}

static bool reader_license(struct reader *reader, struct thaw_span value, bool is_expression,
                           struct thaw_metadata *ret)
{
    if (is_expression && !reader->is_expression) {
        reader->is_expression = value.length > 0;
        if (value.length)
            ret->license = "";
        return reader_text(reader, value, &ret->license);
    }
    if (value.length > LICENSE_BYTES_MAX || goes_on(reader) ||
        (value.length == 7 && memcmp(value.bytes, "UNKNOWN", 7) == 0))
        return true;
    return reader_text(reader, value, &ret->license);
}

static bool reader_header(struct reader *reader, struct thaw_span line, struct thaw_metadata *ret)
{
    struct thaw_span value;

    if (header(line, "Name", &value))
        return reader_text(reader, value, &ret->name);
    if (header(line, "Version", &value))
        return reader_text(reader, value, &ret->version);
    if (header(line, "Requires-Python", &value))
        return reader_text(reader, value, &ret->requires_python);
    if (header(line, "License-Expression", &value))
        return reader_license(reader, value, true, ret);
    if (header(line, "License", &value))
        return reader_license(reader, value, false, ret);
    if (header(line, "Requires-Dist", &value))
        return reader_list(reader, &reader->requires, value, REQUIREMENT_BYTES_MAX,
                           REQUIREMENTS_MAX);
    if (header(line, "Provides-Extra", &value))
        return reader_list(reader, &reader->extras, value, VALUE_BYTES_MAX, EXTRAS_MAX);
    return true;
}

static int reader_end(struct reader *reader, bool fine, struct thaw_metadata *ret,
                      struct thaw_error *error)
{
    fine = fine && list_finish(&reader->requires, reader->arena, &ret->requires);
    if (fine && reader->extras.count)
        fine = list_finish(&reader->extras, reader->arena, &ret->extras);
    thaw_array_free(&reader->requires);
    thaw_array_free(&reader->extras);
    return fine ? 0 : thaw_error_memory(error);
}

int thaw_metadata_parse(const char *bytes, size_t length, struct thaw_arena *arena,
                        struct thaw_metadata *ret, struct thaw_error *error)
{
    struct reader reader = {.rest = {bytes, length}, .arena = arena};
    struct thaw_span line;
    bool fine = true;

    *ret = (struct thaw_metadata){.name = "", .version = "", .license = "", .requires_python = ""};
    while (fine && reader_line(&reader, &line) && line.length)
        fine = reader_header(&reader, line, ret);
    return reader_end(&reader, fine, ret, error);
}

/* What a section of requires.txt adds to its lines: "(MARKER) and extra == \"EXTRA\"", "" nothing;
 * NULL: memory is short. As importlib.metadata does it. */
static const char *section_marker(struct reader *reader, struct thaw_span section)
{
    const char *colon = memchr(section.bytes, ':', section.length);
    struct thaw_span extra = {section.bytes,
                              colon ? (size_t)(colon - section.bytes) : section.length};
    struct thaw_span marker = {colon ? colon + 1 : "",
                               colon ? section.length - extra.length - 1 : 0};

    extra = cut(thaw_span_trim(extra), VALUE_BYTES_MAX);
    marker = cut(thaw_span_trim(marker), REQUIREMENT_BYTES_MAX);
    if (!extra.length)
        return thaw_arena_text(reader->arena, marker.bytes, marker.length);
    if (!reader_list(reader, &reader->extras, extra, VALUE_BYTES_MAX, EXTRAS_MAX))
        return NULL;
    if (!marker.length)
        return thaw_arena_format(reader->arena, "extra == \"%.*s\"", (int)extra.length,
                                 extra.bytes);
    return thaw_arena_format(reader->arena, "(%.*s) and extra == \"%.*s\"", (int)marker.length,
                             marker.bytes, (int)extra.length, extra.bytes);
}

/* A URL ends only at white space. */
static bool reader_requirement(struct reader *reader, struct thaw_span line, const char *marker)
{
    bool is_url = memchr(line.bytes, '@', line.length) != NULL;
    const char *text;

    line = cut(line, REQUIREMENT_BYTES_MAX);
    if (reader->requires.count >= REQUIREMENTS_MAX)
        return true;
    text = *marker ? thaw_arena_format(reader->arena, "%.*s%s; %s", (int)line.length, line.bytes,
                                       is_url ? " " : "", marker)
                   : thaw_arena_text(reader->arena, line.bytes, line.length);
    return list_add(&reader->requires, text, REQUIREMENTS_MAX);
}

int thaw_metadata_parse_requires(const char *bytes, size_t length, struct thaw_arena *arena,
                                 struct thaw_metadata *ret, struct thaw_error *error)
{
    struct reader reader = {.rest = {bytes, length}, .arena = arena};
    struct thaw_texts extras = ret->extras;
    const char *marker = "";
    struct thaw_span line;
    bool fine = true;
    int result;

    while (fine && reader_line(&reader, &line)) {
        line = thaw_span_trim(line);
        if (!line.length || *line.bytes == '#')
            continue;
        if (*line.bytes != '[') {
            fine = reader_requirement(&reader, line, marker);
        } else if (line.length > 1 && line.bytes[line.length - 1] == ']') {
            marker = section_marker(&reader, (struct thaw_span){line.bytes + 1, line.length - 2});
            fine = marker != NULL;
        }
    }
    result = reader_end(&reader, fine, ret, error);
    if (result == 0 && extras.count)
        ret->extras = extras;
    return result;
}
