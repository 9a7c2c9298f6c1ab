/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>

#include <xxhash.h>

/* A table that can't grow leaves the new entry without a table, which is how it is told. The seed
 * differs from process to process, so that no list of paths can be written to collide. */
#define HASH_NONFATAL_OOM 1
#define HASH_FUNCTION(key, length, hash)                                                           \
    (hash) = (unsigned)XXH3_64bits_withSeed(key, length, hash_seed())
#include <uthash.h>

#include "base/path_table.h"

struct path_table_entry {
    const char *path;
    size_t number;
    UT_hash_handle hh;
};

static uint64_t hash_seed(void)
{
    static const char anchor; /* address space randomisation does the rest */

    return (uintptr_t)&anchor;
}

int thaw_path_table_add(struct thaw_path_table *table, struct thaw_arena *arena, const char *path,
                        size_t length, size_t number)
{
    struct path_table_entry *entry;

    if (length > UINT_MAX)
        return 0;
    HASH_FIND(hh, table->entries, path, length, entry);
    if (entry)
        return 0;
    entry = thaw_arena_allocate(arena, sizeof(*entry));
    if (!entry)
        return -ENOMEM;
    entry->path = path;
    entry->number = number;
    HASH_ADD_KEYPTR(hh, table->entries, path, length, entry);
    return entry->hh.tbl ? 1 : -ENOMEM;
}

size_t thaw_path_table_find(const struct thaw_path_table *table, const char *path, size_t length)
{
    struct path_table_entry *entry = NULL;

    if (length <= UINT_MAX)
        HASH_FIND(hh, table->entries, path, length, entry);
    return entry ? entry->number : THAW_PATH_NONE;
}

void thaw_path_table_clear(struct thaw_path_table *table)
{
    HASH_CLEAR(hh, table->entries);
}
