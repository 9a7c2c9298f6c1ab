/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <string.h>

#include "inventory/ownership.h"
#include "shipped/site_table.h"

/* The source that bytecode was made from, or NONE. */
static uint32_t source_of(const struct thaw_shipped *shipped, const struct thaw_shipped_file *file)
{
    uint32_t parent = shipped->memory->folders.items[file->folder].parent;
    char source[PATH_MAX];
    size_t length = thaw_ownership_source(file->path, strlen(file->path), source, sizeof(source));
    const char *name;

    if (!length || parent == THAW_SHIPPED_NONE)
        return THAW_SHIPPED_NONE;
    name = thaw_tree_name(source);
    return thaw_tree_find_file(shipped, parent, name, length - (size_t)(name - source), 0);
}

void thaw_site_owners_bytecode(struct thaw_shipped *shipped, uint32_t site)
{
    struct thaw_shipped_file *files = shipped->memory->files.items;
    const struct thaw_tree_folder *extra = &shipped->memory->content->folders.items[site];

    for (uint32_t i = extra->first_file; i < extra->file_end; i++) {
        uint32_t source;

        if (files[i].distribution != THAW_SHIPPED_NONE)
            continue;
        source = source_of(shipped, &files[i]);
        if (source != THAW_SHIPPED_NONE)
            files[i].distribution = files[source].distribution;
    }
}
