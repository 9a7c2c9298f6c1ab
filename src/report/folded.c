/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>

#include "report/shown_text.h"
#include "report/summary.h"
#include "report/trace.h"
#include "report/writers.h"

/*
 * Folded stacks, as flame graph programs read them: what is above an import and itself, joined by
 * ';', then a space and its own time in microseconds; what would be 0 is left out. The first frames
 * are the process and, unless it is the main one, the thread. Collections of garbage that fell into
 * an import are a frame below it. Spaces in names are escaped: a number behind one would be taken
 * for a count. The form has no place for words, so an incomplete recording is a stack of its own.
 */

enum { ns_per_us = 1000 };

/* What a stack's line counts. */
struct own {
    uint64_t self_ns, garbage_ns;
};

struct folding {
    struct thaw_trace trace;
    const char **names; /* of each import */
    struct own *own;    /* of each import, with what is too deep to have a line */
    FILE *stream;
};

static const char *frame(struct folding *folding, const char *text)
{
    const char *safe = thaw_shown_without(&folding->trace.arena, text, " ;");

    folding->trace.values.failed |= !safe;
    return safe ? safe : "";
}

static void write_stack(struct folding *folding, const char *base, size_t place, const char *last,
                        uint64_t ns)
{
    const struct thaw_lane_import *imports = folding->trace.lanes.imports;
    uint64_t us = ns / ns_per_us + (ns % ns_per_us >= ns_per_us / 2);
    const char *stack[THAW_TRACE_DEEPEST];
    size_t depth = 0;

    if (!us)
        return;
    for (; place != THAW_IMPORT_NONE; place = imports[place].parent)
        stack[depth++] = folding->names[place];
    fputs(base, folding->stream);
    while (depth)
        fprintf(folding->stream, ";%s", stack[--depth]);
    fprintf(folding->stream, "%s %" PRIu64 "\n", last, us);
}

/* "worker-4117", and "thread-4130" where it isn't the main one. */
static const char *base_of(struct folding *folding, const struct thaw_import_lane *lane)
{
    struct thaw_trace *trace = &folding->trace;
    const json_t *process = thaw_trace_process(trace, lane->process);
    const char *role = frame(folding, thaw_trace_text(trace, process, "role"));
    const char *base = thaw_trace_format(trace, "%s-%" PRIu64, *role ? role : "process",
                                         thaw_summary_number(process, "pid"));

    if (lane->strand)
        return thaw_trace_format(trace, "%s;thread-%" PRIu64 ";stack-%" PRIu64, base, lane->tid,
                                 lane->strand);
    if (lane->tid != thaw_summary_number(process, "pid"))
        return thaw_trace_format(trace, "%s;thread-%" PRIu64, base, lane->tid);
    return base;
}

static const char *module_frame(struct folding *folding, const json_t *module)
{
    const char *name = frame(folding, thaw_trace_module_name(&folding->trace, module));
    const char *mark = thaw_trace_module_mark(module);

    return *mark ? thaw_trace_format(&folding->trace, "%s_(%s)", name, mark) : name;
}

static void sum_up(struct folding *folding, const struct thaw_import_lane *lane)
{
    const struct thaw_lane_import *imports = folding->trace.lanes.imports;

    for (size_t i = lane->first; i < lane->first + lane->count; i++)
        folding->own[i] = (struct own){
            .self_ns = imports[i].node->self_ns,
            .garbage_ns = thaw_summary_number(imports[i].node->module, "gc_ns"),
        };
    for (size_t i = lane->first + lane->count; i-- > lane->first;) {
        if (imports[i].depth < THAW_TRACE_DEEPEST)
            continue;
        folding->own[imports[i].parent].self_ns += folding->own[i].self_ns;
        folding->own[imports[i].parent].garbage_ns += folding->own[i].garbage_ns;
    }
}

static void write_lane(struct folding *folding, const struct thaw_import_lane *lane)
{
    const struct thaw_lane_import *imports = folding->trace.lanes.imports;
    const char *base = base_of(folding, lane);

    sum_up(folding, lane);
    for (size_t i = lane->first; i < lane->first + lane->count; i++) {
        if (imports[i].depth >= THAW_TRACE_DEEPEST)
            continue;
        folding->names[i] = module_frame(folding, imports[i].node->module);
        write_stack(folding, base, i, "", folding->own[i].self_ns);
        write_stack(folding, base, i, ";[garbage_collection]", folding->own[i].garbage_ns);
    }
}

static int write_all(struct folding *folding, struct thaw_error *error)
{
    struct thaw_trace *trace = &folding->trace;

    for (size_t i = 0; i < trace->lanes.count; i++)
        write_lane(folding, &trace->lanes.items[i]);
    if (*thaw_trace_incomplete(trace))
        fputs("[incomplete_recording] 0\n", folding->stream);
    return trace->values.failed ? thaw_error_memory(error)
                                : thaw_write_finish(folding->stream, error);
}

int thaw_write_folded(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                      struct thaw_error *error)
{
    struct folding folding = {.stream = stream};
    int code = thaw_trace_begin(&folding.trace, report, "folded", error);

    (void)options;
    folding.names = calloc(folding.trace.lanes.tree.count + 1, sizeof(*folding.names));
    folding.own = calloc(folding.trace.lanes.tree.count + 1, sizeof(*folding.own));
    if (!code)
        code = folding.names && folding.own ? write_all(&folding, error) : thaw_error_memory(error);
    free(folding.own);
    free(folding.names);
    thaw_trace_end(&folding.trace);
    return code;
}
