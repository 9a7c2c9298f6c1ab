/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/coverage_parts.h"
#include "capture/loss.h"
#include "capture/session_probes.h"
#include "platform/platform.h"
#include "python/interpreter.h"

/* dlopen of the C library that goes with an interpreter: one for each root. */
static int cover_loader(struct thaw_coverage *coverage, const struct thaw_interpreter_info *info,
                        struct thaw_error *error)
{
    const char *path = thaw_interpreter_loader(info, &coverage->scratch);
    struct thaw_kernel_file *known;
    struct stat status;

    if (!path || stat(path, &status))
        return 0; /* its extensions are seen by what importlib opens */
    for (size_t i = 0; i < coverage->loaders.count; i++)
        if (thaw_known_file_is_at(&coverage->loaders.items[i], path))
            return 0;
    known = thaw_array_add(&coverage->loaders);
    if (!known)
        return thaw_error_memory(error);
    *known = thaw_known_file_identity(&status);
    return thaw_library_probes_attach(coverage->programs, coverage->writer, path, error);
}

/* A file that leads to an interpreter is known from now on, whatever the kernel calls it. */
int thaw_coverage_know(struct thaw_coverage *coverage, const char *path, size_t index,
                       struct thaw_error *error)
{
    struct thaw_kernel_file identity;
    struct stat status;

    if (stat(path, &status))
        return 0;
    identity = thaw_known_file_identity(&status);
    return thaw_known_files_add(&coverage->files, &identity, index + 1, error);
}

/* The entry of an interpreter, made and attached to when it is new. */
int thaw_coverage_cover(struct thaw_coverage *coverage, const struct thaw_interpreter_info *info,
                        size_t *ret, struct thaw_error *error)
{
    bool is_new;
    int code = thaw_interpreters_cover(&coverage->interpreters, info, ret, &is_new, error);

    if (!code && is_new && !coverage->lean && (*info->root || !coverage->loaders.count))
        code = cover_loader(coverage, info, error);
    return code ? code : thaw_coverage_know(coverage, info->open_path, *ret, error);
}

/*
 * Which interpreter a process is that has just executed the file: through /proc, which leads into
 * its own root; a path alone may lead to another file of that name here. The process may be gone,
 * or not ours to see; then the path will do if it is the very file.
 */
static int identify(struct thaw_coverage *coverage, const struct thaw_kernel_exec *record,
                    const char *executable, struct thaw_interpreter_info *ret)
{
    int code = -ESRCH;
    char link[64];

    snprintf(link, sizeof(link), "/proc/%u/exe", record->header.tgid);
    if (thaw_known_file_is_at(&record->file, link))
        code =
            thaw_interpreter_of_process((pid_t)record->header.tgid, &coverage->scratch, ret, NULL);
    if (code && code != -ENOEXEC && code != -ENOMEM && !thaw_interpreter_is_loader(executable) &&
        thaw_known_file_is_at(&record->file, executable))
        code = thaw_interpreter_identify(executable, &coverage->scratch, ret, NULL);
    return code;
}

/* It was gone, or had gone on, before it could be looked at. */
static int tell_unseen(struct thaw_coverage *coverage, uint32_t pid, const char *what,
                       struct thaw_error *error)
{
    char line[256];

    snprintf(line, sizeof(line),
             "process %u %s that was not known and could not be looked at in time: if that was "
             "Python, its imports are missing",
             pid, what);
    return thaw_loss_store_process(coverage->writer, pid, "interpreter-not-seen", line, error);
}

/* Looks at an executed file for the first time: fills the interpreter's index + 1, 0 none. */
int thaw_coverage_learn_file(struct thaw_coverage *coverage, const struct thaw_kernel_exec *record,
                             const char *executable, size_t *ret_interpreter,
                             struct thaw_error *error)
{
    struct thaw_interpreter_info info;
    int code = identify(coverage, record, executable, &info);
    size_t index;

    if (code == -ENOMEM)
        return thaw_error_memory(error);
    if (code == -EACCES || code == -EPERM)
        return thaw_loss_of_process(coverage->writer, record->header.tgid, error);
    if (code && code != -ENOEXEC)
        return tell_unseen(coverage, record->header.tgid, "executed a program", error);
    if (!code) {
        code = thaw_coverage_cover(coverage, &info, &index, error);
        if (code)
            return code;
        *ret_interpreter = index + 1;
    }
    if (thaw_interpreter_is_loader(executable))
        return 0; /* it may run something else the next time */
    if (!*ret_interpreter && coverage->lean && thaw_platforms_may_host(NULL, executable))
        return thaw_known_files_add_looked_at(&coverage->files, &record->file, error);
    /* Not before its probes are there: what is known is not held. */
    return thaw_known_files_add(&coverage->files, &record->file, *ret_interpreter, error);
}

/*
 * The interpreter in the library that a process has opened. The loader closes its descriptor at
 * once, and another file may have got the number: then it is found among what is mapped. -ESRCH: it
 * is neither.
 */
static int identify_library(struct thaw_coverage *coverage,
                            const struct thaw_kernel_library_open *record,
                            struct thaw_interpreter_info *ret, int *ret_way)
{
    pid_t pid = (pid_t)record->header.tgid;
    char path[64];
    int fd, code;

    snprintf(path, sizeof(path), "/proc/%d/fd/%lld", (int)pid, (long long)record->descriptor);
    fd = record->descriptor < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (fd >= 0 && thaw_known_file_is_at(&record->file, path)) {
        code = thaw_interpreter_of_library(path, pid, &coverage->scratch, ret, NULL);
        *ret_way = fd; /* it may be the only way to it */
        return code;
    }
    if (fd >= 0)
        close(fd);
    code = thaw_interpreter_of_process(pid, &coverage->scratch, ret, NULL);
    if (code || record->descriptor < 0 || thaw_known_file_is_at(&record->file, ret->open_path))
        return code;
    return -ESRCH;
}

/* The descriptor is kept as long as the interpreter when its path leads through it. */
static void keep_way(struct thaw_covered *covered, int way)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/self/fd/%d", way);
    if (covered && !covered->way && !strcmp(covered->info.open_path, path))
        covered->way = way;
    else
        close(way);
}

/* Looks at a library; *ret_interpreter: index + 1, 0 it is none. */
int thaw_coverage_learn_library(struct thaw_coverage *coverage,
                                const struct thaw_kernel_library_open *record,
                                size_t *ret_interpreter, struct thaw_error *error)
{
    struct thaw_interpreter_info info;
    int way = -1, code = identify_library(coverage, record, &info, &way), result = 0;
    size_t index;

    if (code == -ENOMEM)
        result = thaw_error_memory(error);
    else if (code && code != -ENOEXEC)
        result = tell_unseen(coverage, record->header.tgid, "opened a library", error);
    else if (!code)
        result = thaw_coverage_cover(coverage, &info, &index, error);
    if (!code && !result)
        *ret_interpreter = index + 1;
    if (way >= 0)
        keep_way(*ret_interpreter ? &coverage->interpreters.items[index] : NULL, way);
    if (result || (code && code != -ENOEXEC) || record->descriptor < 0)
        return result;
    return thaw_known_files_add(&coverage->files, &record->file, *ret_interpreter, error);
}
