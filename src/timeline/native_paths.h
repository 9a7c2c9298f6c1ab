/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_NATIVE_PATHS_H
#define THAW_TIMELINE_NATIVE_PATHS_H

#include <stdbool.h>

#include "timeline/native_places.h"

/* A call of the recording. */
struct thaw_native_call {
    uint32_t caller; /* index + 1, 0 none; of an earlier one */
    const char *path;
    uint64_t offset;
};

/* Stacks of samples, made into paths of calls. */
struct thaw_native_paths {
    struct thaw_native_places *places;
    THAW_ARRAY(struct thaw_native_call) calls;
    struct thaw_lookup by_number;    /* number of a call to its index */
    struct thaw_lookup interpreters; /* paths of what runs Python */
    struct thaw_lookup known;        /* a path's text to its index */
    struct thaw_lookup shares;       /* path and module to index */
};

/* Takes the recording's calls, whose numbers mean something only from then on. */
bool thaw_native_paths_open(struct thaw_native_paths *paths, struct thaw_native_places *places);

/* Adds a stack: the function it is in, and the calls that led there, in a module's import. */
bool thaw_native_paths_add(struct thaw_native_paths *paths, uint32_t module, uint32_t function,
                           const struct thaw_stack *stack);

void thaw_native_paths_close(struct thaw_native_paths *paths);

#endif
