/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_TREE_H
#define THAW_CAPTURE_TREE_H

#include "base/arena.h"
#include "platform/platform.h"
#include "thaw/error.h"
#include "thaw/event.h"
#include "thaw/recording.h"

/*
 * What is known of a process beyond its id: the resolved path of its program and, from its
 * command line, the role a platform gives it. The command line itself is not kept.
 */

/* The link /proc/PID/NAME as a path in arena; NULL when the process is gone or not ours to see. */
const char *thaw_tree_link(struct thaw_arena *arena, uint32_t pid, const char *name);

/* Has the process ended, and been waited for? Only /proc is asked. */
bool thaw_tree_is_gone(uint32_t pid);

/* What was found out about a process. */
struct thaw_tree_found {
    const char *executable;               /* in arena */
    const struct thaw_platform *platform; /* whose worker it is, NULL none */
    uint16_t port;                        /* of its host's socket, 0 unknown */
    bool host;                            /* it starts some platform's workers */
};

/*
 * Stores an exec the kernel told of and, if a platform recognises the command line, the role.
 * executable is the program's path (executed_paths.h; NULL: memory is short), in the arena. only:
 * the platform looked for, NULL any.
 */
int thaw_tree_executed(const struct thaw_kernel_exec *record, const char *executable,
                       const struct thaw_platform *only, struct thaw_recording_writer *writer,
                       struct thaw_arena *arena, struct thaw_tree_found *ret,
                       struct thaw_error *error);

/*
 * The same for a process found in /proc (its start is there, in steps of 10 ms): stores that it
 * is present, and its role. Returns -ESRCH when it is gone.
 */
int thaw_tree_found(uint32_t pid, const struct thaw_platform *only,
                    struct thaw_recording_writer *writer, struct thaw_arena *arena,
                    struct thaw_tree_found *ret, struct thaw_error *error);

/*
 * Calls visit for the process and, where their parents are visited, for all below it; a visit that
 * returns less than 0 ends the walk. Parents come before their children.
 */
int thaw_tree_walk(uint32_t pid, int (*visit)(void *context, uint32_t pid), void *context);

#endif
