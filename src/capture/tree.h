/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_TREE_H
#define THAW_CAPTURE_TREE_H

#include "base/arena.h"
#include "thaw/error.h"
#include "thaw/event.h"
#include "thaw/recording.h"

/*
 * What is known of a process beyond its id: the resolved path of its program and, from its
 * command line, the role a platform gives it. The command line itself is not kept.
 */

/* The link /proc/PID/NAME as a path in arena; NULL when the process is gone or not ours to see. */
const char *thaw_tree_link(struct thaw_arena *arena, uint32_t pid, const char *name);

/*
 * Stores an exec the kernel told of and, if a platform recognises the command line, the role.
 * *ret_executable is the program's path, in arena.
 */
int thaw_tree_executed(const struct thaw_kernel_exec *record, struct thaw_recording_writer *writer,
                       struct thaw_arena *arena, const char **ret_executable,
                       struct thaw_error *error);

/*
 * The same for a process found in /proc (its start is there, in steps of 10 ms): stores that it
 * is present, and its role. Returns -ESRCH when it is gone.
 */
int thaw_tree_found(uint32_t pid, struct thaw_recording_writer *writer, struct thaw_arena *arena,
                    const char **ret_executable, struct thaw_error *error);

#endif
