/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_LINK_H
#define THAW_CAPTURE_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/platform.h"
#include "thaw/error.h"
#include "thaw/event.h"
#include "thaw/recording.h"

/*
 * The platform's link: connections whose bytes come from the kernel are decoded here and
 * forgotten; messages {type, ids, sizes, times} go to the recording.
 */
struct thaw_link;

/* What the link asks of whoever copies the bytes; all of it is best effort. */
struct thaw_link_control {
    void *context;
    /* The connection turned out to be a stranger's: its bytes need not be copied any more. */
    void (*ignore)(void *context, uint64_t socket);
    /* There are too many: this one is given up. */
    void (*forget)(void *context, uint64_t socket);
    /* From now on all of its bytes are needed, not only the begins of messages. */
    void (*copy_whole)(void *context, uint64_t socket);
    /* From now on only those again. */
    void (*copy_begins)(void *context, uint64_t socket);
};

/* writer must outlive the link. only: the platform that alone is looked for, NULL any. -ENOMEM. */
int thaw_link_open(struct thaw_recording_writer *writer, const struct thaw_platform *only,
                   const struct thaw_link_control *control, struct thaw_link **ret,
                   struct thaw_error *error);

/* The platform that alone is looked for, NULL any. */
const struct thaw_platform *thaw_link_only(const struct thaw_link *link);

/* A connect(2) of a traced process; stored once its connection is known to be a platform's. */
int thaw_link_connect(struct thaw_link *link, const struct thaw_kernel_connect *record,
                      struct thaw_error *error);

/* Bytes moved on a followed connection, already checked against the record's size. */
int thaw_link_data(struct thaw_link *link, const struct thaw_kernel_socket_data *record,
                   struct thaw_error *error);

/*
 * Connections of this process to this port are the platform's, and were there before: their bytes
 * begin somewhere in the middle.
 */
int thaw_link_expect(struct thaw_link *link, uint32_t pid, uint16_t port,
                     const struct thaw_platform *platform, struct thaw_error *error);

/* A worker's first answer to an invocation has been seen; not one of a worker that was warm. */
bool thaw_link_answered(const struct thaw_link *link);

/*
 * It is to live for as long as thaw runs: what is remembered is bounded, and thaw_link_tend() is
 * called once a second. That gives up connections that carry too many messages, whose decoding
 * would cost a busy worker, stores that as a loss of the process, and forgets those whose process
 * is gone.
 */
void thaw_link_live_long(struct thaw_link *link);
int thaw_link_tend(struct thaw_link *link, struct thaw_error *error);

/* Messages a second of one connection that are too many: at some 5 µs each 1 % of a CPU. */
#define THAW_LINK_MESSAGES_MOST 2000

/* Stores what is left (unfinished messages, losses of framing); the link takes nothing more. */
int thaw_link_finish(struct thaw_link *link, struct thaw_error *error);

void thaw_link_free(struct thaw_link *link); /* NULL is fine */

#endif
