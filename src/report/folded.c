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

/* Deeper than CPython's limit of recursion lets imports be: what is below counts for the last one,
 * so that a report made to be deep does not make a file of gigabytes. */
enum { most_depth = 200, ns_per_us = 1000 };

struct folding {
    struct thaw_trace trace;
    const char **names; /* of each import */
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
    const char *stack[most_depth];
    size_t depth = 0;

    if (!us)
        return;
    while (imports[place].depth >= most_depth)
        place = imports[place].parent;
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

static void write_lane(struct folding *folding, const struct thaw_import_lane *lane)
{
    struct thaw_trace *trace = &folding->trace;
    const char *base = base_of(folding, lane);

    for (size_t i = lane->first; i < lane->first + lane->count; i++) {
        const struct thaw_import_node *node = trace->lanes.imports[i].node;

        folding->names[i] = module_frame(folding, node->module);
        write_stack(folding, base, i, "", node->self_ns);
        write_stack(folding, base, i, ";[garbage_collection]",
                    thaw_summary_number(node->module, "gc_ns"));
    }
}

static int write_all(struct folding *folding, struct thaw_error *error)
{
    struct thaw_trace *trace = &folding->trace;

    folding->names = calloc(trace->lanes.tree.count + 1, sizeof(*folding->names));
    if (!folding->names)
        return thaw_error_memory(error);
    for (size_t i = 0; i < trace->lanes.count; i++)
        write_lane(folding, &trace->lanes.items[i]);
    if (*thaw_trace_incomplete(trace))
        fputs("[incomplete_recording] 0\n", folding->stream);
    free(folding->names);
    return trace->values.failed ? thaw_error_memory(error)
                                : thaw_write_finish(folding->stream, error);
}

int thaw_write_folded(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                      struct thaw_error *error)
{
    struct folding folding = {.stream = stream};
    int code = thaw_trace_begin(&folding.trace, report, "folded", error);

    (void)options;
    if (!code)
        code = write_all(&folding, error);
    thaw_trace_end(&folding.trace);
    return code;
}
