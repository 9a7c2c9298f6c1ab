/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>
#include <xxhash.h>

#include "report/otlp.h"

/* opentelemetry/proto/trace/v1/trace.proto */
enum { span_kind_internal = 1, status_code_error = 2 };

/* An id of zeros is none. */
const char *thaw_otlp_span_id(struct thaw_otlp *made, const struct thaw_otlp_trace *trace,
                              enum thaw_otlp_kind kind, uint64_t number)
{
    char input[96];
    int length = snprintf(input, sizeof(input), "%c%" PRIu64 " %s", (char)kind, number, trace->id);
    uint64_t hash = XXH3_64bits_withSeed(input, (size_t)length, made->seed);

    return thaw_trace_format(&made->trace, "%016" PRIx64, hash ? hash : 1);
}

void thaw_otlp_set_trace_id(struct thaw_otlp *made, struct thaw_otlp_trace *trace)
{
    char input[32];
    int length = snprintf(input, sizeof(input), "%c%" JSON_INTEGER_FORMAT, THAW_OTLP_TRACE,
                          json_integer_value(json_object_get(trace->track, "id")));
    XXH128_hash_t hash = XXH3_128bits_withSeed(input, (size_t)length, made->seed);

    trace->id = thaw_trace_format(&made->trace, "%016" PRIx64 "%016" PRIx64, (uint64_t)hash.high64,
                                  (uint64_t)hash.low64 | 1);
}

/* What would be before 1970 or behind what 64 bits hold can't be said. */
static void set_time(struct thaw_otlp *made, json_t *span, const char *key, int64_t ns)
{
    int64_t unix_ns;

    if (__builtin_add_overflow(ns, made->offset_ns, &unix_ns) || unix_ns < 0)
        unix_ns = 0;
    thaw_trace_set(&made->trace, span, key, thaw_trace_format(&made->trace, "%" PRId64, unix_ns));
}

json_t *thaw_otlp_span(struct thaw_otlp *made, struct thaw_otlp_trace *trace, const char *id,
                       const char *parent, const char *name, int64_t start_ns, int64_t end_ns)
{
    struct thaw_values *values = &made->trace.values;
    json_t *span = thaw_values_object(values);

    thaw_trace_set(&made->trace, span, "traceId", trace->id);
    thaw_trace_set(&made->trace, span, "spanId", id);
    if (parent)
        thaw_trace_set(&made->trace, span, "parentSpanId", parent);
    thaw_trace_set(&made->trace, span, "name", name);
    thaw_values_set_number(values, span, "kind", span_kind_internal);
    set_time(made, span, "startTimeUnixNano", start_ns);
    set_time(made, span, "endTimeUnixNano", end_ns > start_ns ? end_ns : start_ns);
    thaw_values_set(values, span, "attributes", thaw_values_array(values));
    thaw_values_append(values, trace->spans, span);
    return span;
}

void thaw_otlp_fail(struct thaw_otlp *made, json_t *span, const char *message)
{
    json_t *status = thaw_values_object(&made->trace.values);

    thaw_values_set_number(&made->trace.values, status, "code", status_code_error);
    thaw_trace_set(&made->trace, status, "message", message);
    thaw_values_set(&made->trace.values, span, "status", status);
}

static void add(struct thaw_otlp *made, json_t *object, enum thaw_attribute attribute,
                const char *type, json_t *value)
{
    struct thaw_values *values = &made->trace.values;
    json_t *pair = thaw_values_object(values), *typed = thaw_values_object(values);

    thaw_values_set(values, typed, type, value);
    thaw_trace_set(&made->trace, pair, "key", thaw_attribute_name(attribute));
    thaw_values_set(values, pair, "value", typed);
    thaw_values_append(values, json_object_get(object, "attributes"), pair);
}

void thaw_otlp_text(struct thaw_otlp *made, json_t *object, enum thaw_attribute attribute,
                    const char *text)
{
    if (text && *text)
        add(made, object, attribute, "stringValue", json_string(text));
}

void thaw_otlp_number(struct thaw_otlp *made, json_t *object, enum thaw_attribute attribute,
                      int64_t number)
{
    add(made, object, attribute, "intValue",
        json_string(thaw_trace_format(&made->trace, "%" PRId64, number)));
}

void thaw_otlp_boolean(struct thaw_otlp *made, json_t *object, enum thaw_attribute attribute,
                       bool value)
{
    add(made, object, attribute, "boolValue", json_boolean(value));
}

void thaw_otlp_copy(struct thaw_otlp *made, json_t *object, enum thaw_attribute attribute,
                    const json_t *from, const char *key)
{
    const json_t *value = json_object_get(from, key);

    if (json_is_string(value))
        thaw_otlp_text(made, object, attribute, thaw_trace_text(&made->trace, from, key));
    else if (json_is_integer(value))
        thaw_otlp_number(made, object, attribute, json_integer_value(value));
    else if (json_is_boolean(value))
        thaw_otlp_boolean(made, object, attribute, json_is_true(value));
}
