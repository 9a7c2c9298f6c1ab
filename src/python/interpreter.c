/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "native/maps.h"
#include "native/root.h"
#include "native/search.h"
#include "python/debug_offsets.h"
#include "python/interpreter.h"
#include "python/interpreter_private.h"
#include "python/version.h"

/* Exported by every CPython that can load extension modules. */
#define MARK_SYMBOL "PyEval_EvalCode"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static bool find_version(const struct thaw_object *object, const char *library,
                         struct thaw_python_version *ret)
{
    struct thaw_python_version named;
    bool is_named = thaw_python_version_from_library(thaw_object_soname(object), &named) ||
                    thaw_python_version_from_program(base_name(library), &named);
    uint32_t hex;

    if (thaw_object_data(object, "Py_Version", &hex, sizeof(hex), NULL) == 0 &&
        thaw_python_version_from_hex(hex, ret)) {
        ret->free_threaded = is_named && named.free_threaded;
        return true;
    }
    *ret = named;
    return is_named;
}

/* What the file says of its own layout; the name may tell of a missing GIL where it says nothing.
 */
static const char *why_not_by_row(const struct thaw_object *object,
                                  const struct thaw_python_version *version,
                                  struct thaw_arena *arena)
{
    const struct thaw_python_row *row = thaw_python_row(version->major, version->minor);
    enum thaw_debug_offsets offsets = thaw_debug_offsets_check(object, &row->layout);

    if (version->free_threaded || offsets == THAW_DEBUG_OFFSETS_FREE_THREADED)
        return thaw_arena_format(arena, "Python %s is built without the GIL, not supported",
                                 version->text);
    if (offsets == THAW_DEBUG_OFFSETS_DIFFER)
        return thaw_arena_format(arena, "Python %s lays out its objects in a way of its own",
                                 version->text);
    return "";
}

static const char *why_unsupported(const struct thaw_object *object, bool known,
                                   const struct thaw_python_version *version,
                                   struct thaw_arena *arena)
{
    if (thaw_object_machine(object) != 62 || !thaw_object_is_64bit(object)) /* EM_X86_64 */
        return thaw_arena_string(arena, "built for another machine than x86-64");
    if (!known)
        return thaw_arena_format(arena, "a Python of unknown version; supported are %s",
                                 thaw_python_supported());
    if (!thaw_python_row(version->major, version->minor))
        return thaw_arena_format(arena, "Python %s is not supported; supported are %s",
                                 version->text, thaw_python_supported());
    return why_not_by_row(object, version, arena);
}

/* Without one of these there is nothing to see; the others add to it. */
static bool is_essential(size_t function)
{
    return function == THAW_PYTHON_FIND || function == THAW_PYTHON_BODY;
}

static const char *find_functions(const struct thaw_object *object,
                                  const struct thaw_python_row *row, struct thaw_arena *arena,
                                  struct thaw_interpreter_info *info)
{
    for (size_t i = 0; i < THAW_PYTHON_FUNCTIONS; i++) {
        const char *symbol = row->symbols[i];
        uint64_t offset, size;

        if (!symbol || thaw_object_function(object, symbol, &offset, &size, NULL) < 0) {
            if (is_essential(i))
                return thaw_arena_format(arena, "Python %s without the symbol %s", info->version,
                                         symbol);
            continue;
        }
        info->offsets[i] = offset;
        info->instructions[i] = thaw_object_instruction(object, offset);
    }
    info->row = row;
    return "";
}

int thaw_interpreter_describe(const struct thaw_object *object, const char *library,
                              struct thaw_arena *arena, struct thaw_interpreter_info *info,
                              struct thaw_error *error)
{
    struct thaw_python_version version = {0};
    bool known = find_version(object, library, &version);

    info->device = thaw_object_device(object);
    info->inode = thaw_object_inode(object);
    info->major = known ? version.major : 0;
    info->minor = known ? version.minor : 0;
    info->version = thaw_arena_string(arena, known ? version.text : "");
    info->library = thaw_arena_string(arena, library);
    info->reason = why_unsupported(object, known, &version, arena);
    if (info->version && info->reason && !*info->reason)
        info->reason =
            find_functions(object, thaw_python_row(version.major, version.minor), arena, info);
    return info->version && info->library && info->reason ? 0 : thaw_error_memory(error);
}

bool thaw_interpreter_in_object(const struct thaw_object *object)
{
    return thaw_object_exports(object, MARK_SYMBOL);
}

static int not_python(const char *path, struct thaw_error *error)
{
    return thaw_error_set(error, -ENOEXEC, "%s: not a Python interpreter", path);
}

static const char *needed_library(const struct thaw_object *executable)
{
    const char *const *needed;
    size_t count = thaw_object_needed(executable, &needed);

    for (size_t i = 0; i < count; i++) {
        if (thaw_python_is_library_name(base_name(needed[i])))
            return needed[i];
    }
    return NULL;
}

static int describe_library(int fd, const char *path, const struct thaw_interpreter_root *root,
                            struct thaw_arena *arena, struct thaw_interpreter_info *info,
                            struct thaw_error *error)
{
    const char *resolved = thaw_root_path(root->folder, fd, arena);
    struct thaw_object *library;
    int result = thaw_object_open_descriptor(fd, path, &library, error);

    if (result < 0)
        return result;
    if (thaw_interpreter_in_object(library))
        result = thaw_interpreter_describe(library, resolved ? resolved : path, arena, info, error);
    else
        result = not_python(path, error);
    thaw_object_close(library);
    if (result < 0)
        return result;
    info->open_path = *root->folder ? thaw_arena_format(arena, "%s%s", root->folder, info->library)
                                    : info->library;
    return info->open_path ? 0 : thaw_error_memory(error);
}

int thaw_interpreter_from_needed(const struct thaw_object *executable, const char *path,
                                 const struct thaw_interpreter_root *root, struct thaw_arena *arena,
                                 struct thaw_interpreter_info *info, struct thaw_error *error)
{
    struct thaw_search_loader loader = thaw_search_loader_of(executable, path);
    const char *name = needed_library(executable);
    struct thaw_search_result found;
    struct thaw_search *search;
    int result, fd;

    if (!name)
        return not_python(path, error);
    result = thaw_search_open(root->folder, root->library_path, &search, error);
    if (result < 0)
        return result;
    result = thaw_search_set_loader(search, thaw_object_interpreter(executable), error);
    if (result == 0)
        result = thaw_search_set_program(search, path, error);
    if (result == 0)
        result = thaw_search_library(search, &loader, name, arena, &found, error);
    thaw_search_close(search);
    if (result < 0)
        return result;
    fd = thaw_root_open(root->folder, found.path);
    if (fd < 0)
        return thaw_error_system(error, fd, "%s: cannot open", found.path);
    result = describe_library(fd, found.path, root, arena, info, error);
    close(fd);
    return result;
}

/* The object is one of the root, at path there, links resolved. */
static int identify_object(const struct thaw_object *object, const char *path,
                           const struct thaw_interpreter_root *root, struct thaw_arena *arena,
                           struct thaw_interpreter_info *info, struct thaw_error *error)
{
    int result;

    info->root = root->folder;
    if (!thaw_interpreter_in_object(object))
        return thaw_interpreter_from_needed(object, path, root, arena, info, error);
    result = thaw_interpreter_describe(object, path, arena, info, error);
    if (result < 0)
        return result;
    info->open_path = *root->folder ? thaw_arena_format(arena, "%s%s", root->folder, info->library)
                                    : info->library;
    return info->open_path ? 0 : thaw_error_memory(error);
}

int thaw_interpreter_in_root(const char *root_folder, const char *path, struct thaw_arena *arena,
                             struct thaw_interpreter_info *ret, struct thaw_error *error)
{
    return thaw_interpreter_in_root_by(root_folder, path, "", arena, ret, error);
}

int thaw_interpreter_in_root_by(const char *root_folder, const char *path, const char *library_path,
                                struct thaw_arena *arena, struct thaw_interpreter_info *ret,
                                struct thaw_error *error)
{
    struct thaw_interpreter_root root = {.library_path = library_path};
    struct thaw_interpreter_info info = {0};
    struct thaw_object *object;
    const char *resolved;
    int result, fd = thaw_root_open(root_folder, path);

    if (fd < 0)
        return thaw_error_system(error, fd, "%s: no such interpreter", path);
    root.folder = thaw_arena_string(arena, root_folder);
    info.executable = thaw_arena_string(arena, path);
    resolved = thaw_root_path(root_folder, fd, arena);
    result = thaw_object_open_descriptor(fd, path, &object, error);
    close(fd);
    if (result < 0)
        return result;
    result = !root.folder || !info.executable
                 ? thaw_error_memory(error)
                 : identify_object(object, resolved ? resolved : path, &root, arena, &info, error);
    thaw_object_close(object);
    if (result == 0)
        *ret = info;
    return result;
}

int thaw_interpreter_identify(const char *path, struct thaw_arena *arena,
                              struct thaw_interpreter_info *ret, struct thaw_error *error)
{
    const struct thaw_interpreter_root root = {.folder = "", .library_path = ""};
    struct thaw_interpreter_info info = {0};
    struct thaw_object *object;
    char resolved[PATH_MAX];
    int result;

    if (!realpath(path, resolved))
        return thaw_error_system(error, -errno, "%s: no such interpreter", path);
    result = thaw_object_open(resolved, &object, error);
    if (result < 0)
        return result;
    info.executable = thaw_arena_string(arena, path);
    result = info.executable ? identify_object(object, resolved, &root, arena, &info, error)
                             : thaw_error_memory(error);
    thaw_object_close(object);
    if (result == 0)
        *ret = info;
    return result;
}
