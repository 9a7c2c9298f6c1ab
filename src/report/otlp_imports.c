/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "report/keys.h"
#include "report/otlp.h"
#include "report/summary.h"

/*
 * Imports as spans. A worker has a thousand, most of them of microseconds, and tracing systems are
 * paid by the span: those below a millisecond are counted only, unless they failed.
 */
enum { least_ns = 1000000, most_phases = 256 };

/* Of the trace: imports of its worker between its ends; of no other worker, but of processes that
 * have none, as the host that started it, where it is the report's headline. */
static bool is_of_trace(const struct thaw_otlp *made, const struct thaw_otlp_trace *trace,
                        const struct thaw_import_node *node)
{
    const struct thaw_interval *whole = &trace->phases.times[0];
    const json_t *tracks = json_object_get(made->trace.report, "tracks"), *track;
    size_t i;

    if ((int64_t)node->start_ns < whole->start_ns || (int64_t)node->start_ns >= whole->end_ns)
        return false;
    if (!trace->track || thaw_summary_number(trace->track, "process") == node->process)
        return true;
    if (trace->track != made->trace.track)
        return false;
    json_array_foreach(tracks, i, track)
    {
        if (thaw_summary_number(track, "process") == node->process)
            return false;
    }
    return true;
}

static bool is_shown(const struct thaw_import_node *node)
{
    return node->total_ns >= least_ns || !strcmp(thaw_key_string(node->module, "status"), "failed");
}

/* The innermost phase in which an import began: the last one in preorder that holds its start. */
static size_t phase_at(const struct thaw_otlp_trace *trace, const struct thaw_import_node *node)
{
    size_t found = 0;

    for (size_t i = 0; i < trace->phases.count && i < most_phases; i++) {
        const struct thaw_interval *times = &trace->phases.times[i];

        if (times->start_ns <= (int64_t)node->start_ns && (int64_t)node->start_ns < times->end_ns)
            found = i;
    }
    return found;
}

static const char *parent_of(struct thaw_otlp *made, const struct thaw_otlp_trace *trace,
                             const struct thaw_import_node *node, const char *const *ids)
{
    if (node->parent != THAW_IMPORT_NONE && ids[node->parent])
        return ids[node->parent];
    return thaw_otlp_id_of(made, trace, THAW_OTLP_PHASE, phase_at(trace, node));
}

static void add_span(struct thaw_otlp *made, struct thaw_otlp_trace *trace,
                     const struct thaw_import_node *node, const char *id, const char *parent)
{
    const json_t *module = node->module;
    const char *name = thaw_trace_module_name(&made->trace, module);
    json_t *span =
        thaw_otlp_span(made, trace, id, parent, thaw_trace_format(&made->trace, "import %s", name),
                       (int64_t)node->start_ns, (int64_t)(node->start_ns + node->total_ns));

    thaw_otlp_text(&made->trace.values, span, THAW_ATTRIBUTE_MODULE, name);
    thaw_otlp_copy(made, span, THAW_ATTRIBUTE_DISTRIBUTION, module, "distribution");
    thaw_otlp_copy(made, span, THAW_ATTRIBUTE_OWNER, module, "owner");
    thaw_otlp_copy(made, span, THAW_ATTRIBUTE_FILE_PATH, module, "path");
    thaw_otlp_copy(made, span, THAW_ATTRIBUTE_THREAD_ID, module, "tid");
    thaw_otlp_copy(made, span, THAW_ATTRIBUTE_STATUS, module, "status");
    thaw_otlp_copy(made, span, THAW_ATTRIBUTE_SELF, module, "self_ns");
    thaw_otlp_copy(made, span, THAW_ATTRIBUTE_RETAINED, module, "retained_ns");
    if (!node->timed)
        thaw_otlp_boolean(&made->trace.values, span, THAW_ATTRIBUTE_TIMED, false);
    if (!strcmp(thaw_key_string(module, "status"), "failed"))
        thaw_otlp_fail(&made->trace.values, span, "the import raised an exception");
}

int thaw_otlp_imports(struct thaw_otlp *made, struct thaw_otlp_trace *trace,
                      struct thaw_error *error)
{
    const struct thaw_import_tree *tree = &made->trace.lanes.tree;
    const char **ids = calloc(tree->count + 1, sizeof(*ids)); /* of the span an import is in */
    int64_t shown = 0, omitted = 0;

    if (!ids)
        return thaw_error_memory(error);
    for (size_t i = 0; i < tree->count; i++) {
        const struct thaw_import_node *node = &tree->nodes[i];
        const char *above = node->parent == THAW_IMPORT_NONE ? NULL : ids[node->parent];

        ids[i] = above;
        if (!is_of_trace(made, trace, node))
            continue;
        if (!is_shown(node)) {
            omitted++;
            continue;
        }
        ids[i] = thaw_otlp_id_of(made, trace, THAW_OTLP_IMPORT, node->id);
        add_span(made, trace, node, ids[i], parent_of(made, trace, node, ids));
        shown++;
    }
    thaw_otlp_number(&made->trace.values, trace->root, THAW_ATTRIBUTE_IMPORTS, shown + omitted);
    thaw_otlp_number(&made->trace.values, trace->root, THAW_ATTRIBUTE_IMPORTS_OMITTED, omitted);
    thaw_otlp_number(&made->trace.values, trace->root, THAW_ATTRIBUTE_IMPORTS_LEAST, least_ns);
    free(ids);
    return 0;
}
