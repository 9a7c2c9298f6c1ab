/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/control_groups.h"
#include "capture/small_file.h"

#define MOUNTS_BYTES (256 * 1024)
#define GROUPS_BYTES 16384

/* The files of one process that tell where its groups are. */
struct places {
    char *mounts;
    size_t mounts_bytes;
    char groups[GROUPS_BYTES];
    size_t groups_bytes;
};

static long read_in(const char *folder, const char *name, char *bytes, size_t size)
{
    char path[PATH_MAX + 32];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return thaw_small_file_read(path, bytes, size);
}

static uint64_t cpu_limit(const char *folder)
{
    char quota[64], period[64];
    long length = read_in(folder, "cpu.max", quota, sizeof(quota)), other;

    if (length > 0)
        return thaw_control_group_cpu_max(quota, (size_t)length);
    length = read_in(folder, "cpu.cfs_quota_us", quota, sizeof(quota));
    other = read_in(folder, "cpu.cfs_period_us", period, sizeof(period));
    return length > 0 && other > 0
               ? thaw_control_group_cpu_quota(quota, (size_t)length, period, (size_t)other)
               : 0;
}

static uint64_t memory_limit(const char *folder)
{
    char text[64];
    long length = read_in(folder, "memory.max", text, sizeof(text));

    if (length <= 0)
        length = read_in(folder, "memory.limit_in_bytes", text, sizeof(text));
    return length > 0 ? thaw_control_group_memory(text, (size_t)length) : 0;
}

/*
 * The folder of the process's group, with *ret_point bytes of it the mount's own. Where the group
 * lies outside of what is mounted here, it is the mount's.
 */
static bool find_folder(const struct places *places, unsigned version,
                        enum thaw_controller controller, char *folder, size_t *ret_point)
{
    struct thaw_control_group_mount mount;
    const char *path;
    size_t length;

    if (!thaw_control_group_path(places->groups, places->groups_bytes, version, controller, &path,
                                 &length) ||
        !thaw_control_group_mount(places->mounts, places->mounts_bytes, version, controller,
                                  &mount) ||
        memchr(mount.point, '\\', mount.point_bytes) || mount.point_bytes + length + 1 >= PATH_MAX)
        return false;
    if (mount.root_bytes > 1) {
        bool below = length >= mount.root_bytes && !memcmp(path, mount.root, mount.root_bytes);

        path = below ? path + mount.root_bytes : "";
        length = below ? length - mount.root_bytes : 0;
    }
    memcpy(folder, mount.point, mount.point_bytes);
    memcpy(folder + mount.point_bytes, path, length);
    folder[mount.point_bytes + length] = '\0';
    *ret_point = mount.point_bytes;
    if (length == 1 || access(folder, F_OK)) /* "/", or a path of another namespace */
        folder[mount.point_bytes] = '\0';
    return access(folder, F_OK) == 0;
}

/* The lowest limit from the folder up to the mount; folder becomes the one that has it. */
static uint64_t lowest(char *folder, size_t point, uint64_t (*limit_of)(const char *folder))
{
    char at[PATH_MAX];
    uint64_t found = 0;

    strcpy(at, folder);
    for (;;) {
        uint64_t limit = limit_of(at);
        char *slash;

        if (limit && (!found || limit < found)) {
            found = limit;
            strcpy(folder, at);
        }
        slash = strrchr(at, '/');
        if (!slash || (size_t)(slash - at) < point)
            return found;
        *slash = '\0';
    }
}

static bool read_places(pid_t process, struct places *ret)
{
    char path[64];
    long length;

    snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)process);
    length = thaw_small_file_read(path, ret->groups, sizeof(ret->groups));
    if (length <= 0)
        return false;
    ret->groups_bytes = (size_t)length;
    ret->mounts = malloc(MOUNTS_BYTES);
    length =
        ret->mounts ? thaw_small_file_read("/proc/self/mountinfo", ret->mounts, MOUNTS_BYTES) : 0;
    ret->mounts_bytes = length > 0 ? (size_t)length : 0;
    return ret->mounts_bytes > 0;
}

/* Both versions may be mounted; a controller is in one of them. */
bool thaw_control_groups_of(pid_t process, struct thaw_control_groups *ret)
{
    struct places places = {0};
    bool known = read_places(process, &places), found = false;

    memset(ret, 0, sizeof(*ret));
    for (unsigned version = 1; known && version <= 2; version++) {
        char folder[PATH_MAX];
        size_t point;
        uint64_t limit;

        if (find_folder(&places, version, THAW_CONTROLLER_CPU, folder, &point)) {
            limit = lowest(folder, point, cpu_limit);
            if (!*ret->cpu || limit) /* the unified hierarchy beside one of version 1 is empty */
                strcpy(ret->cpu, folder);
            if (limit)
                ret->cpu_limit_millis = limit;
            found = true;
        }
        if (find_folder(&places, version, THAW_CONTROLLER_MEMORY, folder, &point)) {
            limit = lowest(folder, point, memory_limit);
            if (limit)
                ret->memory_limit_bytes = limit;
            found = true;
        }
    }
    if (known)
        ret->sign = thaw_control_group_sign(places.groups, places.groups_bytes);
    free(places.mounts);
    return found;
}

bool thaw_control_groups_cpu(const char *folder, struct thaw_control_group_cpu *ret)
{
    char text[2048];
    long length = *folder ? read_in(folder, "cpu.stat", text, sizeof(text)) : 0;

    return length > 0 && thaw_control_group_cpu_stat(text, (size_t)length, ret);
}

uint64_t thaw_control_groups_pressure(const char *folder, const char **ret_source)
{
    char text[512];
    const char *total;
    unsigned long long waited_us;

    *ret_source = "control group";
    if (!*folder || read_in(folder, "cpu.pressure", text, sizeof(text)) <= 0) {
        *ret_source = "machine";
        if (thaw_small_file_read("/proc/pressure/cpu", text, sizeof(text)) <= 0)
            return 0;
    }
    total = strstr(text, "total="); /* of the first line, "some" */
    return total && sscanf(total, "total=%llu", &waited_us) == 1 ? waited_us * 1000 : 0;
}
