/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* A result being built: written up to size, counted beyond it. */
struct output {
    char *bytes;
    size_t size;
    size_t length;
    size_t written; /* where the NUL goes; stands still once something did not fit */
};

/* Adds all of bytes or, when there is no room for all and the NUL, none. */
static void output_add(struct output *output, const char *bytes, size_t length)
{
    if (output->written == output->length && output->size > output->length &&
        output->size - output->length > length) {
        memcpy(output->bytes + output->length, bytes, length);
        output->written += length;
    }
    output->length += length;
}

/* Adds as many of the characters of one byte each as there is room for. */
static void output_run(struct output *output, const char *bytes, size_t length)
{
    if (output->written == output->length && output->size > output->length) {
        size_t room = output->size - output->length - 1;

        memcpy(output->bytes + output->length, bytes, length < room ? length : room);
        output->written += length < room ? length : room;
    }
    output->length += length;
}

static size_t output_end(struct output *output)
{
    if (output->size)
        output->bytes[output->written] = '\0';
    return output->length;
}

/*
 * Well-formed sequences by lead byte: Unicode 15, table 3-7. Only the second byte's range varies.
 */
static const struct lead {
    unsigned char first, last;
    unsigned char second_low, second_high;
    unsigned char length;
} leads[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

static const struct lead *lead_find(unsigned char byte)
{
    for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++)
        if (byte >= leads[i].first && byte <= leads[i].last)
            return &leads[i];
    return NULL;
}

/* How many bytes at the start can belong to one character, and whether they are all of it. */
static size_t sequence_length(const unsigned char *bytes, size_t length, bool *whole)
{
    const struct lead *lead;
    size_t i;

    *whole = bytes[0] < 0x80;
    if (*whole)
        return 1;
    lead = lead_find(bytes[0]);
    if (!lead)
        return 1;
    for (i = 1; i < lead->length && i < length; i++) {
        unsigned char low = i == 1 ? lead->second_low : 0x80;
        unsigned char high = i == 1 ? lead->second_high : 0xBF;

        if (bytes[i] < low || bytes[i] > high)
            return i;
    }
    *whole = i == lead->length;
    return i;
}

size_t thaw_text_decode(const char *bytes, size_t length, uint32_t *codepoint)
{
    const unsigned char *unit = (const unsigned char *)bytes;
    bool whole;
    size_t used;

    if (!length)
        return 0;
    used = sequence_length(unit, length, &whole);
    if (!whole)
        return 0;
    *codepoint = used == 1 ? unit[0] : unit[0] & (0x7FU >> used);
    for (size_t i = 1; i < used; i++)
        *codepoint = *codepoint << 6 | (unit[i] & 0x3FU);
    return used;
}

size_t thaw_text_encode(char out[4], uint32_t codepoint)
{
    size_t length = codepoint < 0x80 ? 1 : codepoint < 0x800 ? 2 : codepoint < 0x10000 ? 3 : 4;
    static const unsigned char marks[] = {0, 0, 0xC0, 0xE0, 0xF0};

    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (codepoint & 0x3F));
        codepoint >>= 6;
    }
    out[0] = (char)(marks[length] | codepoint);
    return length;
}

/* How many bytes at the start are ASCII from first to 0x7E: nearly all names are nothing else. */
static size_t ascii_run(const char *bytes, size_t length, unsigned char first)
{
    size_t i = 0;

    while (i < length && (unsigned char)bytes[i] >= first && (unsigned char)bytes[i] < 0x7F)
        i++;
    return i;
}

bool thaw_text_is_ascii(const char *bytes, size_t length)
{
    return ascii_run(bytes, length, 0) == length;
}

bool thaw_text_is_utf8(const char *bytes, size_t length)
{
    uint32_t codepoint;

    for (size_t i = ascii_run(bytes, length, 0); i < length;) {
        size_t used = thaw_text_decode(bytes + i, length - i, &codepoint);

        if (!used)
            return false;
        i += used;
    }
    return true;
}

bool thaw_text_is_plain(uint32_t codepoint)
{
    /* Unicode 15: general categories Cc, Zl, Zp, and Cf without the joiners and what Arabic,
     * Indic and musical scripts print. */
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x0000, 0x001F}, {0x007F, 0x009F}, {0x00AD, 0x00AD}, {0x061C, 0x061C},
        {0x180E, 0x180E}, {0x200B, 0x200B}, {0x200E, 0x200F}, {0x2028, 0x202E},
        {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F},
    };

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (codepoint >= ranges[i].first && codepoint <= ranges[i].last)
            return false;
    return true;
}

size_t thaw_text_escape_terminal(char *out, size_t size, const char *bytes, size_t length)
{
    struct output output = {.bytes = out, .size = size};
    uint32_t codepoint = 0;
    char escape[16];

    for (size_t i = 0; i < length;) {
        size_t used = ascii_run(bytes + i, length - i, ' ');

        if (used) {
            output_run(&output, bytes + i, used);
            i += used;
            continue;
        }
        used = thaw_text_decode(bytes + i, length - i, &codepoint);
        if (used && thaw_text_is_plain(codepoint)) {
            output_add(&output, bytes + i, used);
        } else {
            const char *form = used > 1 ? "\\u{%04x}" : "\\x%02x";
            unsigned shown = used > 1 ? codepoint : (unsigned char)bytes[i];
            int written = snprintf(escape, sizeof(escape), form, shown);

            output_add(&output, escape, (size_t)written);
        }
        i += used ? used : 1;
    }
    return output_end(&output);
}

size_t thaw_text_sanitise(char *out, size_t size, const char *bytes, size_t length)
{
    struct output output = {.bytes = out, .size = size};

    for (size_t i = 0; i < length;) {
        bool whole;
        size_t used = sequence_length((const unsigned char *)bytes + i, length - i, &whole);

        if (whole && bytes[i])
            output_add(&output, bytes + i, used);
        else
            output_add(&output, "\xEF\xBF\xBD", 3);
        i += used;
    }
    return output_end(&output);
}

typedef size_t conversion(char *out, size_t size, const char *bytes, size_t length);

static const char *text_convert(struct thaw_arena *arena, const char *string, conversion *convert)
{
    size_t length = string ? strlen(string) : 0;
    size_t wanted = convert(NULL, 0, string, length);
    char *text = thaw_arena_allocate(arena, wanted + 1);

    if (text)
        convert(text, wanted + 1, string, length);
    return text;
}

const char *thaw_text_for_terminal(struct thaw_arena *arena, const char *string)
{
    return text_convert(arena, string, thaw_text_escape_terminal);
}

const char *thaw_text_for_json(struct thaw_arena *arena, const char *string)
{
    return text_convert(arena, string, thaw_text_sanitise);
}

bool thaw_texts_hold(const struct thaw_texts *texts, const char *text)
{
    for (uint64_t i = 0; i < texts->count; i++) {
        if (strcmp(texts->items[i], text) == 0)
            return true;
    }
    return false;
}

static int hexadecimal(char digit)
{
    const char *digits = "0123456789ABCDEF", *found = digit ? strchr(digits, digit) : NULL;

    return found ? (int)(found - digits) : -1;
}

const char *thaw_text_unpercent(struct thaw_arena *arena, const char *text)
{
    char *bytes = thaw_arena_bytes(arena, strlen(text) + 1), *end = bytes;

    if (!bytes)
        return NULL;
    while (*text) {
        int high = *text == '%' ? hexadecimal(text[1]) : -1;
        int low = high >= 0 ? hexadecimal(text[2]) : -1;

        if (low >= 0 && (high || low)) {
            *end++ = (char)(high << 4 | low);
            text += 3;
        } else {
            *end++ = *text++;
        }
    }
    *end = '\0';
    return bytes;
}

bool thaw_text_ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), wanted = strlen(end);

    return wanted <= length && !strcmp(text + length - wanted, end);
}

bool thaw_text_ends_with_any_case(const char *text, const char *end)
{
    size_t length = strlen(text), wanted = strlen(end);

    return wanted <= length && !strcasecmp(text + length - wanted, end);
}

bool thaw_text_ends_with_path(const char *path, const char *end)
{
    size_t length = strlen(path), wanted = strlen(end);

    return thaw_text_ends_with(path, end) &&
           (wanted == length || *end == '/' || path[length - wanted - 1] == '/');
}
