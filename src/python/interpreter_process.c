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
#include "python/interpreter_private.h"
#include "python/version.h"

#define DELETED " (deleted)"

struct process {
    pid_t pid;
    struct thaw_arena *arena;
    struct thaw_interpreter_root root;
    const char *executable; /* inside its root */
    bool deleted;           /* the executable's file is gone or replaced */
};

static int process_error(pid_t pid, int code, struct thaw_error *error)
{
    if (code == -ENOENT)
        code = -ESRCH;
    return thaw_error_system(error, code, "process %d: cannot look at its executable", (int)pid);
}

/* "" when the process has our root, else a path that leads to its own. */
static const char *process_root(const struct process *process)
{
    return thaw_root_is_other(process->pid) > 0
               ? thaw_arena_format(process->arena, "/proc/%d/root", (int)process->pid)
               : "";
}

/* The executable's name inside its root: /proc/PID/exe names it as seen from ours. */
static int process_executable(struct process *process, struct thaw_error *error)
{
    size_t suffix = sizeof(DELETED) - 1, prefix = 0;
    char link[64], target[PATH_MAX];
    ssize_t length;

    snprintf(link, sizeof(link), "/proc/%d/exe", (int)process->pid);
    length = readlink(link, target, sizeof(target) - 1);
    if (length < 0)
        return process_error(process->pid, -errno, error);
    target[length] = '\0';
    if ((size_t)length > suffix && strcmp(target + length - suffix, DELETED) == 0) {
        process->deleted = true;
        target[length - (ssize_t)suffix] = '\0';
    }
    if (*process->root.folder) {
        char root[PATH_MAX];

        snprintf(link, sizeof(link), "/proc/%d/root", (int)process->pid);
        length = readlink(link, root, sizeof(root) - 1);
        root[length > 0 ? length : 0] = '\0';
        prefix = strlen(root) > 1 ? strlen(root) : 0;
        if (strncmp(target, root, prefix) != 0 || target[prefix] != '/')
            prefix = 0;
    }
    process->executable = thaw_arena_string(process->arena, target + prefix);
    return process->executable ? 0 : thaw_error_memory(error);
}

/* A path to open the file by: its name if that still is this very file, else one through /proc. */
static const char *process_open_path(const struct process *process, const char *path,
                                     const struct thaw_interpreter_info *info, const char *instead)
{
    const char *name = thaw_arena_format(process->arena, "%s%s", process->root.folder, path);
    struct stat status;

    if (name && stat(name, &status) == 0 && status.st_dev == info->device &&
        status.st_ino == info->inode)
        return name;
    return thaw_arena_string(process->arena, instead);
}

/* A mapped file itself where /proc/PID/map_files may be read, else by its name if it is the same.
 */
static struct thaw_object *mapping_open(const struct process *process,
                                        const struct thaw_mapping *mapping, const char *path,
                                        char by[96])
{
    struct thaw_object *object = NULL;
    int fd;

    snprintf(by, 96, "/proc/%d/map_files/%llx-%llx", (int)process->pid,
             (unsigned long long)mapping->start, (unsigned long long)mapping->end);
    if (thaw_object_open(by, &object, NULL) == 0)
        return object;
    fd = mapping->deleted ? -ENOENT : thaw_root_open(process->root.folder, path);
    if (fd < 0)
        return NULL;
    if (thaw_object_open_descriptor(fd, path, &object, NULL) < 0)
        object = NULL;
    close(fd);
    if (object && thaw_object_inode(object) != mapping->inode) {
        thaw_object_close(object);
        object = NULL;
    }
    return object;
}

static int mapping_identify(const struct process *process, const struct thaw_mapping *mapping,
                            struct thaw_interpreter_info *info, struct thaw_error *error)
{
    const char *path = thaw_arena_text(process->arena, mapping->path, mapping->path_bytes);
    struct thaw_object *object;
    const char *slash;
    char by[96];
    int result = -ENOEXEC;

    if (!path)
        return thaw_error_memory(error);
    slash = strrchr(path, '/');
    if (!slash || !thaw_python_is_library_name(slash + 1))
        return -ENOEXEC;
    object = mapping_open(process, mapping, path, by);
    if (!object)
        return -ENOEXEC;
    if (thaw_interpreter_in_object(object))
        result = thaw_interpreter_describe(object, path, process->arena, info, error);
    thaw_object_close(object);
    if (result == 0) {
        info->open_path = process_open_path(process, path, info, by);
        result = info->open_path ? 0 : thaw_error_memory(error);
    }
    return result;
}

/* The libpython that is mapped. -ENOEXEC: none is. */
static int process_mapped(const struct process *process, struct thaw_interpreter_info *info,
                          struct thaw_error *error)
{
    struct thaw_mapping mapping;
    size_t length;
    char *maps = thaw_maps_read(process->pid, &length);
    const char *cursor = maps;
    int result = -ENOEXEC;

    if (!maps)
        return process_error(process->pid, errno ? -errno : -ESRCH, error);
    while (result == -ENOEXEC && thaw_maps_next(&cursor, maps + length, &mapping)) {
        if (mapping.inode)
            result = mapping_identify(process, &mapping, info, error);
    }
    free(maps);
    return result;
}

#define COMMAND_BYTES_MAX 65536

/* The words of the process's command line, with a NUL behind; NULL when they can't be read. */
static char *process_command(const struct process *process, size_t *ret_length)
{
    char path[64], *words = malloc(COMMAND_BYTES_MAX + 1);
    ssize_t length = -1;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)process->pid);
    fd = words ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        length = read(fd, words, COMMAND_BYTES_MAX);
        close(fd);
    }
    if (length <= 0) {
        free(words);
        return NULL;
    }
    words[length] = '\0';
    *ret_length = (size_t)length;
    return words;
}

/* It was started by `ld.so [OPTION]… PROGRAM`. */
static int process_loaded(const struct process *process, struct thaw_interpreter_info *info,
                          struct thaw_error *error)
{
    const char *library_path, *program, *executable = NULL;
    size_t length;
    char *words = process_command(process, &length);
    int result;

    if (!words)
        return process_error(process->pid, -ESRCH, error);
    program = thaw_loader_program(words, length, &library_path);
    if (program && *program == '/')
        executable = thaw_arena_string(process->arena, program);
    else if (program)
        executable =
            thaw_arena_format(process->arena, "/proc/%d/cwd/%s", (int)process->pid, program);
    if (!executable)
        result = thaw_error_set(error, -ENOEXEC, "process %d runs no program", (int)process->pid);
    else
        result = thaw_interpreter_in_root_by(*program == '/' ? process->root.folder : "",
                                             executable, library_path, process->arena, info, error);
    free(words);
    return result;
}

static int process_identify(const struct process *process, const struct thaw_object *executable,
                            struct thaw_interpreter_info *info, struct thaw_error *error)
{
    char link[64];
    int result;

    if (thaw_interpreter_in_object(executable)) {
        result =
            thaw_interpreter_describe(executable, process->executable, process->arena, info, error);
        if (result < 0)
            return result;
        snprintf(link, sizeof(link), "/proc/%d/exe", (int)process->pid);
        info->open_path = process_open_path(process, process->executable, info, link);
        return info->open_path ? 0 : thaw_error_memory(error);
    }
    result = process_mapped(process, info, error);
    if (result != -ENOEXEC)
        return result;
    if (thaw_interpreter_is_loader(process->executable))
        return process_loaded(process, info, error);
    /* Not mapped yet, as just after exec: what the loader is about to find. */
    return thaw_interpreter_from_needed(executable, process->executable, &process->root,
                                        process->arena, info, error);
}

int thaw_interpreter_of_process(pid_t pid, struct thaw_arena *arena,
                                struct thaw_interpreter_info *ret, struct thaw_error *error)
{
    struct process process = {.pid = pid, .arena = arena};
    struct thaw_interpreter_info info = {0};
    struct thaw_object *object;
    const char *started;
    char link[64];
    int result;

    process.root.folder = process_root(&process);
    if (!process.root.folder)
        return thaw_error_memory(error);
    process.root.library_path = thaw_process_variable(pid, "LD_LIBRARY_PATH", arena);
    result = process_executable(&process, error);
    if (result < 0)
        return result;
    snprintf(link, sizeof(link), "/proc/%d/exe", (int)pid);
    result = thaw_object_open(link, &object, error);
    if (result < 0)
        return result == -ENOENT ? process_error(pid, result, error) : result;
    started = thaw_interpreter_started_as(pid, process.root.folder, arena);
    info.executable = started ? started : process.executable;
    info.root = process.root.folder;
    result = process_identify(&process, object, &info, error);
    thaw_object_close(object);
    if (result == 0)
        *ret = info;
    return result;
}

int thaw_interpreter_of_library(const char *path, pid_t pid, struct thaw_arena *arena,
                                struct thaw_interpreter_info *ret, struct thaw_error *error)
{
    struct process process = {.pid = pid, .arena = arena};
    struct thaw_interpreter_info info = {0};
    struct thaw_object *library;
    char name[PATH_MAX];
    ssize_t length;
    int result;

    process.root.folder = process_root(&process);
    if (!process.root.folder)
        return thaw_error_memory(error);
    result = process_executable(&process, error);
    length = readlink(path, name, sizeof(name) - 1);
    if (result < 0 || length < 0)
        return result < 0 ? result : process_error(pid, -errno, error);
    name[length] = '\0';
    result = thaw_object_open(path, &library, error);
    if (result < 0)
        return result;
    info.executable = process.executable;
    info.root = process.root.folder;
    result = thaw_interpreter_in_object(library)
                 ? thaw_interpreter_describe(library, name, arena, &info, error)
                 : thaw_error_set(error, -ENOEXEC, "%s: not a Python interpreter", name);
    thaw_object_close(library);
    if (result < 0)
        return result;
    info.open_path = process_open_path(&process, name, &info, path);
    *ret = info;
    return info.open_path ? 0 : thaw_error_memory(error);
}
