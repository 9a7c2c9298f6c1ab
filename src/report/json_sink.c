/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INDENT 2
#define ALL_DIGITS 17 /* any double as it is */
#define BUFFER_BYTES ((size_t)1 << 16)

/* jansson hands over a few bytes at a time. */
struct sink {
    FILE *stream;
    enum thaw_json_form form;
    size_t depth; /* of the value being written */
    size_t used;
    bool failed; /* the stream can't be written to */
    char *bytes; /* BUFFER_BYTES */
};

static void empty(struct sink *sink)
{
    sink->failed |= fwrite(sink->bytes, 1, sink->used, sink->stream) < sink->used;
    sink->used = 0;
}

static void put(struct sink *sink, const char *bytes, size_t size)
{
    if (size > BUFFER_BYTES - sink->used)
        empty(sink);
    if (size > BUFFER_BYTES) {
        sink->failed |= fwrite(bytes, 1, size, sink->stream) < size;
        return;
    }
    memcpy(sink->bytes + sink->used, bytes, size);
    sink->used += size;
}

static void put_text(struct sink *sink, const char *text)
{
    put(sink, text, strlen(text));
}

static void put_spaces(struct sink *sink, size_t count)
{
    while (count--)
        put(sink, " ", 1);
}

/*
 * What stands for a byte, NULL: itself. In JSON these occur only within strings, where \u003c and
 * the like mean the same (RFC 8259, section 7).
 */
static const char *replacement(enum thaw_json_form form, char byte)
{
    if (form != THAW_JSON_IN_HTML)
        return NULL;
    switch (byte) {
    case '<':
        return "\\u003c";
    case '>':
        return "\\u003e";
    case '&':
        return "\\u0026";
    default:
        return NULL;
    }
}

/* A json_dump_callback_t: -1 ends the dump. A line ends nowhere within strings. */
static int take(const char *bytes, size_t size, void *data)
{
    struct sink *sink = data;
    size_t done = 0;

    if (sink->form == THAW_JSON_FOR_PEOPLE && !memchr(bytes, '\n', size)) {
        put(sink, bytes, size);
        return sink->failed ? -1 : 0;
    }
    for (size_t i = 0; i < size; i++) {
        const char *form = replacement(sink->form, bytes[i]);

        if (!form && bytes[i] != '\n')
            continue;
        put(sink, bytes + done, i - done);
        put_text(sink, form ? form : "\n");
        if (!form)
            put_spaces(sink, sink->depth * INDENT);
        done = i + 1;
    }
    put(sink, bytes + done, size - done);
    return sink->failed ? -1 : 0;
}

/* Between members or items; first: there is none before. */
static void put_place(struct sink *sink, bool first, size_t depth)
{
    if (!first)
        put(sink, ",", 1);
    if (sink->form == THAW_JSON_FOR_PEOPLE) {
        put(sink, "\n", 1);
        put_spaces(sink, depth * INDENT);
    }
}

/* False: memory is short, or the stream can't be written to. */
static bool dump(struct sink *sink, const json_t *value, size_t flags)
{
    flags |= JSON_ENSURE_ASCII | JSON_ENCODE_ANY;
    flags |= JSON_REAL_PRECISION(sink->form == THAW_JSON_EXACT ? ALL_DIGITS : THAW_JSON_DIGITS);
    return json_dump_callback(value, take, sink, flags) == 0;
}

static bool put_value(struct sink *sink, const json_t *value, size_t depth)
{
    sink->depth = depth;
    return dump(sink, value,
                sink->form == THAW_JSON_FOR_PEOPLE ? JSON_INDENT(INDENT) : JSON_COMPACT);
}

static bool put_key(struct sink *sink, const char *key)
{
    json_t *text = json_string(key);
    bool fine = text && put_value(sink, text, 0);

    json_decref(text);
    put_text(sink, sink->form == THAW_JSON_FOR_PEOPLE ? ": " : ":");
    return fine;
}

/* The lines as they are, or escaped. */
static bool put_lines(struct sink *sink, const struct thaw_module_lines *lines)
{
    bool first = true;

    sink->depth = 0;
    for (size_t i = 0; i < THAW_MODULE_LINES_PARTS; i++) {
        const char *at = lines->parts[i].text, *end = at ? at + lines->parts[i].length : NULL;

        while (at && at < end) {
            const char *line_end = memchr(at, '\n', (size_t)(end - at));

            put_place(sink, first, 2);
            take(at, (size_t)(line_end - at), sink);
            first = false;
            at = line_end + 1;
        }
    }
    if (!first)
        put_place(sink, true, 1);
    return !sink->failed;
}

static bool put_list(struct sink *sink, const json_t *list)
{
    size_t count = json_array_size(list);
    bool fine = true;

    for (size_t i = 0; fine && i < count; i++) {
        put_place(sink, i == 0, 2);
        fine = dump(sink, json_array_get(list, i), JSON_COMPACT);
    }
    if (count)
        put_place(sink, true, 1);
    return fine;
}

/* The report's, or those that were made for it. There are thousands of them: each has a line. */
static bool put_modules(struct sink *sink, const json_t *list,
                        const struct thaw_module_lines *lines)
{
    bool fine;

    put_text(sink, "[");
    fine = lines ? put_lines(sink, lines) : put_list(sink, list);
    put_text(sink, "]");
    return fine;
}

static bool put_members(struct sink *sink, const json_t *object,
                        const struct thaw_module_lines *modules)
{
    bool first = true, fine = true;
    json_t *value;
    const char *key;

    put_text(sink, "{");
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        put_place(sink, first, 1);
        first = false;
        fine = put_key(sink, key) &&
               (!strcmp(key, "modules") && json_is_array(value) ? put_modules(sink, value, modules)
                                                                : put_value(sink, value, 1));
        if (!fine)
            break;
    }
    if (!first)
        put_place(sink, true, 0);
    put_text(sink, "}");
    return fine;
}

int thaw_json_sink(const json_t *object, const struct thaw_module_lines *modules,
                   enum thaw_json_form form, FILE *stream, struct thaw_error *error)
{
    struct sink sink = {.stream = stream, .form = form, .bytes = malloc(BUFFER_BYTES)};
    bool fine;

    if (!sink.bytes)
        return thaw_error_memory(error);
    if (!ferror(stream))
        errno = 0;
    fine =
        json_is_object(object) ? put_members(&sink, object, modules) : put_value(&sink, object, 0);
    empty(&sink);
    free(sink.bytes);
    if (ferror(stream)) /* told now: what was dropped is not tried again when it is flushed */
        return thaw_error_system(error, errno ? -errno : -EIO, "writing the report");
    return fine ? 0 : thaw_error_memory(error);
}
