/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/small_file.h"
#include "cli/deps_target.h"
#include "inventory/sites.h"
#include "native/maps.h"
#include "native/root.h"
#include "platform/platform.h"
#include "python/interpreter.h"

/*
 * The folders a running Python imports from, told from outside and without asking it: those that
 * its mapped files lie in, those of its environment, those that PYTHONPATH names, and the app's own
 * (its script's, or the one it runs in where that looks like an app's).
 */

enum { words_bytes = 65536, environment_bytes = 1 << 20 };

struct process {
    pid_t pid;
    const char *root; /* "" ours */
    struct thaw_deps_target *target;
    struct thaw_arena *arena;
    struct thaw_interpreter_info python;
};

/* Adds a folder of the process's root if it is there. */
static int add_existing(const struct process *process, const char *folder)
{
    char path[PATH_MAX];
    struct stat status;

    if ((size_t)snprintf(path, sizeof(path), "%s%s", process->root, folder) >= sizeof(path) ||
        stat(path, &status) < 0 || !S_ISDIR(status.st_mode))
        return 0;
    return thaw_deps_add_folder(process->target, folder);
}

static bool is_there(const struct process *process, const char *folder, const char *name)
{
    char path[PATH_MAX];

    return (size_t)snprintf(path, sizeof(path), "%s%s/%s", process->root, folder, name) <
               sizeof(path) &&
           access(path, F_OK) == 0;
}

/* The folders of distributions that mapped files lie in. */
static int add_mapped(const struct process *process, struct thaw_error *error)
{
    struct thaw_sites sites = {.arena = process->arena};
    size_t length, above = strlen(process->root);
    char *text = thaw_maps_read(process->pid, &length);
    const char *cursor = text;
    struct thaw_mapping mapping;
    int code = 0;

    if (!text)
        return thaw_error_system(error, -errno, "process %d can't be looked at", (int)process->pid);
    while (!code && thaw_maps_next(&cursor, text + length, &mapping)) {
        const char *path;

        if (!mapping.inode || mapping.deleted || *mapping.path != '/')
            continue;
        path = thaw_arena_format(process->arena, "%s%.*s", process->root, (int)mapping.path_bytes,
                                 mapping.path);
        code = path ? thaw_sites_add_for_file(&sites, path, NULL, 0) : -ENOMEM;
    }
    for (size_t i = 0; !code && i < sites.items.count; i++)
        code = thaw_deps_add_folder(process->target, sites.items.items[i] + above);
    thaw_sites_free(&sites);
    free(text);
    return code ? thaw_error_memory(error) : 0;
}

/* Folders for distributions below a prefix: its own, and those of Debian's Python. */
static int add_prefix(const struct process *process, const char *prefix)
{
    unsigned major = process->python.major, minor = process->python.minor;
    struct thaw_arena *arena = process->arena;
    const char *folders[] = {
        thaw_arena_format(arena, "%s/lib/python%u.%u/site-packages", prefix, major, minor),
        thaw_arena_format(arena, "%s/lib64/python%u.%u/site-packages", prefix, major, minor),
        thaw_arena_format(arena, "%s/local/lib/python%u.%u/dist-packages", prefix, major, minor),
        thaw_arena_format(arena, "%s/lib/python3/dist-packages", prefix),
    };
    int code = 0;

    for (size_t i = 0; !code && i < sizeof(folders) / sizeof(folders[0]); i++)
        code = folders[i] ? add_existing(process, folders[i]) : -ENOMEM;
    return code;
}

/* "/venv" of "/venv/bin/python"; NULL: of no such path. */
static const char *prefix_of(struct thaw_arena *arena, const char *executable)
{
    const char *slash = strrchr(executable, '/');

    if (*executable != '/' || !slash || slash - executable < 4 || strncmp(slash - 4, "/bin", 4))
        return NULL;
    return thaw_arena_text(arena, executable, (size_t)(slash - executable) - 4);
}

static int add_environment(const struct process *process)
{
    const char *started = process->python.executable;
    const char *prefix = prefix_of(process->arena, started);
    const char *base = prefix_of(process->arena, process->python.library);
    int code = prefix ? add_prefix(process, prefix) : 0;

    /* a virtual environment sees what its interpreter has only if it is told to; that is left out
     */
    if (!code && base && !(prefix && is_there(process, prefix, "pyvenv.cfg")))
        code = add_prefix(process, base);
    return code;
}

/* Folders of PYTHONPATH. The rest of the environment is read and dropped. */
static int add_python_path(const struct process *process)
{
    static const char name[] = "PYTHONPATH=";
    char path[64], *text = malloc(environment_bytes);
    int code = text ? 0 : -ENOMEM;
    long length = 0;

    snprintf(path, sizeof(path), "/proc/%d/environ", (int)process->pid);
    if (text)
        length = thaw_small_file_read(path, text, environment_bytes);
    for (char *word = text; !code && length > 0 && word < text + length; word += strlen(word) + 1) {
        char *rest = NULL;

        if (strncmp(word, name, sizeof(name) - 1) != 0)
            continue;
        word += sizeof(name) - 1;
        for (char *one = strtok_r(word, ":", &rest); !code && one; one = strtok_r(NULL, ":", &rest))
            code = *one == '/' ? add_existing(process, one) : 0;
        break;
    }
    free(text);
    return code;
}

/* By what an app of any platform has in its folder. */
static bool is_app(const struct process *process, const char *folder)
{
    size_t count;
    const struct thaw_platform *const *platforms = thaw_platforms_all(&count);

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < platforms[i]->sign_count; j++) {
            const struct thaw_platform_sign *sign = &platforms[i]->signs[j];

            if (strcmp(sign->kind, "app") == 0 && is_there(process, folder, sign->path))
                return true;
        }
    }
    return is_there(process, folder, "requirements.txt");
}

/* The folder of the script among the words of the command line; directory: where it runs. */
static int add_script(const struct process *process, const char *directory)
{
    char path[64], words[words_bytes];
    long length;

    snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)process->pid);
    length = thaw_small_file_read(path, words, sizeof(words));
    for (char *word = words; length > 0 && word < words + length; word += strlen(word) + 1) {
        const char *end = strrchr(word, '.'), *slash = strrchr(word, '/'), *folder;

        if (!end || strcmp(end, ".py") != 0 || *word == '-')
            continue;
        folder = !slash         ? directory
                 : *word == '/' ? thaw_arena_text(process->arena, word, (size_t)(slash - word))
                                : thaw_arena_format(process->arena, "%s/%.*s", directory,
                                                    (int)(slash - word), word);
        return !folder ? -ENOMEM : *folder ? add_existing(process, folder) : 0;
    }
    return 0;
}

static int add_app(const struct process *process)
{
    char path[64], directory[PATH_MAX];
    ssize_t length;
    int code;

    snprintf(path, sizeof(path), "/proc/%d/cwd", (int)process->pid);
    length = readlink(path, directory, sizeof(directory) - 1);
    if (length < 0)
        return 0;
    directory[length] = '\0';
    code = add_script(process, directory);
    if (!code && directory[1] && is_app(process, directory))
        code = add_existing(process, directory);
    return code;
}

/* As it was started: a virtual environment's link; else the file that runs. */
static int set_executable(const struct process *process)
{
    const char *started = process->python.executable;
    char path[64], file[PATH_MAX];
    ssize_t length;

    process->target->options.executable = started;
    if (*started == '/')
        return 0;
    snprintf(path, sizeof(path), "/proc/%d/exe", (int)process->pid);
    length = readlink(path, file, sizeof(file) - 1);
    process->target->options.executable =
        thaw_arena_text(process->arena, file, length > 0 ? (size_t)length : 0);
    return process->target->options.executable ? 0 : -ENOMEM;
}

static int set_interpreter(const struct process *process)
{
    struct thaw_shipped_options *options = &process->target->options;

    options->root = process->root;
    if (set_executable(process) < 0)
        return -ENOMEM;
    if (!options->python_version && process->python.major)
        options->python_version = thaw_arena_format(process->arena, "%u.%u", process->python.major,
                                                    process->python.minor);
    return process->python.major && !options->python_version ? -ENOMEM : 0;
}

int thaw_deps_process(pid_t pid, struct thaw_deps_target *target, struct thaw_error *error)
{
    struct process process = {.pid = pid, .root = "", .target = target, .arena = &target->arena};
    int code = thaw_interpreter_of_process(pid, process.arena, &process.python, error);

    if (code == -ENOEXEC)
        return thaw_error_set(error, code, "process %d runs no Python that thaw knows", (int)pid);
    if (code)
        return code;
    if (thaw_root_is_other(pid) > 0)
        process.root = thaw_arena_format(process.arena, "/proc/%d/root", (int)pid);
    if (!process.root)
        return thaw_error_memory(error);
    code = add_mapped(&process, error);
    if (code)
        return code;
    code = set_interpreter(&process);
    code = code ? code : add_environment(&process);
    code = code ? code : add_python_path(&process);
    code = code ? code : add_app(&process);
    return code ? thaw_error_memory(error) : 0;
}
