/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_EXECUTED_PATHS_H
#define THAW_CAPTURE_EXECUTED_PATHS_H

#include "base/arena.h"
#include "thaw/event.h"

#define THAW_EXECUTED_PATHS 16
#define THAW_EXECUTED_PATH_BYTES 256

/* Programs that were executed lately in our own root, and where they are: most are executed again.
 */
struct thaw_executed_paths {
    struct {
        struct thaw_kernel_file file;
        char path[THAW_EXECUTED_PATH_BYTES]; /* "" none */
    } items[THAW_EXECUTED_PATHS];
    size_t next; /* is replaced next */
};

/*
 * The path of what was executed: by /proc, unless the process is gone or has executed another file
 * since; then it is as it was given to execve. paths may be NULL. NULL: memory is short.
 */
const char *thaw_executed_path(struct thaw_executed_paths *paths,
                               const struct thaw_kernel_exec *record, struct thaw_arena *arena);

#endif
