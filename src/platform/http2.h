/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PLATFORM_HTTP2_H
#define THAW_PLATFORM_HTTP2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Takes one direction of an HTTP/2 connection apart into the DATA of its streams, from bytes cut
 * anywhere and with holes in them. Header blocks are passed over (no HPACK), so nothing is
 * allocated and the state has a fixed size. Source: RFC 9113, sections 3.4, 4.1 and 6.
 *
 * A hole inside a payload is harmless. A frame header in a hole loses the framing; the reader then
 * tries again at each following input that starts one call's bytes (a sender begins most calls with
 * a frame) and goes on where these bytes read as a chain of plausible frame headers.
 */

#define THAW_HTTP2_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

enum {
    THAW_HTTP2_PREFACE_BYTES = 24,
    THAW_HTTP2_HEADER_BYTES = 9,
};

enum thaw_http2_state {
    THAW_HTTP2_START,          /* nothing seen yet: a preface or a frame must come */
    THAW_HTTP2_PREFACE_PART,   /* within the preface */
    THAW_HTTP2_HEADER,         /* within, or in front of, a frame header */
    THAW_HTTP2_PADDING_LENGTH, /* at the first payload byte of a padded DATA frame */
    THAW_HTTP2_DATA,           /* within the data of a DATA frame */
    THAW_HTTP2_SKIP,           /* within padding or a payload of no interest */
    THAW_HTTP2_LOST,
    THAW_HTTP2_FOREIGN, /* not HTTP/2 from its first byte on */
};

struct thaw_http2 {
    enum thaw_http2_state state;
    bool first_frame_due; /* the connection's first frame is still to come */
    bool frame_started;   /* some of this frame's data was delivered */
    uint8_t have;         /* bytes of the preface or the header read so far */
    uint8_t header[THAW_HTTP2_HEADER_BYTES];
    uint8_t type;
    uint8_t flags;
    uint32_t stream_id;
    uint32_t frame_length;
    uint32_t data_left; /* of the DATA frame's data */
    uint32_t skip_left; /* of padding or other payload */
    uint32_t highest_stream_id;
};

/* What is left of one call's bytes; make it with thaw_http2_input(). */
struct thaw_http2_input {
    const uint8_t *bytes;
    uint32_t captured; /* <= length; the rest is a hole */
    uint32_t length;
    bool call_start; /* nothing of the call has been read yet */
};

enum thaw_http2_event_kind {
    THAW_HTTP2_EVENT_OPEN,    /* HEADERS on stream_id */
    THAW_HTTP2_EVENT_DATA,    /* a piece of data, at least one byte */
    THAW_HTTP2_EVENT_RESET,   /* RST_STREAM on stream_id */
    THAW_HTTP2_EVENT_LOST,    /* framing lost; `length` bytes, a header's begun included, are passed
                                 over */
    THAW_HTTP2_EVENT_SKIPPED, /* still lost; likewise */
    THAW_HTTP2_EVENT_FOREIGN, /* this is no HTTP/2 connection; told once per input */
};

struct thaw_http2_event {
    enum thaw_http2_event_kind kind;
    uint32_t stream_id;
    bool end_stream;  /* OPEN: these are trailers, the stream ends */
    bool frame_start; /* DATA: first piece of its frame */
    bool malformed;   /* LOST: broken by a frame that cannot be, not by a hole */
    const uint8_t *bytes;
    uint32_t captured; /* DATA: bytes at hand, the rest of length is a hole */
    uint32_t length;
    uint32_t frame_length; /* DATA: the whole frame's payload */
};

/* A reader at the start of a connection (from_start), or somewhere within one. */
struct thaw_http2 thaw_http2_reader(bool from_start);

/* One call's bytes, of which the first captured are at hand. */
struct thaw_http2_input thaw_http2_input(const uint8_t *bytes, uint32_t captured, uint32_t length);

/*
 * Reads on until there is an event (true, *ret_event is filled) or the input is used up (false).
 * ret_event->bytes points into the input.
 */
bool thaw_http2_next(struct thaw_http2 *reader, struct thaw_http2_input *input,
                     struct thaw_http2_event *ret_event);

#endif
