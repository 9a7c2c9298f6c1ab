/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "packaging/marker_parts.h"
#include "packaging/requirement.h"
#include "packaging/version.h"

#define REQUIREMENT_BYTES_MAX 4096

struct reader {
    struct thaw_span rest;
    struct thaw_arena *arena;
};

static void reader_skip(struct reader *reader, size_t length)
{
    reader->rest.bytes += length;
    reader->rest.length -= length;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static size_t reader_spaces(struct reader *reader)
{
    size_t length = 0;

    while (length < reader->rest.length && is_blank(reader->rest.bytes[length]))
        length++;
    reader_skip(reader, length);
    return length;
}

static bool reader_symbol(struct reader *reader, char symbol)
{
    if (!reader->rest.length || *reader->rest.bytes != symbol)
        return false;
    reader_skip(reader, 1);
    return true;
}

static bool reader_keep(const struct reader *reader, struct thaw_span span, const char **ret)
{
    *ret = thaw_arena_text(reader->arena, span.bytes, span.length);
    return *ret != NULL;
}

/* A name: letters, digits, and between them "-", "_", ".". Empty: there is none. */
static struct thaw_span reader_name(struct reader *reader)
{
    struct thaw_span name = {reader->rest.bytes, 0};

    if (!reader->rest.length || !isalnum((unsigned char)*reader->rest.bytes))
        return name;
    while (name.length < reader->rest.length && (isalnum((unsigned char)name.bytes[name.length]) ||
                                                 memchr("-_.", name.bytes[name.length], 3)))
        name.length++;
    while (memchr("-.", name.bytes[name.length - 1], 2))
        name.length--;
    reader_skip(reader, name.length);
    return name;
}

static size_t count_of(struct thaw_span text, char byte)
{
    size_t count = 0;

    for (size_t i = 0; i < text.length; i++)
        count += text.bytes[i] == byte;
    return count;
}

/* "[one, two]", behind its opening bracket. */
static int reader_extras(struct reader *reader, struct thaw_texts *ret)
{
    const char *end = memchr(reader->rest.bytes, ']', reader->rest.length);
    struct thaw_span list = {reader->rest.bytes,
                             end ? (size_t)(end - reader->rest.bytes) : reader->rest.length};
    struct thaw_span name;

    ret->items =
        thaw_arena_allocate(reader->arena, (count_of(list, ',') + 1) * sizeof(*ret->items));
    if (!ret->items)
        return -ENOMEM;
    reader_spaces(reader);
    if (reader_symbol(reader, ']'))
        return 0;
    do {
        reader_spaces(reader);
        name = reader_name(reader);
        if (!name.length)
            return -EINVAL;
        if (!reader_keep(reader, name, &ret->items[ret->count]))
            return -ENOMEM;
        ret->count++;
        reader_spaces(reader);
    } while (reader_symbol(reader, ','));
    return reader_symbol(reader, ']') ? 0 : -EINVAL;
}

/* A list may end with a comma, but has no empty items else. */
static bool is_list(struct thaw_span list)
{
    bool is_empty = true;

    if (!list.length)
        return true;
    for (size_t i = 0; i < list.length; i++) {
        if (list.bytes[i] == ',' && is_empty)
            return false;
        is_empty = list.bytes[i] == ',' || (is_empty && thaw_span_is_space(list.bytes[i]));
    }
    return thaw_version_fits("0", list.bytes, list.length) >= 0;
}

static int reader_specifiers(struct reader *reader, const char **ret)
{
    bool is_bracketed = reader_symbol(reader, '(');
    struct thaw_span list = {reader->rest.bytes, 0};

    while (list.length < reader->rest.length && !memchr(";)", list.bytes[list.length], 2))
        list.length++;
    reader_skip(reader, list.length);
    list = thaw_span_trim(list);
    if (!is_list(list) || (is_bracketed && !reader_symbol(reader, ')')))
        return -EINVAL;
    reader_spaces(reader);
    return reader_keep(reader, list, ret) ? 0 : -ENOMEM;
}

/* Up to the next white space, which must come before a marker. */
static int reader_url(struct reader *reader, const char **ret)
{
    struct thaw_span url;

    reader_spaces(reader);
    url.bytes = reader->rest.bytes;
    for (url.length = 0; url.length < reader->rest.length; url.length++) {
        if (thaw_span_is_space(url.bytes[url.length]))
            break;
    }
    if (!url.length)
        return -EINVAL;
    reader_skip(reader, url.length);
    reader_spaces(reader);
    return reader_keep(reader, url, ret) ? 0 : -ENOMEM;
}

static int reader_marker(struct reader *reader, const char **ret)
{
    if (!reader->rest.length)
        return 0;
    if (!reader_symbol(reader, ';') || !thaw_marker_is_valid(reader->rest))
        return -EINVAL;
    return reader_keep(reader, thaw_span_trim(reader->rest), ret) ? 0 : -ENOMEM;
}

int thaw_requirement_parse(const char *bytes, size_t length, struct thaw_arena *arena,
                           struct thaw_dependency_specifier *ret)
{
    struct thaw_span text = {bytes,
                             length < REQUIREMENT_BYTES_MAX ? length : REQUIREMENT_BYTES_MAX};
    struct reader reader = {.arena = arena};
    struct thaw_span name;
    int result = 0;

    *ret = (struct thaw_dependency_specifier){
        .text = "", .name = "", .specifiers = "", .url = "", .marker = ""};
    reader.rest = text = thaw_span_trim(text);
    name = reader_name(&reader);
    if (!name.length)
        return -EINVAL;
    if (!reader_keep(&reader, text, &ret->text) || !reader_keep(&reader, name, &ret->name))
        return -ENOMEM;
    reader_spaces(&reader);
    if (reader_symbol(&reader, '['))
        result = reader_extras(&reader, &ret->extras);
    reader_spaces(&reader);
    if (result == 0)
        result = reader_symbol(&reader, '@') ? reader_url(&reader, &ret->url)
                                             : reader_specifiers(&reader, &ret->specifiers);
    return result == 0 ? reader_marker(&reader, &ret->marker) : result;
}
