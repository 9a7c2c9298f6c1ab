/* SPDX-License-Identifier: Apache-2.0 */
/* import-garbage: collections while the user's code is imported, when there is next to no garbage.
 */
#include <string.h>

#include "analysis/findings.h"

/* Below that nobody notices; apps with large packages spent 9 to 17 % of their imports on it
 * (pandas+numpy+requests; azure-storage-blob+identity+cosmos; CPython 3.11). */
#define LEAST_NS 3000000u
#define LEAST_SHARE 0.02

static bool can_find(const struct thaw_analysis *analysis)
{
    return thaw_finding_probed(analysis, "python.gc");
}

/* The first file of the user's that is imported; NULL: __main__ comes before it. */
static const struct thaw_module *users_file(const struct thaw_analysis *analysis)
{
    uint32_t process = analysis->memory->track->process;

    return strcmp(analysis->timeline->processes[process - 1].role, "worker")
               ? NULL
               : thaw_finding_first_of_app(analysis);
}

static bool is_within(const struct thaw_module *module, const struct thaw_module *outer)
{
    return module->tid == outer->tid && module->start_ns >= outer->start_ns &&
           module->start_ns - outer->start_ns <= outer->total_ns;
}

/* What switching it off in the user's file can reach: that file's own import and all within it. */
static bool is_reached(const struct thaw_analysis *analysis, const struct thaw_module *module,
                       const struct thaw_module *file)
{
    return thaw_finding_counts(analysis, module) && thaw_finding_is_apps(analysis, module) &&
           (!file || is_within(module, file));
}

static void tell(struct thaw_analysis *analysis, const struct thaw_module *file, uint64_t gc_ns,
                 uint64_t modules)
{
    const struct thaw_timeline *timeline = analysis->timeline;
    const struct thaw_timeline_process *process =
        &timeline->processes[analysis->memory->track->process - 1];
    uint64_t longest_ns = process->gc_longest_ns < gc_ns ? process->gc_longest_ns : gc_ns;
    struct thaw_finding *finding = thaw_finding_add(analysis, &thaw_finding_import_garbage.kind);

    if (!finding)
        return;
    finding->title = "garbage is collected while the app is imported";
    finding->confidence = "medium";
    finding->risk = "needs a look";
    finding->file = file ? file->file : "";
    finding->line = file ? 1 : 0;
    finding->fix = file
                       ? "import gc; gc.disable() as the file's first line, gc.enable() as its last"
                       : "import gc; gc.disable() as the program's first line, gc.enable() behind "
                         "its imports";
    thaw_finding_saves(analysis, finding, gc_ns, gc_ns - longest_ns, gc_ns);
    thaw_finding_evidence(analysis, finding,
                          thaw_finding_text(analysis,
                                            "collections took %.1f ms, in the imports of %llu "
                                            "modules",
                                            thaw_finding_ms(gc_ns), (unsigned long long)modules));
    thaw_finding_evidence(analysis, finding,
                          thaw_finding_text(analysis,
                                            "the longest took %.1f ms; that one may only come "
                                            "later instead",
                                            thaw_finding_ms(longest_ns)));
}

static bool find(struct thaw_analysis *analysis)
{
    const struct thaw_timeline *timeline = analysis->timeline;
    const struct thaw_module *file = users_file(analysis);
    uint64_t gc_ns = 0, modules = 0;

    for (size_t i = 0; i < timeline->module_count; i++) {
        const struct thaw_module *module = &timeline->modules[i];

        if (module->gc_ns && is_reached(analysis, module, file)) {
            gc_ns += module->gc_ns;
            modules++;
        }
    }
    if (thaw_finding_matters(analysis, gc_ns, LEAST_NS, LEAST_SHARE))
        tell(analysis, file, gc_ns, modules);
    return !analysis->memory->short_of_memory;
}

const struct thaw_finding_row thaw_finding_import_garbage = {
    .kind =
        {
            .id = "import-garbage",
            .severity = "warning",
            .title = "garbage is collected while the app is imported",
            .needs = "the probe python.gc, which sees the interpreter's garbage collector",
            .explanation =
                "Python looks for garbage each time a number of objects was made. Imports make "
                "very "
                "many objects and next to no garbage, so that these searches find nothing. They "
                "are "
                "told apart from the modules they happened to fall into.\n"
                "\n"
                "Saving: the time of all collections within the import of your first file, less "
                "the "
                "longest as the lower end: a full collection may only come a little later instead. "
                "Switching the collector off during the imports saved 17 % of the imports' CPU "
                "time "
                "in an app with pandas, numpy and requests, and 9 % in one with three Azure SDKs.\n"
                "\n"
                "How to change it: make `import gc; gc.disable()` the first line of that file and "
                "`gc.enable()` its last one. `gc.freeze()` before `gc.enable()` keeps later "
                "collections from going through the imported objects again.\n"
                "\n"
                "Risk: when one of the imports raises and something catches that, the collector "
                "stays "
                "off; put the imports into try: and gc.enable() into finally: where that can "
                "happen. "
                "Garbage in cycles that an import does make stays until the collector is on again.",
        },
    .can_find = can_find,
    .find = find,
};
