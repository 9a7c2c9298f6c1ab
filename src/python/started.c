/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "native/root.h"
#include "python/interpreter_private.h"

#define ENVIRONMENT_BYTES_MAX ((size_t)1 << 20)

const char *thaw_process_variable(pid_t pid, const char *name, struct thaw_arena *arena)
{
    size_t capacity = 0, total = 0, name_length = strlen(name);
    char path[64], *entry = NULL;
    const char *value = NULL;
    ssize_t length;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
    file = fopen(path, "re");
    while (file && !value && total < ENVIRONMENT_BYTES_MAX &&
           (length = getdelim(&entry, &capacity, 0, file)) > 0) {
        total += (size_t)length;
        if (strncmp(entry, name, name_length) == 0 && entry[name_length] == '=')
            value = thaw_arena_string(arena, entry + name_length + 1);
    }
    free(entry);
    if (file)
        fclose(file);
    return value ? value : "";
}

/* The first word of the command line, NULL when there is none or it is cut. */
static const char *started_word(pid_t pid, char buffer[PATH_MAX])
{
    char path[64];
    ssize_t length;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    length = read(fd, buffer, PATH_MAX);
    close(fd);
    return length > 1 && *buffer && memchr(buffer, '\0', (size_t)length) ? buffer : NULL;
}

static bool is_same_file(const char *root, const char *path, const struct stat *running)
{
    int fd = thaw_root_open(root, path);
    struct stat status;
    bool same;

    if (fd < 0)
        return false;
    same = fstat(fd, &status) == 0 && status.st_dev == running->st_dev &&
           status.st_ino == running->st_ino;
    close(fd);
    return same;
}

/* As the shell finds a name: the first folder that has it; it counts if it is the running file. */
static const char *started_by_path(pid_t pid, const char *root, const char *word,
                                   const struct stat *running, struct thaw_arena *arena)
{
    const char *list = thaw_process_variable(pid, "PATH", arena);

    while (*list) {
        size_t length = strcspn(list, ":");
        const char *path =
            thaw_arena_format(arena, "%.*s/%s", (int)length, length ? list : "", word);

        if (path && *path == '/' && is_same_file(root, path, running))
            return path;
        list += length + (list[length] == ':');
    }
    return NULL;
}

const char *thaw_interpreter_started_as(pid_t pid, const char *root, struct thaw_arena *arena)
{
    char word[PATH_MAX];

    return started_word(pid, word) ? thaw_interpreter_started_by(pid, root, word, arena) : NULL;
}

const char *thaw_interpreter_started_by(pid_t pid, const char *root, const char *word,
                                        struct thaw_arena *arena)
{
    char link[64], folder[PATH_MAX];
    struct stat running;
    const char *path;
    ssize_t length;

    snprintf(link, sizeof(link), "/proc/%d/exe", (int)pid);
    if (stat(link, &running) < 0)
        return NULL;
    if (!strchr(word, '/'))
        return started_by_path(pid, root, word, &running, arena);
    if (*word == '/')
        return is_same_file(root, word, &running) ? thaw_arena_string(arena, word) : NULL;
    /* Relative: only where the folder's name is one in our own root. */
    snprintf(link, sizeof(link), "/proc/%d/cwd", (int)pid);
    length = *root ? -1 : readlink(link, folder, sizeof(folder) - 1);
    if (length <= 0)
        return NULL;
    folder[length] = '\0';
    path = thaw_arena_format(arena, "%s/%s", folder, word);
    return path && is_same_file(root, path, &running) ? path : NULL;
}
