/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_EXPORT_OTLP_H
#define THAW_EXPORT_OTLP_H

#include <stddef.h>

#include <jansson.h>

#include "export/families.h"
#include "thaw/error.h"
#include "thaw/start.h"

/* OTLP/HTTP's JSON (https://opentelemetry.io/docs/specs/otlp/, 1.x) of what the daemon knows. */

/* What is said of the sender: semantic conventions' host.name, service.version … */
struct thaw_otlp_resource {
    const char *node; /* host.name, "" not told */
    const char *version;
};

/*
 * A trace of one start: a span for it, its phases and the imports from least_ns up as children. It
 * joins the request's trace where that is known; else its ids are made of the start itself, so that
 * the same start sent twice has the same ones. *ret is the body of a request to /v1/traces.
 * -ENOMEM.
 */
int thaw_otlp_start(const struct thaw_start *start, const struct thaw_otlp_resource *resource,
                    uint64_t least_ns, json_t **ret, struct thaw_error *error);

/* Several bodies of /v1/traces as one; takes nothing over. */
int thaw_otlp_batch(json_t *const *bodies, size_t count, json_t **ret, struct thaw_error *error);

/* The body of a request to /v1/metrics; counters and histograms are cumulative. */
int thaw_otlp_metrics(const struct thaw_families *families,
                      const struct thaw_otlp_resource *resource, json_t **ret,
                      struct thaw_error *error);

#endif
