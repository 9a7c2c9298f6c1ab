/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "recording/text_scan.h"

int thaw_scan_fail(struct thaw_scanner *scanner, const char *at, const char *format, ...)
{
    va_list arguments;
    char words[256];

    va_start(arguments, format);
    vsnprintf(words, sizeof(words), format, arguments);
    va_end(arguments);
    return thaw_error_set(scanner->error, -EINVAL, "line %zu, column %zu: %s", scanner->number,
                          (size_t)(at - scanner->line) + 1, words);
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static void skip_blanks(struct thaw_scanner *scanner)
{
    while (scanner->at < scanner->end && is_blank(*scanner->at))
        scanner->at++;
}

static bool next_is(const struct thaw_scanner *scanner, char byte)
{
    return scanner->at < scanner->end && *scanner->at == byte;
}

bool thaw_scan_more(struct thaw_scanner *scanner)
{
    skip_blanks(scanner);
    return scanner->at < scanner->end && *scanner->at != '#';
}

size_t thaw_scan_word(struct thaw_scanner *scanner, const char **word)
{
    *word = scanner->at;
    while (scanner->at < scanner->end && !is_blank(*scanner->at) && *scanner->at != '=')
        scanner->at++;
    return (size_t)(scanner->at - *word);
}

int thaw_scan_u64(struct thaw_scanner *scanner, uint64_t *value)
{
    const char *start = scanner->at;

    *value = 0;
    for (; scanner->at < scanner->end; scanner->at++) {
        char byte = *scanner->at;

        if (byte == '_' && scanner->at > start && scanner->end - scanner->at > 1 &&
            is_digit(scanner->at[1]))
            continue;
        if (!is_digit(byte))
            break;
        if (__builtin_mul_overflow(*value, (uint64_t)10, value) ||
            __builtin_add_overflow(*value, (uint64_t)(byte - '0'), value))
            return thaw_scan_fail(scanner, start, "the number is beyond 64 bits");
    }
    if (scanner->at == start)
        return thaw_scan_fail(scanner, start, "a number is missing");
    return 0;
}

static int scan_i64(struct thaw_scanner *scanner, int64_t *value)
{
    const char *start = scanner->at;
    bool negative = next_is(scanner, '-');
    uint64_t magnitude;
    int result;

    scanner->at += negative;
    result = thaw_scan_u64(scanner, &magnitude);
    if (result < 0)
        return result;
    if (magnitude > (uint64_t)INT64_MAX + negative)
        return thaw_scan_fail(scanner, start, "the number is beyond 64 bits");
    *value = (int64_t)(negative ? 0 - magnitude : magnitude);
    return 0;
}

/* digits hexadecimal digits; false when there are fewer. */
static bool take_hexadecimal(const char **at, const char *end, int digits, uint32_t *value)
{
    *value = 0;
    for (int i = 0; i < digits; i++, (*at)++) {
        char byte = *at < end ? **at : 0;

        if (is_digit(byte))
            *value = *value << 4 | (uint32_t)(byte - '0');
        else if (byte >= 'a' && byte <= 'f')
            *value = *value << 4 | (uint32_t)(byte - 'a' + 10);
        else if (byte >= 'A' && byte <= 'F')
            *value = *value << 4 | (uint32_t)(byte - 'A' + 10);
        else
            return false;
    }
    return true;
}

/* What follows \u: a character, or two halves of one. */
static bool take_codepoint(const char **at, const char *end, uint32_t *codepoint)
{
    uint32_t low;

    if (!take_hexadecimal(at, end, 4, codepoint))
        return false;
    if (*codepoint < 0xD800 || *codepoint > 0xDFFF)
        return true;
    if (*codepoint > 0xDBFF || end - *at < 2 || (*at)[0] != '\\' || (*at)[1] != 'u')
        return false;
    *at += 2;
    if (!take_hexadecimal(at, end, 4, &low) || low < 0xDC00 || low > 0xDFFF)
        return false;
    *codepoint = 0x10000 + ((*codepoint - 0xD800) << 10) + (low - 0xDC00);
    return true;
}

/* An escape, without its backslash. Returns the bytes put to out (1 to 4), 0 for a bad escape. */
static size_t take_escape(const char **at, const char *end, char out[4])
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    char letter = *at < end ? *(*at)++ : 0;
    const char *place = letter ? strchr(letters, letter) : NULL;
    uint32_t value;

    if (place) {
        out[0] = meanings[place - letters];
        return 1;
    }
    if (letter == 'x' && take_hexadecimal(at, end, 2, &value) && value) {
        out[0] = (char)value;
        return 1;
    }
    if (letter == 'u' && take_codepoint(at, end, &value) && value)
        return thaw_text_encode(out, value);
    return 0;
}

/* The quote that closes the text which begins at scanner->at, or NULL. */
static const char *find_close(const struct thaw_scanner *scanner)
{
    for (const char *at = scanner->at + 1; at < scanner->end; at++) {
        if (*at == '"')
            return at;
        if (*at == '\\' && ++at == scanner->end)
            break;
    }
    return NULL;
}

static int unescape(struct thaw_scanner *scanner, const char *close, char *out)
{
    const char *open = scanner->at;
    size_t length = 0;

    scanner->at++;
    while (scanner->at < close) {
        const char *unit = scanner->at++;
        size_t added = 1;

        if ((unsigned char)*unit < 0x20)
            return thaw_scan_fail(scanner, unit, "a control character in a text; write \\x%02x",
                                  (unsigned char)*unit);
        /* An escape is never shorter than what it stands for: out has room. */
        if (*unit == '\\')
            added = take_escape(&scanner->at, close, out + length);
        else
            out[length] = *unit;
        if (added == 0)
            return thaw_scan_fail(scanner, unit, "this escape stands for nothing");
        length += added;
    }
    if (length > THAW_TEXT_LIMIT_BYTES)
        return thaw_scan_fail(scanner, open, "the text is longer than %u bytes",
                              THAW_TEXT_LIMIT_BYTES);
    out[length] = '\0';
    scanner->at = close + 1;
    return 0;
}

static int scan_text(struct thaw_scanner *scanner, const char **text)
{
    const char *close;
    char *out;

    if (!next_is(scanner, '"'))
        return thaw_scan_fail(scanner, scanner->at, "a text in quotes is missing");
    close = find_close(scanner);
    if (!close)
        return thaw_scan_fail(scanner, scanner->at, "the text is not closed on its line");
    out = thaw_arena_allocate(scanner->arena, (size_t)(close - scanner->at));
    if (!out)
        return thaw_error_memory(scanner->error);
    *text = out;
    return unescape(scanner, close, out);
}

static int scan_items(struct thaw_scanner *scanner, const char *open)
{
    do {
        const char **item;
        int result;

        if (scanner->items.count == THAW_LIST_LIMIT)
            return thaw_scan_fail(scanner, open, "the list has more than %u items",
                                  THAW_LIST_LIMIT);
        item = thaw_array_add(&scanner->items);
        if (!item)
            return thaw_error_memory(scanner->error);
        scanner->at++; /* the bracket or the comma */
        skip_blanks(scanner);
        result = scan_text(scanner, item);
        if (result < 0)
            return result;
        skip_blanks(scanner);
    } while (next_is(scanner, ','));
    return 0;
}

static int scan_texts(struct thaw_scanner *scanner, struct thaw_texts *texts)
{
    const char *open = scanner->at;
    size_t count;
    int result;

    if (!next_is(scanner, '['))
        return thaw_scan_fail(scanner, open, "a list in brackets is missing");
    scanner->items.count = 0;
    scanner->at++;
    skip_blanks(scanner);
    if (!next_is(scanner, ']')) {
        scanner->at = open;
        result = scan_items(scanner, open);
        if (result < 0)
            return result;
    }
    if (!next_is(scanner, ']'))
        return thaw_scan_fail(scanner, open, "the list is not closed on its line");
    scanner->at++;
    count = scanner->items.count;
    *texts = (struct thaw_texts){.count = count};
    if (count == 0)
        return 0;
    texts->items = thaw_arena_allocate(scanner->arena, count * sizeof(*texts->items));
    if (!texts->items)
        return thaw_error_memory(scanner->error);
    memcpy(texts->items, scanner->items.items, count * sizeof(*texts->items));
    return 0;
}

int thaw_scan_value(struct thaw_scanner *scanner, const struct thaw_field *field, void *record)
{
    switch (field->type) {
    case THAW_FIELD_U64:
        return thaw_scan_u64(scanner, thaw_field_u64(field, record));
    case THAW_FIELD_I64:
        return scan_i64(scanner, thaw_field_i64(field, record));
    case THAW_FIELD_TEXT:
        return scan_text(scanner, thaw_field_text(field, record));
    case THAW_FIELD_TEXTS:
        return scan_texts(scanner, thaw_field_texts(field, record));
    }
    return thaw_scan_fail(scanner, scanner->at, "field %s is of no known type", field->name);
}
