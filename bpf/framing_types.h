/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_FRAMING_TYPES_H
#define THAW_BPF_FRAMING_TYPES_H

/* The state of framing.h: what is kept of a connection, and of the call that is gone over. */
#include "emit.h"

enum {
    FRAMING_PREFACE_BYTES = 24,
    FRAMING_HEADER_BYTES = 9,
    FRAMING_PREFIX_BYTES = 5,
    /* Streams of a connection that may be amid a message at once; a worker uses one. */
    FRAMING_MESSAGES = 4,
    /* Headers in a row after which it is believed that they are some. */
    FRAMING_TRUSTED = 8,
    /* Frames, messages and buffers of a call that are gone over; each takes a step or some. */
    FRAMING_STEPS = 4096,

    /* Copied of each message. */
    FRAMING_HEAD_BYTES = 512,
    /* While a direction's first bytes come (functions, settings, reasons of a failure), more is. */
    FRAMING_GENEROUS_BYTES = 256 << 10,
    FRAMING_GENEROUS_HEAD_BYTES = 64 << 10,
    /* Copied of frames other than DATA, if they are no longer than this. */
    FRAMING_OTHER_BYTES = 256,
    /* Copied of each buffer whose frames can't be told. */
    FRAMING_PLAIN_BYTES = 4096,
    /* Copied of a call at most, beside headers and the begins of messages; the latter where all of
     * a connection is wanted. */
    FRAMING_CALL_BYTES = 64 << 10,
    FRAMING_WHOLE_CALL_BYTES = 256 << 10,
};

/* Kinds of frames, and flags. */
enum {
    FRAME_DATA = 0,
    FRAME_HEADERS = 1,
    FRAME_PRIORITY = 2,
    FRAME_RST_STREAM = 3,
    FRAME_SETTINGS = 4,
    FRAME_PING = 6,
    FRAME_GOAWAY = 7,
    FRAME_WINDOW_UPDATE = 8,
    FRAME_CONTINUATION = 9,
    FRAME_END_STREAM = 0x1,
    FRAME_PADDED = 0x8,
};

enum framing_state {
    FRAMING_LOST = 0, /* it isn't known where a frame begins */
    FRAMING_PREFACE,
    FRAMING_HEADER, /* within, or in front of, a frame's header */
    FRAMING_PREFIX, /* the same of a message's prefix, within DATA */
    FRAMING_BODY,   /* within a message */
    FRAMING_PLAIN,  /* within DATA whose messages can't be told apart */
    FRAMING_OTHER,  /* within another frame */
    FRAMING_NONE,   /* the connection has no frames at all: HTTP/1.1 */
};

struct framing_header {
    __u32 length;
    __u32 stream; /* with the reserved bit, as bit 31 */
    __u8 type;
    __u8 flags;
};

/* The message that a stream is in. */
struct framing_message {
    __u32 stream; /* 0: nobody's place */
    __u32 left;   /* bytes of it still to come */
    __u32 seen;   /* that have come */
    __u8 have;    /* bytes of its prefix that have come */
    __u8 unknown; /* it isn't known where a message begins */
    __u8 reserved[2];
    __u8 prefix[16]; /* 5; and room for what the verifier can't rule out */
};

/* One direction of a connection. */
struct framing {
    __u32 frame_left; /* bytes of the frame still to come */
    __u32 slot;       /* of its message */
    __u32 generous;   /* bytes that are still copied freely */
    __u32 untold;     /* bytes that the ring had no room for */
    __u8 state;
    __u8 have; /* bytes of the header or preface that have come */
    __u8 trust;
    __u8 crowded; /* a stream that has no place may be amid a message */
    __u8 reserved[4];
    __u8 gathered[64]; /* 24, the same */
    struct framing_message messages[FRAMING_MESSAGES];
};

/* A call's bytes being gone over; one a CPU. */
struct framing_walk {
    struct framing way;
    __u64 iov; /* the user's buffers: an array of iovecs, or 0 and a single one */
    __u64 buffers;
    __u64 buffer; /* the next */
    __u64 single;
    __u64 base; /* of what is left of the current buffer; 0: unreadable */
    __u32 left;
    __u32 moved;       /* bytes of the call that are left */
    __u32 plain_left;  /* of this buffer, to be copied where nothing better is known */
    __u32 copies_left; /* of this call */
    __u32 whole;       /* everything is wanted */
    __u32 at_begin;    /* of a buffer, and frames are looked for */
    __u32 urgent;      /* the reader is woken */
    __u32 reserved;
    struct thaw_kernel_socket_data record;
    __u8 room[THAW_KERNEL_SOCKET_BYTES]; /* for what the verifier can't rule out */
};

#endif
