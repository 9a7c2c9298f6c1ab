/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/json_position.h"

/* What comes next. */
enum expected { VALUE, VALUE_OR_END, KEY, KEY_OR_END, COLON, COMMA_OR_END, NOTHING };

struct scan {
    struct thaw_json_positions *positions;
    const char *bytes;
    size_t length, at;
    unsigned allowed;
    struct thaw_json_place place; /* of at */
    uint32_t open;                /* the list or object that is not closed yet */
    uint32_t depth;
    enum expected expected;
    struct thaw_json_value next; /* its key, once that is read */
};

/* --- what a text is made of ------------------------------------------------------------------- */

size_t thaw_json_mark_length(const char *bytes, size_t length)
{
    return length >= 3 && !memcmp(bytes, "\xEF\xBB\xBF", 3) ? 3 : 0;
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* Behind the comment that begins at at; at itself where none does, or it has no end. */
static size_t comment_end(const char *bytes, size_t length, size_t at)
{
    const char *end;

    if (length - at < 2 || bytes[at] != '/')
        return at;
    if (bytes[at + 1] == '/') {
        end = memchr(bytes + at, '\n', length - at);
        return end ? (size_t)(end - bytes) : length;
    }
    if (bytes[at + 1] != '*')
        return at;
    end = memmem(bytes + at + 2, length - at - 2, "*/", 2);
    return end ? (size_t)(end - bytes) + 2 : at;
}

/* Behind the text that begins with the quote at at; at itself where it has no end. */
static size_t text_end(const char *bytes, size_t length, size_t at)
{
    for (size_t end = at + 1; end < length; end++) {
        if (bytes[end] == '"')
            return end + 1;
        if (bytes[end] == '\\')
            end++;
    }
    return at;
}

/* Behind the number or word that begins at at; at itself where none does. */
static size_t word_end(const char *bytes, size_t length, size_t at)
{
    static const char others[] = {'{', '}', '[', ']', ',', ':', '"', '/'};

    while (at < length && !is_space(bytes[at]) && !memchr(others, bytes[at], sizeof(others)))
        at++;
    return at;
}

/* --- scanning --------------------------------------------------------------------------------- */

static void move_to(struct scan *scan, size_t end)
{
    for (; scan->at < end; scan->at++) {
        if (scan->bytes[scan->at] == '\n')
            scan->place = (struct thaw_json_place){scan->place.line + 1, 1};
        else if (((unsigned char)scan->bytes[scan->at] & 0xC0) != 0x80)
            scan->place.column++;
    }
}

static void skip_space(struct scan *scan)
{
    for (;;) {
        size_t end = scan->at;

        while (end < scan->length && is_space(scan->bytes[end]))
            end++;
        if (scan->allowed & THAW_JSON_COMMENTS)
            end = comment_end(scan->bytes, scan->length, end);
        if (end == scan->at)
            return;
        move_to(scan, end);
    }
}

static const struct thaw_json_value *value_at(const struct thaw_json_positions *positions,
                                              uint32_t value)
{
    return value < positions->values.count ? &positions->values.items[value] : NULL;
}

/* Is what is open an object? Something is. */
static bool in_object(const struct scan *scan)
{
    return scan->bytes[scan->positions->values.items[scan->open].at] == '{';
}

/* A value begins here: it becomes the last one of what is open. */
static int add_value(struct scan *scan)
{
    struct thaw_json_positions *positions = scan->positions;
    uint32_t number = (uint32_t)positions->values.count;
    struct thaw_json_value *value, *parent;

    if (number >= THAW_JSON_POSITION_VALUES_MAX)
        return -E2BIG;
    value = thaw_array_add(&positions->values);
    if (!value)
        return -ENOMEM;
    *value = scan->next;
    scan->next = (struct thaw_json_value){0};
    value->at = (uint32_t)scan->at;
    value->place = scan->place;
    value->parent = scan->open;
    value->first = value->last = value->next = THAW_JSON_NO_VALUE;
    if (scan->open == THAW_JSON_NO_VALUE)
        return 0;
    parent = &positions->values.items[scan->open];
    if (parent->last == THAW_JSON_NO_VALUE)
        parent->first = number;
    else
        positions->values.items[parent->last].next = number;
    parent->last = number;
    return 0;
}

static void end_value(struct scan *scan)
{
    scan->expected = scan->open == THAW_JSON_NO_VALUE ? NOTHING : COMMA_OR_END;
}

static int open_container(struct scan *scan)
{
    int code = scan->depth >= THAW_JSON_POSITION_DEPTH_MAX ? -E2BIG : add_value(scan);

    if (code)
        return code;
    scan->open = (uint32_t)scan->positions->values.count - 1;
    scan->depth++;
    scan->expected = in_object(scan) ? KEY_OR_END : VALUE_OR_END;
    move_to(scan, scan->at + 1);
    return 0;
}

static int close_container(struct scan *scan)
{
    if (scan->bytes[scan->at] != (in_object(scan) ? '}' : ']'))
        return -EINVAL;
    scan->positions->values.items[scan->open].last_line = scan->place.line;
    scan->open = scan->positions->values.items[scan->open].parent;
    scan->depth--;
    end_value(scan);
    move_to(scan, scan->at + 1);
    return 0;
}

static int take_value(struct scan *scan)
{
    char byte = scan->bytes[scan->at];
    size_t end;
    int code;

    if (byte == '{' || byte == '[')
        return open_container(scan);
    end = (byte == '"' ? text_end : word_end)(scan->bytes, scan->length, scan->at);
    if (end == scan->at)
        return -EINVAL;
    code = add_value(scan);
    if (code)
        return code;
    end_value(scan);
    move_to(scan, end);
    /* In JSON a text has no line's end in it; what the scan takes for one may. */
    scan->positions->values.items[scan->positions->values.count - 1].last_line = scan->place.line;
    return 0;
}

static int take_key(struct scan *scan)
{
    size_t end = scan->at;

    if (scan->bytes[scan->at] == '"')
        end = text_end(scan->bytes, scan->length, scan->at);
    if (end == scan->at)
        return -EINVAL;
    scan->next.key = (uint32_t)scan->at + 1;
    scan->next.key_length = (uint32_t)(end - scan->at - 2);
    scan->next.key_place = scan->place;
    scan->expected = COLON;
    move_to(scan, end);
    return 0;
}

static int take_mark(struct scan *scan, char mark, enum expected then)
{
    if (scan->bytes[scan->at] != mark)
        return -EINVAL;
    scan->expected = then;
    move_to(scan, scan->at + 1);
    return 0;
}

static int step(struct scan *scan)
{
    bool trailing = scan->allowed & THAW_JSON_TRAILING_COMMAS;
    char byte = scan->bytes[scan->at];

    switch (scan->expected) {
    case COLON:
        return take_mark(scan, ':', VALUE);
    case COMMA_OR_END:
        if (byte == '}' || byte == ']')
            return close_container(scan);
        if (in_object(scan))
            return take_mark(scan, ',', trailing ? KEY_OR_END : KEY);
        return take_mark(scan, ',', trailing ? VALUE_OR_END : VALUE);
    case KEY_OR_END:
        return byte == '}' ? close_container(scan) : take_key(scan);
    case KEY:
        return take_key(scan);
    case VALUE_OR_END:
        return byte == ']' ? close_container(scan) : take_value(scan);
    case VALUE:
        return take_value(scan);
    case NOTHING:
        break;
    }
    return -EINVAL;
}

int thaw_json_positions_scan(const char *bytes, size_t length, unsigned allowed,
                             struct thaw_json_positions *ret)
{
    struct scan scan = {.positions = ret,
                        .bytes = bytes,
                        .length = length,
                        .allowed = allowed,
                        .place = {1, 1},
                        .open = THAW_JSON_NO_VALUE,
                        .expected = VALUE};
    int code = 0;

    *ret = (struct thaw_json_positions){.bytes = bytes, .end = scan.place};
    if (length > THAW_JSON_POSITION_BYTES_MAX)
        return -E2BIG;
    scan.at = thaw_json_mark_length(bytes, length);
    for (skip_space(&scan); !code && scan.at < length; skip_space(&scan)) {
        ret->end = scan.place;
        ret->end_at = scan.at;
        code = step(&scan);
    }
    if (!code) {
        ret->end = scan.place;
        ret->end_at = scan.at;
        code = scan.expected == NOTHING ? 0 : -EINVAL;
    }
    return code;
}

void thaw_json_positions_free(struct thaw_json_positions *positions)
{
    thaw_array_free(&positions->values);
    *positions = (struct thaw_json_positions){0};
}

/* --- going through it ---------------------------------------------------------------------- */

uint32_t thaw_json_positions_item(const struct thaw_json_positions *positions, uint32_t value,
                                  size_t index)
{
    uint32_t item = thaw_json_positions_first(positions, value);

    while (index-- && item != THAW_JSON_NO_VALUE)
        item = thaw_json_positions_next(positions, item);
    return item;
}

uint32_t thaw_json_positions_first(const struct thaw_json_positions *positions, uint32_t value)
{
    const struct thaw_json_value *found = value_at(positions, value);

    return found ? found->first : THAW_JSON_NO_VALUE;
}

uint32_t thaw_json_positions_next(const struct thaw_json_positions *positions, uint32_t value)
{
    const struct thaw_json_value *found = value_at(positions, value);

    return found ? found->next : THAW_JSON_NO_VALUE;
}

struct thaw_json_place thaw_json_positions_place(const struct thaw_json_positions *positions,
                                                 uint32_t value)
{
    const struct thaw_json_value *found = value_at(positions, value);

    return found ? found->place : (struct thaw_json_place){0};
}

struct thaw_json_place thaw_json_positions_key(const struct thaw_json_positions *positions,
                                               uint32_t value)
{
    const struct thaw_json_value *found = value_at(positions, value);

    return found && found->key ? found->key_place : thaw_json_positions_place(positions, value);
}

/* --- plain JSON of what is not ---------------------------------------------------------------- */

static void blank(char *bytes, size_t from, size_t end)
{
    for (; from < end; from++)
        if (bytes[from] != '\n' && bytes[from] != '\r')
            bytes[from] = ' ';
}

void thaw_json_blank(char *bytes, size_t length, unsigned allowed)
{
    size_t comma = 0;
    char last = ','; /* what stood before, spaces and comments aside: as yet no item */

    for (size_t at = thaw_json_mark_length(bytes, length), end; at < length; at = end) {
        char byte = bytes[at];

        end = at + 1;
        if (is_space(byte))
            continue;
        if (byte == '/' && allowed & THAW_JSON_COMMENTS) {
            end = comment_end(bytes, length, at);
            if (end == at)
                break; /* the rest is wrong */
            blank(bytes, at, end);
            continue;
        }
        if (byte == '"')
            end = text_end(bytes, length, at);
        if (end == at)
            break;
        if ((byte == ']' || byte == '}') && comma && allowed & THAW_JSON_TRAILING_COMMAS)
            blank(bytes, comma, comma + 1);
        /* Not of "[,]": no item stands before it. */
        comma = byte == ',' && !memchr("[{,:", last, 4) ? at : 0;
        last = byte;
    }
}
