/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_OTLP_H
#define THAW_REPORT_OTLP_H

#include "report/otlp_values.h"
#include "report/trace.h"
#include "report/trace_phases.h"

/* Spans of a report's cold starts being made (otlp_values.h). */
struct thaw_otlp {
    struct thaw_trace trace;
    int64_t offset_ns; /* from the report's clock to UNIX time */
    uint64_t seed;     /* of ids: of the recording */
};

/* One trace. */
struct thaw_otlp_trace {
    const json_t *track; /* NULL: the whole run, as no cold start was seen */
    struct thaw_trace_phases phases;
    const char *id;
    json_t *spans;
    json_t *root;
};

/* --- otlp_span.c: by the report's clock and ids --- */

/* 16 hexadecimal digits, the same for the same report. */
const char *thaw_otlp_id_of(struct thaw_otlp *made, const struct thaw_otlp_trace *trace,
                            enum thaw_otlp_kind kind, uint64_t number);

/* Sets id of a trace, 32 digits. */
void thaw_otlp_set_trace_id(struct thaw_otlp *made, struct thaw_otlp_trace *trace);

/* A span at the end of the trace; parent NULL: the root. */
json_t *thaw_otlp_span(struct thaw_otlp *made, struct thaw_otlp_trace *trace, const char *id,
                       const char *parent, const char *name, int64_t start_ns, int64_t end_ns);

/* An attribute: what the report has under key, a text that isn't empty, a number or a truth value.
 */
void thaw_otlp_copy(struct thaw_otlp *made, json_t *object, enum thaw_attribute attribute,
                    const json_t *from, const char *key);

/* --- otlp_imports.c: the imports of a trace. -ENOMEM --- */

int thaw_otlp_imports(struct thaw_otlp *made, struct thaw_otlp_trace *trace,
                      struct thaw_error *error);

#endif
