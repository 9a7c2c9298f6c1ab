/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PLATFORM_WIRE_H
#define THAW_PLATFORM_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thaw/error.h"

/*
 * What passes between the bytes seen on a socket and the messages a platform sends over it.
 *
 * The caller opens one stream per connection, feeds it every send and receive call in order, and
 * gets messages through its consumer while feeding. The stream keeps no payload: bytes are held
 * only while the message they belong to is being read, at most THAW_WIRE_STREAM_MEMORY_BYTES per
 * connection, and everything in them is hostile.
 */

enum {
    THAW_WIRE_TEXT_BYTES = 512, /* longest text taken out of a message; longer ones are cut */
    THAW_WIRE_WORD_BYTES = 64,  /* longest trigger kind or exception type */
    THAW_WIRE_FUNCTIONS = 1024, /* most functions listed in one message */
    THAW_WIRE_STREAM_MEMORY_BYTES = 3 << 20, /* upper bound of what one stream may hold */
};

/*
 * One send or receive call that moved `length` bytes, of which the first `captured` were copied.
 * A call may also be fed as several chunks with the same times, each with its own hole at the end,
 * which lets the capture side copy the interesting parts of a long call.
 */
struct thaw_wire_chunk {
    uint64_t enter_ns; /* the call began */
    uint64_t exit_ns;  /* the call returned */
    bool outgoing;     /* sent by the observed process */
    const uint8_t *bytes;
    uint32_t captured; /* <= length */
    uint32_t length;
};

/* Bytes as they were on the wire: not terminated, not checked, bytes is NULL when absent. */
struct thaw_wire_text {
    const char *bytes;
    uint32_t length;
};

enum thaw_wire_status {
    THAW_WIRE_STATUS_NONE, /* the message carries none, or it was not seen */
    THAW_WIRE_STATUS_SUCCESS,
    THAW_WIRE_STATUS_FAILURE,
    THAW_WIRE_STATUS_CANCELLED,
};

/* One function that a message describes; any text may be absent. */
struct thaw_wire_function {
    struct thaw_wire_text name;
    struct thaw_wire_text function_id;
    struct thaw_wire_text directory;
    struct thaw_wire_text script;           /* the file it is in, as the message has it */
    char trigger[THAW_WIRE_WORD_BYTES + 1]; /* "httpTrigger"; letters and digits only; "" unknown */
};

/* Of a durable function: what an orchestrator was told, or whose activity was asked for. */
struct thaw_wire_durable {
    struct thaw_wire_text instance; /* id; bytes NULL: unknown, or no such message */
    bool unread;                    /* it is an orchestrator's, and its text could not be read */
    bool replaying;                 /* as the host said; the rest of an orchestrator's only */
    uint32_t events;                /* of its history */
    uint32_t scheduled;             /* of these: activities scheduled */
    uint32_t completed;             /* and completed, or failed */
};

/*
 * One message. Times are those of the system calls that carried it: a sent byte is dated by its
 * call's enter_ns, a received byte by its call's exit_ns.
 */
struct thaw_wire_message {
    const char
        *type; /* the platform's own name for it, "field-N" if unnamed, "unknown" if unseen */
    bool outgoing;
    bool truncated;  /* some of its bytes were not seen: facts below may be missing */
    bool unfinished; /* its end was never seen: last_byte_ns is that of the last part seen */
    bool last_byte_estimated; /* its end lay in bytes not copied, and was found by counting */
    bool default_indexing;    /* the worker leaves indexing to the host (Functions, model v1) */
    uint32_t stream_id;       /* stream within the connection, 0 where there are none */
    uint64_t first_byte_ns;
    uint64_t last_byte_ns;
    uint64_t bytes; /* length as announced, without framing */
    struct thaw_wire_text worker_id;
    struct thaw_wire_text request_id;
    struct thaw_wire_text function_id;
    struct thaw_wire_text invocation_id;
    struct thaw_wire_text directory;    /* the application's */
    struct thaw_wire_text trace_parent; /* of an invocation's request, unchecked */
    enum thaw_wire_status status;
    char exception_type[THAW_WIRE_WORD_BYTES + 1]; /* "NameError" of a failure, "" if unknown */
    const struct thaw_wire_function *functions;
    size_t function_count;
    struct thaw_wire_durable durable; /* of an invocation's request */
};

/*
 * Who gets the messages: embed it and reach your own struct from its address. Everything the
 * message points at is the stream's and is gone when the function returns. A negative return
 * ends the feed, which returns it.
 */
struct thaw_wire_consumer {
    int (*message)(struct thaw_wire_consumer *consumer, const struct thaw_wire_message *message,
                   struct thaw_error *error);
};

/* Is this connection the platform's? Once yes or no, it stays so. */
enum thaw_wire_verdict {
    THAW_WIRE_VERDICT_UNKNOWN,
    THAW_WIRE_VERDICT_YES,
    THAW_WIRE_VERDICT_NO, /* stop copying it: further chunks are ignored */
};

/* What was seen and what was lost. */
struct thaw_wire_counters {
    uint64_t chunks;
    uint64_t bytes;         /* moved by the calls, copied or not */
    uint64_t messages;      /* handed to the consumer */
    uint64_t truncated;     /* of these: with bytes not seen */
    uint64_t unfinished;    /* of these: without an end */
    uint64_t undecided;     /* messages that came before the verdict, or without one */
    uint64_t holes;         /* chunks of which not all was copied */
    uint64_t lost_sync;     /* times the framing was lost, holes and garbage alike */
    uint64_t malformed;     /* frames or messages that break their own rules */
    uint64_t skipped_bytes; /* passed over while the framing was lost */
    uint64_t evicted;       /* streams forgotten because a connection had too many */
    uint64_t memory_short;  /* messages shortened because memory was short */
};

struct thaw_platform;

/* A platform's decoder of one connection; the platform embeds it in its own struct. */
struct thaw_wire_stream {
    const struct thaw_platform *platform;
    struct thaw_wire_consumer *consumer;
    struct thaw_wire_counters counters;
    enum thaw_wire_verdict verdict;
};

/*
 * Opens the platform's decoder for a connection. from_start says that every byte since the
 * connection began will be fed; false means it was joined somewhere in the middle. The consumer
 * must outlive the stream. On success *ret_stream is the caller's, to be given to
 * thaw_wire_close(). Errors: -ENOTSUP (the platform has no wire), -ENOMEM.
 */
int thaw_wire_open(const struct thaw_platform *platform, bool from_start,
                   struct thaw_wire_consumer *consumer, struct thaw_wire_stream **ret_stream,
                   struct thaw_error *error);

/*
 * Decodes one call's bytes. Chunks of one direction come in the order of the calls; the chunk's
 * bytes are not needed afterwards. Bad bytes are counted, never an error.
 * Errors: -EINVAL (captured > length), or what the consumer returned.
 */
int thaw_wire_feed(struct thaw_wire_stream *stream, const struct thaw_wire_chunk *chunk,
                   struct thaw_error *error);

/*
 * The connection ended: hands over the messages whose end was never seen, as unfinished.
 * Errors: what the consumer returned.
 */
int thaw_wire_finish(struct thaw_wire_stream *stream, struct thaw_error *error);

/* Frees the stream (NULL is fine), silently. */
void thaw_wire_close(struct thaw_wire_stream *stream);

/* Whether the connection is the platform's, as far as its bytes tell by now. */
enum thaw_wire_verdict thaw_wire_verdict(const struct thaw_wire_stream *stream);

/* What was seen and lost so far; the address is good as long as the stream is. */
const struct thaw_wire_counters *thaw_wire_counters(const struct thaw_wire_stream *stream);

/* "success", "failure", "cancelled", or "" for none. */
const char *thaw_wire_status_name(enum thaw_wire_status status);

#endif
