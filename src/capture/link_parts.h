/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_LINK_PARTS_H
#define THAW_CAPTURE_LINK_PARTS_H

#define HASH_NONFATAL_OOM 1 /* HASH_ADD leaves the entry out, its table's pointer NULL */
#include <uthash.h>

#include "base/array.h"
#include "capture/instances.h"
#include "capture/link.h"
#include "platform/platform.h"

/* What a link is made of: shared by its files alone. */
struct thaw_link_connection {
    struct thaw_wire_consumer consumer; /* of the stream */
    struct thaw_link *link;
    struct thaw_wire_stream *stream; /* NULL: only its connect was seen, or a stranger's */
    uint64_t socket;
    uint64_t id; /* 0 until it is known to be a platform's */
    uint32_t pid;
    uint32_t tid;
    struct thaw_kernel_connect connect; /* header.time_ns 0: not seen */
    bool ignored;
    bool from_start;  /* its first answer is the worker's first */
    bool whole;       /* all of its bytes are asked for */
    bool first_whole; /* the same until its first request is there */
    bool asked;       /* that was: it is not expected again */
    uint64_t unsure;
    uint64_t messages; /* since the last look (thaw_link_tend()) */
    uint64_t used;     /* the link's clock at its last use */
    UT_hash_handle hh;
};

/* A connection that was there before the recording. */
struct thaw_link_expected {
    uint32_t pid;
    uint16_t port;
    const struct thaw_platform *platform;
};

struct thaw_link {
    struct thaw_recording_writer *writer;
    const struct thaw_platform *only; /* the one looked for, NULL any */
    struct thaw_link_control control;
    struct thaw_link_connection *connections;
    THAW_ARRAY(struct thaw_link_expected) expected;
    uint64_t next_id;
    uint64_t clock; /* records taken */
    uint64_t not_followed;
    uint64_t lost_sync;
    uint64_t lost_bytes;
    uint64_t unsure;
    uint64_t memory_short;
    uint64_t undecided;
    uint64_t unread_durable;
    uint64_t looked_ns;              /* at what they do */
    uint64_t cleared_ns;             /* of connections whose processes are gone */
    struct thaw_instances instances; /* of orchestrations */
    bool answered;
};

/* Takes a message of a connection: its stream's consumer. */
int thaw_link_consume(struct thaw_wire_consumer *consumer, const struct thaw_wire_message *message,
                      struct thaw_error *error);

/* Takes leave of what the connection was: it ended, or its socket's address is used anew. */
int thaw_link_end(struct thaw_link_connection *connection, struct thaw_error *error);

/* Its bytes are not wanted any more. */
void thaw_link_ignore(struct thaw_link_connection *connection);

#endif
