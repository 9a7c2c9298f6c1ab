/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "platform/protobuf.h"

struct thaw_protobuf_reader thaw_protobuf_message(const uint8_t *bytes, size_t captured,
                                                  uint64_t length)
{
    return (struct thaw_protobuf_reader){
        .bytes = bytes,
        .captured = captured < length ? captured : (size_t)length,
        .length = length,
    };
}

struct thaw_protobuf_reader thaw_protobuf_nested(const struct thaw_protobuf_field *field)
{
    return thaw_protobuf_message(field->bytes, field->captured, field->length);
}

/* What it means that the bytes at hand end here, in the middle of something. */
static enum thaw_protobuf_result ran_out(const struct thaw_protobuf_reader *reader)
{
    return reader->captured < reader->length ? THAW_PROTOBUF_TRUNCATED : THAW_PROTOBUF_MALFORMED;
}

static enum thaw_protobuf_result read_varint(struct thaw_protobuf_reader *reader, uint64_t *value)
{
    *value = 0;
    for (unsigned int shift = 0;; shift += 7) {
        uint8_t byte;

        if (reader->position >= reader->captured)
            return ran_out(reader);
        byte = reader->bytes[reader->position++];
        if (shift == 63 && byte > 1) /* the tenth byte holds one bit */
            return THAW_PROTOBUF_MALFORMED;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return THAW_PROTOBUF_FIELD;
    }
}

static enum thaw_protobuf_result read_fixed(struct thaw_protobuf_reader *reader, size_t size,
                                            uint64_t *value)
{
    *value = 0;
    if (size > reader->length - reader->position)
        return THAW_PROTOBUF_MALFORMED;
    if (size > reader->captured - reader->position)
        return THAW_PROTOBUF_TRUNCATED;
    for (size_t i = 0; i < size; i++)
        *value |= (uint64_t)reader->bytes[reader->position++] << (8 * i);
    return THAW_PROTOBUF_FIELD;
}

static enum thaw_protobuf_result read_bytes(struct thaw_protobuf_reader *reader,
                                            struct thaw_protobuf_field *field)
{
    enum thaw_protobuf_result result = read_varint(reader, &field->length);
    uint64_t at_hand;

    if (result != THAW_PROTOBUF_FIELD)
        return result;
    if (field->length > reader->length - reader->position)
        return THAW_PROTOBUF_MALFORMED;
    at_hand = reader->captured - reader->position;
    field->bytes = reader->bytes + reader->position;
    field->captured = (size_t)(field->length < at_hand ? field->length : at_hand);
    reader->position += field->length;
    return THAW_PROTOBUF_FIELD;
}

static enum thaw_protobuf_result read_value(struct thaw_protobuf_reader *reader, unsigned int type,
                                            struct thaw_protobuf_field *field)
{
    switch (type) {
    case THAW_PROTOBUF_VARINT:
        return read_varint(reader, &field->value);
    case THAW_PROTOBUF_FIXED64:
        return read_fixed(reader, 8, &field->value);
    case THAW_PROTOBUF_BYTES:
        return read_bytes(reader, field);
    case THAW_PROTOBUF_FIXED32:
        return read_fixed(reader, 4, &field->value);
    default:
        return THAW_PROTOBUF_MALFORMED;
    }
}

enum thaw_protobuf_result thaw_protobuf_next(struct thaw_protobuf_reader *reader,
                                             struct thaw_protobuf_field *ret_field)
{
    struct thaw_protobuf_reader attempt = *reader;
    struct thaw_protobuf_field field = {0};
    enum thaw_protobuf_result result;
    uint64_t key;

    if (reader->position == reader->length)
        return THAW_PROTOBUF_END;
    if (reader->position >= reader->captured)
        return THAW_PROTOBUF_TRUNCATED;
    result = read_varint(&attempt, &key);
    if (result != THAW_PROTOBUF_FIELD)
        return result;
    if (key >> 3 == 0 || key > UINT32_MAX)
        return THAW_PROTOBUF_MALFORMED;
    field.number = (uint32_t)(key >> 3);
    field.type = (enum thaw_protobuf_type)(key & 7);
    result = read_value(&attempt, key & 7, &field);
    if (result != THAW_PROTOBUF_FIELD)
        return result;
    *reader = attempt;
    *ret_field = field;
    return THAW_PROTOBUF_FIELD;
}
