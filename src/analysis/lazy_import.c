/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lazy-import: an import at the top of the user's own file that the first reply did not need, so
 * that it can wait for the function that uses it; lazy-import-set: all that are safe together, and
 * all that could wait, where those that need a look gain by being more.
 * unused-import: one whose names nobody uses.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/lazy_sets.h"
#include "analysis/memory.h"

/* A saving that nobody can notice is no suggestion: below 1 ms or half a percent. */
#define LEAST_NS 1000000u
#define LEAST_SHARE 0.005
#define NAMES_MOST 4 /* that a title tells */

struct candidates {
    THAW_ARRAY(struct thaw_lazy_statement) list;
};

struct finder {
    struct thaw_analysis *analysis;
    struct thaw_lazy lazy;
    struct candidates safe; /* each by itself, whatever it saves */
    struct candidates late; /* these, and those that need a look */
    uint64_t best_ns;       /* of the safe ones, alone and then together */
    uint64_t look_ns;       /* sum of the others' */
};

static const struct thaw_inventory_statement *row_at(const struct finder *finder, size_t i)
{
    return finder->lazy.needs->statements.items[i];
}

/* Rows of one statement (`from a import b, c`) stand and fall together. */
static bool same_statement(const struct thaw_inventory_statement *a,
                           const struct thaw_inventory_statement *b)
{
    return a->line == b->line && strcmp(a->module, b->module) == 0 && a->level == b->level &&
           strcmp(a->file, b->file) == 0;
}

/* What can be done about a statement, from its rows alone. */
enum use { USE_EARLY, USE_LATE, USE_NOBODY };

/*
 * Other files may look at an attribute of the module that is filled when it is first asked for (PEP
 * 562), but an import of the name asks at once; source_exports.py has the words.
 */
static bool is_only_looked_at(const char *detail)
{
    return strncmp(detail, "imported ", 9) && strncmp(detail, "in __all__", 10) &&
           strncmp(detail, "__all__ ", 8);
}

static enum use use_of_row(const struct finder *finder, const struct thaw_inventory_statement *row)
{
    if (strcmp(row->use, "none") == 0)
        return USE_NOBODY;
    if (strcmp(row->use, "functions") &&
        (strcmp(row->use, "exported") || !row->functions.count || !is_only_looked_at(row->detail)))
        return USE_EARLY;
    return thaw_first_reply_needs(finder->lazy.first_reply, row->file, &row->functions) ? USE_EARLY
                                                                                        : USE_LATE;
}

/* Marks the statement's rows in cut and returns the row behind them. */
static size_t cut_statement(struct finder *finder, size_t first, enum use *ret_use)
{
    size_t i = first;

    *ret_use = USE_NOBODY;
    for (; i < finder->lazy.needs->statements.count &&
           same_statement(row_at(finder, first), row_at(finder, i));
         i++) {
        enum use use = use_of_row(finder, row_at(finder, i));

        finder->lazy.cut[i] = true;
        if (use == USE_EARLY || *ret_use == USE_NOBODY)
            *ret_use = *ret_use == USE_EARLY ? USE_EARLY : use;
    }
    return i;
}

static const char *keep(struct finder *finder, const char *text)
{
    return thaw_lazy_keep(&finder->lazy, text);
}

/* "fetch()" or "fetch() and 2 more", of the functions that pay. */
static const char *functions_text(struct finder *finder, const struct thaw_finding *finding)
{
    struct thaw_arena *arena = &finder->analysis->memory->arena;

    if (!finding->first_call_count)
        return "whatever uses it";
    if (finding->first_call_count == 1)
        return keep(finder, thaw_arena_format(arena, "%s()", finding->first_calls[0].function));
    return keep(finder,
                thaw_arena_format(arena, "%s() and %zu more", finding->first_calls[0].function,
                                  finding->first_call_count - 1));
}

static void list_modules(struct finder *finder, struct thaw_finding *finding)
{
    const struct thaw_timeline *timeline = finder->analysis->timeline;
    size_t count = 0;

    for (size_t i = 0; i < timeline->module_count; i++)
        count += finder->lazy.lost[i];
    finding->modules = thaw_arena_allocate(&finder->analysis->memory->arena,
                                           (count + 1) * sizeof(*finding->modules));
    if (!finding->modules) {
        finder->lazy.failed = true;
        return;
    }
    for (size_t i = 0; i < timeline->module_count; i++) {
        if (finder->lazy.lost[i])
            finding->modules[finding->module_count++] = timeline->modules[i].id;
    }
}

static void list_reasons(struct finder *finder, struct thaw_finding *finding)
{
    size_t count = finder->lazy.reasons.count;

    finding->reasons = thaw_arena_allocate(&finder->analysis->memory->arena,
                                           (count + 1) * sizeof(*finding->reasons));
    if (!finding->reasons) {
        finder->lazy.failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++)
        finding->reasons[i] = finder->lazy.reasons.items[i];
    finding->reason_count = count;
}

/* Of the rows that are cut, one for each statement. */
static void list_imports(struct finder *finder, struct thaw_finding *finding)
{
    size_t rows = finder->lazy.needs->statements.count, last = rows;

    finding->imports = thaw_arena_allocate(&finder->analysis->memory->arena,
                                           (rows + 1) * sizeof(*finding->imports));
    if (!finding->imports) {
        finder->lazy.failed = true;
        return;
    }
    for (size_t i = 0; i < rows; i++) {
        const struct thaw_inventory_statement *row = row_at(finder, i);

        if (!finder->lazy.cut[i])
            continue;
        if (last == rows || !same_statement(row_at(finder, last), row))
            finding->imports[finding->import_count++] =
                (struct thaw_proof_import){row->file, row->line, row->module};
        last = i;
    }
}

static void add_evidence(struct finder *finder, struct thaw_finding *finding, const char *text)
{
    finding->evidence[finding->evidence_count++] = keep(finder, text);
}

static const char *modules_text(struct finder *finder, const struct thaw_finding *finding,
                                const char *of)
{
    return thaw_arena_format(&finder->analysis->memory->arena, "%llu %s loaded only because of %s",
                             (unsigned long long)finding->saving.modules,
                             finding->saving.modules == 1 ? "module is" : "modules are", of);
}

/* Adds a finding about what is cut, room for so many pieces of evidence included; NULL on lack of
 * memory. */
static struct thaw_finding *add_finding(struct finder *finder, const char *id,
                                        enum thaw_lazy_verdict verdict, size_t evidence)
{
    struct thaw_finding *finding = thaw_array_add(&finder->analysis->memory->findings);
    const char **texts =
        thaw_arena_allocate(&finder->analysis->memory->arena, evidence * sizeof(*texts));

    if (!finding || !texts) {
        finder->lazy.failed = true;
        return NULL;
    }
    finding->id = id;
    finding->severity = "warning";
    finding->confidence = verdict == THAW_LAZY_SAFE ? "high" : "medium";
    finding->risk = verdict == THAW_LAZY_SAFE ? "safe" : "needs a look";
    finding->title = finding->file = finding->moves_to = finding->fix = "";
    finding->saving = finder->lazy.saving;
    finding->evidence = texts;
    list_modules(finder, finding);
    list_reasons(finder, finding);
    return finding;
}

/* --- one import --- */

static void tell_lazy(struct finder *finder, size_t first, enum thaw_lazy_verdict verdict)
{
    const struct thaw_inventory_statement *row = row_at(finder, first);
    struct thaw_arena *arena = &finder->analysis->memory->arena;
    struct thaw_finding *finding = add_finding(finder, "lazy-import", verdict, 3);
    const char *functions;

    if (!finding)
        return;
    list_imports(finder, finding);
    thaw_lazy_first_calls(&finder->lazy, &finding->first_calls, &finding->first_call_count);
    functions = functions_text(finder, finding);
    finding->title =
        keep(finder, thaw_arena_format(arena, "%s is not needed before the first call of %s",
                                       row->module, functions));
    finding->file = row->file;
    finding->line = row->line;
    finding->moves_to = keep(finder, thaw_arena_format(arena, "first call of %s", functions));
    finding->fix =
        keep(finder, thaw_arena_format(arena, "import %s inside %s", row->module, functions));
    add_evidence(finder, finding,
                 thaw_arena_format(arena, "%s is used only inside %s", row->bound, functions));
    add_evidence(finder, finding,
                 "no function that ran before the first reply can reach it by name");
    add_evidence(finder, finding, modules_text(finder, finding, "it"));
}

static void tell_unused(struct finder *finder, size_t first)
{
    const struct thaw_inventory_statement *row = row_at(finder, first);
    struct thaw_arena *arena = &finder->analysis->memory->arena;
    struct thaw_finding *finding = add_finding(finder, "unused-import", THAW_LAZY_LOOK, 2);

    if (!finding)
        return;
    finding->severity = "note";
    finding->confidence = "low";
    finding->title =
        keep(finder, thaw_arena_format(arena,
                                       "%s is imported but no file uses it: unused, or "
                                       "wanted for its side effect",
                                       row->module));
    finding->file = row->file;
    finding->line = row->line;
    finding->fix =
        keep(finder, thaw_arena_format(arena,
                                       "find out whether anything relies on what loading "
                                       "%s does",
                                       row->module));
    add_evidence(finder, finding,
                 thaw_arena_format(arena, "%s: %s", *row->bound ? row->bound : row->module,
                                   row->detail));
    add_evidence(finder, finding, modules_text(finder, finding, "it"));
}

static bool is_noticeable(const struct thaw_saving *saving)
{
    return saving->ns >= LEAST_NS && saving->share >= LEAST_SHARE;
}

static void remember(struct finder *finder, struct candidates *among, size_t first, size_t end)
{
    struct thaw_lazy_statement *statement = thaw_array_add(&among->list);

    if (statement)
        *statement = (struct thaw_lazy_statement){first, end, finder->lazy.saving.ns};
    finder->lazy.failed |= !statement;
}

static void remember_late(struct finder *finder, size_t first, size_t end, bool is_safe)
{
    uint64_t ns = finder->lazy.saving.ns;

    remember(finder, &finder->late, first, end);
    if (!is_safe) {
        finder->look_ns += ns;
        return;
    }
    remember(finder, &finder->safe, first, end);
    if (finder->best_ns < ns)
        finder->best_ns = ns;
}

/* Looks at the statement whose rows begin at first; returns the next statement's first row. */
static size_t consider(struct finder *finder, size_t first)
{
    struct thaw_lazy *lazy = &finder->lazy;
    enum thaw_lazy_verdict verdict;
    enum use use;
    size_t next;

    memset(lazy->cut, 0, lazy->needs->statements.count * sizeof(*lazy->cut));
    next = cut_statement(finder, first, &use);
    if (use == USE_EARLY)
        return next;
    thaw_lazy_weigh(lazy);
    verdict = lazy->failed ? THAW_LAZY_REFUSED : thaw_lazy_judge(lazy, use == USE_LATE);
    if (verdict == THAW_LAZY_REFUSED)
        return next;
    if (use == USE_LATE)
        remember_late(finder, first, next, verdict == THAW_LAZY_SAFE);
    if (is_noticeable(&lazy->saving)) {
        if (use == USE_LATE)
            tell_lazy(finder, first, verdict);
        else
            tell_unused(finder, first);
    }
    return next;
}

/* --- all together --- */

static bool is_named(const struct finder *finder, const struct candidates *among, size_t before,
                     const char *module)
{
    for (size_t i = 0; i < before; i++) {
        size_t first = among->list.items[i].first;

        if (finder->lazy.cut[first] && !strcmp(row_at(finder, first)->module, module))
            return true;
    }
    return false;
}

/* "pandas, numpy, requests and others", the dearest first. */
static const char *names_text(struct finder *finder, const struct candidates *among)
{
    struct thaw_arena *arena = &finder->analysis->memory->arena;
    const char *text = "";
    size_t told = 0;

    for (size_t i = 0; i < among->list.count; i++) {
        size_t first = among->list.items[i].first;
        const char *module = row_at(finder, first)->module;

        if (!finder->lazy.cut[first] || is_named(finder, among, i, module))
            continue;
        if (told++ == NAMES_MOST)
            return keep(finder, thaw_arena_format(arena, "%s and others", text));
        text = keep(finder, thaw_arena_format(arena, "%s%s%s", text, told > 1 ? ", " : "", module));
    }
    return text;
}

static void tell_members(struct finder *finder, const struct candidates *among,
                         struct thaw_finding *finding)
{
    struct thaw_arena *arena = &finder->analysis->memory->arena;

    for (size_t i = 0; i < among->list.count; i++) {
        const struct thaw_lazy_statement *statement = &among->list.items[i];
        const struct thaw_inventory_statement *row = row_at(finder, statement->first);
        const char *slash = strrchr(row->file, '/');

        if (finder->lazy.cut[statement->first])
            add_evidence(finder, finding,
                         thaw_arena_format(arena, "%s (%s line %llu): %.1f ms by itself",
                                           row->module, slash ? slash + 1 : row->file,
                                           (unsigned long long)row->line,
                                           (double)statement->ns / 1e6));
    }
}

/* Of the candidates, those that get no worse verdict together, if that saves at least so much. */
static void consider_set(struct finder *finder, const struct candidates *among,
                         enum thaw_lazy_verdict worst, uint64_t least_ns)
{
    struct thaw_arena *arena = &finder->analysis->memory->arena;
    struct thaw_lazy *lazy = &finder->lazy;
    struct thaw_finding *finding;
    const char *names;
    size_t count;

    if (among->list.count < 2 || lazy->failed)
        return;
    thaw_lazy_best_set(lazy, among->list.items, among->list.count, worst, &count);
    if (lazy->failed || count < 2 || !is_noticeable(&lazy->saving) || lazy->saving.ns < least_ns)
        return;
    finding = add_finding(finder, "lazy-import-set", thaw_lazy_judge(lazy, true), count + 1);
    if (!finding)
        return;
    list_imports(finder, finding);
    thaw_lazy_first_calls(lazy, &finding->first_calls, &finding->first_call_count);
    names = names_text(finder, among);
    finding->title =
        keep(finder, thaw_arena_format(arena, "%zu imports %s wait together: %s", count,
                                       worst == THAW_LAZY_SAFE ? "can" : "could", names));
    finding->moves_to =
        keep(finder, thaw_arena_format(arena, "first call of %s", functions_text(finder, finding)));
    finding->fix =
        keep(finder,
             thaw_arena_format(arena, "import %s inside the functions that use them", names));
    tell_members(finder, among, finding);
    add_evidence(finder, finding, modules_text(finder, finding, "them"));
    if (worst == THAW_LAZY_SAFE)
        finder->best_ns = lazy->saving.ns;
}

static void consider_sets(struct finder *finder)
{
    consider_set(finder, &finder->safe, THAW_LAZY_SAFE, finder->best_ns + LEAST_NS);
    if (finder->late.list.count > finder->safe.list.count)
        consider_set(finder, &finder->late, THAW_LAZY_LOOK,
                     finder->best_ns + finder->look_ns + LEAST_NS);
}

bool thaw_find_lazy_imports(struct thaw_analysis *analysis)
{
    const struct thaw_analysis_memory *memory = analysis->memory;
    struct finder finder = {.analysis = analysis};
    bool enough;

    if (!analysis->has_edges || !memory->track)
        return true;
    if (thaw_lazy_open(&finder.lazy, analysis->timeline, memory->track, &memory->needs,
                       &analysis->memory->arena)) {
        for (size_t i = 0; !finder.lazy.failed && i < memory->needs.statements.count;)
            i = consider(&finder, i);
        consider_sets(&finder);
    }
    enough = !finder.lazy.failed;
    thaw_array_free(&finder.safe.list);
    thaw_array_free(&finder.late.list);
    thaw_lazy_close(&finder.lazy);
    return enough;
}
