/* SPDX-License-Identifier: Apache-2.0 */
#include "report/otlp.h"

const char *thaw_otlp_id_of(struct thaw_otlp *made, const struct thaw_otlp_trace *trace,
                            enum thaw_otlp_kind kind, uint64_t number)
{
    char id[THAW_OTLP_SPAN_ID_BYTES];

    thaw_otlp_span_id(id, made->seed, trace->id, kind, number);
    return thaw_trace_format(&made->trace, "%s", id);
}

void thaw_otlp_set_trace_id(struct thaw_otlp *made, struct thaw_otlp_trace *trace)
{
    char id[THAW_OTLP_TRACE_ID_BYTES];

    thaw_otlp_trace_id(id, made->seed, json_integer_value(json_object_get(trace->track, "id")));
    trace->id = thaw_trace_format(&made->trace, "%s", id);
}

/* What would be behind what 64 bits hold can't be said. */
static int64_t unix_of(const struct thaw_otlp *made, int64_t ns)
{
    int64_t unix_ns;

    return __builtin_add_overflow(ns, made->offset_ns, &unix_ns) ? 0 : unix_ns;
}

json_t *thaw_otlp_span(struct thaw_otlp *made, struct thaw_otlp_trace *trace, const char *id,
                       const char *parent, const char *name, int64_t start_ns, int64_t end_ns)
{
    return thaw_otlp_add_span(&made->trace.values, trace->spans,
                              &(struct thaw_otlp_span){
                                  .trace = trace->id,
                                  .id = id,
                                  .parent = parent,
                                  .name = name,
                                  .begin_unix_ns = unix_of(made, start_ns),
                                  .end_unix_ns = unix_of(made, end_ns),
                              });
}

void thaw_otlp_copy(struct thaw_otlp *made, json_t *object, enum thaw_attribute attribute,
                    const json_t *from, const char *key)
{
    struct thaw_values *values = &made->trace.values;
    const json_t *value = json_object_get(from, key);

    if (json_is_string(value))
        thaw_otlp_text(values, object, attribute, thaw_trace_text(&made->trace, from, key));
    else if (json_is_integer(value))
        thaw_otlp_number(values, object, attribute, json_integer_value(value));
    else if (json_is_boolean(value))
        thaw_otlp_boolean(values, object, attribute, json_is_true(value));
}
