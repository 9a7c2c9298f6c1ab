/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "capture/control_group_path.h"

/* FILEID_KERNFS, include/linux/exportfs.h: the handle is the number. */
#define KERNFS_HANDLE 0xfe

/* Where version 2 is mounted; false: nowhere. */
static bool find_mount(char ret[PATH_MAX])
{
    FILE *mounts = setmntent("/proc/self/mounts", "re");
    struct mntent entry;
    char line[2 * PATH_MAX];
    bool found = false;

    while (mounts && !found && getmntent_r(mounts, &entry, line, sizeof(line))) {
        found = !strcmp(entry.mnt_type, "cgroup2") && strlen(entry.mnt_dir) < PATH_MAX;
        if (found)
            strcpy(ret, entry.mnt_dir);
    }
    if (mounts)
        endmntent(mounts);
    return found;
}

static int open_group(const char *mount, uint64_t number)
{
    union {
        struct file_handle handle;
        char room[sizeof(struct file_handle) + sizeof(number)];
    } group = {.handle = {.handle_bytes = sizeof(number), .handle_type = KERNFS_HANDLE}};
    int folder = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC), file;

    if (folder < 0)
        return -1;
    memcpy(group.handle.f_handle, &number, sizeof(number));
    file = open_by_handle_at(folder, &group.handle, O_PATH | O_CLOEXEC);
    close(folder);
    return file;
}

bool thaw_control_group_path_of(uint64_t number, char ret[PATH_MAX])
{
    char mount[PATH_MAX], link[64], path[PATH_MAX];
    size_t point;
    ssize_t length;
    int file;

    if (!number || !find_mount(mount))
        return false;
    file = open_group(mount, number);
    if (file < 0)
        return false;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
    length = readlink(link, path, sizeof(path) - 1);
    close(file);
    point = strlen(mount);
    if (length <= 0 || (size_t)length < point || memcmp(path, mount, point) != 0)
        return false;
    path[length] = '\0';
    if (path[point] && path[point] != '/')
        return false;
    strcpy(ret, path[point] ? path + point : "/");
    return true;
}
