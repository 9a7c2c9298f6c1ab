/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/shown_text.h"
#include "report/summary.h"
#include "report/trace.h"
#include "report/writers.h"

/*
 * The text of `python -X importtime` (CPython's Python/import.c), which is of one process: the
 * headline's worker, else the one that imported longest. Its threads follow one another, each a
 * tree of its own. As in CPython's, what an import took is rounded up to microseconds, its own time
 * is the whole less what is below it (so a collection of garbage is in it), and one that failed is
 * a line like the others. CPython never tells of one that did not end: it has a mark, since its
 * times are only known to be at least these. What is deeper than any is its importer's own time. A
 * recording that is incomplete has a last line that says so: readers pass over lines of other
 * kinds, as a program's own words stand between these.
 */

enum { ns_per_us = 1000 };

struct listing {
    struct thaw_trace trace;
    uint64_t *below_ns; /* of each import, what is below it */
    FILE *stream;
};

/* What a line gives a meaning to: spaces at a name's start are its depth, bars its columns. */
static const char *name_of(struct listing *listing, const json_t *module)
{
    struct thaw_trace *trace = &listing->trace;
    const char *name =
        thaw_shown_without(&trace->arena, thaw_trace_module_name(trace, module), " |");

    trace->values.failed |= !name;
    return name ? name : "";
}

static uint64_t microseconds(uint64_t ns)
{
    return ns / ns_per_us + (ns % ns_per_us > 0);
}

static void write_line(const struct thaw_import_lanes *lanes, size_t place, void *context)
{
    struct listing *listing = context;
    const struct thaw_lane_import *import = &lanes->imports[place];
    const struct thaw_import_node *node = import->node;
    uint64_t below_ns = listing->below_ns[place];
    uint64_t own_ns = node->total_ns > below_ns ? node->total_ns - below_ns : 0;
    bool unfinished = !strcmp(thaw_trace_module_mark(node->module), "unfinished");

    if (import->depth >= THAW_TRACE_DEEPEST)
        return;
    if (import->parent != THAW_IMPORT_NONE)
        listing->below_ns[import->parent] += node->total_ns;
    fprintf(listing->stream, "import time: %9" PRIu64 " | %10" PRIu64 " | %*s%s%s\n",
            microseconds(own_ns), microseconds(node->total_ns), (int)(2 * import->depth), "",
            name_of(listing, node->module), unfinished ? "_(unfinished)" : "");
}

static int write_all(struct listing *listing, struct thaw_error *error)
{
    struct thaw_trace *trace = &listing->trace;
    const struct thaw_import_lane *main_lane = thaw_trace_main_lane(trace);
    const char *incomplete = thaw_trace_incomplete(trace);

    listing->below_ns = calloc(trace->lanes.tree.count + 1, sizeof(*listing->below_ns));
    if (!listing->below_ns)
        return thaw_error_memory(error);
    fputs("import time: self [us] | cumulative | imported package\n", listing->stream);
    for (size_t i = 0; i < trace->lanes.count; i++)
        if (trace->lanes.items[i].process == main_lane->process)
            thaw_import_lane_postorder(&trace->lanes, &trace->lanes.items[i], write_line, listing);
    if (*incomplete)
        fprintf(listing->stream, "thaw: %s\n", incomplete);
    free(listing->below_ns);
    return trace->values.failed ? thaw_error_memory(error)
                                : thaw_write_finish(listing->stream, error);
}

int thaw_write_importtime(const json_t *report, const struct thaw_report_options *options,
                          FILE *stream, struct thaw_error *error)
{
    struct listing listing = {.stream = stream};
    int code = thaw_trace_begin(&listing.trace, report, "importtime", error);

    (void)options;
    if (!code)
        code = write_all(&listing, error);
    thaw_trace_end(&listing.trace);
    return code;
}
