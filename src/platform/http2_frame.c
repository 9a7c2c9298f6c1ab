/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "platform/http2.h"
#include "platform/http2_frame.h"

enum stream_rule { STREAM_ZERO, STREAM_SET, STREAM_ANY };

/* RFC 9113 section 6, one row per frame type. */
static const struct frame_rule {
    uint32_t least;
    uint32_t most;
    uint32_t multiple;
    uint8_t flags; /* those defined */
    enum stream_rule stream;
} rules[] = {
    [0x0] = {0, 0xffffff, 1, 0x09, STREAM_SET},  /* DATA */
    [0x1] = {0, 0xffffff, 1, 0x2d, STREAM_SET},  /* HEADERS */
    [0x2] = {5, 5, 1, 0x00, STREAM_SET},         /* PRIORITY */
    [0x3] = {4, 4, 1, 0x00, STREAM_SET},         /* RST_STREAM */
    [0x4] = {0, 0xffffff, 6, 0x01, STREAM_ZERO}, /* SETTINGS */
    [0x5] = {4, 0xffffff, 1, 0x0c, STREAM_SET},  /* PUSH_PROMISE */
    [0x6] = {8, 8, 1, 0x01, STREAM_ZERO},        /* PING */
    [0x7] = {8, 0xffffff, 1, 0x00, STREAM_ZERO}, /* GOAWAY */
    [0x8] = {4, 4, 1, 0x00, STREAM_ANY},         /* WINDOW_UPDATE */
    [0x9] = {0, 0xffffff, 1, 0x04, STREAM_SET},  /* CONTINUATION */
};

enum {
    RULE_COUNT = sizeof(rules) / sizeof(rules[0]),
    /* The registry of frame types ends at 0x10 so far; much beyond that it is hardly HTTP/2. */
    TYPE_MOST = 0x1f,
    /* For recognition only: control frames stay far below this, DATA need not. */
    CONTROL_MOST_BYTES = 65536,
    /* For recognition only: how far stream ids may have moved on while nothing was understood. */
    STREAM_ID_AHEAD = 256,
};

struct thaw_http2_frame thaw_http2_frame_read(const uint8_t *header)
{
    return (struct thaw_http2_frame){
        .length = (uint32_t)header[0] << 16 | (uint32_t)header[1] << 8 | header[2],
        .type = header[3],
        .flags = header[4],
        .stream_id = (uint32_t)header[5] << 24 | (uint32_t)header[6] << 16 |
                     (uint32_t)header[7] << 8 | header[8],
    };
}

bool thaw_http2_frame_is_valid(const struct thaw_http2_frame *frame)
{
    uint32_t stream_id = frame->stream_id & 0x7fffffff;
    const struct frame_rule *rule;

    if (frame->type >= RULE_COUNT)
        return frame->type <= TYPE_MOST;
    rule = &rules[frame->type];
    if (frame->length < rule->least || frame->length > rule->most || frame->length % rule->multiple)
        return false;
    if (frame->type == THAW_HTTP2_FRAME_DATA && (frame->flags & THAW_HTTP2_FLAG_PADDED) &&
        frame->length == 0)
        return false;
    return rule->stream == STREAM_ANY || (rule->stream == STREAM_SET) == (stream_id != 0);
}

bool thaw_http2_frame_is_plausible(const struct thaw_http2_frame *frame, uint32_t highest_stream_id)
{
    if (frame->type >= RULE_COUNT || !thaw_http2_frame_is_valid(frame))
        return false;
    if (frame->flags & ~rules[frame->type].flags || frame->stream_id >> 31)
        return false;
    if (frame->type != THAW_HTTP2_FRAME_DATA && frame->length > CONTROL_MOST_BYTES)
        return false;
    if (frame->type == THAW_HTTP2_FRAME_SETTINGS && (frame->flags & 1) && frame->length)
        return false; /* an acknowledgement is empty */
    if (frame->stream_id && frame->stream_id % 2 == 0)
        return false; /* pushed streams: never in gRPC */
    return !highest_stream_id || frame->stream_id <= highest_stream_id + STREAM_ID_AHEAD;
}

bool thaw_http2_frame_chain(const uint8_t *bytes, uint32_t captured, uint32_t highest_stream_id)
{
    uint64_t position = 0;
    size_t frames = 0;

    while (position + THAW_HTTP2_HEADER_BYTES <= captured) {
        struct thaw_http2_frame frame = thaw_http2_frame_read(bytes + position);

        if (!thaw_http2_frame_is_plausible(&frame, highest_stream_id))
            return false;
        frames++;
        position += THAW_HTTP2_HEADER_BYTES + (uint64_t)frame.length;
    }
    return frames > 0;
}
