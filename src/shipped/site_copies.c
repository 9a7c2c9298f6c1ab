/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "packaging/name.h"
#include "shipped/site_table.h"

/* Those of one name in one folder. */
struct copies {
    struct thaw_site_entry *best;
    uint64_t misses; /* of the best, once it is compared with another */
    bool is_compared;
};

struct settling {
    struct thaw_shipped *shipped;
    struct thaw_arena arena;
    struct thaw_path_table names; /* normalised -> copies */
    THAW_ARRAY(struct copies) all;
};

static const struct thaw_shipped_distribution *row_of(const struct settling *settling,
                                                      const struct thaw_site_entry *entry)
{
    return &settling->shipped->memory->distributions.items[entry->distribution];
}

/* Several of one version are one install when not all of them are wheels: setup.py's .egg-info
 * beside what pip made of it. */
static bool is_same(const struct settling *settling, const struct thaw_site_entry *one,
                    const struct thaw_site_entry *other)
{
    const char *version = row_of(settling, one)->version;
    const char *other_version = row_of(settling, other)->version;

    return (thaw_info_kind(one->name) != THAW_INFO_WHEEL ||
            thaw_info_kind(other->name) != THAW_INFO_WHEEL) &&
           (!*version || !*other_version || strcmp(version, other_version) == 0);
}

static int compare_copies(struct settling *settling, struct copies *copies,
                          struct thaw_site_entry *entry)
{
    uint64_t misses;

    if (is_same(settling, copies->best, entry)) {
        entry->is_same = true;
        return 0;
    }
    if (!copies->is_compared &&
        thaw_site_owners_misses(settling->shipped, copies->best, &copies->misses) < 0)
        return -ENOMEM;
    copies->is_compared = true;
    if (thaw_site_owners_misses(settling->shipped, entry, &misses) < 0)
        return -ENOMEM;
    if (misses >= copies->misses)
        return 0;
    copies->best = entry;
    copies->misses = misses;
    return 0;
}

/* The copies that an entry is one of, in ret: 1 it is the first, 0 there are others, -ENOMEM. */
static int copies_of(struct settling *settling, struct thaw_site_entry *entry, struct copies **ret)
{
    const char *name = row_of(settling, entry)->name;
    struct copies *added;
    int result;

    name = thaw_name_normalise(&settling->arena, name, strlen(name));
    if (!name)
        return -ENOMEM;
    result = thaw_path_table_add(&settling->names, &settling->arena, name, strlen(name),
                                 settling->all.count);
    if (result < 0)
        return result;
    if (result == 0) {
        *ret = &settling->all.items[thaw_path_table_find(&settling->names, name, strlen(name))];
        return 0;
    }
    added = thaw_array_add(&settling->all);
    if (!added)
        return -ENOMEM;
    *added = (struct copies){.best = entry};
    return 1;
}

static bool is_copy(const struct settling *settling, const struct thaw_site_entry *entry)
{
    return entry->kind == THAW_SITE_INFO && entry->distribution != THAW_SHIPPED_NONE &&
           *row_of(settling, entry)->name;
}

/* Wheels first: what an .egg-info tells is held against them. */
static int find_copies(struct settling *settling, struct thaw_site_entry *entries, size_t count,
                       enum thaw_info_kind kind)
{
    int result = 0;

    for (size_t i = 0; result >= 0 && i < count; i++) {
        struct copies *copies;

        if (!is_copy(settling, &entries[i]) || thaw_info_kind(entries[i].name) != kind)
            continue;
        result = copies_of(settling, &entries[i], &copies);
        if (result == 0)
            result = compare_copies(settling, copies, &entries[i]);
    }
    return result < 0 ? result : 0;
}

/* Rows of what is told by another row go; the entries get the numbers that are left. */
static void close_gaps(struct settling *settling, struct thaw_site_entry *entries, size_t count)
{
    struct thaw_shipped_memory *memory = settling->shipped->memory;
    size_t next = SIZE_MAX;

    for (size_t i = 0; i < count; i++) {
        uint32_t old = entries[i].distribution;

        if (old == THAW_SHIPPED_NONE)
            continue;
        next = next == SIZE_MAX ? old : next;
        if (entries[i].is_same)
            continue;
        memory->distributions.items[next] = memory->distributions.items[old];
        memory->sites->told.items[next] = memory->sites->told.items[old];
        entries[i].distribution = (uint32_t)next++;
    }
    if (next != SIZE_MAX)
        memory->distributions.count = memory->sites->told.count = next;
}

static int tell_best(struct settling *settling, struct thaw_site_entry *entries, size_t count,
                     struct copies **of)
{
    for (size_t i = 0; i < count; i++) {
        if (is_copy(settling, &entries[i]) && copies_of(settling, &entries[i], &of[i]) < 0)
            return -ENOMEM;
    }
    close_gaps(settling, entries, count);
    for (size_t i = 0; i < count; i++) {
        const struct thaw_site_entry *best = of[i] ? of[i]->best : NULL;

        if (!best || best == &entries[i])
            continue;
        if (entries[i].is_same) {
            entries[i].distribution = best->distribution;
            continue;
        }
        entries[i].leftover_of = best->distribution;
        settling->shipped->memory->sites->told.items[entries[i].distribution].leftover_of =
            best->distribution;
    }
    return 0;
}

int thaw_site_copies_settle(struct thaw_shipped *shipped, struct thaw_site_entry *entries,
                            size_t count)
{
    struct settling settling = {.shipped = shipped};
    struct copies **of = calloc(count + 1, sizeof(*of));
    int result = of ? find_copies(&settling, entries, count, THAW_INFO_WHEEL) : -ENOMEM;

    if (result == 0)
        result = find_copies(&settling, entries, count, THAW_INFO_EGG);
    if (result == 0)
        result = tell_best(&settling, entries, count, of);
    free(of);
    thaw_array_free(&settling.all);
    thaw_path_table_clear(&settling.names);
    thaw_arena_free(&settling.arena);
    return result;
}
