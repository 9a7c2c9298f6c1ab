/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shipped/content.h"
#include "shipped/file_kinds.h"
#include "shipped/tree.h"

struct thaw_content *thaw_content_new(void)
{
    return calloc(1, sizeof(struct thaw_content));
}

void thaw_content_free(struct thaw_content *content)
{
    if (!content)
        return;
    for (size_t i = 0; i < content->roots.count; i++) {
        if (content->roots.items[i].fd >= 0)
            close(content->roots.items[i].fd);
    }
    thaw_zip_close(content);
    thaw_array_free(&content->roots);
    thaw_array_free(&content->given);
    thaw_array_free(&content->folders);
    thaw_array_free(&content->links);
    thaw_array_free(&content->executables);
    thaw_array_free(&content->members);
    thaw_path_table_clear(&content->folder_paths);
    thaw_inodes_clear(&content->inodes);
    free(content);
}

const char *thaw_tree_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

const char *thaw_tree_join(struct thaw_shipped *shipped, const char *folder, const char *name)
{
    size_t length = strlen(folder), size = strlen(name);
    bool slash = length && folder[length - 1] != '/';
    char *path = thaw_arena_allocate(&shipped->memory->arena, length + slash + size + 1);

    if (!path)
        return NULL;
    memcpy(path, folder, length);
    if (slash)
        path[length] = '/';
    memcpy(path + length + slash, name, size);
    return path;
}

/* Behind the folder's path and a slash; "" and "/" need none. */
static uint32_t names_begin(const char *folder)
{
    size_t length = strlen(folder);

    return (uint32_t)(length + (length && folder[length - 1] != '/'));
}

int thaw_tree_admit(struct thaw_shipped *shipped, uint32_t folder, size_t length)
{
    struct thaw_content *content = shipped->memory->content;
    uint64_t bytes = content->folders.items[folder].name_at + length + 1;
    const char *what = NULL;

    if (content->is_full)
        return 0;
    if (content->entries >= THAW_TREE_ENTRIES_MAX)
        what = "the target has more than 2,000,000 entries: what follows was not read";
    else if (bytes > THAW_TREE_PATH_BYTES_MAX - content->path_bytes)
        what = "the target's entries have more than 128 MiB of paths: what follows was not read";
    if (what) {
        content->is_full = true;
        return thaw_shipped_fault(shipped, shipped->memory->folders.items[folder].path, "%s", what);
    }
    content->entries++;
    content->path_bytes += bytes;
    return 1;
}

int64_t thaw_tree_folder_begin(struct thaw_shipped *shipped, uint32_t parent, uint32_t root,
                               const char *name, uint64_t disk_bytes)
{
    struct thaw_shipped_memory *memory = shipped->memory;
    struct thaw_content *content = memory->content;
    bool is_root = parent == THAW_SHIPPED_NONE;
    enum thaw_file_kind above = is_root ? THAW_FILE_KINDS : content->folders.items[parent].place;
    const char *path = is_root ? thaw_arena_string(&memory->arena, name)
                               : thaw_tree_join(shipped, memory->folders.items[parent].path, name);
    struct thaw_tree_folder *extra = path ? thaw_array_add(&content->folders) : NULL;
    struct thaw_shipped_folder *folder = extra ? thaw_array_add(&memory->folders) : NULL;
    size_t number = memory->folders.count - 1;

    if (!folder ||
        thaw_path_table_add(&content->folder_paths, &memory->arena, path, strlen(path), number) < 0)
        return -ENOMEM;
    *folder = (struct thaw_shipped_folder){.path = path,
                                           .parent = parent,
                                           .distribution = THAW_SHIPPED_NONE};
    *extra = (struct thaw_tree_folder){.root = root,
                                       .name_at = names_begin(path),
                                       .first_file = (uint32_t)memory->files.count,
                                       .first_link = (uint32_t)content->links.count,
                                       .disk_bytes = disk_bytes,
                                       .place = thaw_file_kinds_place(name, above)};
    return (int64_t)number;
}

void thaw_tree_folder_end(struct thaw_shipped *shipped, uint32_t folder)
{
    struct thaw_tree_folder *extra = &shipped->memory->content->folders.items[folder];

    extra->folder_end = (uint32_t)shipped->memory->folders.count;
    extra->file_end = (uint32_t)shipped->memory->files.count;
}

struct thaw_shipped_file *thaw_tree_file(struct thaw_shipped *shipped, uint32_t folder,
                                         const char *name)
{
    struct thaw_shipped_memory *memory = shipped->memory;
    struct thaw_tree_folder *extra = &memory->content->folders.items[folder];
    size_t size = strlen(name) + 1;
    char *path = thaw_arena_bytes(&memory->arena, extra->name_at + size);
    struct thaw_shipped_file *file = path ? thaw_array_add(&memory->files) : NULL;

    if (!file)
        return NULL;
    if (extra->name_at) {
        memcpy(path, memory->folders.items[folder].path, extra->name_at - 1);
        path[extra->name_at - 1] = '/';
    }
    memcpy(path + extra->name_at, name, size);
    extra->file_count++;
    file->path = path;
    file->name_at = (uint32_t)extra->name_at;
    file->folder = folder;
    file->distribution = file->library = THAW_SHIPPED_NONE;
    file->kind = thaw_file_kinds_of(name, extra->place);
    return file;
}

int thaw_tree_add_link(struct thaw_shipped *shipped, uint32_t folder, const char *name)
{
    struct thaw_content *content = shipped->memory->content;
    const char *path = thaw_tree_join(shipped, shipped->memory->folders.items[folder].path, name);
    struct thaw_tree_link *link = path ? thaw_array_add(&content->links) : NULL;

    if (!link)
        return -ENOMEM;
    *link = (struct thaw_tree_link){path, folder};
    content->folders.items[folder].link_count++;
    shipped->link_count++;
    return 0;
}

uint32_t thaw_tree_find_folder(const struct thaw_shipped *shipped, const char *path, size_t length)
{
    size_t found = thaw_path_table_find(&shipped->memory->content->folder_paths, path, length);

    return found == THAW_PATH_NONE ? THAW_SHIPPED_NONE : (uint32_t)found;
}

/* As strcmp of own, and name with a NUL behind length bytes. */
static int compare_name(const char *own, const char *name, size_t length)
{
    int order = strncmp(own, name, length);

    return order ? order : own[length] != '\0';
}

uint32_t thaw_tree_find_file(const struct thaw_shipped *shipped, uint32_t folder, const char *name,
                             size_t length, uint32_t guess)
{
    const struct thaw_tree_folder *extra = &shipped->memory->content->folders.items[folder];
    const struct thaw_shipped_file *files = shipped->memory->files.items;
    uint32_t low = extra->first_file, high = low + extra->file_count;
    uint32_t middle = guess >= low && guess < high ? guess : low + (high - low) / 2;

    while (low < high) {
        int order = compare_name(files[middle].path + extra->name_at, name, length);

        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
        middle = low + (high - low) / 2;
    }
    return THAW_SHIPPED_NONE;
}

uint32_t thaw_tree_first_file(const struct thaw_shipped *shipped, uint32_t folder, const char *name)
{
    const struct thaw_tree_folder *extra = &shipped->memory->content->folders.items[folder];
    uint32_t low = extra->first_file, high = low + extra->file_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (strcmp(shipped->memory->files.items[middle].path + extra->name_at, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool thaw_tree_has_link(const struct thaw_shipped *shipped, uint32_t folder, const char *name,
                        size_t length)
{
    const struct thaw_content *content = shipped->memory->content;
    const struct thaw_tree_folder *extra = &content->folders.items[folder];
    uint32_t low = extra->first_link, high = low + extra->link_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = compare_name(content->links.items[middle].path + extra->name_at, name, length);

        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}
