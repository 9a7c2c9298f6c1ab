/* SPDX-License-Identifier: Apache-2.0 */
/* lighter-alternative: a package of which the app uses what the standard library does as well. */
#include <string.h>

#include "analysis/alternatives.h"
#include "analysis/package_use.h"

#define LEAST_NS 5000000u /* rewriting code is worth more than moving a line */
#define LEAST_SHARE 0.02

static bool can_find(const struct thaw_analysis *analysis)
{
    return analysis->has_edges;
}

/* The number behind "3."; 0 unknown. */
static unsigned minor_of(const struct thaw_analysis *analysis)
{
    const struct thaw_timeline *timeline = analysis->timeline;
    const char *version = timeline->processes[analysis->memory->track->process - 1].python;
    unsigned minor = 0;

    if (strncmp(version, "3.", 2))
        return 0;
    for (version += 2; *version >= '0' && *version <= '9' && minor < 1000; version++)
        minor = minor * 10 + (unsigned)(*version - '0');
    return minor;
}

static void tell(struct thaw_analysis *analysis, const struct thaw_alternative *row,
                 const struct thaw_package_use *use, const struct thaw_saving *saving)
{
    struct thaw_finding *finding =
        thaw_finding_add(analysis, &thaw_finding_lighter_alternative.kind);

    if (!finding)
        return;
    finding->confidence = "low";
    finding->title = thaw_finding_text(analysis, "%s is loaded for what %s may do as well",
                                       row->package, row->instead);
    finding->file = use->first->file;
    finding->line = use->first->line;
    finding->risk = "needs a look";
    finding->fix = thaw_finding_text(analysis,
                                     "write it with %s, if what %s does beside is not "
                                     "needed",
                                     row->instead, row->package);
    finding->saving = *saving;
    thaw_finding_evidence(analysis, finding,
                          thaw_finding_text(analysis, "all that the app's files read of %s: %s",
                                            row->package, thaw_package_use_text(use, analysis)));
    thaw_finding_evidence(
        analysis, finding,
        thaw_finding_text(analysis,
                          "%llu modules are loaded only because of it, %.1f ms; what %s needs is "
                          "not among them",
                          (unsigned long long)saving->modules, thaw_finding_ms(saving->ns),
                          row->instead));
    thaw_finding_evidence(analysis, finding,
                          thaw_finding_text(analysis, "what differs: %s", row->differs));
    thaw_finding_evidence(analysis, finding,
                          thaw_finding_text(analysis, "%s (read %s)", row->source, row->dated));
    thaw_finding_reason(analysis, finding,
                        "arguments, and what becomes of the results, can't be seen");
}

/* false when memory is short. */
static bool consider(struct thaw_analysis *analysis, const struct thaw_alternative *row)
{
    struct thaw_package_use use;
    struct thaw_saving saving;
    bool known = false;
    int dropped = 0;

    if (!thaw_package_use_open(&use, analysis, row->package)) {
        thaw_package_use_close(&use);
        return false;
    }
    if (use.first && !use.is_unclear && thaw_package_use_within(&use, row->uses) &&
        !(row->beyond && thaw_package_use_reference(analysis, row->beyond)))
        dropped = thaw_package_drop(analysis, row->package, row->instead, &saving, &known);
    /* What the other costs is known only if it was loaded, too. */
    if (dropped > 0 && known && thaw_finding_matters(analysis, saving.ns, LEAST_NS, LEAST_SHARE))
        tell(analysis, row, &use, &saving);
    thaw_package_use_close(&use);
    return dropped >= 0 && !analysis->memory->short_of_memory;
}

static bool find(struct thaw_analysis *analysis)
{
    const struct thaw_session_begin *session = analysis->timeline->session;
    unsigned minor = minor_of(analysis);
    size_t count;
    const struct thaw_alternative *rows = thaw_alternatives(&count);

    if (session && session->realtime_ns > thaw_alternatives_until_ns)
        return true;
    for (size_t i = 0; i < count; i++)
        if (minor >= rows[i].minor && !consider(analysis, &rows[i]))
            return false;
    return true;
}

const struct thaw_finding_row thaw_finding_lighter_alternative = {
    .kind =
        {
            .id = "lighter-alternative",
            .severity = "note",
            .title = "a package is loaded for what the standard library may do as well",
            .needs = "the scan of the loaded bytecode, which is made when a recording ends",
            .explanation =
                "All that your files read of a package is so little that a module of the standard "
                "library may do it: one GET by requests (urllib.request), one CSV file by pandas "
                "(csv). It is told where nobody but your files needs the package, so that all of "
                "it would go.\n"
                "\n"
                "Which package, which names and what instead is a small table in "
                "src/analysis/alternatives.c; each row has its source and the day it was read. A "
                "recording made after " THAW_ALTERNATIVES_UNTIL " is not judged by it.\n"
                "\n"
                "Saving: the own times of all modules that are loaded only because of the package, "
                "without those that the other one needs. Where what the other one costs is not in "
                "the recording, nothing is told.\n"
                "\n"
                "How to change it: rewrite these calls; the evidence says what the other one does "
                "differently. If the package stays, let its import wait instead (thaw explain "
                "lazy-import): that needs no rewriting.\n"
                "\n"
                "Risk: which arguments are passed and what becomes of the results can't be seen "
                "from outside: proxies, retries, certificates, several files in a form, arithmetic "
                "over columns.",
        },
    .can_find = can_find,
    .find = find,
};
