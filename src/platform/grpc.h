/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PLATFORM_GRPC_H
#define THAW_PLATFORM_GRPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Takes one direction of one HTTP/2 stream apart into gRPC messages: a flag byte, four bytes of
 * length, that many bytes. Source: grpc/grpc doc/PROTOCOL-HTTP2.md, "Length-Prefixed-Message".
 *
 * Only a message's first THAW_GRPC_KEPT_BYTES are kept, and only up to its first hole; the rest is
 * counted, so that its end keeps its time. Memory grows with the bytes seen, never with those
 * announced.
 *
 * When a prefix falls into a hole the boundaries are lost. The message being read is then counted
 * down (its end is an estimate), and reading goes on where a DATA frame begins with a prefix and
 * bytes that the owner of the protocol finds plausible.
 */

enum {
    THAW_GRPC_PREFIX_BYTES = 5,
    THAW_GRPC_KEPT_BYTES = 65536, /* room for the metadata of about a hundred functions */
    THAW_GRPC_HEAD_BYTES = 96,    /* enough of a message to tell whether it is one */
};

/* Could bytes, the first captured of length, begin a message of this protocol? */
typedef bool thaw_grpc_plausible(const uint8_t *bytes, uint32_t captured, uint32_t length);

enum thaw_grpc_state {
    THAW_GRPC_PREFIX, /* within, or in front of, a prefix */
    THAW_GRPC_BODY,
    THAW_GRPC_LOST,
    THAW_GRPC_CANDIDATE, /* lost, gathering the head of what may be a message */
    THAW_GRPC_FOUND,     /* the head is one's; its message is opened next */
};

struct thaw_grpc_message {
    bool compressed;
    bool unfinished;          /* the end was not seen */
    bool last_byte_estimated; /* the end was found by counting over lost framing */
    bool memory_short;        /* less was kept than could have been */
    uint64_t length;
    uint64_t first_byte_ns; /* of the prefix */
    uint64_t last_byte_ns;
    const uint8_t *bytes; /* the part kept; the reader's, until it is called again */
    uint32_t captured;    /* its length, <= length */
};

struct thaw_grpc {
    enum thaw_grpc_state state;
    thaw_grpc_plausible *plausible;
    bool open; /* `message` is being read, or counted down */
    uint8_t have;
    uint8_t prefix[THAW_GRPC_PREFIX_BYTES];
    struct thaw_grpc_message message;
    uint64_t left; /* bytes of it still to come; an estimate while lost */
    uint8_t *kept;
    uint32_t kept_bytes;
    uint32_t kept_capacity;
    uint8_t head[THAW_GRPC_HEAD_BYTES]; /* of the candidate, with its prefix */
    uint8_t head_bytes;
    uint64_t head_first_ns;
    uint64_t head_last_ns;
};

/* A piece of DATA: the first captured of length bytes, with the time of the call behind it. */
struct thaw_grpc_slice {
    const uint8_t *bytes;
    uint32_t captured;
    uint32_t length;
    bool frame_start; /* first piece of its DATA frame */
    uint64_t time_ns;
};

enum thaw_grpc_result {
    THAW_GRPC_MORE,    /* the slice is used up */
    THAW_GRPC_MESSAGE, /* *ret_message is filled; call again with the same slice */
    THAW_GRPC_HOLE,    /* boundaries lost in a hole; the slice is used up */
    THAW_GRPC_BROKEN,  /* boundaries lost: no gRPC prefix where one must be; likewise */
};

/* A reader somewhere within a stream; thaw_grpc_free() it in the end. */
struct thaw_grpc thaw_grpc_reader(thaw_grpc_plausible *plausible);

/* The stream's first byte comes next. Has no effect on a reader that is in the middle of it. */
void thaw_grpc_begin(struct thaw_grpc *reader);

/* Reads on in the slice until one of the above. */
enum thaw_grpc_result thaw_grpc_next(struct thaw_grpc *reader, struct thaw_grpc_slice *slice,
                                     struct thaw_grpc_message *ret_message);

/*
 * The framing below was lost. frame_length is that of the last DATA frame (0 if none), from which
 * follows how many frame headers will be counted along with the rest of the open message.
 */
void thaw_grpc_lose(struct thaw_grpc *reader, uint32_t frame_length);

/*
 * The stream ended. True if a message was left without its end (then *ret_message is filled as
 * unfinished).
 */
bool thaw_grpc_finish(struct thaw_grpc *reader, struct thaw_grpc_message *ret_message);

/* Frees what the reader kept. */
void thaw_grpc_free(struct thaw_grpc *reader);

#endif
