/* SPDX-License-Identifier: Apache-2.0 */
/* duplicate-library: one library, brought by two packages, loaded twice into one process. */
#include <stdlib.h>
#include <string.h>

#include "analysis/findings.h"
#include "packaging/library_name.h"

#define LEAST_BYTES                                                                                \
    ((uint64_t)1 << 20) /* of the smaller copy: libgcc_s and its like cost nothing */
#define FINDINGS_MOST 8

/* A library that the process had mapped, by the name its own project gives it. */
struct copy {
    const char *name;
    const struct thaw_library_cost *library;
};

static bool can_find(const struct thaw_analysis *analysis)
{
    return analysis->has_libraries;
}

/* Extension modules have names that repeat from package to package, and mostly no SONAME. */
static bool is_shared(const struct thaw_library_cost *library)
{
    const char *slash = strrchr(library->path, '/');

    return library->facts && *library->facts->soname && library->facts->bytes >= LEAST_BYTES &&
           !strncmp(slash ? slash + 1 : library->path, "lib", 3);
}

/* Was it in the memory of the process that is told? */
static bool is_mapped(const struct thaw_analysis *analysis, const char *path)
{
    const struct thaw_recording *recording = analysis->timeline->recording;
    uint32_t pid = analysis->timeline->processes[analysis->memory->track->process - 1].pid;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];

        if (event->kind == THAW_EVENT_LIBRARY && event->pid == pid &&
            !strcmp(event->library.path, path))
            return true;
    }
    return false;
}

static int by_name(const void *left, const void *right)
{
    const struct copy *a = left, *b = right;
    int order = strcmp(a->name, b->name);

    return order ? order : strcmp(a->library->path, b->library->path);
}

static const char *owner_of(const struct thaw_library_cost *library)
{
    return *library->distribution          ? library->distribution
           : *library->facts->distribution ? library->facts->distribution
                                           : "no package";
}

static void tell(struct thaw_analysis *analysis, const struct copy *copies, size_t count)
{
    struct thaw_finding *finding = thaw_finding_add(analysis, &thaw_finding_duplicate_library.kind);

    if (!finding)
        return;
    finding->title = thaw_finding_text(analysis, "%s is loaded %zu times", copies[0].name, count);
    finding->risk = "needs a look";
    finding->fix = "install builds of these packages that share the library (the distribution's or "
                   "conda's), or do without one of them";
    for (size_t i = 0; i < count; i++) {
        const struct thaw_library_cost *library = copies[i].library;

        thaw_finding_evidence(analysis, finding,
                              thaw_finding_text(analysis,
                                                "%s (%s): %.1f MiB, of these %.1f MiB in memory",
                                                library->path, owner_of(library),
                                                (double)library->facts->bytes / (1 << 20),
                                                (double)library->resident_bytes / (1 << 20)));
    }
}

/* Fills what the process had loaded; false when memory is short. */
static bool collect(struct thaw_analysis *analysis, struct copy *copies, size_t *ret_count)
{
    *ret_count = 0;
    for (size_t i = 0; i < analysis->library_count; i++) {
        const struct thaw_library_cost *library = &analysis->libraries[i];
        const char *name;

        if (!is_shared(library) || !is_mapped(analysis, library->path))
            continue;
        name = thaw_library_plain_name(&analysis->memory->arena, library->facts->soname);
        if (!name)
            return false;
        copies[(*ret_count)++] = (struct copy){name, library};
    }
    return true;
}

static bool find(struct thaw_analysis *analysis)
{
    struct copy *copies = calloc(analysis->library_count + 1, sizeof(*copies));
    size_t count = 0, told = 0;
    bool enough = copies && collect(analysis, copies, &count);

    if (enough && count)
        qsort(copies, count, sizeof(*copies), by_name);
    for (size_t i = 0, end; enough && i < count && told < FINDINGS_MOST; i = end) {
        for (end = i + 1; end < count && !strcmp(copies[end].name, copies[i].name);)
            end++;
        if (end - i > 1) {
            tell(analysis, copies + i, end - i);
            told++;
        }
    }
    free(copies);
    return enough && !analysis->memory->short_of_memory;
}

const struct thaw_finding_row thaw_finding_duplicate_library = {
    .kind =
        {
            .id = "duplicate-library",
            .severity = "note",
            .title = "one library is loaded twice into one process, from two packages",
            .needs = "the list of what was mapped, which is made when a recording ends",
            .explanation =
                "Wheels bring the libraries they need with them, under a name of their own. Two "
                "packages that need the same one load it twice: numpy and scipy each bring "
                "libopenblas, several bring OpenSSL. Each copy is read, relocated, and often "
                "starts "
                "its own threads.\n"
                "\n"
                "Copies are told by the name their own project gives the library (SONAME), without "
                "what the wheel added to it; those below 1 MiB are not told.\n"
                "\n"
                "Saving: not predicted; see dlopen of the modules that bring them, and the MiB in "
                "memory.\n"
                "\n"
                "How to change it: builds of both packages from one source share their libraries "
                "(Debian's python3-numpy and python3-scipy, conda). Or do without one of the two.\n"
                "\n"
                "Risk: another build of a package may be of another version, or slower.",
        },
    .can_find = can_find,
    .find = find,
};
