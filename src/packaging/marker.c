/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "packaging/marker.h"
#include "packaging/marker_parts.h"

#define DEPTH_MAX 64
#define EXTRAS_MAX 64 /* that one marker is asked about */

/* Takes each comparison in turn; less than 0 ends the reading. */
typedef int (*take_comparison)(void *context, const struct thaw_marker_comparison *comparison);

struct reader {
    struct thaw_span rest;
    char before; /* the byte that was taken last, 0 none */
    take_comparison take;
    void *context;
};

static bool is_word_byte(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_' || (byte & 0x80);
}

static void reader_skip(struct reader *reader, size_t length)
{
    if (!length)
        return;
    reader->before = reader->rest.bytes[length - 1];
    reader->rest.bytes += length;
    reader->rest.length -= length;
}

static size_t reader_spaces(struct reader *reader)
{
    size_t length = 0;

    while (length < reader->rest.length && strchr(" \t", reader->rest.bytes[length]) &&
           reader->rest.bytes[length])
        length++;
    reader_skip(reader, length);
    return length;
}

static bool reader_symbol(struct reader *reader, const char *symbol)
{
    size_t length = strlen(symbol);

    if (reader->rest.length < length || memcmp(reader->rest.bytes, symbol, length) != 0)
        return false;
    reader_skip(reader, length);
    return true;
}

/* The same for a word, which must stand alone. */
static bool reader_word(struct reader *reader, const char *word)
{
    size_t length = strlen(word);

    if (is_word_byte(reader->before) ||
        (reader->rest.length > length && is_word_byte(reader->rest.bytes[length])))
        return false;
    return reader_symbol(reader, word);
}

static bool reader_operand(struct reader *reader, struct thaw_marker_operand *ret)
{
    size_t length = is_word_byte(reader->before) ? 0 : thaw_marker_variable(reader->rest);
    const char *quote;

    if (length && (reader->rest.length == length || !is_word_byte(reader->rest.bytes[length]))) {
        *ret = (struct thaw_marker_operand){true, {reader->rest.bytes, length}};
        reader_skip(reader, length);
        return true;
    }
    if (!reader->rest.length || (*reader->rest.bytes != '"' && *reader->rest.bytes != '\''))
        return false;
    quote = memchr(reader->rest.bytes + 1, *reader->rest.bytes, reader->rest.length - 1);
    if (!quote)
        return false;
    length = (size_t)(quote - reader->rest.bytes) - 1;
    *ret = (struct thaw_marker_operand){false, {reader->rest.bytes + 1, length}};
    reader_skip(reader, length + 2);
    return thaw_marker_text_is_fine(ret->text);
}

static bool reader_operator(struct reader *reader, enum thaw_marker_operator *ret)
{
    if (reader_word(reader, "in")) {
        *ret = THAW_MARKER_IN;
        return true;
    }
    if (reader_word(reader, "not")) {
        *ret = THAW_MARKER_NOT_IN;
        return reader_spaces(reader) && reader_word(reader, "in");
    }
    for (*ret = 0; *ret < THAW_MARKER_IN; ++*ret) {
        if (reader_symbol(reader, thaw_marker_operator_text(*ret)))
            return true;
    }
    return false;
}

static int reader_expression(struct reader *reader, int depth);

static int reader_comparison(struct reader *reader)
{
    struct thaw_marker_comparison comparison;
    bool fine = reader_operand(reader, &comparison.left);

    reader_spaces(reader);
    fine = fine && reader_operator(reader, &comparison.operator);
    reader_spaces(reader);
    if (!fine || !reader_operand(reader, &comparison.right))
        return -EINVAL;
    return reader->take(reader->context, &comparison);
}

static int reader_atom(struct reader *reader, int depth)
{
    int result;

    reader_spaces(reader);
    if (reader_symbol(reader, "(")) {
        result = depth < DEPTH_MAX ? reader_expression(reader, depth + 1) : -EINVAL;
        if (result >= 0 && !reader_symbol(reader, ")"))
            return -EINVAL;
    } else {
        result = reader_comparison(reader);
    }
    reader_spaces(reader);
    return result;
}

/* "and" binds closer than "or"; all parts are looked at, so that what is wrong in one is found. */
static int reader_expression(struct reader *reader, int depth)
{
    int all = reader_atom(reader, depth), any = 0;

    while (all >= 0) {
        bool is_or = reader_word(reader, "or");
        int next;

        if (!is_or && !reader_word(reader, "and"))
            return any || all;
        next = reader_atom(reader, depth);
        if (next < 0)
            return next;
        any = any || (is_or && all);
        all = is_or ? next : all && next;
    }
    return all;
}

static int read_marker(struct thaw_span marker, take_comparison take, void *context)
{
    struct reader reader = {.rest = marker, .take = take, .context = context};
    int result = marker.length <= THAW_MARKER_BYTES_MAX ? reader_expression(&reader, 0) : -EINVAL;

    return result >= 0 && reader.rest.length ? -EINVAL : result;
}

struct question {
    const struct thaw_marker_environment *environment;
    const char *extra;
};

static int answer(void *context, const struct thaw_marker_comparison *comparison)
{
    const struct question *question = context;

    return thaw_marker_compare(comparison, question->environment, question->extra);
}

static int holds(struct thaw_span marker, const struct thaw_marker_environment *environment,
                 const char *extra)
{
    struct question question = {environment, extra};

    return read_marker(marker, answer, &question);
}

static struct thaw_span span_of(const char *marker)
{
    return thaw_span_trim((struct thaw_span){marker, strnlen(marker, THAW_MARKER_BYTES_MAX + 1)});
}

int thaw_marker_holds(const char *marker, const struct thaw_marker_environment *environment,
                      const struct thaw_texts *extras)
{
    struct thaw_span span = span_of(marker);
    uint64_t count = extras ? extras->count : 0;
    int result = span.length ? holds(span, environment, count ? extras->items[0] : "") : 1;

    for (uint64_t i = 1; result == 0 && i < count; i++)
        result = holds(span, environment, extras->items[i]);
    return result;
}

struct collection {
    struct thaw_span extras[EXTRAS_MAX];
    size_t count;
};

static bool is_extra(const struct thaw_marker_operand *operand)
{
    return operand->is_variable && operand->text.length == sizeof("extra") - 1 &&
           memcmp(operand->text.bytes, "extra", sizeof("extra") - 1) == 0;
}

static int collect(void *context, const struct thaw_marker_comparison *comparison)
{
    struct collection *collection = context;
    const struct thaw_marker_operand *other = is_extra(&comparison->left)    ? &comparison->right
                                              : is_extra(&comparison->right) ? &comparison->left
                                                                             : NULL;

    if (other && !other->is_variable && collection->count < EXTRAS_MAX)
        collection->extras[collection->count++] = other->text;
    return 0;
}

static void copy_span(struct thaw_span span, char *buffer, unsigned size)
{
    size_t length = span.length < size ? span.length : size - 1;

    if (!size)
        return;
    if (length)
        memcpy(buffer, span.bytes, length);
    buffer[length] = '\0';
}

int thaw_marker_needs_extra(const char *marker, const struct thaw_marker_environment *environment,
                            char *buffer, unsigned size)
{
    struct thaw_span span = span_of(marker);
    struct collection collection = {.count = 0};
    int result = span.length ? read_marker(span, collect, &collection) : 0;
    char extra[THAW_VERSION_BYTES_MAX];

    copy_span(collection.count ? collection.extras[0] : (struct thaw_span){0}, buffer, size);
    if (result < 0 || !span.length)
        return result;
    result = holds(span, environment, "");
    if (result != 0)
        return result < 0 ? result : 0;
    for (size_t i = 0; result == 0 && i < collection.count; i++) {
        copy_span(collection.extras[i], extra, sizeof(extra));
        result = holds(span, environment, extra);
        if (result > 0)
            copy_span(collection.extras[i], buffer, size);
    }
    return result;
}

static int pass(void *context, const struct thaw_marker_comparison *comparison)
{
    (void)context;
    (void)comparison;
    return 0;
}

bool thaw_marker_is_valid(struct thaw_span marker)
{
    return read_marker(marker, pass, NULL) >= 0;
}

struct thaw_marker_environment thaw_marker_environment_of(const char *python_version,
                                                          const char *python_full_version,
                                                          const char *machine)
{
    return (struct thaw_marker_environment){
        .python_version = python_version,
        .python_full_version = python_full_version,
        .os_name = "posix",
        .sys_platform = "linux",
        .platform_machine = machine,
        .platform_system = "Linux",
        .platform_release = "",
        .platform_version = "",
        .platform_python_implementation = "CPython",
        .implementation_name = "cpython",
        .implementation_version = python_full_version,
    };
}
