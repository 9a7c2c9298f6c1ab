/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_OTLP_H
#define THAW_REPORT_OTLP_H

#include "report/attributes.h"
#include "report/trace.h"
#include "report/trace_phases.h"

/*
 * Spans of a cold start being made, in the JSON form of OTLP: ids are hexadecimal, 64-bit numbers
 * are texts, enumerations are numbers.
 */
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

/* What an id is of; the first letters of its input. */
enum thaw_otlp_kind {
    THAW_OTLP_TRACE = 't',
    THAW_OTLP_PHASE = 'p', /* the first one is the root */
    THAW_OTLP_IMPORT = 'i',
    THAW_OTLP_INVOCATION = 'f',
};

/* --- otlp_span.c: spans and their attributes; NULL and absent values aren't set --- */

/* 16 hexadecimal digits, the same for the same report. */
const char *thaw_otlp_span_id(struct thaw_otlp *made, const struct thaw_otlp_trace *trace,
                              enum thaw_otlp_kind kind, uint64_t number);

/* Sets id of a trace, 32 digits. */
void thaw_otlp_set_trace_id(struct thaw_otlp *made, struct thaw_otlp_trace *trace);

/* A span at the end of the trace; parent NULL: the root. Its "attributes" are an empty list. */
json_t *thaw_otlp_span(struct thaw_otlp *made, struct thaw_otlp_trace *trace, const char *id,
                       const char *parent, const char *name, int64_t start_ns, int64_t end_ns);

/* Marks a span as failed. */
void thaw_otlp_fail(struct thaw_otlp *made, json_t *span, const char *message);

/* Attributes of an object that has a list "attributes": a text that isn't empty, a number, a truth
 * value; and what the report has under key, of any of these types. */
void thaw_otlp_text(struct thaw_otlp *made, json_t *object, enum thaw_attribute attribute,
                    const char *text);
void thaw_otlp_number(struct thaw_otlp *made, json_t *object, enum thaw_attribute attribute,
                      int64_t number);
void thaw_otlp_boolean(struct thaw_otlp *made, json_t *object, enum thaw_attribute attribute,
                       bool value);
void thaw_otlp_copy(struct thaw_otlp *made, json_t *object, enum thaw_attribute attribute,
                    const json_t *from, const char *key);

/* --- otlp_imports.c: the imports of a trace. -ENOMEM --- */

int thaw_otlp_imports(struct thaw_otlp *made, struct thaw_otlp_trace *trace,
                      struct thaw_error *error);

#endif
