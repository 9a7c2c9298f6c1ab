/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PLATFORM_HTTP1_H
#define THAW_PLATFORM_HTTP1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Takes one direction of an HTTP/1.1 connection apart into messages, from bytes cut anywhere and
 * with holes in them. Source: RFC 9112, sections 2 to 7.
 *
 * Not a library's parser (llhttp, http-parser, picohttpparser): those want every byte, stop for
 * good at the first one that is missing, and check what is not ours to check. This one only
 * observes: the start line and the header lines as they are, where the body ends, and times.
 *
 * The state has a fixed size: a head is kept up to THAW_HTTP1_HEAD_BYTES, a body up to
 * THAW_HTTP1_BODY_BYTES. A hole inside a body is harmless. A hole in a head, or a longer head,
 * loses the end of its message: it lasts until a call's bytes begin with a start line again, and
 * its last byte is an estimate.
 */

enum {
    THAW_HTTP1_HEAD_BYTES = 4096,
    THAW_HTTP1_BODY_BYTES = 4096,
};

enum thaw_http1_state {
    THAW_HTTP1_START, /* in front of a start line */
    THAW_HTTP1_HEAD,
    THAW_HTTP1_BODY,       /* `left` bytes of it are to come */
    THAW_HTTP1_CHUNK_SIZE, /* within the line before a chunk, or after one */
    THAW_HTTP1_CHUNK,
    THAW_HTTP1_TRAILER,
    THAW_HTTP1_TO_THE_END, /* a body without a length ends with the connection */
    THAW_HTTP1_LOST,
    THAW_HTTP1_FOREIGN, /* not HTTP/1.1 from its first byte on */
};

struct thaw_http1_message {
    const char *head; /* without the empty line, NUL-terminated; as body the reader's, until it is
                         called again */
    uint32_t head_bytes;
    bool head_cut; /* header lines may be missing */
    const uint8_t *body;
    uint32_t body_kept;  /* of body_bytes */
    uint64_t body_bytes; /* as far as seen */
    uint64_t bytes;      /* of the whole message, as far as seen */
    bool unfinished;     /* its end was not seen */
    bool last_byte_estimated;
    uint64_t first_byte_ns;
    uint64_t last_byte_ns;
};

struct thaw_http1 {
    enum thaw_http1_state state;
    bool told;           /* the head at hand was told of */
    bool line_empty;     /* of a trailer */
    uint8_t size_digits; /* of a chunk's size */
    bool size_over;      /* its digits are */
    bool last_chunk;     /* its size is 0 */
    uint64_t left;       /* of the body or the chunk */
    struct thaw_http1_message message;
    char head[THAW_HTTP1_HEAD_BYTES + 1];
    uint8_t body[THAW_HTTP1_BODY_BYTES];
};

/* What is left of one call's bytes. */
struct thaw_http1_input {
    const uint8_t *bytes;
    uint32_t captured; /* <= length; the rest is a hole */
    uint32_t length;
    bool call_start; /* nothing of the call has been read yet */
    uint64_t time_ns;
};

enum thaw_http1_result {
    THAW_HTTP1_MORE,    /* the input is used up */
    THAW_HTTP1_HEADED,  /* a head is there; its message follows when it is over */
    THAW_HTTP1_MESSAGE, /* a message is over */
    THAW_HTTP1_LOSS,    /* the end of the message at hand was lost; with its head, if that is cut */
    THAW_HTTP1_STRANGE, /* this is not HTTP/1.x: nothing more is read */
};

/* A text within a message, not terminated. */
struct thaw_http1_text {
    const char *bytes; /* NULL: not there */
    size_t length;
};

/* Puts the reader in front of a message, or (from_start false) somewhere within one. */
void thaw_http1_begin(struct thaw_http1 *reader, bool from_start);

/* Reads on in the input until one of the above; *ret_message is filled for all but MORE. */
enum thaw_http1_result thaw_http1_next(struct thaw_http1 *reader, struct thaw_http1_input *input,
                                       struct thaw_http1_message *ret_message);

/*
 * The connection ended. True if a message was under way; then *ret_message is filled, unfinished
 * unless the connection's end is its own.
 */
bool thaw_http1_finish(struct thaw_http1 *reader, struct thaw_http1_message *ret_message);

/* The start line's word number index (0 to 2) as RFC 9112 section 3 and 4 have them. */
struct thaw_http1_text thaw_http1_start_word(const struct thaw_http1_message *message,
                                             unsigned index);

/* The value of the first header line of that name, without the spaces around it. */
struct thaw_http1_text thaw_http1_header(const struct thaw_http1_message *message,
                                         const char *name);

#endif
