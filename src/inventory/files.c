/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "inventory/files.h"
#include "native/object.h"

#define BLOCK_BYTES 512 /* unit of st_blocks (stat(2)) */
#define NS_PER_SECOND ((uint64_t)1000000000)

/* "libz.so.1", "_ssl.cpython-311-x86_64-linux-gnu.so", but not "notes.sort.py". */
static bool is_shared_object_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *found = slash ? slash + 1 : path;

    while ((found = strstr(found, ".so"))) {
        found += 3;
        if (*found == '\0' || *found == '.')
            return true;
    }
    return false;
}

static int file_build_id(const char *path, struct thaw_arena *arena, const char **ret)
{
    struct thaw_object *object;
    int result;

    *ret = "";
    if (!is_shared_object_name(path))
        return 0;
    result = thaw_object_open(path, &object, NULL);
    if (result < 0)
        return result == -ENOMEM ? result : 0;
    *ret = thaw_arena_string(arena, thaw_object_build_id(object));
    thaw_object_close(object);
    return *ret ? 0 : -ENOMEM;
}

int thaw_files_describe(const struct thaw_distributions *distributions, const char *path,
                        struct thaw_arena *arena, struct thaw_inventory_file *ret)
{
    const struct thaw_distribution *owner;
    struct stat status;

    if (*path != '/' || stat(path, &status) < 0 || !S_ISREG(status.st_mode))
        return -ENOENT;
    owner = thaw_distributions_owner(distributions, path);
    *ret = (struct thaw_inventory_file){
        .path = path,
        .distribution = owner ? owner->name : "",
        .bytes = (uint64_t)status.st_size,
        .disk_bytes = (uint64_t)status.st_blocks * BLOCK_BYTES,
        .mtime_ns = status.st_mtim.tv_sec < 0 ? 0
                                              : (uint64_t)status.st_mtim.tv_sec * NS_PER_SECOND +
                                                    (uint64_t)status.st_mtim.tv_nsec,
    };
    return file_build_id(path, arena, &ret->build_id);
}
