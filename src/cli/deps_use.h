/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_DEPS_USE_H
#define THAW_CLI_DEPS_USE_H

#include "base/arena.h"
#include "base/array.h"
#include "base/path_table.h"
#include "cli/render.h"
#include "thaw/use.h"

/* The recordings that a target is joined with, and what comes of it. */
struct thaw_deps_use {
    THAW_ARRAY(struct thaw_rendering) loaded; /* without reports */
    THAW_ARRAY(struct thaw_use_source) sources;
    struct thaw_use *use; /* NULL: there are no recordings */
    struct thaw_arena arena;
    struct thaw_path_table folders; /* whose links were followed: path -> index of real */
    THAW_ARRAY(const char *) real;  /* NULL: there is none */
};

/*
 * Loads the recordings (NULL-terminated) and joins them with what directory (absolute, "" none)
 * ships. One that has too little of the target is complained of by the
 * command, but no failure. 0, or a negative
 * errno with its line; end with thaw_deps_use_free() in either case, before the model is freed.
 */
int thaw_deps_use(const char *command, const struct thaw_shipped *shipped, const char *directory,
                  const char *const *recordings, struct thaw_deps_use *ret,
                  struct thaw_error *error);
void thaw_deps_use_free(struct thaw_deps_use *use);

#endif
