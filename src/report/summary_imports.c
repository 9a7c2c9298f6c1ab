/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "report/import_words.h"
#include "report/keys.h"
#include "report/summary_parts.h"

/*
 * The costliest imports, by time with everything they import.
 *
 * A tree of imports repeats its cost on every level: pandas, pandas.core.api, pandas.core.frame …
 * So a module gets a row only when none of the modules above it is of the same group: the user's
 * own app as a whole, a distribution, or, where neither is known, all below one top-level name.
 *
 * In a platform's worker only what the user can act on counts: modules of the app and of packages,
 * and what else the app itself asks for. In any other program every module counts, and so it does
 * where no module's owner is known (the importtime backend sees no files). With a track
 * only its process is looked at, of a server with what its hosts did before they started it, and of
 * that only what happened in the time the track's total counts: not what a worker imported before
 * it became the user's, nor after its first reply.
 */

enum { most_rows = 5, least_file_columns = 12 };

struct candidate {
    const json_t *module;
    uint64_t id;
    uint64_t parent;
    uint64_t total_ns;
    const char *group; /* in the report, NULL: no candidate */
    size_t group_length;
};

struct candidates {
    struct candidate *items; /* by id */
    size_t count;
    bool by_owner; /* the modules are of a platform's worker, and whose they are is known */
};

static bool has_owner(const json_t *module, const char *owner)
{
    return !strcmp(thaw_key_string(module, "owner"), owner);
}

static int compare_ids(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;

    return a->id < b->id ? -1 : a->id > b->id;
}

static int compare_totals(const void *left, const void *right)
{
    const struct candidate *a = *(const struct candidate *const *)left;
    const struct candidate *b = *(const struct candidate *const *)right;

    if (a->total_ns != b->total_ns)
        return a->total_ns > b->total_ns ? -1 : 1;
    return compare_ids(a, b);
}

static const struct candidate *find(const struct candidates *candidates, uint64_t id)
{
    const struct candidate key = {.id = id};

    return bsearch(&key, candidates->items, candidates->count, sizeof(key), compare_ids);
}

/* Candidates must be sorted by id. */
static bool is_of_interest(const struct candidates *candidates, const struct candidate *candidate)
{
    const struct candidate *parent = find(candidates, candidate->parent);

    return !candidates->by_owner || has_owner(candidate->module, "app") ||
           has_owner(candidate->module, "package") || (parent && has_owner(parent->module, "app"));
}

static void set_group(const struct candidates *candidates, struct candidate *candidate)
{
    const char *name = thaw_key_string(candidate->module, "name");
    const char *distribution = thaw_key_string(candidate->module, "distribution");

    if (!is_of_interest(candidates, candidate))
        return;
    candidate->group = *distribution ? distribution : name;
    if (has_owner(candidate->module, "app"))
        candidate->group = "app";
    candidate->group_length =
        candidate->group == name ? strcspn(name, ".") : strlen(candidate->group);
}

static bool same_group(const struct candidate *a, const struct candidate *b)
{
    return a->group && b->group && a->group_length == b->group_length &&
           !memcmp(a->group, b->group, a->group_length);
}

/* A parent has the lower id; anything else is no tree and ends the walk. */
static bool is_outermost(const struct candidates *candidates, const struct candidate *candidate)
{
    uint64_t id = candidate->id, parent = candidate->parent;

    while (parent && parent < id) {
        const struct candidate *above = find(candidates, parent);

        if (!above)
            return true;
        if (same_group(above, candidate))
            return false;
        id = above->id;
        parent = above->parent;
    }
    return true;
}

/* Instants that were derived are left alone: they are no evidence of anything. */
static bool is_in_total(const struct thaw_summary *summary, const json_t *module)
{
    uint64_t start_ns = thaw_summary_number(module, "start_ns");
    const json_t *phase;
    size_t i;

    if (!summary->track || json_is_false(json_object_get(module, "timed")))
        return true;
    if (thaw_summary_is(summary->track, "answered") &&
        start_ns >= thaw_summary_number(summary->track, "end_ns"))
        return false;
    json_array_foreach(json_object_get(summary->track, "phases"), i,
                       phase) if (!thaw_summary_is(phase, "counted") &&
                                  start_ns >= thaw_summary_number(phase, "start_ns") &&
                                  start_ns < thaw_summary_number(phase, "end_ns")) return false;
    return true;
}

/* When the track's host had started it, 0: no host did. */
static uint64_t host_end_ns(const struct thaw_summary *summary)
{
    const json_t *phase;
    size_t i;

    json_array_foreach(json_object_get(summary->track, "phases"), i,
                       phase) if (!strcmp(thaw_key_string(phase, "name"),
                                          "host")) return thaw_summary_number(phase, "end_ns");
    return 0;
}

/* Is the process a host above the track's server, which belongs to no platform? */
static bool is_server_host(const struct thaw_summary *summary, uint64_t id)
{
    const json_t *process =
        thaw_summary_process(summary, thaw_summary_number(summary->track, "process"));

    while (process && !strcmp(thaw_key_string(process, "platform"), "generic")) {
        uint64_t above = thaw_summary_number(process, "parent");

        if (above >= thaw_summary_number(process, "id")) /* no tree */
            return false;
        process = thaw_summary_process(summary, above);
        if (above == id)
            return !strcmp(thaw_key_string(process, "role"), "host");
    }
    return false;
}

bool thaw_summary_is_counted(const struct thaw_summary *summary, const json_t *module)
{
    uint64_t process = thaw_summary_number(summary->track, "process");
    uint64_t own = thaw_summary_number(module, "process");

    if (process && own != process &&
        (thaw_summary_number(module, "start_ns") >= host_end_ns(summary) ||
         !is_server_host(summary, own)))
        return false;
    return is_in_total(summary, module);
}

static bool collect(struct thaw_summary *summary, struct candidates *candidates)
{
    const json_t *modules = thaw_summary_list(summary->report, "modules"), *module;
    uint64_t process = thaw_summary_number(summary->track, "process");
    size_t i;

    candidates->items = calloc(json_array_size(modules) + 1, sizeof(*candidates->items));
    if (!candidates->items)
        return false;
    json_array_foreach(modules, i, module)
    {
        struct candidate *candidate = &candidates->items[candidates->count];

        if (!thaw_summary_is_counted(summary, module))
            continue;
        candidate->module = module;
        candidate->id = thaw_summary_number(module, "id");
        candidate->parent = thaw_summary_number(module, "parent");
        candidate->total_ns = thaw_summary_number(module, "total_ns");
        candidates->by_owner |= has_owner(module, "app") || has_owner(module, "package");
        candidates->count++;
    }
    candidates->by_owner &=
        thaw_summary_is_worker(summary, process) &&
        strcmp(thaw_key_string(thaw_summary_process(summary, process), "platform"), "generic") != 0;
    qsort(candidates->items, candidates->count, sizeof(*candidates->items), compare_ids);
    for (i = 0; i < candidates->count; i++)
        set_group(candidates, &candidates->items[i]);
    return true;
}

/* The rows, costliest first, at most most of them; there is room for one more. */
static size_t choose(const struct candidates *candidates, const struct candidate **rows,
                     size_t most)
{
    size_t count = 0;

    for (size_t i = 0; i < candidates->count; i++) {
        const struct candidate *candidate = &candidates->items[i];
        size_t place = count;

        while (place > 0 && compare_totals(&candidate, &rows[place - 1]) < 0)
            place--;
        /* The walk is for those that would have a row: a chain may be as long as the list. */
        if (place == most || !candidate->group || !is_outermost(candidates, candidate))
            continue;
        memmove(&rows[place + 1], &rows[place], (count - place) * sizeof(rows[0]));
        rows[place] = candidate;
        count += count < most;
    }
    return count;
}

size_t thaw_summary_costliest(struct thaw_summary *summary, const json_t **modules, size_t most,
                              size_t *ret_all)
{
    const struct candidate **rows = calloc(most + 1, sizeof(const struct candidate *));
    struct candidates candidates = {0};
    size_t count = 0;

    if (rows && collect(summary, &candidates))
        count = choose(&candidates, rows, most);
    else
        summary->failed = true;
    for (size_t i = 0; i < count; i++)
        modules[i] = rows[i]->module;
    *ret_all = candidates.count;
    free(candidates.items);
    free(rows);
    return count;
}

/*
 * At 80 columns: two durations of 10, four gaps of 2, 12 for the file, 40 for these two; more
 * where there is more room.
 */
static size_t module_columns(const struct thaw_summary *summary)
{
    return 26 + (summary->width - 80) / 4;
}

static size_t from_columns(const struct thaw_summary *summary)
{
    return 14 + (summary->width - 80) / 10;
}

enum { cells_per_row = 5 };

static void set_cells(struct thaw_summary *summary, const json_t *module,
                      const char *cells[static cells_per_row])
{
    cells[0] = thaw_summary_duration(summary, thaw_summary_number(module, "total_ns"));
    cells[1] = thaw_summary_duration(summary, thaw_summary_number(module, "self_ns"));
    cells[2] = thaw_import_name(summary, module, module_columns(summary));
    cells[3] = thaw_summary_fit(summary, thaw_import_from(summary, module), from_columns(summary));
    cells[4] = thaw_summary_text(summary, module, "file");
}

/* Paths get what the other columns leave, and keep their ends. */
static void fit_files(struct thaw_summary *summary, const char *(*cells)[cells_per_row],
                      size_t count)
{
    size_t left = summary->width, gap = 2;

    for (size_t column = 0; column + 1 < cells_per_row; column++) {
        size_t widest = sizeof("MODULE") - 1;

        for (size_t i = 0; i < count; i++)
            if (thaw_summary_columns(cells[i][column]) > widest)
                widest = thaw_summary_columns(cells[i][column]);
        left = left > widest + gap ? left - widest - gap : 0;
    }
    if (left < least_file_columns)
        left = least_file_columns;
    for (size_t i = 0; i < count; i++)
        cells[i][cells_per_row - 1] =
            thaw_summary_fit_end(summary, cells[i][cells_per_row - 1], left);
}

static void write_rows(struct thaw_summary *summary, const json_t *const *modules, size_t count)
{
    static const char *const names[cells_per_row] = {"TOTAL", "SELF", "MODULE", "FROM", "FILE"};
    const char *cells[most_rows][cells_per_row];
    struct libscols_table *table = thaw_summary_table(summary, true);

    for (size_t i = 0; i < cells_per_row; i++)
        thaw_summary_column(summary, table, names[i], i < 2);
    for (size_t i = 0; i < count; i++)
        set_cells(summary, modules[i], cells[i]);
    fit_files(summary, cells, count);
    for (size_t i = 0; i < count; i++)
        thaw_summary_row(summary, table, THAW_STYLE_PLAIN, THAW_STYLE_FAINT, cells[i],
                         cells_per_row);
    thaw_summary_print(summary, table);
}

void thaw_summary_imports(struct thaw_summary *summary)
{
    const json_t *modules[most_rows];
    size_t all, count = thaw_summary_costliest(summary, modules, most_rows, &all);

    if (!count)
        return;
    thaw_summary_title(summary,
                       thaw_summary_format(summary,
                                           "Costliest of %s imports, one row per package (total: "
                                           "with all it imports)",
                                           thaw_summary_count(summary, all)));
    write_rows(summary, modules, count);
}
