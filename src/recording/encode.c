/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "recording/encode.h"
#include "recording/kinds.h"

#define VARINT_MOST 10    /* bytes of 64 bits */
#define HEAD_MOST (3 + 5) /* of a kind of 16 bits and a length of 32 */

/* Where bytes go; bytes is NULL while a record is only being measured. */
struct sink {
    unsigned char *bytes;
    size_t length;
};

static void put_bytes(struct sink *sink, const void *bytes, size_t length)
{
    if (sink->bytes)
        memcpy(sink->bytes + sink->length, bytes, length);
    sink->length += length;
}

static void put_varint(struct sink *sink, uint64_t value)
{
    unsigned char bytes[VARINT_MOST];
    size_t length = 0;

    if (value < 0x80 && sink->bytes) {
        sink->bytes[sink->length++] = (unsigned char)value;
        return;
    }
    while (value >= 0x80) {
        bytes[length++] = (unsigned char)(value | 0x80);
        value >>= 7;
    }
    bytes[length++] = (unsigned char)value;
    put_bytes(sink, bytes, length);
}

/* Small numbers of either sign become small numbers: 0, -1, 1, -2 … as 0, 1, 2, 3 … */
static void put_signed(struct sink *sink, uint64_t two_complement)
{
    uint64_t sign = two_complement >> 63 ? UINT64_MAX : 0;

    put_varint(sink, two_complement << 1 ^ sign);
}

static void put_text(struct sink *sink, const char *text)
{
    size_t length = text ? strlen(text) : 0;

    put_varint(sink, length);
    if (length)
        put_bytes(sink, text, length);
}

static void put_field(struct sink *sink, const struct thaw_field *field, const void *record)
{
    const struct thaw_texts *texts;

    switch (field->type) {
    case THAW_FIELD_U64:
        put_varint(sink, *thaw_field_u64(field, record));
        return;
    case THAW_FIELD_I64:
        put_signed(sink, (uint64_t)*thaw_field_i64(field, record));
        return;
    case THAW_FIELD_TEXT:
        put_text(sink, *thaw_field_text(field, record));
        return;
    case THAW_FIELD_TEXTS:
        texts = thaw_field_texts(field, record);
        put_varint(sink, texts->count);
        for (uint64_t i = 0; i < texts->count; i++)
            put_text(sink, texts->items[i]);
        return;
    }
}

static void put_payload(struct sink *sink, const struct thaw_encoder *encoder,
                        const struct thaw_kind *kind, const struct thaw_event *event)
{
    size_t count = kind->count;

    while (count > 0 && thaw_kinds_field_is_empty(&kind->fields[count - 1], event))
        count--;
    put_signed(sink, event->time_ns - encoder->time_ns);
    put_signed(sink, (uint64_t)event->pid - encoder->pid);
    put_signed(sink, (uint64_t)event->tid - event->pid);
    for (size_t i = 0; i < count; i++)
        put_field(sink, &kind->fields[i], event);
}

/* Each adds to *most, at least, the bytes that it takes; false: it is too large. */
static bool text_fits(const char *text, size_t *most)
{
    size_t length = text ? strnlen(text, THAW_TEXT_LIMIT_BYTES + 1) : 0;

    *most += VARINT_MOST + length;
    return length <= THAW_TEXT_LIMIT_BYTES;
}

static bool field_fits(const struct thaw_field *field, const void *record, size_t *most)
{
    const struct thaw_texts *texts;

    if (field->type == THAW_FIELD_TEXT)
        return text_fits(*thaw_field_text(field, record), most);
    *most += VARINT_MOST;
    if (field->type != THAW_FIELD_TEXTS)
        return true;
    texts = thaw_field_texts(field, record);
    if (texts->count > THAW_LIST_LIMIT)
        return false;
    for (uint64_t i = 0; i < texts->count; i++)
        if (!text_fits(texts->items[i], most))
            return false;
    return true;
}

static int check_limits(const struct thaw_kind *kind, const struct thaw_event *event,
                        size_t *ret_most, struct thaw_error *error)
{
    *ret_most = 3 * VARINT_MOST;
    for (size_t i = 0; i < kind->count; i++)
        if (!field_fits(&kind->fields[i], event, ret_most))
            return thaw_error_set(error, -E2BIG,
                                  "event %s: field %s is too large to record "
                                  "(a text has at most %u bytes, a list %u items)",
                                  kind->name, kind->fields[i].name, THAW_TEXT_LIMIT_BYTES,
                                  THAW_LIST_LIMIT);
    return 0;
}

static int reserve(struct thaw_encoder *encoder, size_t more, struct thaw_error *error)
{
    size_t wanted = encoder->capacity ? encoder->capacity : 256;
    unsigned char *grown;

    while (wanted - encoder->length < more)
        wanted *= 2; /* can't overflow: a record is at most 16 MiB, a chunk little more */
    if (wanted == encoder->capacity)
        return 0;
    grown = realloc(encoder->bytes, wanted);
    if (!grown)
        return thaw_error_memory(error);
    encoder->bytes = grown;
    encoder->capacity = wanted;
    return 0;
}

int thaw_encode_begin(struct thaw_encoder *encoder, size_t head, struct thaw_error *error)
{
    int result;

    encoder->length = 0;
    encoder->time_ns = 0;
    encoder->pid = 0;
    encoder->records = 0;
    result = reserve(encoder, head, error);
    if (result < 0)
        return result;
    memset(encoder->bytes, 0, head);
    encoder->length = head;
    return 0;
}

/* Of one that may be too large: exactly. */
static size_t measure(const struct thaw_encoder *encoder, const struct thaw_kind *kind,
                      const struct thaw_event *event)
{
    struct sink payload = {0};

    put_payload(&payload, encoder, kind, event);
    return payload.length;
}

/* The head has the payload's length, so that this is written first, where it can't be too near. */
static void put_record(struct thaw_encoder *encoder, const struct thaw_kind *kind,
                       const struct thaw_event *event)
{
    struct sink record = {.bytes = encoder->bytes + encoder->length};
    struct sink payload = {.bytes = record.bytes + HEAD_MOST};

    put_payload(&payload, encoder, kind, event);
    put_varint(&record, kind->number);
    put_varint(&record, payload.length);
    memmove(record.bytes + record.length, payload.bytes, payload.length);
    encoder->length += record.length + payload.length;
}

int thaw_encode_event(struct thaw_encoder *encoder, const struct thaw_event *event,
                      struct thaw_error *error)
{
    const struct thaw_kind *kind = thaw_kinds_by_number(event->kind);
    size_t most;
    int result;

    if (!kind)
        return thaw_error_set(error, -EINVAL, "event kind %u is not known, it can't be recorded",
                              event->kind);
    result = check_limits(kind, event, &most, error);
    if (result < 0)
        return result;
    if (most > THAW_RECORD_LIMIT_BYTES)
        most = measure(encoder, kind, event);
    if (most > THAW_RECORD_LIMIT_BYTES)
        return thaw_error_set(error, -E2BIG, "event %s has %zu bytes, at most %u can be recorded",
                              kind->name, most, THAW_RECORD_LIMIT_BYTES);
    result = reserve(encoder, HEAD_MOST + most, error);
    if (result < 0)
        return result;
    put_record(encoder, kind, event);
    encoder->time_ns = event->time_ns;
    encoder->pid = event->pid;
    encoder->records++;
    return 0;
}

void thaw_encode_free(struct thaw_encoder *encoder)
{
    free(encoder->bytes);
    *encoder = (struct thaw_encoder){0};
}
