/* SPDX-License-Identifier: Apache-2.0 */
/* executed-twice: one file whose code ran several times in one process. */
#include <stdlib.h>
#include <string.h>

#include "analysis/findings.h"

#define LEAST_NS 1000000u /* as for an import that can wait */
#define LEAST_SHARE 0.005
#define FINDINGS_MOST 8 /* more of the same kind nobody reads */

static bool can_find(const struct thaw_analysis *analysis)
{
    const struct thaw_timeline *timeline = analysis->timeline;

    for (size_t i = 0; i < timeline->module_count; i++)
        if (timeline->modules[i].timed && thaw_finding_counts(analysis, &timeline->modules[i]))
            return true;
    return false;
}

/* The user's own, or a package's, from a file; what failed is tried again for good reason. */
static bool was_executed(const struct thaw_analysis *analysis, const struct thaw_module *module)
{
    return thaw_finding_counts(analysis, module) && module->body_ns &&
           module->status == THAW_MODULE_LOADED && *module->file &&
           (!strcmp(module->owner, "app") || !strcmp(module->owner, "package"));
}

static int by_file(const void *left, const void *right)
{
    const struct thaw_module *a = *(const struct thaw_module *const *)left;
    const struct thaw_module *b = *(const struct thaw_module *const *)right;
    int order = strcmp(a->file, b->file);

    return order ? order : (a->id > b->id) - (a->id < b->id);
}

static bool is_same_name(const struct thaw_module *const *group, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (strcmp(group[i]->name, group[0]->name))
            return false;
    return true;
}

static void tell(struct thaw_analysis *analysis, const struct thaw_module *const *group,
                 size_t count)
{
    bool same_name = is_same_name(group, count);
    uint64_t again_ns = 0;
    struct thaw_finding *finding;

    for (size_t i = 1; i < count; i++)
        again_ns += group[i]->self_ns;
    if (!thaw_finding_matters(analysis, again_ns, LEAST_NS, LEAST_SHARE))
        return;
    finding = thaw_finding_add(analysis, &thaw_finding_executed_twice.kind);
    if (!finding)
        return;
    finding->title = thaw_finding_text(analysis, "%s is executed %zu times in one process",
                                       group[0]->name, count);
    finding->file = group[0]->file;
    finding->risk = "needs a look";
    finding->fix = same_name ? "find what removes it from sys.modules, reloads it or loads it by "
                               "its path, and let that use the first one"
                             : "import it by one name everywhere";
    thaw_finding_saves(analysis, finding, again_ns, again_ns, again_ns);
    for (size_t i = 0; i < count; i++) {
        thaw_finding_about(analysis, finding, group[i]);
        thaw_finding_evidence(analysis, finding,
                              thaw_finding_text(analysis, "as %s, %.1f ms of its own",
                                                group[i]->name,
                                                thaw_finding_ms(group[i]->self_ns)));
    }
}

static bool find(struct thaw_analysis *analysis)
{
    const struct thaw_timeline *timeline = analysis->timeline;
    const struct thaw_module **modules = calloc(timeline->module_count + 1, sizeof(*modules));
    size_t count = 0, first = analysis->memory->findings.count;

    if (!modules)
        return false;
    for (size_t i = 0; i < timeline->module_count; i++)
        if (was_executed(analysis, &timeline->modules[i]))
            modules[count++] = &timeline->modules[i];
    qsort(modules, count, sizeof(*modules), by_file);
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && !strcmp(modules[end]->file, modules[i]->file);)
            end++;
        if (end - i > 1 && analysis->memory->findings.count - first < FINDINGS_MOST)
            tell(analysis, modules + i, end - i);
    }
    free(modules);
    return !analysis->memory->short_of_memory;
}

const struct thaw_finding_row thaw_finding_executed_twice = {
    .kind =
        {
            .id = "executed-twice",
            .severity = "warning",
            .title = "the same file is executed several times in one process",
            .needs = "imports with their times (not from the importtime backend)",
            .explanation =
                "Python executes a module once and keeps it in sys.modules. The same file runs "
                "again "
                "when it is imported by two names (`helpers` and `app.helpers`, as its folder and "
                "the "
                "one above are both on sys.path; or the main program is imported by its own name), "
                "when something loads it by its path, reloads it, or removed it from sys.modules.\n"
                "\n"
                "Saving: its own time of each run after the first; what it imports is loaded once "
                "in "
                "either case and is not counted.\n"
                "\n"
                "How to change it: import it by one name everywhere.\n"
                "\n"
                "Risk: two copies of a module have two sets of globals. Code may rely on that "
                "without "
                "knowing; more often this finding explains a cache that stays empty or an "
                "isinstance() "
                "that fails.",
        },
    .can_find = can_find,
    .find = find,
};
