/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_EXECUTED_FILES_H
#define THAW_CAPTURE_EXECUTED_FILES_H

#include <stddef.h>

#include "base/arena.h"
#include "base/array.h"
#include "python/source_inquiry.h"
#include "thaw/error.h"
#include "capture/elsewhere.h"
#include "thaw/recording.h"

/*
 * The source files whose module code was executed in a recording, by the interpreter that executed
 * them, and which of them may be the user's own (capture/own_folders.h). Modules without a file
 * (`<frozen os>`) and processes whose interpreter is not known are passed over. Of several
 * executables of one Python (virtual environments) the first stands for all.
 */
struct thaw_executed_files {
    struct thaw_arena arena;
    THAW_ARRAY(const char *) executables;      /* of each file */
    THAW_ARRAY(struct thaw_source_file) files; /* by executable, then by name, each once */
};

/* Fails when memory is short. To be freed in any case; texts are the recording's or its own. */
int thaw_executed_files_collect(const struct thaw_recording *recording,
                                const struct thaw_elsewhere *elsewhere,
                                struct thaw_executed_files *ret, struct thaw_error *error);

/* Those of one interpreter; *count is how many. */
const struct thaw_source_file *thaw_executed_files_of(const struct thaw_executed_files *executed,
                                                      const char *executable, size_t *count);

void thaw_executed_files_free(struct thaw_executed_files *executed);

#endif
