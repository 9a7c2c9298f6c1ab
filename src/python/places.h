/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PYTHON_PLACES_H
#define THAW_PYTHON_PLACES_H

#include "native/calls.h"
#include "python/collector.h"
#include "python/interpreter.h"
#include "python/methods.h"

/* Where an interpreter is probed beside the begins of its functions: found only when it is about to
 * be, as all of its code is read for that. */
struct thaw_python_places {
    struct thaw_call_returns returns[THAW_PYTHON_FUNCTIONS]; /* of find: none that surely calls
                                                                another method */
    uint64_t methods[THAW_PYTHON_METHODS];                   /* offsets, 0: not found */
    bool collects; /* collector is filled: collections can be seen */
    struct thaw_python_collector collector;
    struct thaw_call_returns collector_returns; /* of its function */
};

/*
 * Looks into the interpreter's object (info->open_path). What is found belongs to the arena.
 * Errors are those of opening and reading it, and -ENOMEM.
 */
int thaw_python_places_find(const struct thaw_interpreter_info *info, struct thaw_arena *arena,
                            struct thaw_python_places *ret, struct thaw_error *error);

#endif
