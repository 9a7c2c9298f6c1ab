/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "native/closure_private.h"
#include "native/root.h"

bool closure_plain_path(const char *path, char ret[PATH_MAX])
{
    size_t used = 0;

    if (*path != '/')
        return false;
    while (*path) {
        size_t length;

        while (*path == '/')
            path++;
        length = strcspn(path, "/");
        if (length == 2 && path[0] == '.' && path[1] == '.') {
            while (used && ret[--used] != '/')
                ;
        } else if (length && !(length == 1 && path[0] == '.')) {
            if (length + 1 >= PATH_MAX - used)
                return false;
            ret[used++] = '/';
            memcpy(ret + used, path, length);
            used += length;
        }
        path += length;
    }
    ret[used] = '\0';
    return used > 0;
}

static bool is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static bool is_below_one(const char *path, const char *const *folders, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_below(path, folders[i]))
            return true;
    return false;
}

static bool is_inside(const struct thaw_closure *closure, const char *path)
{
    return is_below_one(path, closure->options.folders, closure->options.folder_count);
}

/* Where only the target's own objects say so, only these folders may be looked into. */
static bool may_open(const struct thaw_closure *closure, const char *path,
                     enum thaw_search_reason reason)
{
    return reason == THAW_SEARCH_CACHE || reason == THAW_SEARCH_DEFAULT ||
           reason == THAW_SEARCH_LIBRARY_PATH || reason == THAW_SEARCH_LOADED ||
           is_below_one(path, closure->options.open_to, closure->options.open_to_count);
}

/* Each folder once. */
static int refuse(struct thaw_closure *closure, const char *path, enum thaw_search_reason reason)
{
    const char *slash = strrchr(path, '/');
    struct thaw_closure_refusal *refusal;
    struct closure_place *known;
    const char *folder = thaw_arena_text(&closure->arena, path, (size_t)(slash - path));

    if (!folder)
        return -ENOMEM;
    HASH_FIND_STR(closure->refused, folder, known);
    if (known)
        return 0;
    known = thaw_arena_allocate(&closure->arena, sizeof(*known));
    refusal = known ? thaw_array_add(&closure->refusals) : NULL;
    if (!refusal)
        return -ENOMEM;
    *refusal = (struct thaw_closure_refusal){*folder ? folder : "/", closure->asking,
                                             thaw_search_reason_name(reason)};
    known->path = folder;
    HASH_ADD_KEYPTR(hh, closure->refused, folder, strlen(folder), known);
    return known->hh.tbl ? 0 : -ENOMEM;
}

static struct closure_place *place_find(const struct thaw_closure *closure, const char *path)
{
    struct closure_place *place;

    HASH_FIND_STR(closure->places, path, place);
    return place;
}

static int place_add(struct thaw_closure *closure, const char *path, uint32_t object)
{
    struct closure_place *place = thaw_arena_allocate(&closure->arena, sizeof(*place));

    if (!place)
        return -ENOMEM;
    place->path = thaw_arena_string(&closure->arena, path);
    place->object = object;
    if (!place->path)
        return -ENOMEM;
    HASH_ADD_KEYPTR(hh, closure->places, place->path, strlen(place->path), place);
    return place->hh.tbl ? 0 : -ENOMEM;
}

/* May a name inside the target that is no object's be a link to one? */
static bool may_be_link(const struct thaw_closure *closure, const char *path)
{
    return closure->options.may_be_link &&
           closure->options.may_be_link(closure->options.context, path);
}

/* One that leads out of the target is not followed. */
static int find_link(struct thaw_closure *closure, const char *path)
{
    struct thaw_arena arena = {0};
    const struct closure_place *place = NULL;
    const char *real;
    int fd = thaw_root_locate(closure->options.root, path);

    if (fd < 0)
        return 0;
    real = thaw_root_path(closure->options.root, fd, &arena);
    close(fd);
    if (real)
        place = place_find(closure, real);
    if (place)
        closure->found = place->object;
    thaw_arena_free(&arena);
    return 0;
}

static int copy_object(struct thaw_closure *closure, const struct thaw_object *object,
                       const char *path, struct thaw_closure_object *ret)
{
    struct thaw_arena *arena = &closure->arena;
    const char *const *needed;
    const char **names;

    ret->needed_count = thaw_object_needed(object, &needed);
    names = thaw_arena_allocate(arena, (ret->needed_count + 1) * sizeof(*names));
    ret->path = thaw_arena_string(arena, path);
    ret->soname = thaw_arena_string(arena, thaw_object_soname(object));
    ret->rpath = thaw_arena_string(arena, thaw_object_rpath(object));
    ret->runpath = thaw_arena_string(arena, thaw_object_runpath(object));
    ret->abi = thaw_object_abi(object);
    ret->needed = names;
    if (!names || !ret->path || !ret->soname || !ret->rpath || !ret->runpath)
        return -ENOMEM;
    for (size_t i = 0; i < ret->needed_count; i++) {
        names[i] = thaw_arena_string(arena, needed[i]);
        if (!names[i])
            return -ENOMEM;
    }
    return 0;
}

static int add_outside(struct thaw_closure *closure, const struct thaw_object *object,
                       const char *path)
{
    uint32_t index = (uint32_t)closure->nodes.count;
    struct thaw_closure_object copy;
    int result = copy_object(closure, object, path, &copy);

    if (result == 0)
        result = closure_node(closure, &copy);
    if (result == 0 && closure->options.opened)
        result = closure->options.opened(closure->options.context, index, object);
    if (result == 0)
        closure->found = index;
    return result;
}

/* Another name of an object outside that is known already, or a new one. */
static int know_outside(struct thaw_closure *closure, const struct thaw_object *object,
                        const char *path)
{
    struct closure_inode *known, *added = thaw_arena_allocate(&closure->arena, sizeof(*added));
    int result;

    if (!added)
        return -ENOMEM;
    added->key.device = thaw_object_device(object);
    added->key.inode = thaw_object_inode(object);
    HASH_FIND(hh, closure->inodes, &added->key, sizeof(added->key), known);
    if (known) {
        closure->found = known->object;
        return 0;
    }
    if (closure->nodes.count - closure->own >= CLOSURE_OUTSIDE_MAX) {
        closure->was_cut = true;
        return 0;
    }
    result = add_outside(closure, object, path);
    if (result < 0)
        return result;
    added->object = closure->found;
    HASH_ADD(hh, closure->inodes, key, sizeof(added->key), added);
    return added->hh.tbl ? 0 : -ENOMEM;
}

static int find_outside(struct thaw_closure *closure, const char *path)
{
    int fd = thaw_root_open(closure->options.root, path), result = 0;
    struct thaw_object *object;

    if (fd < 0)
        return 0;
    result = thaw_object_take_descriptor(fd, path, &object, NULL);
    if (result < 0)
        return result == -ENOMEM ? result : 0;
    result = know_outside(closure, object, path);
    thaw_object_close(object);
    return result;
}

int closure_find(struct thaw_closure *closure, const char *path, enum thaw_search_reason reason)
{
    const struct closure_place *place;
    char plain[PATH_MAX];
    int result;

    closure->found = THAW_CLOSURE_NONE;
    if (closure->paths >= CLOSURE_PATHS_MAX)
        closure->was_cut = true;
    if (closure->was_cut || !closure_plain_path(path, plain))
        return 0;
    closure->paths++;
    place = place_find(closure, plain);
    if (place) {
        closure->found = place->object;
        return 0;
    }
    /* A name that was not told is looked up as fast as one that was: it need not be kept. */
    if (is_inside(closure, plain) && !may_be_link(closure, plain))
        return 0;
    if (is_inside(closure, plain))
        result = find_link(closure, plain);
    else if (may_open(closure, plain, reason))
        result = find_outside(closure, plain);
    else
        return refuse(closure, plain, reason);
    return result < 0 ? result : place_add(closure, plain, closure->found);
}

int closure_fits(void *context, const struct thaw_search_loader *loader, const char *path,
                 enum thaw_search_reason reason)
{
    struct thaw_closure *closure = context;
    int result = closure_find(closure, path, reason);

    if (result < 0 || closure->found == THAW_CLOSURE_NONE)
        return result;
    return thaw_object_abi_equal(closure->nodes.items[closure->found]->object.abi, loader->abi)
               ? 1
               : -ENOEXEC;
}

bool closure_has_folder(void *context, const char *path, enum thaw_search_reason reason)
{
    const struct thaw_closure *closure = context;
    char plain[PATH_MAX];
    const char *name;

    if (!closure_plain_path(path, plain))
        return false;
    name = strrchr(plain, '/');
    /* Of the target's own it is enough to know that there are some: names are looked up then. */
    if (name && strcmp(name, "/glibc-hwcaps") == 0 && is_inside(closure, plain))
        return closure->options.has_subfolders;
    return (is_inside(closure, plain) || may_open(closure, plain, reason)) &&
           thaw_root_is_folder(closure->options.root, plain);
}
