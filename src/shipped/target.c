/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "native/root.h"
#include "platform/platform.h"
#include "shipped/content.h"
#include "shipped/target.h"
#include "shipped/libzip.h"
#include "shipped/tree.h"

#define ROOTS_MAX 4096
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * What a target is told by, a row each: the first kind that has a sign is the target's. Behind the
 * environments come the platforms' own signs, then what any app may have.
 */
static const struct thaw_platform_sign environments[] = {
    {"virtual-environment", "pyvenv.cfg"},    {"container-root", "etc/os-release"},
    {"container-root", "usr/lib/os-release"}, {"container-root", "usr/lib/"},
    {"virtual-environment", "conda-meta/"},
};
static const struct thaw_platform_sign any_app[] = {{"app", "requirements.txt"}};

static int add_root(struct thaw_content *content, const char *path, int fd)
{
    struct thaw_tree_root *root = thaw_array_add(&content->roots);

    if (!root) {
        if (fd >= 0)
            close(fd);
        return -ENOMEM;
    }
    *root = (struct thaw_tree_root){path, fd};
    return 0;
}

/* A folder, through one link or many; or a regular file, which must be a zip. */
static int open_single(struct thaw_shipped *shipped, const char *target, struct thaw_error *error)
{
    struct thaw_content *content = shipped->memory->content;
    struct stat status;
    int fd, result;

    if (stat(target, &status) < 0)
        return thaw_error_system(error, -errno, "%s", target);
    if (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode))
        return thaw_error_set(error, -ENOTSUP, "%s: neither a folder nor a zip", target);
    fd = open(target, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY |
                          (S_ISDIR(status.st_mode) ? O_DIRECTORY : 0));
    if (fd < 0)
        return thaw_error_system(error, -errno, "%s", target);
    if (S_ISDIR(status.st_mode))
        return add_root(content, "", fd) < 0 ? thaw_error_memory(error) : 0;
    content->archive_bytes = (uint64_t)status.st_size;
    content->archive_disk_bytes = (uint64_t)status.st_blocks * THAW_TREE_BLOCK_BYTES;
    result = thaw_zip_open(content, fd);
    if (result == -ENOMEM)
        return thaw_error_memory(error);
    if (result == -ENOSYS)
        return thaw_error_set(error, result, "%s: zip files are read with %s, which is missing",
                              target, thaw_libzip_soname());
    if (result < 0)
        return thaw_error_set(error, result,
                              "%s: not a folder, and no zip that can be read; give a folder, a "
                              "zip, a pid or a recording",
                              target);
    return add_root(content, "", -1) < 0 ? thaw_error_memory(error) : 0;
}

static int compare_roots(const void *one, const void *other)
{
    return strcmp(((const struct thaw_tree_root *)one)->path,
                  ((const struct thaw_tree_root *)other)->path);
}

bool thaw_target_is_inside(const char *folder, const char *path)
{
    size_t length = strlen(folder);

    return strncmp(folder, path, length) == 0 &&
           (path[length] == '/' || path[length] == '\0' || strcmp(folder, "/") == 0);
}

bool thaw_target_is_walked(const struct thaw_shipped *shipped, const char *path)
{
    const struct thaw_content *content = shipped->memory->content;

    for (size_t i = 0; i < content->roots.count; i++) {
        if (thaw_target_is_inside(content->roots.items[i].path, path))
            return true;
    }
    return false;
}

/* In order, without those inside another one: each file is walked once. */
static void keep_outermost(struct thaw_content *content)
{
    size_t kept = 0;

    if (content->roots.count)
        qsort(content->roots.items, content->roots.count, sizeof(*content->roots.items),
              compare_roots);
    for (size_t i = 0; i < content->roots.count; i++) {
        struct thaw_tree_root *root = &content->roots.items[i];
        bool is_known = false;

        /* Those inside a kept one follow it, but "/a-b" may stand between "/a" and "/a/b". */
        for (size_t j = 0; j < kept && !is_known; j++)
            is_known = thaw_target_is_inside(content->roots.items[j].path, root->path);
        if (is_known)
            close(root->fd);
        else
            content->roots.items[kept++] = *root;
    }
    content->roots.count = kept;
}

/* A folder of a process or recording; one that is not there any more is a fault. */
static int open_folder(struct thaw_shipped *shipped, const char *root, const char *folder)
{
    int fd = thaw_root_open_folder(root, folder);
    const char *path, **given;

    if (fd < 0)
        return thaw_shipped_fault(shipped, folder, "%s",
                                  fd == -ENOTDIR ? "no folder: passed over" : strerror(-fd));
    path = thaw_root_path(root, fd, &shipped->memory->arena);
    if (!path)
        path = thaw_arena_string(&shipped->memory->arena, folder);
    given = path ? thaw_array_add(&shipped->memory->content->given) : NULL;
    if (!given) {
        close(fd);
        return -ENOMEM;
    }
    *given = path;
    return add_root(shipped->memory->content, path, fd);
}

static int open_folders(struct thaw_shipped *shipped, const char *root, const char *const *folders,
                        struct thaw_error *error)
{
    struct thaw_content *content = shipped->memory->content;
    int result = 0;

    for (size_t i = 0; result == 0 && folders[i] && i < ROOTS_MAX; i++)
        result = open_folder(shipped, root, folders[i]);
    if (result < 0)
        return thaw_error_memory(error);
    keep_outermost(content);
    shipped->folders_read.items =
        thaw_arena_allocate(&shipped->memory->arena,
                            (content->roots.count + 1) * sizeof(const char *));
    if (!shipped->folders_read.items)
        return thaw_error_memory(error);
    for (size_t i = 0; i < content->roots.count; i++)
        shipped->folders_read.items[i] = content->roots.items[i].path;
    shipped->folders_read.count = content->roots.count;
    return 0;
}

int thaw_shipped_target(struct thaw_shipped *shipped, struct thaw_error *error)
{
    struct thaw_shipped_memory *memory = shipped->memory;
    const struct thaw_shipped_options *options = memory->options;

    memory->content = thaw_content_new();
    shipped->target = thaw_arena_string(&memory->arena, options->target);
    if (!memory->content || !shipped->target)
        return thaw_error_memory(error);
    if (options->folders)
        return open_folders(shipped, options->root ? options->root : "", options->folders, error);
    return open_single(shipped, options->target ? options->target : "", error);
}

/* Does the model have a folder of that pattern? Names with * are looked for among its folders. */
static const char *find_folder(const struct thaw_shipped *shipped, const char *pattern)
{
    size_t length = strlen(pattern) - 1;
    char plain[256];
    uint32_t found;

    memcpy(plain, pattern, length);
    plain[length] = '\0';
    if (!strchr(plain, '*')) {
        found = thaw_tree_find_folder(shipped, plain, length);
        return found == THAW_SHIPPED_NONE ? NULL : shipped->memory->folders.items[found].path;
    }
    for (size_t i = 0; i < shipped->memory->folders.count; i++) {
        const char *path = shipped->memory->folders.items[i].path;

        if (*path == *plain && fnmatch(plain, path, FNM_PATHNAME) == 0)
            return path;
    }
    return NULL;
}

static const char *find_sign(const struct thaw_shipped *shipped, const char *pattern)
{
    uint32_t found;

    if (pattern[strlen(pattern) - 1] == '/')
        return find_folder(shipped, pattern);
    found = thaw_content_find(shipped, pattern);
    return found == THAW_SHIPPED_NONE ? NULL : shipped->memory->files.items[found].path;
}

/* The signs of a target while they are looked for. */
struct telling {
    struct thaw_shipped *shipped;
    const char *kind; /* NULL: not told yet */
    THAW_ARRAY(const char *) found;
    bool has_several; /* platforms */
};

static int tell_by(struct telling *telling, const struct thaw_platform *platform,
                   const struct thaw_platform_sign *signs, size_t count)
{
    const struct thaw_platform **known = &telling->shipped->memory->platform;

    for (size_t i = 0; i < count; i++) {
        const char *sign = find_sign(telling->shipped, signs[i].path), **slot;

        if (!sign)
            continue;
        if (platform) {
            telling->has_several |= *known && *known != platform;
            *known = platform;
        }
        if (telling->kind && strcmp(telling->kind, signs[i].kind) != 0)
            continue;
        slot = thaw_array_add(&telling->found);
        if (!slot)
            return -ENOMEM;
        telling->kind = signs[i].kind;
        *slot = sign;
    }
    return 0;
}

static int tell(struct telling *telling)
{
    struct thaw_shipped_memory *memory = telling->shipped->memory;
    size_t count;
    const struct thaw_platform *const *platforms = thaw_platforms_all(&count);
    int result = tell_by(telling, NULL, environments, COUNT(environments));

    for (size_t i = 0; result == 0 && i < count; i++)
        result = tell_by(telling, platforms[i], platforms[i]->signs, platforms[i]->sign_count);
    if (result == 0)
        result = tell_by(telling, NULL, any_app, COUNT(any_app));
    if (telling->has_several)
        memory->platform = NULL;
    return result;
}

int thaw_target_tell(struct thaw_shipped *shipped)
{
    struct thaw_shipped_memory *memory = shipped->memory;
    struct telling telling = {.shipped = shipped};
    const char *kind = memory->options->kind;
    int result = memory->options->folders ? 0 : tell(&telling);

    if (result == 0 && telling.found.count) {
        size_t size = telling.found.count * sizeof(*telling.found.items);

        shipped->signs.items = thaw_arena_allocate(&memory->arena, size);
        if (shipped->signs.items) {
            memcpy(shipped->signs.items, telling.found.items, size);
            shipped->signs.count = telling.found.count;
        } else {
            result = -ENOMEM;
        }
    }
    thaw_array_free(&telling.found);
    memory->is_app = strcmp(kind ? kind : telling.kind ? telling.kind : "", "app") == 0;
    if (!kind)
        kind = memory->content->archive ? "zip" : telling.kind ? telling.kind : "folder";
    shipped->kind = thaw_arena_string(&memory->arena, kind);
    return result == 0 && !shipped->kind ? -ENOMEM : result;
}
