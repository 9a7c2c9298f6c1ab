/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "export/otlp_body.h"
#include "platform/platform.h"
#include "report/otlp_values.h"

/*
 * A start as a trace. Ids are hashes of what makes a start one of its kind: where it was, whose it
 * was and when it began.
 */
struct trace {
    struct thaw_values values;
    const struct thaw_start *start;
    uint64_t seed;
    char id[THAW_OTLP_TRACE_ID_BYTES], root[THAW_OTLP_SPAN_ID_BYTES];
    json_t *spans;
};

static uint64_t seed_of(const struct thaw_start *start, const char *node)
{
    const char *const texts[] = {node, start->identity.container, start->identity.app};
    uint64_t seed =
        XXH3_64bits_withSeed(&start->begin_unix_ns, sizeof(start->begin_unix_ns), start->process);

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        seed = XXH3_64bits_withSeed(texts[i], strlen(texts[i]), seed);
    return seed;
}

/* So many hexadecimal digits that aren't all zeros: what came over a wire is not trusted. */
static bool is_id(const char *id, size_t digits)
{
    return strspn(id, "0123456789abcdef") == digits && !id[digits] && strspn(id, "0") < digits;
}

static bool has_trace(const struct thaw_start *start)
{
    return is_id(start->trace, sizeof(start->trace) - 1);
}

/* --- the resource: what started --- */

/* A function has its app's name, or its own with its app's before it (the conventions have it so
 * for Azure). A server of no platform is no function. */
static void describe_function(struct thaw_values *values, json_t *resource,
                              const struct thaw_start_identity *identity)
{
    const char *app = identity->app, *function = identity->function;
    const struct thaw_platform *platform = thaw_platforms_find(identity->platform);
    char name[512];

    if (!platform || platform->functions == THAW_FUNCTIONS_NONE)
        return;
    if (platform->functions == THAW_FUNCTIONS_SEVERAL && *function)
        snprintf(name, sizeof(name), "%s/%s", app, function);
    else
        snprintf(name, sizeof(name), "%s", *function ? function : app);
    thaw_otlp_text(values, resource, THAW_ATTRIBUTE_FAAS_NAME, name);
    thaw_otlp_text(values, resource, THAW_ATTRIBUTE_FAAS_INSTANCE,
                   *identity->container ? identity->container : identity->worker);
}

static json_t *resource_of(struct trace *trace, const struct thaw_otlp_resource *sender)
{
    struct thaw_values *values = &trace->values;
    const struct thaw_start_identity *identity = &trace->start->identity;
    json_t *resource = thaw_otlp_described(values);

    thaw_otlp_text(values, resource, THAW_ATTRIBUTE_SERVICE_NAME,
                   *identity->app ? identity->app : "unknown_service:python");
    thaw_otlp_text(values, resource, THAW_ATTRIBUTE_HOST_NAME, sender->node);
    thaw_otlp_text(values, resource, THAW_ATTRIBUTE_OS_TYPE, "linux");
    thaw_otlp_number(values, resource, THAW_ATTRIBUTE_PROCESS_PID, trace->start->process);
    thaw_otlp_program(values, resource, identity->program, identity->python);
    thaw_otlp_text(values, resource, THAW_ATTRIBUTE_PROCESS_CONTROL_GROUP, identity->control_group);
    thaw_otlp_text(values, resource, THAW_ATTRIBUTE_CONTAINER_ID, identity->container);
    thaw_otlp_text(values, resource, THAW_ATTRIBUTE_POD_UID, identity->pod);
    thaw_otlp_text(values, resource, THAW_ATTRIBUTE_UNIT, identity->unit);
    thaw_otlp_text(values, resource, THAW_ATTRIBUTE_START_HOST_NAME, identity->host_name);
    thaw_otlp_text(values, resource, THAW_ATTRIBUTE_DEPLOYMENT, identity->deployment);
    thaw_otlp_text(values, resource, THAW_ATTRIBUTE_PLATFORM, identity->platform);
    thaw_otlp_text(values, resource, THAW_ATTRIBUTE_FUNCTION, identity->function);
    thaw_otlp_text(values, resource, THAW_ATTRIBUTE_WORKER, identity->worker);
    describe_function(values, resource, identity);
    thaw_otlp_sender(values, resource, sender->version);
    return resource;
}

/* --- spans --- */

/* Instants since the start's begin, in UNIX time. */
static int64_t unix_of(const struct thaw_start *start, uint64_t ns)
{
    int64_t unix_ns;

    return __builtin_add_overflow(start->begin_unix_ns, ns, &unix_ns) ? INT64_MAX : unix_ns;
}

static uint64_t end_of(uint64_t begin_ns, uint64_t ns)
{
    uint64_t end;

    return __builtin_add_overflow(begin_ns, ns, &end) ? UINT64_MAX : end;
}

static void write_root(struct trace *trace)
{
    struct thaw_values *values = &trace->values;
    const struct thaw_start *start = trace->start;
    bool joins = has_trace(start) && is_id(start->span, sizeof(start->span) - 1);
    json_t *span = thaw_otlp_add_span(values, trace->spans,
                                      &(struct thaw_otlp_span){
                                          .trace = trace->id,
                                          .id = trace->root,
                                          .parent = joins ? start->span : NULL,
                                          .name = "cold start",
                                          .begin_unix_ns = start->begin_unix_ns,
                                          .end_unix_ns = start->end_unix_ns,
                                      });

    thaw_otlp_boolean(values, span, THAW_ATTRIBUTE_FAAS_COLD_START, true);
    thaw_otlp_boolean(values, span, THAW_ATTRIBUTE_ANSWERED, start->answered);
    thaw_otlp_boolean(values, span, THAW_ATTRIBUTE_FURTHER, start->further);
    thaw_otlp_number(values, span, THAW_ATTRIBUTE_TOTAL, (int64_t)start->total_ns);
    thaw_otlp_number(values, span, THAW_ATTRIBUTE_UNATTRIBUTED, (int64_t)start->unattributed_ns);
    thaw_otlp_boolean(values, span, THAW_ATTRIBUTE_COMPLETE, start->complete);
    thaw_otlp_text(values, span, THAW_ATTRIBUTE_INCOMPLETE, start->incomplete);
    thaw_otlp_number(values, span, THAW_ATTRIBUTE_IMPORTS, (int64_t)start->modules);
    thaw_otlp_number(values, span, THAW_ATTRIBUTE_IMPORTS_FAILED, (int64_t)start->modules_failed);
    thaw_otlp_number(values, span, THAW_ATTRIBUTE_IMPORTS_TIME, (int64_t)start->imports_ns);
    if (!start->answered)
        thaw_otlp_fail(values, span, *start->ended ? start->ended : "no first reply was seen");
}

static void phase_id(const struct trace *trace, size_t number,
                     char out[static THAW_OTLP_SPAN_ID_BYTES])
{
    thaw_otlp_span_id(out, trace->seed, trace->id, THAW_OTLP_PHASE, number + 1);
}

static void write_phase(struct trace *trace, size_t number)
{
    const struct thaw_start_phase *phase = &trace->start->phases[number];
    char id[THAW_OTLP_SPAN_ID_BYTES];
    json_t *span;

    phase_id(trace, number, id);
    span = thaw_otlp_add_span(&trace->values, trace->spans,
                              &(struct thaw_otlp_span){
                                  .trace = trace->id,
                                  .id = id,
                                  .parent = trace->root,
                                  .name = phase->name,
                                  .begin_unix_ns = unix_of(trace->start, phase->begin_ns),
                                  .end_unix_ns =
                                      unix_of(trace->start, end_of(phase->begin_ns, phase->ns)),
                              });
    thaw_otlp_boolean(&trace->values, span, THAW_ATTRIBUTE_COUNTED, phase->counted);
}

static bool is_shown(const struct thaw_start_import *import, uint64_t least_ns)
{
    return import->total_ns >= least_ns || import->failed;
}

/* The import that one is in, of those that are shown; the list is by begin, so that it is before.
 * 0: none, else its index + 1. */
static size_t shown_above(const struct thaw_start *start, size_t number, uint64_t least_ns)
{
    size_t above = start->imports[number].parent, below = number;

    while (above && above <= below && !is_shown(&start->imports[above - 1], least_ns)) {
        below = above - 1;
        above = start->imports[below].parent;
    }
    return above <= below ? above : 0;
}

/* The span of the phase that an import begins in, the root's where that is none. */
static void phase_at(const struct trace *trace, uint64_t ns,
                     char out[static THAW_OTLP_SPAN_ID_BYTES])
{
    const struct thaw_start *start = trace->start;

    for (size_t i = start->phase_count; i-- > 0;) {
        const struct thaw_start_phase *phase = &start->phases[i];

        if (phase->begin_ns <= ns && ns < end_of(phase->begin_ns, phase->ns)) {
            phase_id(trace, i, out);
            return;
        }
    }
    memcpy(out, trace->root, THAW_OTLP_SPAN_ID_BYTES);
}

static void write_import(struct trace *trace, size_t number, uint64_t least_ns)
{
    struct thaw_values *values = &trace->values;
    const struct thaw_start_import *import = &trace->start->imports[number];
    size_t above = shown_above(trace->start, number, least_ns);
    char id[THAW_OTLP_SPAN_ID_BYTES], parent[THAW_OTLP_SPAN_ID_BYTES], name[256];
    json_t *span;

    thaw_otlp_span_id(id, trace->seed, trace->id, THAW_OTLP_IMPORT, number);
    if (above)
        thaw_otlp_span_id(parent, trace->seed, trace->id, THAW_OTLP_IMPORT, above - 1);
    else
        phase_at(trace, import->begin_ns, parent);
    snprintf(name, sizeof(name), "import %s", import->name);
    span = thaw_otlp_add_span(
        values, trace->spans,
        &(struct thaw_otlp_span){
            .trace = trace->id,
            .id = id,
            .parent = parent,
            .name = name,
            .begin_unix_ns = unix_of(trace->start, import->begin_ns),
            .end_unix_ns = unix_of(trace->start, end_of(import->begin_ns, import->total_ns)),
        });
    thaw_otlp_text(values, span, THAW_ATTRIBUTE_MODULE, import->name);
    thaw_otlp_number(values, span, THAW_ATTRIBUTE_SELF, (int64_t)import->self_ns);
    if (import->failed)
        thaw_otlp_fail(values, span, "the import raised an exception");
}

static void write_imports(struct trace *trace, uint64_t least_ns)
{
    const struct thaw_start *start = trace->start;
    json_t *root = json_array_get(trace->spans, 0);
    uint64_t shown = 0;

    for (size_t i = 0; i < start->import_count; i++) {
        if (!is_shown(&start->imports[i], least_ns))
            continue;
        write_import(trace, i, least_ns);
        shown++;
    }
    thaw_otlp_number(&trace->values, root, THAW_ATTRIBUTE_IMPORTS_OMITTED,
                     start->modules > shown ? (int64_t)(start->modules - shown) : 0);
    thaw_otlp_number(&trace->values, root, THAW_ATTRIBUTE_IMPORTS_LEAST, (int64_t)least_ns);
}

int thaw_otlp_start(const struct thaw_start *start, const struct thaw_otlp_resource *resource,
                    uint64_t least_ns, struct thaw_otlp_body *ret, struct thaw_error *error)
{
    struct trace trace = {.start = start, .seed = seed_of(start, resource->node)};
    struct thaw_values *values = &trace.values;

    if (has_trace(start))
        memcpy(trace.id, start->trace, sizeof(trace.id));
    else
        thaw_otlp_trace_id(trace.id, trace.seed, 0);
    thaw_otlp_span_id(trace.root, trace.seed, trace.id, THAW_OTLP_PHASE, 0);
    trace.spans = thaw_values_array(values);
    write_root(&trace);
    for (size_t i = 0; i < start->phase_count; i++)
        write_phase(&trace, i);
    write_imports(&trace, least_ns);
    return thaw_otlp_body_make(values, "resourceSpans",
                               thaw_otlp_of_resource(values, resource_of(&trace, resource),
                                                     "scopeSpans", "spans", trace.spans,
                                                     resource->version),
                               ret, error);
}
