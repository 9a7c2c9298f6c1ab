/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_EXECUTED_FILES_H
#define THAW_CAPTURE_EXECUTED_FILES_H

#include <stddef.h>

#include "base/arena.h"
#include "base/array.h"
#include "python/source_inquiry.h"
#include "thaw/recording.h"

/*
 * The source files whose module code a recording saw being executed, by interpreter, and which of
 * them may be the user's own: those below the app's folder as the platform's messages name it (the
 * session's folder and the scripts' own where there is no platform), that are no installed packages,
 * lie in no virtual environment, and are not the platform's worker.
 */
struct thaw_executed_files {
    THAW_ARRAY(struct thaw_source_file) files; /* by interpreter, then by name, each once */
    THAW_ARRAY(const char *) executables;      /* the interpreter of each */
};

/* -ENOMEM or 0; texts are the recording's and the arena's. To be freed in both cases. */
int thaw_executed_files_collect(const struct thaw_recording *recording, struct thaw_arena *arena,
                                struct thaw_executed_files *ret);

/* Those of one interpreter; *count is how many. */
const struct thaw_source_file *thaw_executed_files_of(const struct thaw_executed_files *executed,
                                                      const char *executable, size_t *count);

void thaw_executed_files_free(struct thaw_executed_files *executed);

#endif
