/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PLATFORM_CONTROL_GROUP_H
#define THAW_PLATFORM_CONTROL_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reading what the kernel says of control groups, of both versions (cgroups(7); the kernel's
 * Documentation/admin-guide/cgroup-v2.rst and cgroup-v1). Nothing here opens a file, and nothing
 * is read behind length.
 */

enum thaw_controller { THAW_CONTROLLER_CPU, THAW_CONTROLLER_MEMORY };

/* Where a hierarchy is mounted, and which part of it. */
struct thaw_control_group_mount {
    unsigned version; /* 1 or 2 */
    const char *point;
    size_t point_bytes;
    const char *root; /* path within the hierarchy that is seen at point */
    size_t root_bytes;
};

/*
 * The mount, out of a /proc/PID/mountinfo, that has the controller (version 1), or the unified one
 * (2). Texts point into the file, with its octal escapes. False: there is none.
 */
bool thaw_control_group_mount(const char *mountinfo, size_t length, unsigned version,
                              enum thaw_controller controller,
                              struct thaw_control_group_mount *ret);

/* The path of the group within the hierarchy, out of a /proc/PID/cgroup; false: none is told. */
bool thaw_control_group_path(const char *groups, size_t length, unsigned version,
                             enum thaw_controller controller, const char **ret_path,
                             size_t *ret_bytes);

/*
 * Thousandths of a CPU that "QUOTA PERIOD" (cpu.max), or the two numbers of version 1, allow; at
 * least 1. 0: no limit, or not understood.
 */
uint64_t thaw_control_group_cpu_max(const char *text, size_t length);
uint64_t thaw_control_group_cpu_quota(const char *quota, size_t quota_length, const char *period,
                                      size_t period_length);

/* Bytes that memory.max or memory.limit_in_bytes allow. 0: no limit, or not understood. */
uint64_t thaw_control_group_memory(const char *text, size_t length);

/* Counters since the group was made. Throttled time is the sum over the CPUs. */
struct thaw_control_group_cpu {
    uint64_t periods; /* in which it wanted to run */
    uint64_t throttled_periods;
    uint64_t throttled_ns;
};

/* Out of a cpu.stat; false: it does not count throttling (no limit was ever possible there). */
bool thaw_control_group_cpu_stat(const char *text, size_t length,
                                 struct thaw_control_group_cpu *ret);

/* What paths of groups show of the container they are for: "kubepods", "docker", …; NULL nothing.
 */
const char *thaw_control_group_sign(const char *path, size_t length);

#endif
