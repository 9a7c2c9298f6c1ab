/* SPDX-License-Identifier: Apache-2.0 */
/* sdk-instead-of-binding: a client library that does what the platform does by itself. */
#include <string.h>

#include "analysis/package_use.h"
#include "platform/platform.h"

#define LEAST_NS 5000000u
#define LEAST_SHARE 0.02

static const struct thaw_platform *platform_of(const struct thaw_analysis *analysis)
{
    return thaw_platforms_find(analysis->timeline->platform);
}

static bool can_find(const struct thaw_analysis *analysis)
{
    const struct thaw_platform *platform = platform_of(analysis);

    return analysis->has_edges && platform && platform->binding_count;
}

/* "order() and receipt()" */
static const char *functions_text(struct thaw_analysis *analysis,
                                  const struct thaw_package_use *use)
{
    const char *text = "";

    for (uint64_t i = 0; i < use->functions.count; i++)
        text = thaw_finding_text(analysis, "%s%s%s()", text,
                                 !i                              ? ""
                                 : i + 1 == use->functions.count ? " and "
                                                                 : ", ",
                                 use->functions.items[i]);
    return *text ? text : "module level";
}

static void tell(struct thaw_analysis *analysis, const struct thaw_platform_binding *row,
                 const struct thaw_package_use *use, const char *act,
                 const struct thaw_saving *saving)
{
    struct thaw_finding *finding =
        thaw_finding_add(analysis, &thaw_finding_sdk_instead_of_binding.kind);

    if (!finding)
        return;
    finding->confidence = "low";
    finding->title =
        thaw_finding_text(analysis, "%s is loaded for what %s may do", row->package, row->binding);
    finding->file = use->first->file;
    finding->line = use->first->line;
    finding->risk = "needs a look";
    finding->fix =
        thaw_finding_text(analysis, "let the function have its data by %s", row->binding);
    finding->saving = *saving;
    thaw_finding_evidence(
        analysis, finding,
        thaw_finding_text(analysis, "all that the app's files read of %s: %s, in %s", row->package,
                          thaw_package_use_text(use, analysis), functions_text(analysis, use)));
    thaw_finding_evidence(analysis, finding,
                          thaw_finding_text(analysis,
                                            "they refer to %s, and to nothing that %s can't do",
                                            act, row->binding));
    thaw_finding_evidence(
        analysis, finding,
        thaw_finding_text(analysis, "%llu modules are loaded only because of it, %.1f ms",
                          (unsigned long long)saving->modules, thaw_finding_ms(saving->ns)));
    thaw_finding_evidence(analysis, finding,
                          thaw_finding_text(analysis, "%s (read %s)", row->source, row->dated));
    thaw_finding_reason(analysis, finding, row->limits);
}

/* false when memory is short. */
static bool consider(struct thaw_analysis *analysis, const struct thaw_platform_binding *row)
{
    const char *act = thaw_package_use_reference(analysis, row->acts);
    struct thaw_package_use use;
    struct thaw_saving saving;
    bool known;
    int dropped = 0;

    if (!act)
        return true;
    if (!thaw_package_use_open(&use, analysis, row->package)) {
        thaw_package_use_close(&use);
        return false;
    }
    if (use.first && !use.is_unclear && thaw_package_use_within(&use, row->names) &&
        !thaw_package_use_reference(analysis, row->beyond))
        dropped = thaw_package_drop(analysis, row->package, NULL, &saving, &known);
    if (dropped > 0 && thaw_finding_matters(analysis, saving.ns, LEAST_NS, LEAST_SHARE))
        tell(analysis, row, &use, act, &saving);
    thaw_package_use_close(&use);
    return dropped >= 0 && !analysis->memory->short_of_memory;
}

static bool find(struct thaw_analysis *analysis)
{
    const struct thaw_platform *platform = platform_of(analysis);

    for (size_t i = 0; i < platform->binding_count; i++)
        if (!consider(analysis, &platform->bindings[i]))
            return false;
    return true;
}

const struct thaw_finding_row thaw_finding_sdk_instead_of_binding = {
    .kind =
        {
            .id = "sdk-instead-of-binding",
            .severity = "note",
            .title = "a client library is loaded for what the platform does by itself",
            .needs = "a platform that reads and writes data for its functions, and the scan of the "
                     "loaded bytecode, which is made when a recording ends",
            .explanation =
                "Some platforms fetch what a function reads and store what it returns (bindings): "
                "the data come with the call, and no client is needed in the worker. Here a client "
                "library is loaded, and all that your files do with it is to read one item or "
                "write one.\n"
                "\n"
                "It is told when your files use no other name of the library than its clients, "
                "call something that a binding does, and refer to nothing that a binding can't do "
                "(listing, deleting, leases, signatures). Which names these are is a table of the "
                "platform's, each row with its source and the day it was read.\n"
                "\n"
                "Saving: the own times of all modules that are loaded only because of the library. "
                "What another package needs as well is not counted.\n"
                "\n"
                "How to change it: declare an input or output binding for the function, and take "
                "the client away. If the client stays, let its import wait (thaw explain "
                "lazy-import).\n"
                "\n"
                "Risk: a binding is given its names before the function runs, from the call or the "
                "settings; what the function works out itself can't name the item to read. Errors, "
                "retries and conditions are the platform's.",
        },
    .can_find = can_find,
    .find = find,
};
