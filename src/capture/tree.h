/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_TREE_H
#define THAW_CAPTURE_TREE_H

#include "base/arena.h"
#include "thaw/error.h"
#include "thaw/event.h"
#include "thaw/recording.h"

/*
 * What an exec says beyond the kernel's record: the resolved path of the program and, from its
 * command line, the role a platform gives it. The command line itself is not kept.
 */

/*
 * Stores the exec and, if a platform recognises the command line, the role. *ret_executable is
 * the program's path, in arena.
 */
int thaw_tree_executed(const struct thaw_kernel_exec *record, struct thaw_recording_writer *writer,
                       struct thaw_arena *arena, const char **ret_executable,
                       struct thaw_error *error);

#endif
