/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_EXPORT_ENDPOINT_H
#define THAW_EXPORT_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "export/families.h"
#include "thaw/error.h"

/*
 * The page that Prometheus asks for, GET /metrics, and GET /healthz (200 "ok", or 503 and why not).
 * By libmicrohttpd, loaded when first needed, in the caller's thread. Everything is bounded: 64
 * connections, 16 of an address, a request's head of 16 KiB, 5 s for a connection whatever it
 * sends or reads, the oldest ended after 1 s where all places are taken; a body is never read. A
 * page is given out again for 250 ms, so that asking often costs little.
 *
 * There is neither TLS nor a password: who can connect can read. In clusters a NetworkPolicy or a
 * proxy beside it decides that.
 */
struct thaw_endpoint;

/* Called while serving. What families fills in is used until serve returns. */
struct thaw_endpoint_calls {
    void *context;
    int (*families)(void *context, struct thaw_families *ret, struct thaw_error *error);
    const char *(*unwell)(void *context); /* one line why; it, or its result NULL: it is well */
};

/*
 * address: "127.0.0.1:9479", "[::1]:9479", ":9479" (all), "unix:/run/thaw/metrics" (see
 * listening.h); port 0 takes a free one. -EINVAL with what is wrong with it; what bind(2) fails
 * with; -ENOSYS: libmicrohttpd is not installed. A unix socket's file is unlinked by close.
 */
int thaw_endpoint_open(const char *address, const struct thaw_endpoint_calls *calls,
                       struct thaw_endpoint **ret, struct thaw_error *error);

/* Where it listens: "127.0.0.1:9479". */
const char *thaw_endpoint_address(const struct thaw_endpoint *endpoint);

/* Readable when there is something to serve, also when only time has passed. A serve is bounded and
 * waits for nobody. */
int thaw_endpoint_descriptor(const struct thaw_endpoint *endpoint);
void thaw_endpoint_serve(struct thaw_endpoint *endpoint);

uint64_t thaw_endpoint_requests(const struct thaw_endpoint *endpoint);
void thaw_endpoint_close(struct thaw_endpoint *endpoint); /* NULL is fine */

#endif
