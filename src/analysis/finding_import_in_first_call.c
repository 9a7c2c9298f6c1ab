/* SPDX-License-Identifier: Apache-2.0 */
/* import-in-first-call: a large import that the first request waits for. */
#include <string.h>

#include "analysis/findings.h"

/* An import that was put into a function on purpose is no fault: told only where the first caller
 * mostly waits for it, and for long. */
#define LEAST_NS 100000000u
#define LEAST_SHARE 0.3 /* of the call */

static bool can_find(const struct thaw_analysis *analysis)
{
    const struct thaw_timeline *timeline = analysis->timeline;

    for (size_t i = 0; i < timeline->invocation_count; i++)
        if (timeline->invocations[i].track == analysis->memory->track->id)
            return true;
    return false;
}

/* The one that the headline's track ends with; NULL: it was not answered. */
static const struct thaw_invocation *first_call(const struct thaw_analysis *analysis)
{
    const struct thaw_timeline *timeline = analysis->timeline;

    for (size_t i = 0; i < timeline->invocation_count; i++) {
        const struct thaw_invocation *call = &timeline->invocations[i];

        if (call->track == analysis->memory->track->id && call->cold)
            return call->end_ns ? call : NULL;
    }
    return NULL;
}

/* What the call itself asked for, not what that asked for in turn. */
static bool is_asked_by_call(const struct thaw_analysis *analysis,
                             const struct thaw_invocation *call, const struct thaw_module *module)
{
    const struct thaw_timeline *timeline = analysis->timeline;

    return module->timed && module->process == analysis->memory->track->process &&
           module->start_ns >= call->start_ns && module->start_ns < call->end_ns &&
           (!module->parent || timeline->modules[module->parent - 1].start_ns < call->start_ns) &&
           strcmp(module->owner, "worker") != 0;
}

static void tell(struct thaw_analysis *analysis, const struct thaw_invocation *call,
                 const struct thaw_module *dearest, uint64_t imports_ns)
{
    const struct thaw_timeline *timeline = analysis->timeline;
    struct thaw_finding *finding =
        thaw_finding_add(analysis, &thaw_finding_import_in_first_call.kind);

    if (!finding)
        return;
    finding->title =
        *call->function
            ? thaw_finding_text(analysis, "the first call of %s() waits for the import of %s",
                                call->function, dearest->name)
            : thaw_finding_text(analysis, "the first call waits for the import of %s",
                                dearest->name);
    finding->confidence = "medium";
    finding->risk = "needs a look";
    finding->fix = "import it at the top of the file, if instances are started ahead of their "
                   "first request";
    for (size_t i = 0; i < timeline->module_count; i++)
        if (is_asked_by_call(analysis, call, &timeline->modules[i]))
            thaw_finding_about(analysis, finding, &timeline->modules[i]);
    thaw_finding_evidence(analysis, finding,
                          thaw_finding_text(analysis, "imports took %.0f of the call's %.0f ms",
                                            thaw_finding_ms(imports_ns),
                                            thaw_finding_ms(call->end_ns - call->start_ns)));
}

static bool find(struct thaw_analysis *analysis)
{
    const struct thaw_timeline *timeline = analysis->timeline;
    const struct thaw_invocation *call = first_call(analysis);
    const struct thaw_module *dearest = NULL;
    uint64_t imports_ns = 0;

    for (size_t i = 0; call && i < timeline->module_count; i++) {
        const struct thaw_module *module = &timeline->modules[i];

        if (!is_asked_by_call(analysis, call, module))
            continue;
        imports_ns += module->total_ns;
        if (!dearest || module->total_ns > dearest->total_ns)
            dearest = module;
    }
    if (dearest && imports_ns >= LEAST_NS &&
        (double)imports_ns >= LEAST_SHARE * (double)(call->end_ns - call->start_ns))
        tell(analysis, call, dearest, imports_ns);
    return !analysis->memory->short_of_memory;
}

const struct thaw_finding_row thaw_finding_import_in_first_call = {
    .kind =
        {
            .id = "import-in-first-call",
            .severity = "note",
            .title = "the first call mostly waits for an import",
            .needs = "a first invocation",
            .explanation =
                "A function imports something large when it is called, so that its first caller "
                "waits "
                "for it. That is right for functions that are seldom called: everybody else starts "
                "sooner (thaw explain lazy-import).\n"
                "\n"
                "It is wrong where nearly every instance's first call needs it and instances are "
                "started ahead of their first request: provisioned concurrency and SnapStart on "
                "AWS "
                "Lambda, always ready instances and placeholders on Azure Functions, min-instances "
                "and the like. Work done before the request costs its caller nothing there. On AWS "
                "Lambda an init also has a full CPU, an invocation only its share.\n"
                "\n"
                "Saving: none of the cold start's total, as the import moves; what the caller "
                "gains "
                "is the import's time, if the instance was started ahead.\n"
                "\n"
                "How to change it: import it at the top of the file.\n"
                "\n"
                "Risk: all other functions of the app start later; an instance that is not started "
                "ahead gains nothing.",
        },
    .can_find = can_find,
    .find = find,
};
