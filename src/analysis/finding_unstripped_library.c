/* SPDX-License-Identifier: Apache-2.0 */
/* unstripped-library: libraries that carry symbols and debugging sections nobody needs to run. */
#include <stdlib.h>
#include <string.h>

#include "analysis/findings.h"

#define LEAST_BYTES ((uint64_t)1 << 20) /* of one library */
#define TOLD_MOST 6

static bool can_find(const struct thaw_analysis *analysis)
{
    return analysis->has_libraries;
}

/* Only what is deployed with the app: not the machine's own libraries. */
static bool is_deployed(const struct thaw_analysis *analysis,
                        const struct thaw_library_cost *library)
{
    const char *folder = thaw_analysis_app_folder(analysis);
    size_t length = strlen(folder);

    return *library->distribution ||
           (length > 1 && !strncmp(library->path, folder, length) && library->path[length] == '/');
}

static int by_bytes(const void *left, const void *right)
{
    const struct thaw_library_cost *a = *(const struct thaw_library_cost *const *)left;
    const struct thaw_library_cost *b = *(const struct thaw_library_cost *const *)right;

    if (a->facts->strip_bytes != b->facts->strip_bytes)
        return a->facts->strip_bytes > b->facts->strip_bytes ? -1 : 1;
    return strcmp(a->path, b->path);
}

/* A library that a tool put into the wheel beside the package's own files. */
static bool is_grafted(const char *path)
{
    return strstr(path, ".libs/") != NULL;
}

static void tell(struct thaw_analysis *analysis, const struct thaw_library_cost *const *libraries,
                 size_t count)
{
    struct thaw_finding *finding =
        thaw_finding_add(analysis, &thaw_finding_unstripped_library.kind);
    uint64_t sum = 0;
    bool grafted = false;

    if (!finding)
        return;
    for (size_t i = 0; i < count; i++) {
        sum += libraries[i]->facts->strip_bytes;
        grafted |= is_grafted(libraries[i]->path);
    }
    finding->title = thaw_finding_text(analysis,
                                       "%.1f MiB of loaded libraries are symbols that "
                                       "running does not need",
                                       (double)sum / (1 << 20));
    finding->risk = "needs a look";
    finding->fix = "run `strip` on a copy of these files, and look whether they "
                   "still load";
    for (size_t i = 0; i < count && i < TOLD_MOST; i++)
        thaw_finding_evidence(
            analysis, finding,
            thaw_finding_text(analysis, "%s: %.1f of %.1f MiB, %.1f MiB of them for debuggers",
                              libraries[i]->path,
                              (double)libraries[i]->facts->strip_bytes / (1 << 20),
                              (double)libraries[i]->facts->bytes / (1 << 20),
                              (double)libraries[i]->facts->debug_bytes / (1 << 20)));
    if (count > TOLD_MOST)
        thaw_finding_evidence(analysis, finding,
                              thaw_finding_text(analysis, "and %zu more", count - TOLD_MOST));
    if (grafted)
        thaw_finding_reason(analysis, finding,
                            "libraries that a wheel brings in a .libs folder were changed by "
                            "patchelf: strip may leave them unloadable");
    thaw_finding_reason(analysis, finding, "what crashes then leaves no names in its stack");
}

static bool find(struct thaw_analysis *analysis)
{
    const struct thaw_library_cost **chosen = calloc(analysis->library_count + 1, sizeof(*chosen));
    size_t count = 0;

    if (!chosen)
        return false;
    for (size_t i = 0; i < analysis->library_count; i++) {
        const struct thaw_library_cost *library = &analysis->libraries[i];

        if (library->facts && library->facts->strip_bytes >= LEAST_BYTES &&
            is_deployed(analysis, library))
            chosen[count++] = library;
    }
    if (count) {
        qsort(chosen, count, sizeof(*chosen), by_bytes);
        tell(analysis, chosen, count);
    }
    free(chosen);
    return !analysis->memory->short_of_memory;
}

const struct thaw_finding_row thaw_finding_unstripped_library = {
    .kind =
        {
            .id = "unstripped-library",
            .severity = "note",
            .title = "loaded libraries carry symbols that running does not need",
            .needs = "the list of what was mapped, which is made when a recording ends",
            .explanation =
                "A shared library needs the names of what it offers to others. Names of everything "
                "else (.symtab) and what debuggers read (.debug_info and the like) are never "
                "mapped when it is loaded: they cost no time in a start whose files are there "
                "already, but they are built into the image or package, sent and unpacked.\n"
                "\n"
                "It is told of libraries that came with packages or the app, when a loaded file "
                "would lose 1 MiB or more. How much is computed from the file as GNU strip would "
                "write it.\n"
                "\n"
                "Saving: the bytes in the evidence, of disk, transfer and unpacking. No "
                "milliseconds are claimed.\n"
                "\n"
                "How to change it: `strip` when the image or package is built, "
                "then import each package once. `thaw deps` tells the same of everything that is "
                "shipped, loaded or not.\n"
                "\n"
                "Risk: libraries that auditwheel put into a wheel (folders named .libs) were "
                "changed by patchelf before; strip run after it has left some that no longer load "
                "(pypa/auditwheel issue 716). Without symbols a crash has no names in its stack.",
        },
    .can_find = can_find,
    .find = find,
};
