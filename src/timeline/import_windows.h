/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_IMPORT_WINDOWS_H
#define THAW_TIMELINE_IMPORT_WINDOWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/array.h"
#include "timeline/build.h"

/* A time in which a worker executed the user's own files, all of them inside one exchange. */
struct thaw_import_window {
    uint64_t start_ns;
    uint64_t end_ns;
    const struct thaw_exchange *exchange; /* NULL: outside of any */
    const char *name;                     /* of the first module executed */
    bool inferred;                        /* an end is at most, or a module has none */
    bool cut;                             /* a module has no end */
};

struct thaw_import_windows {
    THAW_ARRAY(struct thaw_import_window) windows; /* by start, without overlap */
};

/*
 * The windows of a worker from an instant on: the outermost modules of the app, cut by the exchange
 * each began in. Which call that is differs by the worker's generation and settings, so it is taken
 * from the data (facts: azure-worker.md 2/3). False when memory is short; free with
 * thaw_array_free(&ret->windows) in either case.
 */
bool thaw_import_windows_find(const struct thaw_build *build, uint32_t process, uint64_t from_ns,
                              struct thaw_import_windows *ret);

#endif
