/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "recording/decode.h"
#include "recording/kinds.h"

struct cursor {
    const unsigned char *at;
    const unsigned char *end;
};

static size_t left(const struct cursor *cursor)
{
    return (size_t)(cursor->end - cursor->at);
}

static bool take_varint(struct cursor *cursor, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 64 && cursor->at < cursor->end; shift += 7) {
        unsigned char byte = *cursor->at++;

        if (shift == 63 && byte > 1)
            return false;
        *value |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

/* Undoes the zigzag; the result is in two's complement, to be added with wrap-around. */
static bool take_signed(struct cursor *cursor, uint64_t *value)
{
    if (!take_varint(cursor, value))
        return false;
    *value = *value >> 1 ^ (*value & 1 ? UINT64_MAX : 0);
    return true;
}

static int bad(struct thaw_decoder *decoder, const char *defect)
{
    decoder->defect = defect;
    return -EBADMSG;
}

static int take_text(struct thaw_decoder *decoder, struct cursor *cursor, const char **text)
{
    uint64_t length;

    if (!take_varint(cursor, &length) || length > left(cursor))
        return bad(decoder, "a text goes beyond its record");
    if (length > THAW_TEXT_LIMIT_BYTES)
        return bad(decoder, "a text is too long");
    *text = "";
    if (length == 0)
        return 0;
    if (memchr(cursor->at, 0, length))
        return bad(decoder, "a text contains a NUL byte");
    *text = thaw_arena_text(decoder->arena, (const char *)cursor->at, length);
    cursor->at += length;
    return *text ? 0 : -ENOMEM;
}

static int take_texts(struct thaw_decoder *decoder, struct cursor *cursor, struct thaw_texts *texts)
{
    uint64_t count;
    const char **items;

    /* A text takes at least one byte, so a count beyond what is left is a lie. */
    if (!take_varint(cursor, &count) || count > left(cursor))
        return bad(decoder, "a list goes beyond its record");
    if (count > THAW_LIST_LIMIT)
        return bad(decoder, "a list is too long");
    if (count == 0)
        return 0;
    items = thaw_arena_allocate(decoder->arena, count * sizeof(*items));
    if (!items)
        return -ENOMEM;
    for (uint64_t i = 0; i < count; i++) {
        int result = take_text(decoder, cursor, &items[i]);

        if (result < 0)
            return result;
    }
    *texts = (struct thaw_texts){.items = items, .count = count};
    return 0;
}

static int take_field(struct thaw_decoder *decoder, struct cursor *cursor,
                      const struct thaw_field *field, void *record)
{
    uint64_t value;

    switch (field->type) {
    case THAW_FIELD_U64:
        if (!take_varint(cursor, &value))
            return bad(decoder, "a number goes beyond its record");
        *thaw_field_u64(field, record) = value;
        return 0;
    case THAW_FIELD_I64:
        if (!take_signed(cursor, &value))
            return bad(decoder, "a number goes beyond its record");
        *thaw_field_i64(field, record) = (int64_t)value;
        return 0;
    case THAW_FIELD_TEXT:
        return take_text(decoder, cursor, thaw_field_text(field, record));
    case THAW_FIELD_TEXTS:
        return take_texts(decoder, cursor, thaw_field_texts(field, record));
    }
    return bad(decoder, "a field is of no known type");
}

static int take_head(struct thaw_decoder *decoder, struct cursor *cursor, struct thaw_event *event)
{
    uint64_t time, pid, tid;

    if (!take_signed(cursor, &time) || !take_signed(cursor, &pid) || !take_signed(cursor, &tid))
        return bad(decoder, "a record is shorter than its head");
    pid += decoder->pid;
    tid += pid;
    if (pid > UINT32_MAX || tid > UINT32_MAX)
        return bad(decoder, "a process number is out of range");
    event->time_ns = decoder->time_ns + time;
    event->pid = (uint32_t)pid;
    event->tid = (uint32_t)tid;
    return 0;
}

/* All of it is zero already. */
static void empty_texts(const struct thaw_kind *kind, struct thaw_event *event)
{
    for (size_t i = 0; i < kind->count; i++)
        if (kind->fields[i].type == THAW_FIELD_TEXT)
            *thaw_field_text(&kind->fields[i], event) = "";
}

static int take_payload(struct thaw_decoder *decoder, struct cursor *cursor, uint64_t number,
                        struct thaw_event *event)
{
    const struct thaw_kind *kind = thaw_kinds_by_number(number);
    int result;

    memset(event, 0, sizeof(*event));
    result = take_head(decoder, cursor, event);
    if (result < 0 || !kind)
        return result;
    event->kind = kind->number;
    empty_texts(kind, event);
    for (size_t i = 0; i < kind->count && cursor->at < cursor->end; i++) {
        result = take_field(decoder, cursor, &kind->fields[i], event);
        if (result < 0)
            return result;
    }
    return 1;
}

int thaw_decode_event(struct thaw_decoder *decoder, struct thaw_event *event)
{
    struct cursor cursor = {decoder->bytes + decoder->position, decoder->bytes + decoder->length};
    uint64_t number, length;
    int result;

    if (!take_varint(&cursor, &number) || !take_varint(&cursor, &length))
        return bad(decoder, "a record is shorter than its head");
    if (number > UINT16_MAX)
        return bad(decoder, "a record's kind is out of range");
    if (length > left(&cursor))
        return bad(decoder, "a record goes beyond its chunk");
    if (length > THAW_RECORD_LIMIT_BYTES)
        return bad(decoder, "a record is too long");
    cursor.end = cursor.at + length;
    result = take_payload(decoder, &cursor, number, event);
    if (result < 0)
        return result;
    decoder->time_ns = event->time_ns;
    decoder->pid = event->pid;
    decoder->position = (size_t)(cursor.end - decoder->bytes);
    return result;
}
