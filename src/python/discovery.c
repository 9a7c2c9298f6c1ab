/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "python/interpreter_private.h"
#include "python/version.h"

#define ENTRIES_MAX 20000   /* of one folder */
#define PROCESSES_MAX 50000 /* looked at */
#define FOLDERS_MAX 256     /* of PATH, and versions of one version manager */

/* Folders of version managers below the home folder, each with one folder per version in it. */
static const char *const manager_folders[] = {".pyenv/versions", ".local/share/uv/python",
                                              ".asdf/installs/python",
                                              ".local/share/mise/installs/python"};
static const char *const home_folders[] = {"miniconda3/bin", "miniforge3/bin", "anaconda3/bin",
                                           ".local/bin"};
static const char *const system_folders[] = {"/usr/bin", "/usr/local/bin"};

struct file_identity {
    uint64_t device;
    uint64_t inode;
};

struct discovery {
    struct thaw_arena *arena;
    struct thaw_interpreter_list *found;
    THAW_ARRAY(struct file_identity) seen; /* executables looked at, links resolved */
    bool out_of_memory;
};

/* True the first time a file is met. */
static bool discovery_is_new(struct discovery *discovery, const struct stat *status)
{
    struct file_identity *identity;

    for (size_t i = 0; i < discovery->seen.count; i++) {
        if (discovery->seen.items[i].device == status->st_dev &&
            discovery->seen.items[i].inode == status->st_ino)
            return false;
    }
    identity = thaw_array_add(&discovery->seen);
    if (!identity) {
        discovery->out_of_memory = true;
        return false;
    }
    *identity = (struct file_identity){status->st_dev, status->st_ino};
    return true;
}

/* Keeps an interpreter unless its library is known already; result is that of identifying it. */
static void discovery_keep(struct discovery *discovery, int result,
                           const struct thaw_interpreter_info *info)
{
    struct thaw_interpreter_info *slot;

    if (result == -ENOMEM)
        discovery->out_of_memory = true;
    if (result < 0)
        return;
    for (size_t i = 0; i < discovery->found->count; i++) {
        if (discovery->found->items[i].device == info->device &&
            discovery->found->items[i].inode == info->inode)
            return;
    }
    slot = thaw_array_add(discovery->found);
    if (slot)
        *slot = *info;
    else
        discovery->out_of_memory = true;
}

static void discovery_file(struct discovery *discovery, const char *path)
{
    struct thaw_interpreter_info info;
    struct stat status;

    if (!path || discovery->out_of_memory || stat(path, &status) < 0 || !S_ISREG(status.st_mode) ||
        !discovery_is_new(discovery, &status))
        return;
    discovery_keep(discovery, thaw_interpreter_identify(path, discovery->arena, &info, NULL),
                   &info);
}

/* Everything in a folder that is named like an interpreter. */
static void discovery_folder(struct discovery *discovery, const char *path)
{
    DIR *folder = path && *path == '/' ? opendir(path) : NULL;
    struct dirent *entry;

    for (int i = 0; folder && i < ENTRIES_MAX && (entry = readdir(folder)); i++) {
        if (thaw_python_is_program_name(entry->d_name))
            discovery_file(discovery,
                           thaw_arena_format(discovery->arena, "%s/%s", path, entry->d_name));
    }
    if (folder)
        closedir(folder);
}

static void discovery_path(struct discovery *discovery, const char *list)
{
    for (int i = 0; i < FOLDERS_MAX && *list; i++) {
        size_t length = strcspn(list, ":");

        discovery_folder(discovery, thaw_arena_text(discovery->arena, list, length));
        list += length + (list[length] == ':');
    }
}

static void discovery_versions(struct discovery *discovery, const char *path)
{
    DIR *folder = path ? opendir(path) : NULL;
    struct dirent *entry;

    for (int i = 0; folder && i < FOLDERS_MAX && (entry = readdir(folder)); i++) {
        if (entry->d_name[0] != '.')
            discovery_folder(discovery,
                             thaw_arena_format(discovery->arena, "%s/%s/bin", path, entry->d_name));
    }
    if (folder)
        closedir(folder);
}

static void discovery_home(struct discovery *discovery, const char *home)
{
    if (!home || *home != '/')
        return;
    for (size_t i = 0; i < sizeof(manager_folders) / sizeof(char *); i++)
        discovery_versions(discovery,
                           thaw_arena_format(discovery->arena, "%s/%s", home, manager_folders[i]));
    for (size_t i = 0; i < sizeof(home_folders) / sizeof(char *); i++)
        discovery_folder(discovery,
                         thaw_arena_format(discovery->arena, "%s/%s", home, home_folders[i]));
}

/* Only processes whose executable is new: a machine runs few programs many times. */
static void discovery_process(struct discovery *discovery, const char *name)
{
    struct thaw_interpreter_info info;
    struct stat status;
    char link[64];
    long pid;
    char *end;

    errno = 0;
    pid = strtol(name, &end, 10);
    if (errno || *end || pid <= 0 || pid > INT_MAX)
        return;
    snprintf(link, sizeof(link), "/proc/%ld/exe", pid);
    if (stat(link, &status) < 0 || !discovery_is_new(discovery, &status))
        return;
    discovery_keep(discovery,
                   thaw_interpreter_of_process((pid_t)pid, discovery->arena, &info, NULL), &info);
}

static void discovery_processes(struct discovery *discovery)
{
    DIR *folder = opendir("/proc");
    struct dirent *entry;

    for (int i = 0; folder && i < PROCESSES_MAX && (entry = readdir(folder)); i++) {
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
            discovery_process(discovery, entry->d_name);
    }
    if (folder)
        closedir(folder);
}

int thaw_interpreters_discover(const char *const *command, const char *path_variable,
                               const char *home, struct thaw_arena *arena,
                               struct thaw_interpreter_list *ret, struct thaw_error *error)
{
    struct discovery discovery = {.arena = arena, .found = ret};
    const char *environment = getenv("VIRTUAL_ENV");

    if (command)
        discovery_file(&discovery, thaw_interpreter_command(command, path_variable, arena));
    discovery_path(&discovery, path_variable);
    if (environment)
        discovery_folder(&discovery, thaw_arena_format(arena, "%s/bin", environment));
    for (size_t i = 0; i < sizeof(system_folders) / sizeof(char *); i++)
        discovery_folder(&discovery, system_folders[i]);
    discovery_home(&discovery, home);
    discovery_processes(&discovery);
    thaw_array_free(&discovery.seen);
    return discovery.out_of_memory ? thaw_error_memory(error) : 0;
}
