/* SPDX-License-Identifier: Apache-2.0 */
#include "report/chrome_trace.h"
#include "report/summary.h"

/* What else the report knows of an import, under the report's own keys; what is usual is left out.
 */
static json_t *import_args(struct thaw_chrome *made, const json_t *module)
{
    static const char *const keys[] = {
        "id",     "parent",       "file",       "distribution", "owner",        "kind", "via",
        "status", "self_ns",      "gc_ns",      "retained_ns",  "cpu_ns",       "wait", "split",
        "faults", "memory_bytes", "disk_bytes", "read_bytes",   "opened_bytes", NULL,
    };
    json_t *args = thaw_values_object(&made->trace.values);

    thaw_trace_copy_all(&made->trace, args, module, keys);
    if (json_is_false(json_object_get(module, "timed")))
        thaw_trace_copy(&made->trace, args, module, "timed");
    if (json_is_true(json_object_get(module, "end_inferred")))
        thaw_trace_copy(&made->trace, args, module, "end_inferred");
    return args;
}

static void write_effect(struct thaw_chrome *made, const json_t *effect)
{
    static const char *const keys[] = {"module", "duration_ns", "error", "more", NULL};
    struct thaw_chrome_lane lane = {
        .pid = thaw_chrome_pid(made, thaw_summary_number(effect, "process")),
        .tid = thaw_summary_number(effect, "tid"),
    };
    const char *kind = thaw_trace_text(&made->trace, effect, "kind");
    const char *detail = thaw_trace_text(&made->trace, effect, "detail");
    json_t *args;

    if (!json_is_integer(json_object_get(effect, "time_ns")))
        return;
    args = thaw_values_object(&made->trace.values);
    thaw_trace_copy_all(&made->trace, args, effect, keys);
    thaw_chrome_instant(made, lane,
                        thaw_trace_format(&made->trace, "%s%s%s", kind, *detail ? " " : "", detail),
                        "effect", "t", thaw_trace_signed(effect, "time_ns"), args);
}

static void write_lane(struct thaw_chrome *made, const struct thaw_import_lane *lane)
{
    const struct thaw_import_lanes *lanes = &made->trace.lanes;
    struct thaw_chrome_lane place = {thaw_chrome_pid(made, lane->process), lane->tid};
    const json_t *effect;
    size_t number;

    if (lane->strand)
        place = thaw_chrome_new_lane(made, place.pid);
    thaw_chrome_describe_lane(made, place, thaw_trace_lane_name(&made->trace, lane),
                              place.tid == place.pid ? 0 : 1);
    for (size_t i = lane->first; i < lane->first + lane->count; i++) {
        const json_t *module = lanes->imports[lane->first + lanes->order[i]].node->module;

        thaw_chrome_stretch(made, place, thaw_trace_module_label(&made->trace, module), "import",
                            &lanes->times[lane->first + lanes->order[i]],
                            import_args(made, module));
        json_array_foreach(json_object_get(module, "effects"), number, effect)
        {
            write_effect(made, effect);
        }
    }
}

void thaw_chrome_imports(struct thaw_chrome *made)
{
    for (size_t i = 0; i < made->trace.lanes.count; i++)
        write_lane(made, &made->trace.lanes.items[i]);
}
