/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_FRAMING_STATE_H
#define THAW_BPF_FRAMING_STATE_H

/* How headers of frames and prefixes of messages change what is known of a direction. */
#include "framing_types.h"

static __always_inline void framing_lose(struct framing *way)
{
    if (way->state == FRAMING_NONE)
        return;
    way->state = FRAMING_LOST;
    way->have = 0;
    way->trust = 0;
}

/*
 * May this header come? Known kinds have their lengths and streams; when frames are looked for
 * (strict), more is asked than the protocol does. src/platform/http2_frame.c does the same.
 */
static __always_inline bool framing_header_valid(const struct framing_header *header, bool strict)
{
    bool on_stream = header->stream != 0, bad = false;
    __u8 flags = 0;

    switch (header->type) {
    case FRAME_DATA:
        flags = 0x09;
        bad = !on_stream;
        break;
    case FRAME_HEADERS:
        flags = 0x2d;
        bad = !on_stream;
        break;
    case FRAME_PRIORITY:
        bad = !on_stream || header->length != 5;
        break;
    case FRAME_RST_STREAM:
        bad = !on_stream || header->length != 4;
        break;
    case FRAME_SETTINGS:
        flags = 0x01;
        bad = on_stream || header->length % 6;
        break;
    case FRAME_PING:
        flags = 0x01;
        bad = on_stream || header->length != 8;
        break;
    case FRAME_GOAWAY:
        bad = on_stream || header->length < 8;
        break;
    case FRAME_WINDOW_UPDATE:
        bad = header->length != 4;
        break;
    case FRAME_CONTINUATION:
        flags = 0x04;
        bad = !on_stream;
        break;
    default:
        bad = strict || header->type > 0x1f;
    }
    if (!strict)
        return !bad;
    return !bad && !(header->flags & ~flags) &&
           (!on_stream || (header->stream & 0x80000001) == 1) &&
           (header->type == FRAME_DATA || header->length <= 65536);
}

static __always_inline void framing_header_read(const __u8 *bytes, struct framing_header *header)
{
    header->length = (__u32)bytes[0] << 16 | (__u32)bytes[1] << 8 | bytes[2];
    header->type = bytes[3];
    header->flags = bytes[4];
    header->stream =
        (__u32)bytes[5] << 24 | (__u32)bytes[6] << 16 | (__u32)bytes[7] << 8 | bytes[8];
}

static __always_inline struct framing_message *framing_message_of(struct framing *way)
{
    __u32 slot = way->slot;

    KEEP(slot);
    return &way->messages[slot & (FRAMING_MESSAGES - 1)];
}

/* A frame of data begins. Its stream's place may be taken by one that is amid a message. */
static __always_inline void framing_data(struct framing *way, const struct framing_header *header)
{
    struct framing_message *message;
    __u32 stream = header->stream & 0x7fffffff;

    way->slot = (stream >> 1) & (FRAMING_MESSAGES - 1);
    message = framing_message_of(way);
    way->state = FRAMING_PLAIN;
    if (message->stream != stream) {
        if (message->stream && !message->unknown && (message->have || message->left)) {
            way->crowded = 1;
            return;
        }
        message->stream = stream;
        message->unknown = way->crowded;
        message->have = 0;
        message->left = 0;
    }
    if (header->flags & FRAME_PADDED) { /* gRPC does not */
        message->unknown = 1;
        way->crowded = 1;
        return;
    }
    if (message->unknown) {
        message->have = 0;
        message->left = 0;
        if (header->length <= FRAMING_PREFIX_BYTES)
            return;
    }
    way->state = message->have < FRAMING_PREFIX_BYTES ? FRAMING_PREFIX : FRAMING_BODY;
}

/* A call begins or ends: of the former the messages' begins are known from now on. */
static __always_inline void framing_call(struct framing *way, const struct framing_header *header)
{
    struct framing_message *message;
    __u32 stream = header->stream & 0x7fffffff;

    way->slot = (stream >> 1) & (FRAMING_MESSAGES - 1);
    message = framing_message_of(way);
    if (header->type == FRAME_RST_STREAM || header->flags & FRAME_END_STREAM) {
        if (message->stream == stream)
            message->stream = 0;
    } else if (!message->stream ||
               (message->stream != stream && !message->have && !message->left)) {
        message->stream = stream;
        message->unknown = 0;
        message->have = 0;
        message->left = 0;
    }
}

static __always_inline void framing_expect_header(struct framing *way)
{
    way->state = FRAMING_HEADER;
    way->have = 0;
}

/* A frame's header is complete. */
static __always_inline void framing_frame(struct framing *way)
{
    struct framing_header header;

    framing_header_read(way->gathered, &header);
    if (!framing_header_valid(&header, way->trust < FRAMING_TRUSTED)) {
        framing_lose(way);
        return;
    }
    if (way->trust < FRAMING_TRUSTED)
        way->trust++;
    way->frame_left = header.length;
    way->state = FRAMING_OTHER;
    if (header.type == FRAME_DATA)
        framing_data(way, &header);
    else if (header.type == FRAME_RST_STREAM || header.type == FRAME_HEADERS)
        framing_call(way, &header);
    if (!way->frame_left)
        framing_expect_header(way);
}

/*
 * The prefix of a message is complete. Where the messages' begins are not known, one that fills
 * its frame exactly is taken for one.
 */
static __always_inline void framing_prefix(struct framing *way, struct framing_message *message)
{
    const __u8 *prefix = message->prefix;
    __u32 length =
        (__u32)prefix[1] << 24 | (__u32)prefix[2] << 16 | (__u32)prefix[3] << 8 | prefix[4];
    bool valid = prefix[0] <= 1 && length <= 0x7fffffff;

    message->seen = 0;
    if (message->unknown ? valid && length && length == way->frame_left : valid) {
        message->unknown = 0;
        message->left = length;
        message->have = length ? FRAMING_PREFIX_BYTES : 0;
    } else {
        way->crowded |= !message->unknown;
        message->unknown = 1;
        message->left = 0;
        message->have = 0;
    }
    way->state = message->unknown ? FRAMING_PLAIN : message->left ? FRAMING_BODY : FRAMING_PREFIX;
}

#endif
