/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_EXPORT_OTLP_H
#define THAW_EXPORT_OTLP_H

#include <stddef.h>
#include <stdint.h>

#include "export/families.h"
#include "thaw/error.h"
#include "thaw/start.h"

/* OTLP/HTTP's JSON (https://opentelemetry.io/docs/specs/otlp/, 1.x) of what the daemon knows. */

/* What is said of the sender. */
struct thaw_otlp_resource {
    const char *node; /* host.name; of thaw's own metrics also service.instance.id; "" not told */
    const char *version; /* of thaw */
};

/* The body of a request, UTF-8 without a NUL in it (there is one behind it). */
struct thaw_otlp_body {
    char *text;
    size_t length;
};
void thaw_otlp_body_free(struct thaw_otlp_body *body); /* of a zeroed one is fine */

/*
 * A trace of one start, for /v1/traces: a span for it, its phases and the imports from least_ns up
 * as children, also shorter ones that failed. It joins the request's trace where that is known;
 * else its ids are made of the start itself, so that the same start sent twice has the same ones.
 * -ENOMEM.
 */
int thaw_otlp_start(const struct thaw_start *start, const struct thaw_otlp_resource *resource,
                    uint64_t least_ns, struct thaw_otlp_body *ret, struct thaw_error *error);

/*
 * Several bodies of thaw_otlp_start() as one, without reading what is in them; those that don't
 * begin and end as one does are left out, *ret_left_out of them. -ENOMEM.
 */
int thaw_otlp_batch(const struct thaw_otlp_body *bodies, size_t count, struct thaw_otlp_body *ret,
                    size_t *ret_left_out, struct thaw_error *error);

/*
 * For /v1/metrics: counters and histograms are cumulative. Names are those that OpenMetrics has for
 * the samples (thaw_cold_starts_total), units UCUM's. -ENOMEM.
 */
int thaw_otlp_metrics(const struct thaw_families *families,
                      const struct thaw_otlp_resource *resource, struct thaw_otlp_body *ret,
                      struct thaw_error *error);

#endif
