/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "inventory/libraries.h"
#include "native/object.h"
#include "native/object_weight.h"

#define BLOCK_BYTES 512 /* unit of st_blocks, stat(2) */
#define NEEDED_MOST 1024

static int copy_needed(const struct thaw_object *object, struct thaw_arena *arena,
                       struct thaw_texts *ret)
{
    const char *const *names;
    size_t count = thaw_object_needed(object, &names);

    if (count > NEEDED_MOST)
        count = NEEDED_MOST;
    ret->items = thaw_arena_allocate(arena, (count + 1) * sizeof(*ret->items));
    if (!ret->items)
        return -ENOMEM;
    for (ret->count = 0; ret->count < count; ret->count++) {
        ret->items[ret->count] = thaw_arena_string(arena, names[ret->count]);
        if (!ret->items[ret->count])
            return -ENOMEM;
    }
    return 0;
}

static int describe_object(const struct thaw_object *object, struct thaw_arena *arena,
                           struct thaw_inventory_library *ret)
{
    struct thaw_object_weight weight;
    int code = thaw_object_weigh(object, arena, &weight, NULL);

    if (code == -ENOMEM)
        return code;
    if (!code) {
        ret->strip_bytes = weight.strip_bytes;
        ret->debug_bytes = weight.debug_bytes;
    }
    ret->relocations = weight.relocations; /* the segments tell, also with damaged sections */
    ret->soname = thaw_arena_string(arena, thaw_object_soname(object));
    ret->build_id = thaw_arena_string(arena, thaw_object_build_id(object));
    if (!ret->soname || !ret->build_id)
        return -ENOMEM;
    return copy_needed(object, arena, &ret->needed);
}

int thaw_libraries_describe(const char *path, struct thaw_arena *arena,
                            struct thaw_inventory_library *ret)
{
    struct thaw_object *object;
    struct stat status;
    int code;

    memset(ret, 0, sizeof(*ret));
    if (stat(path, &status) || !S_ISREG(status.st_mode))
        return -ENOENT;
    code = thaw_object_open(path, &object, NULL);
    if (code)
        return code;
    ret->path = path;
    ret->distribution = "";
    ret->bytes = (uint64_t)status.st_size;
    ret->disk_bytes = (uint64_t)status.st_blocks * BLOCK_BYTES;
    code = describe_object(object, arena, ret);
    thaw_object_close(object);
    return code;
}
