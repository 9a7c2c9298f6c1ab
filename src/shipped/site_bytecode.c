/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <string.h>

#include "shipped/site_table.h"

/* The source that bytecode in a __pycache__ folder was made from, or NONE (PEP 3147). */
static uint32_t source_of(const struct thaw_shipped *shipped, const struct thaw_shipped_file *file)
{
    const struct thaw_shipped_folder *folder = &shipped->memory->folders.items[file->folder];
    const char *name = thaw_tree_name(file->path);
    size_t stem = strcspn(name, ".");
    char source[NAME_MAX + sizeof(".py")];

    if (folder->parent == THAW_SHIPPED_NONE || stem > NAME_MAX ||
        strcmp(thaw_tree_name(folder->path), "__pycache__") != 0)
        return THAW_SHIPPED_NONE;
    memcpy(source, name, stem);
    memcpy(source + stem, ".py", sizeof(".py"));
    return thaw_tree_find_file(shipped, folder->parent, source, stem + sizeof(".py") - 1, 0);
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
