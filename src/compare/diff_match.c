/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "compare/diff_parts.h"
#include "report/keys.h"
#include "report/summary.h"

/* Folders of an import path that are looked at: real ones have a handful. */
enum { most_sites = 64 };

const char *thaw_differ_keep(struct thaw_differ *differ, const char *text)
{
    differ->values.failed |= !text;
    return text ? text : "";
}

const json_t *thaw_differ_list(const struct thaw_differ *differ, int side, const char *key)
{
    return thaw_summary_list(differ->sides[side]->report, key);
}

bool thaw_differ_begin(struct thaw_differ *differ, const json_t *before, const json_t *after,
                       struct thaw_diff_matching *ret)
{
    const json_t *lists[2] = {before, after};

    for (int side = 0; side < 2; side++) {
        size_t count = json_array_size(lists[side]);

        ret->count[side] = count;
        ret->partner[side] = thaw_arena_allocate(&differ->arena, (count + 1) * sizeof(size_t));
        differ->values.failed |= !ret->partner[side];
        for (size_t i = 0; ret->partner[side] && i < count; i++)
            ret->partner[side][i] = THAW_DIFF_NO_PARTNER;
    }
    return !differ->values.failed;
}

/* Of each key the first item that has no partner: the others follow by next, which counts from 1.
 */
static void chain_up(struct thaw_differ *differ, const struct thaw_diff_matching *matching,
                     const char *const *keys, json_t *heads, size_t *next)
{
    for (size_t i = matching->count[0]; i-- > 0 && !differ->values.failed;) {
        if (!keys[i] || matching->partner[0][i] != THAW_DIFF_NO_PARTNER)
            continue;
        next[i] = (size_t)json_integer_value(json_object_get(heads, keys[i]));
        thaw_values_set(&differ->values, heads, keys[i], json_integer((json_int_t)i + 1));
    }
}

void thaw_differ_match(struct thaw_differ *differ, struct thaw_diff_matching *matching,
                       const char *const *before, const char *const *after)
{
    size_t *next = thaw_arena_allocate(&differ->arena, (matching->count[0] + 1) * sizeof(*next));
    json_t *heads = thaw_values_object(&differ->values);

    differ->values.failed |= !next;
    if (!differ->values.failed)
        chain_up(differ, matching, before, heads, next);
    for (size_t i = 0; i < matching->count[1] && !differ->values.failed; i++) {
        size_t found;

        if (!after[i] || matching->partner[1][i] != THAW_DIFF_NO_PARTNER)
            continue;
        found = (size_t)json_integer_value(json_object_get(heads, after[i]));
        if (!found)
            continue;
        matching->partner[1][i] = found - 1;
        matching->partner[0][found - 1] = i;
        thaw_values_set(&differ->values, heads, after[i],
                        json_integer((json_int_t)next[found - 1]));
    }
    json_decref(heads);
}

/* Adds a folder of the import path once. */
static void add_site(struct thaw_differ *differ, struct thaw_texts *sites, const char *site)
{
    if (thaw_texts_hold(sites, site))
        return;
    differ->values.failed |=
        thaw_arena_add_text(&differ->arena, sites, most_sites, site, strlen(site)) < 0;
}

/* A target says them; of a recording they are where its distributions are. */
static void list_sites(struct thaw_differ *differ, int side)
{
    const json_t *report = differ->sides[side]->report;
    const json_t *target = json_object_get(report, "target"), *distribution;
    struct thaw_texts *sites = &differ->sites[side];
    size_t count = json_array_size(json_object_get(target, "sites")), i;

    for (i = 0; i < count && i < most_sites; i++)
        add_site(differ, sites,
                 thaw_differ_keep(differ, thaw_key_item(&differ->arena, target, "sites", i)));
    if (target)
        return;
    json_array_foreach(json_object_get(report, "distributions"), i, distribution)
    {
        const char *site =
            thaw_differ_keep(differ, thaw_key_text(&differ->arena, distribution, "location"));

        if (*site)
            add_site(differ, sites, site);
    }
}

const char *thaw_differ_place(struct thaw_differ *differ, int side, const char *path)
{
    const struct thaw_texts *sites = &differ->sites[side];
    const char *place = NULL;

    if (!differ->has_sites[side])
        list_sites(differ, side);
    differ->has_sites[side] = true;
    for (uint64_t i = 0; i < sites->count; i++) {
        const char *site = sites->items[i];
        const char *within = strcmp(path, site) ? thaw_key_within(path, site) : "";

        if (within && (!place || strlen(within) < strlen(place)))
            place = within;
    }
    return thaw_differ_keep(differ, thaw_arena_format(&differ->arena, "%s%s",
                                                      place ? "s:" : "t:", place ? place : path));
}

void thaw_differ_add(struct thaw_differ *differ, struct thaw_diff_changes *changes, json_t *object,
                     uint64_t weight, const char *name)
{
    struct thaw_diff_change *row = object ? thaw_array_add(&changes->rows) : NULL;

    differ->values.failed |= !row;
    if (row)
        *row = (struct thaw_diff_change){object, weight, name, changes->rows.count};
    else
        json_decref(object);
}

static int compare(const void *left, const void *right)
{
    const struct thaw_diff_change *a = left, *b = right;
    int order = strcmp(a->name, b->name);

    if (a->weight != b->weight)
        return a->weight < b->weight ? 1 : -1;
    return order ? order : (a->number > b->number) - (a->number < b->number);
}

json_t *thaw_differ_sorted(struct thaw_differ *differ, struct thaw_diff_changes *changes)
{
    json_t *list = thaw_values_array(&differ->values);

    if (changes->rows.count)
        qsort(changes->rows.items, changes->rows.count, sizeof(*changes->rows.items), compare);
    for (size_t i = 0; i < changes->rows.count; i++)
        thaw_values_append(&differ->values, list, changes->rows.items[i].object);
    thaw_array_free(&changes->rows);
    return list;
}
