/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PLATFORM_CONTROL_GROUP_IDENTITY_H
#define THAW_PLATFORM_CONTROL_GROUP_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whose a process is, by the path of its control group: what container runtimes, the kubelet and
 * systemd call the groups that they make. Any bytes may come; nothing is read behind length.
 */
#define THAW_CONTAINER_BYTES 129
#define THAW_POD_BYTES 37
#define THAW_UNIT_BYTES 257

struct thaw_control_group_identity {
    char container[THAW_CONTAINER_BYTES]; /* its id, "" none; cut if longer */
    char pod[THAW_POD_BYTES]; /* its UID with dashes, or 32 digits as those of static ones; "" none
                               */
    char unit[THAW_UNIT_BYTES]; /* of systemd, the innermost; "" none, or the container's own */
};

/* *ret is all "" where the path tells nothing. */
void thaw_control_group_identify(const char *path, size_t length,
                                 struct thaw_control_group_identity *ret);

/*
 * The path that tells most out of a /proc/PID/cgroup: a container's, else that of version 2 or of
 * systemd, else the longest. False: there is none.
 */
bool thaw_control_group_telling_path(const char *groups, size_t length, const char **ret_path,
                                     size_t *ret_bytes);

#endif
