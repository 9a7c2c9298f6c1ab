/* SPDX-License-Identifier: Apache-2.0 */
/* compiled-at-start: source code that was compiled, as its bytecode was missing or not usable. */
#include <string.h>

#include "analysis/findings.h"

#define LEAST_NS 2000000u /* below: nobody notices */
#define LEAST_SHARE 0.01
/* Reading the bytecode instead takes time as well: about a twentieth (8.7 ms of compiling against
 * 0.45 ms of reading, the same module, CPython 3.11). */
#define READING_PART 20u

struct sum {
    uint64_t ns;
    uint64_t modules;
    uint64_t of[THAW_MODULE_BYTECODE_UNREADABLE + 1];
    uint64_t written;
    bool apps; /* one of the user's own is among them */
};

static bool can_find(const struct thaw_analysis *analysis)
{
    return analysis->timeline->processes[analysis->memory->track->process - 1].saw_lookups;
}

static bool was_compiled(const struct thaw_analysis *analysis, const struct thaw_module *module)
{
    return thaw_finding_counts(analysis, module) && module->parts[THAW_PART_COMPILE].ns &&
           module->bytecode > THAW_MODULE_BYTECODE_USED;
}

static struct sum add_up(const struct thaw_analysis *analysis)
{
    const struct thaw_timeline *timeline = analysis->timeline;
    struct sum sum = {0};

    for (size_t i = 0; i < timeline->module_count; i++) {
        const struct thaw_module *module = &timeline->modules[i];

        if (!was_compiled(analysis, module))
            continue;
        sum.ns += module->parts[THAW_PART_COMPILE].ns + module->parts[THAW_PART_WRITE].ns;
        sum.modules++;
        sum.of[module->bytecode]++;
        sum.written += module->writing == THAW_WRITING_DONE;
    }
    return sum;
}

static void add_evidence(struct thaw_analysis *analysis, const struct sum *sum,
                         struct thaw_finding *finding)
{
    static const char *const words[] = {
        [THAW_MODULE_BYTECODE_MISSING] = "had no bytecode",
        [THAW_MODULE_BYTECODE_STALE] = "had bytecode of another state of their source (its time "
                                       "or size is another)",
        [THAW_MODULE_BYTECODE_REJECTED] = "had bytecode of another Python, or damaged bytecode",
        [THAW_MODULE_BYTECODE_UNREADABLE] = "had bytecode that could not be opened",
    };

    for (size_t i = THAW_MODULE_BYTECODE_MISSING; i < sizeof(words) / sizeof(words[0]); i++)
        if (sum->of[i])
            thaw_finding_evidence(analysis, finding,
                                  thaw_finding_text(analysis, "%llu of %llu compiled modules %s",
                                                    (unsigned long long)sum->of[i],
                                                    (unsigned long long)sum->modules, words[i]));
    if (sum->written == sum->modules)
        thaw_finding_evidence(analysis, finding,
                              "all of it was written back: the next start in the same file system "
                              "has it");
    else if (sum->written)
        thaw_finding_evidence(analysis, finding,
                              thaw_finding_text(analysis,
                                                "that of %llu was written back: the "
                                                "others are compiled at each start",
                                                (unsigned long long)sum->written));
    else
        thaw_finding_evidence(analysis, finding,
                              "nothing was written back: they are compiled at each start");
}

static bool find(struct thaw_analysis *analysis)
{
    const struct thaw_timeline *timeline = analysis->timeline;
    struct sum sum = add_up(analysis);
    struct thaw_finding *finding;

    if (!thaw_finding_matters(analysis, sum.ns, LEAST_NS, LEAST_SHARE))
        return true;
    finding = thaw_finding_add(analysis, &thaw_finding_compiled_at_start.kind);
    if (!finding)
        return false;
    finding->title = sum.modules == 1
                         ? "a module is compiled from source at start"
                         : thaw_finding_text(analysis,
                                             "%llu modules are compiled from source at "
                                             "start",
                                             (unsigned long long)sum.modules);
    finding->risk = "safe";
    finding->fix = "python3 -m compileall -q --invalidation-mode unchecked-hash FOLDER, with the "
                   "Python that runs it, as the last step before packaging";
    for (size_t i = 0; i < timeline->module_count; i++)
        if (was_compiled(analysis, &timeline->modules[i]))
            thaw_finding_about(analysis, finding, &timeline->modules[i]);
    thaw_finding_saves(analysis, finding, sum.ns - sum.ns / READING_PART,
                       sum.ns - sum.ns / READING_PART * 2, sum.ns);
    add_evidence(analysis, &sum, finding);
    return !analysis->memory->short_of_memory;
}

const struct thaw_finding_row thaw_finding_compiled_at_start = {
    .kind =
        {
            .id = "compiled-at-start",
            .severity = "warning",
            .title = "source is compiled at start: its bytecode is missing or can't be used",
            .needs = "where modules were looked for, which the importtime backend does not see",
            .explanation =
                "Python keeps the compiled form of a module in __pycache__. Where it is missing, "
                "of "
                "another Python, or of another state of the source, the source is compiled before "
                "it "
                "is executed. If the folder can't be written, as in most serverless packages, or "
                "the "
                "machine is new each time, that happens at each cold start.\n"
                "\n"
                "A common cause: bytecode carries time and size of its source, and packing or "
                "unpacking changes the times (zip keeps them to 2 s and in local time). Then all "
                "of "
                "it is silently not used.\n"
                "\n"
                "Saving: the time of compiling and of writing the result, less what reading "
                "bytecode "
                "takes.\n"
                "\n"
                "How to change it: run `python3 -m compileall -q --invalidation-mode "
                "unchecked-hash "
                "FOLDER` as the last step of the build, with the same minor version of Python as "
                "in "
                "production. Such bytecode is used whatever the source's time is.\n"
                "\n"
                "Risk: with unchecked-hash a source that is changed in place afterwards is not "
                "noticed; build the package anew instead.",
        },
    .can_find = can_find,
    .find = find,
};
