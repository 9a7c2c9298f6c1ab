/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_EXPORT_ENDPOINT_H
#define THAW_EXPORT_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "export/families.h"
#include "thaw/error.h"

/*
 * The page that Prometheus asks for, GET /metrics, and GET /healthz (200 "ok", or 503 and why not).
 * By libmicrohttpd, in the caller's thread: bounded in connections, in time and in what it reads.
 */
struct thaw_endpoint;

struct thaw_endpoint_calls {
    void *context;
    int (*families)(void *context, struct thaw_families *ret, struct thaw_error *error);
    const char *(*unwell)(void *context); /* NULL: it is well */
};

/*
 * address: "127.0.0.1:9479", "[::1]:9479", ":9479" (all), "unix:/run/thaw/metrics" (a socket of
 * mode 0660); -EINVAL with what is wrong with it; what bind(2) fails with. Port 0 takes a free one.
 */
int thaw_endpoint_open(const char *address, const struct thaw_endpoint_calls *calls,
                       struct thaw_endpoint **ret, struct thaw_error *error);

/* Where it listens: "127.0.0.1:9479". */
const char *thaw_endpoint_address(const struct thaw_endpoint *endpoint);

/* To be served when readable, and every second. */
int thaw_endpoint_descriptor(const struct thaw_endpoint *endpoint);
void thaw_endpoint_serve(struct thaw_endpoint *endpoint);

uint64_t thaw_endpoint_requests(const struct thaw_endpoint *endpoint);
void thaw_endpoint_close(struct thaw_endpoint *endpoint); /* NULL is fine */

#endif
