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

#include "native/root.h"
#include "python/interpreter_private.h"
#include "python/version.h"

#define ENTRIES_MAX 20000   /* of one folder */
#define PROCESSES_MAX 50000 /* looked at */
#define ROOTS_MAX 256       /* of other processes */
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
    const char *root;                       /* that is looked into, "" ours */
    THAW_ARRAY(struct file_identity) seen;  /* executables looked at, links resolved */
    THAW_ARRAY(struct file_identity) roots; /* looked into */
    bool out_of_memory;
};

static bool is_listed(const struct file_identity *items, size_t count, const struct stat *status)
{
    for (size_t i = 0; i < count; i++)
        if (items[i].device == status->st_dev && items[i].inode == status->st_ino)
            return true;
    return false;
}

/* True the first time a file is met. */
static bool discovery_is_new(struct discovery *discovery, const struct stat *status)
{
    struct file_identity *identity;

    if (is_listed(discovery->seen.items, discovery->seen.count, status))
        return false;
    identity = thaw_array_add(&discovery->seen);
    if (!identity) {
        discovery->out_of_memory = true;
        return false;
    }
    *identity = (struct file_identity){status->st_dev, status->st_ino};
    return true;
}

/* True the first time a root is met that is not ours. */
static bool discovery_is_new_root(struct discovery *discovery, const char *root)
{
    struct file_identity *identity;
    struct stat status, ours;

    if (stat(root, &status) < 0 || stat("/", &ours) < 0 ||
        (status.st_dev == ours.st_dev && status.st_ino == ours.st_ino) ||
        is_listed(discovery->roots.items, discovery->roots.count, &status))
        return false;
    identity = thaw_array_add(&discovery->roots);
    if (!identity) {
        discovery->out_of_memory = true;
        return false;
    }
    *identity = (struct file_identity){status.st_dev, status.st_ino};
    return discovery->roots.count <= ROOTS_MAX;
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
    int fd;

    if (!path || discovery->out_of_memory)
        return;
    fd = thaw_root_open(discovery->root, path);
    if (fd < 0)
        return;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && discovery_is_new(discovery, &status))
        discovery_keep(discovery,
                       *discovery->root
                           ? thaw_interpreter_in_root(discovery->root, path, discovery->arena,
                                                      &info, NULL)
                           : thaw_interpreter_identify(path, discovery->arena, &info, NULL),
                       &info);
    close(fd);
}

/* A path that was made to look at; without memory for it something is missed. */
static const char *made(struct discovery *discovery, const char *path)
{
    if (!path)
        discovery->out_of_memory = true;
    return path;
}

/* A folder of the root that is looked into. */
static DIR *discovery_open_folder(const struct discovery *discovery, const char *path)
{
    int fd = thaw_root_open(discovery->root, path);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);

    if (!folder && fd >= 0)
        close(fd);
    return folder;
}

/* Everything in a folder that is named like an interpreter. */
static void discovery_folder(struct discovery *discovery, const char *path)
{
    DIR *folder = path && *path == '/' ? discovery_open_folder(discovery, path) : NULL;
    struct dirent *entry;

    for (int i = 0; folder && i < ENTRIES_MAX && (entry = readdir(folder)); i++) {
        if (thaw_python_is_program_name(entry->d_name))
            discovery_file(discovery, made(discovery, thaw_arena_format(discovery->arena, "%s/%s",
                                                                        path, entry->d_name)));
    }
    if (folder)
        closedir(folder);
}

static void discovery_path(struct discovery *discovery, const char *list)
{
    for (int i = 0; i < FOLDERS_MAX && *list; i++) {
        size_t length = strcspn(list, ":");

        discovery_folder(discovery,
                         made(discovery, thaw_arena_text(discovery->arena, list, length)));
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
                             made(discovery, thaw_arena_format(discovery->arena, "%s/%s/bin", path,
                                                               entry->d_name)));
    }
    if (folder)
        closedir(folder);
}

static void discovery_home(struct discovery *discovery, const char *home)
{
    if (!home || *home != '/')
        return;
    for (size_t i = 0; i < sizeof(manager_folders) / sizeof(char *); i++)
        discovery_versions(discovery, made(discovery, thaw_arena_format(discovery->arena, "%s/%s",
                                                                        home, manager_folders[i])));
    for (size_t i = 0; i < sizeof(home_folders) / sizeof(char *); i++)
        discovery_folder(discovery, made(discovery, thaw_arena_format(discovery->arena, "%s/%s",
                                                                      home, home_folders[i])));
}

/* Where a process of another root would find its Pythons; it may start one any moment. */
static void discovery_root(struct discovery *discovery, long pid)
{
    char root[64];

    snprintf(root, sizeof(root), "/proc/%ld/root", pid);
    if (!discovery_is_new_root(discovery, root))
        return;
    discovery->root = root;
    for (size_t i = 0; i < sizeof(system_folders) / sizeof(char *); i++)
        discovery_folder(discovery, system_folders[i]);
    discovery_path(discovery, thaw_process_variable((pid_t)pid, "PATH", discovery->arena));
    discovery->root = "";
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
    discovery_root(discovery, pid);
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
    struct discovery discovery = {.arena = arena, .found = ret, .root = ""};
    const char *environment = getenv("VIRTUAL_ENV");

    if (command)
        discovery_file(&discovery, thaw_interpreter_command(command, path_variable, arena));
    discovery_path(&discovery, path_variable);
    if (environment)
        discovery_folder(&discovery,
                         made(&discovery, thaw_arena_format(arena, "%s/bin", environment)));
    for (size_t i = 0; i < sizeof(system_folders) / sizeof(char *); i++)
        discovery_folder(&discovery, system_folders[i]);
    discovery_home(&discovery, home);
    discovery_processes(&discovery);
    thaw_array_free(&discovery.seen);
    thaw_array_free(&discovery.roots);
    return discovery.out_of_memory ? thaw_error_memory(error) : 0;
}
