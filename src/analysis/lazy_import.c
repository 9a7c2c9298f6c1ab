/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lazy-import: an import at the top of the user's own file that the first reply did not need, so
 * that it can wait for the function that uses it.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/first_reply.h"
#include "analysis/memory.h"

#define USE_FUNCTIONS "functions"
/* A saving that nobody can notice is no suggestion: below 1 ms or half a percent. */
#define LEAST_NS 1000000u
#define LEAST_SHARE 0.005

struct finder {
    struct thaw_analysis *analysis;
    struct thaw_first_reply *first_reply;
    bool *cut;  /* statements */
    bool *lost; /* modules */
    bool failed;
};

static const struct thaw_inventory_statement *statement_at(const struct finder *finder, size_t i)
{
    return finder->analysis->memory->needs.statements.items[i];
}

/* Rows of one statement (`import a, b`, `from a import b, c`) stand and fall together. */
static bool same_statement(const struct thaw_inventory_statement *a,
                           const struct thaw_inventory_statement *b)
{
    return a->line == b->line && strcmp(a->module, b->module) == 0 && a->level == b->level &&
           strcmp(a->file, b->file) == 0;
}

/* May the import wait? Marks its rows in cut; false when one of its names is needed early. */
static bool may_wait(const struct finder *finder, size_t first, size_t *ret_next)
{
    const struct thaw_inventory_statement *head = statement_at(finder, first);
    size_t count = finder->analysis->memory->needs.statements.count, i = first;
    bool waits = true;

    for (; i < count && same_statement(head, statement_at(finder, i)); i++) {
        const struct thaw_inventory_statement *row = statement_at(finder, i);

        finder->cut[i] = true;
        if (strcmp(row->use, USE_FUNCTIONS) ||
            thaw_first_reply_needs(finder->first_reply, row->file, &row->functions))
            waits = false;
    }
    *ret_next = i;
    return waits;
}

static const char *keep(struct finder *finder, const char *text)
{
    finder->failed |= !text;
    return text ? text : "";
}

/* "fetch()" or "fetch() and 2 more". */
static const char *functions_text(struct finder *finder, const struct thaw_inventory_statement *row)
{
    struct thaw_arena *arena = &finder->analysis->memory->arena;

    if (row->functions.count == 1)
        return keep(finder, thaw_arena_format(arena, "%s()", row->functions.items[0]));
    return keep(finder, thaw_arena_format(arena, "%s() and %llu more", row->functions.items[0],
                                          (unsigned long long)row->functions.count - 1));
}

static void list_modules(struct finder *finder, struct thaw_finding *finding)
{
    const struct thaw_timeline *timeline = finder->analysis->timeline;
    size_t count = 0;

    for (size_t i = 0; i < timeline->module_count; i++)
        count += finder->lost[i];
    finding->modules = thaw_arena_allocate(&finder->analysis->memory->arena,
                                           (count + 1) * sizeof(*finding->modules));
    if (!finding->modules) {
        finder->failed = true;
        return;
    }
    for (size_t i = 0; i < timeline->module_count; i++) {
        if (finder->lost[i])
            finding->modules[finding->module_count++] = timeline->modules[i].id;
    }
}

static void list_evidence(struct finder *finder, const struct thaw_inventory_statement *row,
                          const char *functions, struct thaw_finding *finding)
{
    struct thaw_arena *arena = &finder->analysis->memory->arena;
    const char **evidence = thaw_arena_allocate(arena, 3 * sizeof(*evidence));

    if (!evidence) {
        finder->failed = true;
        return;
    }
    evidence[0] =
        keep(finder, thaw_arena_format(arena, "%s is used only inside %s", row->bound, functions));
    evidence[1] = "no function that ran before the first reply can reach it by name";
    evidence[2] = keep(finder, thaw_arena_format(arena, "%zu modules are loaded only because of it",
                                                 finding->module_count));
    finding->evidence = evidence;
    finding->evidence_count = 3;
}

static void fill_finding(struct finder *finder, const struct thaw_inventory_statement *row,
                         const struct thaw_saving *saving, struct thaw_finding *finding)
{
    struct thaw_arena *arena = &finder->analysis->memory->arena;
    const char *functions = functions_text(finder, row);

    finding->id = "lazy-import";
    finding->severity = "warning";
    finding->confidence = "high";
    finding->risk = "safe";
    finding->title =
        keep(finder, thaw_arena_format(arena, "%s is not needed before the first call of %s",
                                       row->module, functions));
    finding->file = row->file;
    finding->line = row->line;
    finding->saving = *saving;
    finding->moves_to = keep(finder, thaw_arena_format(arena, "first call of %s", functions));
    finding->fix =
        keep(finder, thaw_arena_format(arena, "import %s inside %s", row->module, functions));
    list_modules(finder, finding);
    list_evidence(finder, row, functions, finding);
}

/* Looks at the statement whose rows begin at first; returns the next statement's first row. */
static size_t consider(struct finder *finder, size_t first)
{
    struct thaw_analysis *analysis = finder->analysis;
    const struct thaw_needs *needs = &analysis->memory->needs;
    struct thaw_saving saving;
    struct thaw_finding *finding;
    size_t next;

    memset(finder->cut, 0, needs->statements.count * sizeof(*finder->cut));
    if (!may_wait(finder, first, &next))
        return next;
    if (!thaw_saving_of(analysis->timeline, analysis->memory->track, needs, finder->cut, &saving,
                        finder->lost)) {
        finder->failed = true;
        return next;
    }
    if (saving.ns < LEAST_NS || saving.share < LEAST_SHARE)
        return next;
    finding = thaw_array_add(&analysis->memory->findings);
    if (finding)
        fill_finding(finder, statement_at(finder, first), &saving, finding);
    else
        finder->failed = true;
    return next;
}

bool thaw_find_lazy_imports(struct thaw_analysis *analysis)
{
    const struct thaw_analysis_memory *memory = analysis->memory;
    size_t count = memory->needs.statements.count;
    struct finder finder = {.analysis = analysis};

    if (!analysis->has_edges || !memory->track)
        return true;
    finder.first_reply = thaw_first_reply_open(analysis->timeline, memory->track);
    finder.cut = calloc(count + 1, sizeof(*finder.cut));
    finder.lost = calloc(analysis->timeline->module_count + 2, sizeof(*finder.lost));
    finder.failed = !finder.first_reply || !finder.cut || !finder.lost;
    for (size_t i = 0; !finder.failed && i < count;)
        i = consider(&finder, i);
    thaw_first_reply_close(finder.first_reply);
    free(finder.cut);
    free(finder.lost);
    return !finder.failed;
}
