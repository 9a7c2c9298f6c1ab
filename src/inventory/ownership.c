/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include <xxhash.h>

/* A table that can't grow leaves the new entry without a table, which is how it is told. The seed
 * differs from process to process, so that no RECORD can be written to collide. */
#define HASH_NONFATAL_OOM 1
#define HASH_FUNCTION(key, length, hash)                                                           \
    (hash) = (unsigned)XXH3_64bits_withSeed(key, length, hash_seed())
#include <uthash.h>

#include "inventory/ownership.h"

#define CACHE_FOLDER "__pycache__/"

static uint64_t hash_seed(void)
{
    static const char anchor; /* address space randomisation does the rest */

    return (uintptr_t)&anchor;
}

struct inode_entry {
    struct {
        uint64_t device;
        uint64_t inode;
    } key;
    uint32_t number;
    UT_hash_handle hh;
};

bool thaw_ownership_add_file(struct thaw_ownership *ownership, struct thaw_arena *arena,
                             const char *path, size_t length, size_t distribution)
{
    return thaw_path_table_add(&ownership->files, arena, path, length, distribution) >= 0;
}

bool thaw_ownership_add_top(struct thaw_ownership *ownership, struct thaw_arena *arena,
                            const char *name, size_t length, size_t distribution)
{
    return thaw_path_table_add(&ownership->tops, arena, name, length, distribution) >= 0;
}

size_t thaw_ownership_source(const char *path, size_t length, char *source, size_t size)
{
    const char *name = memrchr(path, '/', length);
    const size_t cache = sizeof(CACHE_FOLDER) - 1;
    size_t folder, stem;
    const char *dot;

    if (!name)
        return 0;
    name++;
    folder = (size_t)(name - path);
    dot = memchr(name, '.', length - folder);
    if (!dot || folder < cache || memcmp(name - cache, CACHE_FOLDER, cache) != 0 ||
        (folder > cache && name[-(ptrdiff_t)cache - 1] != '/'))
        return 0;
    stem = (size_t)(dot - name);
    folder -= cache;
    if (folder + stem + sizeof(".py") > size)
        return 0;
    memcpy(source, path, folder);
    memcpy(source + folder, name, stem);
    memcpy(source + folder + stem, ".py", sizeof(".py"));
    return folder + stem + sizeof(".py") - 1;
}

/* By the first component: a folder's name, or a module's without what follows the first dot. */
static size_t ownership_top(const struct thaw_ownership *ownership, const char *path, size_t length)
{
    const char *slash = memchr(path, '/', length);
    size_t first = slash ? (size_t)(slash - path) : length;
    size_t found = thaw_path_table_find(&ownership->tops, path, first);
    const char *dot = slash ? NULL : memchr(path, '.', length);

    if (found == THAW_OWNERSHIP_NONE && dot)
        found = thaw_path_table_find(&ownership->tops, path, (size_t)(dot - path));
    return found;
}

size_t thaw_ownership_find(const struct thaw_ownership *ownership, const char *path, size_t length)
{
    size_t found = thaw_path_table_find(&ownership->files, path, length);
    char source[PATH_MAX];
    size_t source_length;

    if (found != THAW_OWNERSHIP_NONE)
        return found;
    source_length = thaw_ownership_source(path, length, source, sizeof(source));
    if (source_length)
        found = thaw_path_table_find(&ownership->files, source, source_length);
    if (found == THAW_OWNERSHIP_NONE && source_length)
        found = ownership_top(ownership, source, source_length);
    if (found == THAW_OWNERSHIP_NONE)
        found = ownership_top(ownership, path, length);
    return found;
}

void thaw_ownership_clear(struct thaw_ownership *ownership)
{
    thaw_path_table_clear(&ownership->files);
    thaw_path_table_clear(&ownership->tops);
}

int thaw_inodes_add(struct thaw_inodes *inodes, struct thaw_arena *arena, uint64_t device,
                    uint64_t inode, uint32_t *number)
{
    struct inode_entry *entry, *added = thaw_arena_allocate(arena, sizeof(*added));

    if (!added)
        return -ENOMEM;
    added->key.device = device;
    added->key.inode = inode;
    HASH_FIND(hh, inodes->entries, &added->key, sizeof(added->key), entry);
    if (entry && number)
        *number = entry->number;
    if (entry)
        return 0;
    added->number = number ? *number : 0;
    HASH_ADD(hh, inodes->entries, key, sizeof(added->key), added);
    return added->hh.tbl ? 1 : -ENOMEM;
}

void thaw_inodes_clear(struct thaw_inodes *inodes)
{
    HASH_CLEAR(hh, inodes->entries);
}
