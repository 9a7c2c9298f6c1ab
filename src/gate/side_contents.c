/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/path_table.h"
#include "gate/owners.h"
#include "gate/readers.h"
#include "gate/side_parts.h"
#include "report/keys.h"

/* What a side is made of: its distributions, and what of them was loaded. */

struct collecting {
    struct thaw_gate_side *side;
    struct thaw_path_table table; /* normalised name -> number of side->contents */
    bool has_modules;
    bool failed;
};

/* The row of a name, which is added where it is missing; NULL: memory is short. */
static struct thaw_gate_content *row_of(struct collecting *it, const char *name)
{
    struct thaw_arena *arena = &it->side->arena;
    const char *key = thaw_key_normalised(arena, name);
    struct thaw_gate_content *row;
    size_t number;

    it->failed |= !key;
    if (it->failed)
        return NULL;
    number = thaw_path_table_find(&it->table, key, strlen(key));
    if (number != THAW_PATH_NONE)
        return &it->side->contents.items[number];
    row = thaw_array_add(&it->side->contents);
    it->failed = !row || thaw_path_table_add(&it->table, arena, key, strlen(key),
                                             it->side->contents.count - 1) < 0;
    if (it->failed)
        return NULL;
    *row = (struct thaw_gate_content){
        .name = name,
        .key = key,
        .version = "",
        .disk_bytes = -1,
        .modules = it->has_modules ? 0 : -1,
    };
    return row;
}

/* Of two distributions of one name the first one's version counts, and what both take. */
static void add_target(struct collecting *it, const json_t *report)
{
    const json_t *totals = json_object_get(report, "totals"), *distribution;
    struct thaw_gate_content *row;
    size_t i;

    json_array_foreach(thaw_summary_list(report, "distributions"), i, distribution)
    {
        row = row_of(it, thaw_key_string(distribution, "name"));
        if (!row)
            return;
        if (row->disk_bytes < 0) {
            row->disk_bytes = 0;
            row->version = thaw_key_string(distribution, "version");
        }
        row->disk_bytes += (double)thaw_summary_number(distribution, "disk_bytes");
    }
    if (!json_is_object(json_object_get(totals, "app")))
        return;
    row = row_of(it, "app");
    if (row)
        row->disk_bytes = (double)thaw_summary_number(json_object_get(totals, "app"), "disk_bytes");
}

/* Whose a module is; NULL: nobody knows. */
static const char *owner_of(const json_t *module)
{
    const char *distribution = thaw_key_string(module, "distribution");
    const char *owner = thaw_key_string(module, "owner");

    if (*distribution)
        return distribution;
    if (!strcmp(owner, "stdlib"))
        return "python";
    return !strcmp(owner, "app") || !strcmp(owner, "worker") ? owner : NULL;
}

static void add_modules(struct collecting *it, const struct thaw_summary *summary)
{
    const json_t *module;
    struct thaw_gate_content *row = NULL;
    const char *last = NULL;
    size_t i;

    json_array_foreach(json_object_get(summary->report, "modules"), i, module)
    {
        const char *owner = owner_of(module);

        if (!owner || strcmp(thaw_key_string(module, "status"), "loaded") != 0 ||
            !thaw_summary_is_counted(summary, module))
            continue;
        if (!row || strcmp(owner, last) != 0)
            row = row_of(it, owner);
        if (!row)
            return;
        last = owner;
        row->modules++;
    }
}

/* Of what the interpreter has installed only what was loaded is of interest. */
static void add_versions(struct collecting *it, const json_t *report)
{
    const json_t *distribution;
    size_t i;

    json_array_foreach(thaw_summary_list(report, "distributions"), i, distribution)
    {
        const char *key = thaw_key_name(&it->side->arena, distribution, "name");
        size_t number = key ? thaw_path_table_find(&it->table, key, strlen(key)) : THAW_PATH_NONE;

        it->failed |= !key;
        if (number != THAW_PATH_NONE && !*it->side->contents.items[number].version)
            it->side->contents.items[number].version = thaw_key_string(distribution, "version");
    }
}

static int by_key(const void *left, const void *right)
{
    const struct thaw_gate_content *a = left, *b = right;

    return strcmp(a->key, b->key);
}

void thaw_gate_contents_sort(struct thaw_gate_side *side)
{
    if (side->contents.count)
        qsort(side->contents.items, side->contents.count, sizeof(*side->contents.items), by_key);
}

/* Names tell of distributions alone. */
static void forget_app(struct thaw_gate_side *side)
{
    for (size_t i = 0; i < side->contents.count; i++)
        if (!strcmp(side->contents.items[i].key, "app"))
            side->contents.items[i].modules = -1;
}

/* A recording without any distribution's or owner's name says nothing of whose modules are. */
static const json_t *telling_run(const struct thaw_gate_side *side)
{
    const json_t *report = thaw_gate_first_run(side);
    struct thaw_summary summary;

    if (!report)
        return NULL;
    thaw_summary_begin(&summary, report, NULL, NULL);
    return thaw_gate_is_importtime(&summary) && !thaw_gate_has_owners(report) ? NULL : report;
}

int thaw_gate_contents_measured(struct thaw_gate_side *side)
{
    const json_t *run = telling_run(side);
    struct collecting it = {.side = side, .has_modules = run != NULL};
    struct thaw_summary summary;

    if (side->input->target)
        add_target(&it, side->input->target);
    if (run && !it.failed) {
        thaw_summary_begin(&summary, run, NULL, NULL);
        add_modules(&it, &summary);
        if (thaw_gate_has_owners(run))
            forget_app(side);
        if (!it.failed)
            add_versions(&it, run);
    }
    thaw_path_table_clear(&it.table);
    if (!it.failed)
        thaw_gate_contents_sort(side);
    return it.failed ? -ENOMEM : 0;
}
