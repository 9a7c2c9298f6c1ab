/* SPDX-License-Identifier: Apache-2.0 */
/* costly-relocation: libraries that take long to be mapped and relocated. */
#include <string.h>

#include "analysis/findings.h"

#define LEAST_NS 5000000u /* most take a tenth of that */
#define LEAST_SHARE 0.02
#define FINDINGS_MOST 8

static bool can_find(const struct thaw_analysis *analysis)
{
    return thaw_finding_probed(analysis, "loader.dlopen");
}

static const struct thaw_inventory_library *facts_of(const struct thaw_analysis *analysis,
                                                     const char *path)
{
    for (size_t i = 0; i < analysis->library_count; i++)
        if (!strcmp(analysis->libraries[i].path, path))
            return analysis->libraries[i].facts;
    return NULL;
}

static void describe(struct thaw_analysis *analysis, struct thaw_finding *finding,
                     const struct thaw_module *module)
{
    const struct thaw_spent *map = &module->parts[THAW_PART_MAP];
    const struct thaw_inventory_library *facts = facts_of(analysis, module->file);

    thaw_finding_evidence(
        analysis, finding,
        thaw_finding_text(analysis,
                          "mapping and relocating it and what it needs took %.1f ms of the %.1f ms "
                          "that are its own",
                          thaw_finding_ms(map->ns), thaw_finding_ms(module->self_ns)));
    if (module->usage_known)
        thaw_finding_evidence(
            analysis, finding,
            thaw_finding_text(analysis,
                              "of these %.1f ms waiting for a disk; %llu pages were touched for "
                              "the first time, %llu of them read from a disk",
                              thaw_finding_ms(map->io_ns),
                              (unsigned long long)(map->minor_faults + map->major_faults),
                              (unsigned long long)map->major_faults));
    if (facts)
        thaw_finding_evidence(analysis, finding,
                              thaw_finding_text(analysis,
                                                "%s: %.1f MiB, %llu relocations of its own",
                                                module->file, (double)facts->bytes / (1 << 20),
                                                (unsigned long long)facts->relocations));
}

static bool find(struct thaw_analysis *analysis)
{
    const struct thaw_timeline *timeline = analysis->timeline;
    size_t told = 0;

    for (size_t i = 0; i < timeline->module_count && told < FINDINGS_MOST; i++) {
        const struct thaw_module *module = &timeline->modules[i];
        struct thaw_finding *finding;

        if (!thaw_finding_counts(analysis, module) || !thaw_finding_is_apps(analysis, module) ||
            !thaw_finding_matters(analysis, module->parts[THAW_PART_MAP].ns, LEAST_NS, LEAST_SHARE))
            continue;
        finding = thaw_finding_add(analysis, &thaw_finding_costly_relocation.kind);
        if (!finding)
            return false;
        finding->title =
            thaw_finding_text(analysis, "libraries of %s take long to be mapped and relocated",
                              module->name);
        finding->risk = "needs a look";
        finding->fix = "let the import wait for its first use";
        thaw_finding_about(analysis, finding, module);
        describe(analysis, finding, module);
        told++;
    }
    return !analysis->memory->short_of_memory;
}

const struct thaw_finding_row thaw_finding_costly_relocation = {
    .kind =
        {
            .id = "costly-relocation",
            .severity = "note",
            .title = "a library takes long to be mapped and relocated",
            .needs = "the probe loader.dlopen, which sees libraries being loaded",
            .explanation =
                "Before code of a shared library can run, the dynamic loader maps it and all that "
                "it needs, and writes the addresses it was loaded at into its tables "
                "(relocations). Each page written to is copied. Of a large library with hundreds "
                "of thousands of relocations that takes milliseconds, before the module's own code "
                "begins.\n"
                "\n"
                "The evidence says how much of it was waiting for a disk: that part is gone when "
                "the file is in memory already, the rest comes with every start.\n"
                "\n"
                "Saving: not predicted. All of it is saved where the module can be imported "
                "later.\n"
                "\n"
                "How to change it: import it when it is used (thaw explain lazy-import). `thaw "
                "deps` lists the libraries with their relocations; one that is built with packed "
                "relocations (-z pack-relative-relocs) or without exporting all its symbols "
                "(-fvisibility=hidden) needs less, where you build it yourself.\n"
                "\n"
                "Risk: that of moving an import.",
        },
    .can_find = can_find,
    .find = find,
};
