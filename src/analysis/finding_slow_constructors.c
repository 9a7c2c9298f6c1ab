/* SPDX-License-Identifier: Apache-2.0 */
/* slow-constructors: libraries that work for long as soon as they are loaded. */
#include <string.h>

#include "analysis/findings.h"

#define LEAST_NS 5000000u /* most take microseconds */
#define LEAST_SHARE 0.02
#define FINDINGS_MOST 8

static bool can_find(const struct thaw_analysis *analysis)
{
    return thaw_finding_probed(analysis, "loader.dlopen");
}

static bool find(struct thaw_analysis *analysis)
{
    const struct thaw_timeline *timeline = analysis->timeline;
    size_t told = 0;

    for (size_t i = 0; i < timeline->module_count && told < FINDINGS_MOST; i++) {
        const struct thaw_module *module = &timeline->modules[i];
        uint64_t ns = module->parts[THAW_PART_CONSTRUCTORS].ns;
        struct thaw_finding *finding;

        if (!thaw_finding_counts(analysis, module) ||
            !thaw_finding_matters(analysis, ns, LEAST_NS, LEAST_SHARE))
            continue;
        finding = thaw_finding_add(analysis, &thaw_finding_slow_constructors.kind);
        if (!finding)
            return false;
        finding->title =
            thaw_finding_text(analysis, "libraries of %s take long to set themselves up",
                              module->name);
        finding->risk = "needs a look";
        finding->fix = "let the import wait for its first use; if the library starts threads, "
                       "allow it one (OPENBLAS_NUM_THREADS=1)";
        thaw_finding_about(analysis, finding, module);
        thaw_finding_evidence(
            analysis, finding,
            thaw_finding_text(analysis, "constructors took %.1f ms of the %.1f ms that are its own",
                              thaw_finding_ms(ns), thaw_finding_ms(module->self_ns)));
        told++;
    }
    return !analysis->memory->short_of_memory;
}

const struct thaw_finding_row thaw_finding_slow_constructors = {
    .kind =
        {
            .id = "slow-constructors",
            .severity = "note",
            .title = "a library works for long as soon as it is loaded",
            .needs = "the probe loader.dlopen, which sees libraries being loaded",
            .explanation =
                "A shared library may have code that runs as soon as it is loaded (constructors: "
                "C++ "
                "globals, thread pools, tables made at start). Mostly that takes microseconds; "
                "here "
                "it is milliseconds, before the module's own code begins.\n"
                "\n"
                "Saving: not predicted. All of it is saved where the module can be imported "
                "later.\n"
                "\n"
                "How to change it: import it when it is used (thaw explain lazy-import). BLAS "
                "libraries start a thread for each CPU: OPENBLAS_NUM_THREADS=1 or "
                "MKL_NUM_THREADS=1 "
                "in the environment keeps them from it. See the view `native` for the functions "
                "that "
                "were running.\n"
                "\n"
                "Risk: fewer threads make large matrix operations slower.",
        },
    .can_find = can_find,
    .find = find,
};
