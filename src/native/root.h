/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_ROOT_H
#define THAW_NATIVE_ROOT_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"
#include "thaw/error.h"

/*
 * Files below another root folder: a container's, a chroot's, an extracted image's. Symbolic links
 * are followed as a process inside sees them, so that an absolute one never leads to this
 * machine's file of the same name. root "" or "/" is this process's own root.
 */

/*
 * Opens path (absolute, as seen inside) for reading without waiting for a FIFO's other end;
 * the descriptor is close-on-exec. Negative errno on failure; -ENOSYS: this kernel or its seccomp
 * filter lacks openat2(2), needed for other roots.
 */
int thaw_root_open(const char *root, const char *path);

/* The same of a folder; anything else is -ENOTDIR and not touched. */
int thaw_root_open_folder(const char *root, const char *path);

/* The same, but only its place: nothing is read from it, and a FIFO or device not touched. */
int thaw_root_locate(const char *root, const char *path);

/*
 * Reads a regular file whole; *ret is the caller's to free. -EINVAL: it is none; -EFBIG: it has
 * more bytes than that; -ENOMEM; as thaw_root_open().
 */
int thaw_root_read(const char *root, const char *path, size_t bytes_max, char **ret,
                   size_t *length);

bool thaw_root_is_folder(const char *root, const char *path);

/* The path an open descriptor has inside root, links resolved; NULL when it has none or memory is
 * short. */
const char *thaw_root_path(const char *root, int fd, struct thaw_arena *arena);

/*
 * 1: the process has another root folder than this one, or mounts of its own, so that a path of its
 * may lead to another file here; 0: it has not. Negative errno: that can't be told (-ENOENT: it is
 * gone).
 */
int thaw_root_is_other(pid_t process);

#endif
