/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PLATFORM_HTTP2_FRAME_H
#define THAW_PLATFORM_HTTP2_FRAME_H

#include <stdbool.h>
#include <stdint.h>

/* HTTP/2 frame headers: reading one, and telling one from other bytes. RFC 9113, sections 4.1, 6.
 */

enum {
    THAW_HTTP2_FRAME_DATA = 0x0,
    THAW_HTTP2_FRAME_HEADERS = 0x1,
    THAW_HTTP2_FRAME_RST_STREAM = 0x3,
    THAW_HTTP2_FRAME_SETTINGS = 0x4,
    THAW_HTTP2_FLAG_END_STREAM = 0x1,
    THAW_HTTP2_FLAG_PADDED = 0x8,
};

struct thaw_http2_frame {
    uint32_t length; /* of the payload, < 2^24 */
    uint8_t type;
    uint8_t flags;
    uint32_t stream_id; /* the reserved bit is kept, as bit 31 */
};

/* Reads the 9 bytes of a frame header. */
struct thaw_http2_frame thaw_http2_frame_read(const uint8_t *header);

/* May this frame come on a connection in sync? Unknown types may (section 4.1), broken ones not. */
bool thaw_http2_frame_is_valid(const struct thaw_http2_frame *frame);

/*
 * Would a gRPC peer send this frame? Stricter than validity, since it must tell frames from other
 * bytes: known types and flags only, and only streams near those known (highest_stream_id, 0 if
 * none is).
 */
bool thaw_http2_frame_is_plausible(const struct thaw_http2_frame *frame,
                                   uint32_t highest_stream_id);

/*
 * Do these bytes, those at hand of one call, read as a chain of plausible frame headers? The
 * end of the bytes ends the chain, wherever that is; at least one whole header is needed.
 */
bool thaw_http2_frame_chain(const uint8_t *bytes, uint32_t captured, uint32_t highest_stream_id);

#endif
