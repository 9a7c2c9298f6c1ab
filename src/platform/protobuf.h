/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PLATFORM_PROTOBUF_H
#define THAW_PLATFORM_PROTOBUF_H

#include <stddef.h>
#include <stdint.h>

/*
 * Walks the fields of one encoded protobuf message, of which only a prefix may be at hand.
 * Needs no schema and no memory. Source of the encoding: protobuf.dev, "Encoding".
 */

enum thaw_protobuf_type {
    THAW_PROTOBUF_VARINT = 0,
    THAW_PROTOBUF_FIXED64 = 1,
    THAW_PROTOBUF_BYTES = 2, /* strings, bytes, nested messages, packed numbers */
    THAW_PROTOBUF_FIXED32 = 5,
};

struct thaw_protobuf_reader {
    const uint8_t *bytes;
    size_t captured; /* bytes at hand, <= length */
    uint64_t length; /* the message's whole length */
    uint64_t position;
};

struct thaw_protobuf_field {
    uint32_t number; /* 1 to 2^29 - 1 */
    enum thaw_protobuf_type type;
    uint64_t value;       /* of the three number types */
    const uint8_t *bytes; /* of THAW_PROTOBUF_BYTES: the part at hand */
    size_t captured;      /* its length, <= length */
    uint64_t length;      /* the length it has on the wire */
};

enum thaw_protobuf_result {
    THAW_PROTOBUF_FIELD,     /* *ret_field is filled */
    THAW_PROTOBUF_END,       /* the message ended, exactly */
    THAW_PROTOBUF_TRUNCATED, /* the message goes on beyond the bytes at hand */
    THAW_PROTOBUF_MALFORMED, /* not protobuf, or groups (proto2 only, in use nowhere here) */
};

/* A reader of a message of length bytes, of which the first captured are at hand. */
struct thaw_protobuf_reader thaw_protobuf_message(const uint8_t *bytes, size_t captured,
                                                  uint64_t length);

/* A reader of the message nested in a field of type THAW_PROTOBUF_BYTES. */
struct thaw_protobuf_reader thaw_protobuf_nested(const struct thaw_protobuf_field *field);

/*
 * Reads the next field. After any other result than THAW_PROTOBUF_FIELD the reader stays where it
 * is and gives the same result again. A field of bytes that reaches beyond those at hand is still
 * returned, with captured < length.
 */
enum thaw_protobuf_result thaw_protobuf_next(struct thaw_protobuf_reader *reader,
                                             struct thaw_protobuf_field *ret_field);

#endif
