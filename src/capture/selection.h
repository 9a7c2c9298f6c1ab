/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_SELECTION_H
#define THAW_CAPTURE_SELECTION_H

#include <stddef.h>
#include <sys/types.h>

#include "base/array.h"
#include "thaw/error.h"

/* Running processes that are to be observed; thaw itself is never among them. */
struct thaw_selection {
    pid_t *items; /* freed by thaw_array_free() */
    size_t count;
    size_t capacity;
};

/* One process. -ESRCH: there is none of that id. */
int thaw_selection_process(struct thaw_selection *selection, pid_t process,
                           struct thaw_error *error);

/*
 * All processes of a control group: a folder below /sys/fs/cgroup, or its path from there, as
 * systemd-cgls and /proc/PID/cgroup show it. -ENOENT: no such group; -ESRCH: it is empty.
 */
int thaw_selection_cgroup(struct thaw_selection *selection, const char *path,
                          struct thaw_error *error);

/*
 * All processes of a container, known by its id (12 hexadecimal digits or more) in the name of
 * their control group, as Docker, containerd, CRI-O and Podman make it. -ESRCH: none.
 */
int thaw_selection_container(struct thaw_selection *selection, const char *id,
                             struct thaw_error *error);

/* Every process of the machine. */
int thaw_selection_all(struct thaw_selection *selection, struct thaw_error *error);

#endif
