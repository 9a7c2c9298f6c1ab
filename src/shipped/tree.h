/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SHIPPED_TREE_H
#define THAW_SHIPPED_TREE_H

#include <sys/stat.h>

#include "base/path_table.h"
#include "inventory/ownership.h"
#include "shipped/build.h"

struct zip;

#define THAW_TREE_ENTRIES_MAX 2000000
#define THAW_TREE_PATH_BYTES_MAX ((uint64_t)128 << 20) /* of all entries */
#define THAW_TREE_DEPTH_MAX 64
#define THAW_TREE_BLOCK_BYTES 512 /* unit of st_blocks, whatever the file system: stat(2) */

/* A folder that is walked, with what is below it. */
struct thaw_tree_root {
    const char *path; /* as the model has it: "", or absolute */
    int fd;           /* open; -1: the target is a zip */
};

/*
 * What the model does not say of a folder. Files and links of one folder follow one another,
 * sorted by name; so do the folders below it, and all files and links below it.
 */
struct thaw_tree_folder {
    uint32_t root;
    uint32_t name_at; /* where in a path the names of its files begin */
    uint32_t first_file;
    uint32_t file_count; /* of its own */
    uint32_t first_link;
    uint32_t link_count;
    uint32_t folder_end; /* behind the last folder below it */
    uint32_t file_end;   /* behind the last file below it */
    uint64_t disk_bytes; /* of itself, and of links and special files in it */
    enum thaw_file_kind place;
    bool is_in_site; /* the next two are of the sites' step */
    bool is_owned;   /* every file below it has an owner */
    bool is_tried;   /* of the bytecode's step: whether it could be written there */
};

struct thaw_tree_link {
    const char *path;
    uint32_t folder;
};

/* How files of the target are found and opened: filled by target.c, walk.c and zip.c. */
struct thaw_content {
    THAW_ARRAY(struct thaw_tree_root) roots;
    THAW_ARRAY(const char *) given; /* of several folders: all, links resolved, as they came */
    THAW_ARRAY(struct thaw_tree_folder) folders; /* one for each of the model's */
    THAW_ARRAY(struct thaw_tree_link) links;
    THAW_ARRAY(uint32_t) executables; /* files that have the right to be executed, in order */
    THAW_ARRAY(uint64_t) members;     /* of a zip: the member's number, for each file */
    struct thaw_path_table folder_paths;
    struct thaw_inodes inodes; /* of more than one name */
    struct zip *archive;
    uint64_t archive_bytes; /* of the zip file itself */
    uint64_t archive_disk_bytes;
    size_t entries;
    uint64_t path_bytes;
    bool is_full; /* what follows is not read */
};

/* Empty; NULL: memory is short. */
struct thaw_content *thaw_content_new(void);
void thaw_content_free(struct thaw_content *content); /* NULL is allowed */

void thaw_site_table_free(struct thaw_site_table *sites); /* NULL is allowed (sites.c) */

/*
 * The following add to the model in the order of the walk: a folder, its files and links by name,
 * then the folders below it by name, each ended before the next begins. Names are copied.
 */

/*
 * Has the target room for an entry of that name (length bytes) in the folder? 1, and it is counted;
 * 0: not any more, which is a fault the first time; -ENOMEM.
 */
int thaw_tree_admit(struct thaw_shipped *shipped, uint32_t folder, size_t length);

/* parent THAW_SHIPPED_NONE: a root, name is its path. The folder's number, or -ENOMEM. */
int64_t thaw_tree_folder_begin(struct thaw_shipped *shipped, uint32_t parent, uint32_t root,
                               const char *name, uint64_t disk_bytes);
void thaw_tree_folder_end(struct thaw_shipped *shipped, uint32_t folder);

/* A regular file: bytes, disk_bytes and mtime are the caller's to set. NULL: memory is short. */
struct thaw_shipped_file *thaw_tree_file(struct thaw_shipped *shipped, uint32_t folder,
                                         const char *name);

int thaw_tree_add_link(struct thaw_shipped *shipped, uint32_t folder, const char *name);

/* "folder/name", the name alone in a folder "", in the arena; NULL: memory is short. */
const char *thaw_tree_join(struct thaw_shipped *shipped, const char *folder, const char *name);

/* The folder of that path, or THAW_SHIPPED_NONE; path is not NUL-terminated. */
uint32_t thaw_tree_find_folder(const struct thaw_shipped *shipped, const char *path, size_t length);

/* The file of that name in a folder, or THAW_SHIPPED_NONE; it is found at once if it is guess. */
uint32_t thaw_tree_find_file(const struct thaw_shipped *shipped, uint32_t folder, const char *name,
                             size_t length, uint32_t guess);

/* The first file of a folder whose name is not before that one, the end of its files if none. */
uint32_t thaw_tree_first_file(const struct thaw_shipped *shipped, uint32_t folder,
                              const char *name);

/* Is there a symbolic link of that name in the folder? */
bool thaw_tree_has_link(const struct thaw_shipped *shipped, uint32_t folder, const char *name,
                        size_t length);

/* thaw_content_read() into an arena of the caller's. */
int thaw_tree_read(const struct thaw_shipped *shipped, uint32_t file, size_t limit,
                   struct thaw_arena *arena, char **ret, size_t *length);

/* What follows the last slash. */
const char *thaw_tree_name(const char *path);

static inline const char *thaw_tree_file_name(const struct thaw_shipped_file *file)
{
    return file->path + file->name_at;
}

/* The path of a file below the root folder that it was found in. */
const char *thaw_tree_path_below(const struct thaw_tree_root *root, const char *path);

/* A zip's member for reading, as thaw_content_open() and thaw_content_read() (zip.c). */
int thaw_zip_open_member(const struct thaw_shipped *shipped, uint32_t file);
int thaw_zip_read_member(const struct thaw_shipped *shipped, uint32_t file, size_t limit,
                         struct thaw_arena *arena, char **ret, size_t *length);

/* Opens a regular file as a zip into content->archive; fd is taken over in any case. -ENOTSUP: it
 * is none; -ENOMEM. */
int thaw_zip_open(struct thaw_content *content, int fd);
void thaw_zip_close(struct thaw_content *content);

/* A zip among the target's files. 0, -ENOMEM, -ENOTSUP: it is none, or as thaw_content_open(). */
int thaw_zip_open_egg(const struct thaw_shipped *shipped, uint32_t file, struct zip **ret);
void thaw_zip_close_egg(struct zip *egg); /* NULL is allowed */

/* The first bytes of its member, as thaw_tree_read(); -ENOENT: there is none of that name. */
int thaw_zip_read_egg(struct zip *egg, const char *name, size_t limit, struct thaw_arena *arena,
                      char **ret, size_t *length);

/* Fills the model from the zip's directory. 0 or -ENOMEM. */
int thaw_zip_walk(struct thaw_shipped *shipped);

#endif
