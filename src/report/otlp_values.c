/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "report/keys.h"
#include "report/otlp_values.h"

/* opentelemetry/proto/trace/v1/trace.proto. A cold start is no request of its own: as a span of
 * kind server it would be one more in everything that counts requests by spans. */
enum { span_kind_internal = 1, status_code_error = 2 };

json_t *thaw_otlp_whole(uint64_t number)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRIu64, number);
    return json_string(text);
}

void thaw_otlp_set_time(struct thaw_values *values, json_t *object, const char *key,
                        int64_t unix_ns)
{
    thaw_values_set(values, object, key, thaw_otlp_whole(unix_ns < 0 ? 0 : (uint64_t)unix_ns));
}

json_t *thaw_otlp_described(struct thaw_values *values)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set(values, object, "attributes", thaw_values_array(values));
    return object;
}

static void add(struct thaw_values *values, json_t *object, const char *name, const char *type,
                json_t *value)
{
    json_t *pair = thaw_values_object(values), *typed = thaw_values_object(values);

    thaw_values_set(values, typed, type, value);
    thaw_values_set(values, pair, "key", json_string(name));
    thaw_values_set(values, pair, "value", typed);
    thaw_values_append(values, json_object_get(object, "attributes"), pair);
}

void thaw_otlp_label(struct thaw_values *values, json_t *object, const char *name, const char *text)
{
    add(values, object, name, "stringValue", thaw_values_text(text));
}

void thaw_otlp_text(struct thaw_values *values, json_t *object, enum thaw_attribute attribute,
                    const char *text)
{
    if (text && *text)
        thaw_otlp_label(values, object, thaw_attribute_name(attribute), text);
}

void thaw_otlp_number(struct thaw_values *values, json_t *object, enum thaw_attribute attribute,
                      int64_t number)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRId64, number);
    add(values, object, thaw_attribute_name(attribute), "intValue", json_string(text));
}

void thaw_otlp_boolean(struct thaw_values *values, json_t *object, enum thaw_attribute attribute,
                       bool value)
{
    add(values, object, thaw_attribute_name(attribute), "boolValue", json_boolean(value));
}

void thaw_otlp_sender(struct thaw_values *values, json_t *object, const char *version)
{
    thaw_otlp_text(values, object, THAW_ATTRIBUTE_SDK_NAME, "thaw");
    thaw_otlp_text(values, object, THAW_ATTRIBUTE_SDK_LANGUAGE, "c");
    thaw_otlp_text(values, object, THAW_ATTRIBUTE_SDK_VERSION, version);
}

void thaw_otlp_program(struct thaw_values *values, json_t *object, const char *path,
                       const char *python)
{
    thaw_otlp_text(values, object, THAW_ATTRIBUTE_PROCESS_PATH, path);
    thaw_otlp_text(values, object, THAW_ATTRIBUTE_PROCESS_NAME, thaw_key_last_part(path));
    if (*python)
        thaw_otlp_text(values, object, THAW_ATTRIBUTE_RUNTIME_NAME, "cpython");
    thaw_otlp_text(values, object, THAW_ATTRIBUTE_RUNTIME_VERSION, python);
}

void thaw_otlp_trace_id(char out[static THAW_OTLP_TRACE_ID_BYTES], uint64_t seed, int64_t number)
{
    char input[32];
    int length = snprintf(input, sizeof(input), "%c%" PRId64, THAW_OTLP_TRACE, number);
    XXH128_hash_t hash = XXH3_128bits_withSeed(input, (size_t)length, seed);

    snprintf(out, THAW_OTLP_TRACE_ID_BYTES, "%016" PRIx64 "%016" PRIx64, (uint64_t)hash.high64,
             (uint64_t)hash.low64 | 1);
}

void thaw_otlp_span_id(char out[static THAW_OTLP_SPAN_ID_BYTES], uint64_t seed, const char *trace,
                       enum thaw_otlp_kind kind, uint64_t number)
{
    char input[96];
    int length = snprintf(input, sizeof(input), "%c%" PRIu64 " %s", (char)kind, number, trace);
    uint64_t hash = XXH3_64bits_withSeed(input, (size_t)length, seed);

    snprintf(out, THAW_OTLP_SPAN_ID_BYTES, "%016" PRIx64, hash ? hash : 1);
}

json_t *thaw_otlp_add_span(struct thaw_values *values, json_t *spans,
                           const struct thaw_otlp_span *span)
{
    json_t *made = thaw_values_object(values);
    int64_t begin = span->begin_unix_ns, end = span->end_unix_ns;

    thaw_values_set(values, made, "traceId", json_string(span->trace));
    thaw_values_set(values, made, "spanId", json_string(span->id));
    if (span->parent)
        thaw_values_set(values, made, "parentSpanId", json_string(span->parent));
    thaw_values_set(values, made, "name", thaw_values_text(span->name));
    thaw_values_set_number(values, made, "kind", span_kind_internal);
    thaw_otlp_set_time(values, made, "startTimeUnixNano", begin);
    thaw_otlp_set_time(values, made, "endTimeUnixNano", end > begin ? end : begin);
    thaw_values_set(values, made, "attributes", thaw_values_array(values));
    thaw_values_append(values, spans, made);
    return made;
}

void thaw_otlp_fail(struct thaw_values *values, json_t *span, const char *message)
{
    json_t *status = thaw_values_object(values);

    thaw_values_set_number(values, status, "code", status_code_error);
    thaw_values_set(values, status, "message", thaw_values_text(message));
    thaw_values_set(values, span, "status", status);
}

static json_t *scope_of(struct thaw_values *values, const char *version)
{
    json_t *scope = thaw_values_object(values);

    thaw_values_set(values, scope, "name", json_string("thaw"));
    if (*version)
        thaw_values_set(values, scope, "version", thaw_values_text(version));
    return scope;
}

json_t *thaw_otlp_of_resource(struct thaw_values *values, json_t *resource, const char *key,
                              const char *list_key, json_t *list, const char *version)
{
    json_t *object = thaw_values_object(values), *scoped = thaw_values_object(values),
           *scopes = thaw_values_array(values);

    thaw_values_set(values, scoped, "scope", scope_of(values, version));
    thaw_values_set(values, scoped, list_key, list);
    thaw_values_append(values, scopes, scoped);
    thaw_values_set(values, object, "resource", resource);
    thaw_values_set(values, object, key, scopes);
    thaw_values_set(values, object, "schemaUrl", json_string(thaw_attribute_schema));
    return object;
}
