/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CLOSURE_FIXTURE_H
#define TESTS_CLOSURE_FIXTURE_H

#include "base/arena.h"
#include "native/closure.h"
#include "scratch.h"

/*
 * Makes a real shared object, or with "-pie" among the options an executable, in a scratch folder.
 * needs: the names of its DT_NEEDED, separated by spaces; options go to the linker
 * (ld), which is ten times as fast as the compiler.
 */
void closure_object(const struct scratch *scratch, const char *name, const char *needs,
                    const char *options);

/* A file of the target, by its path inside the scratch folder; texts are the arena's. */
struct thaw_closure_object closure_describe(const struct scratch *scratch, struct thaw_arena *arena,
                                            const char *path);

/* All of them told, and what they need found; executable: NULL not known. */
struct thaw_closure *closure_resolved(const struct scratch *scratch, struct thaw_arena *arena,
                                      const struct thaw_closure_options *options,
                                      const char *const *paths, size_t count,
                                      const char *executable);

/* An object's path, "" of none. */
const char *closure_path_of(const struct thaw_closure *closure, uint32_t index);

/* What an object gets for the need of that number. */
void closure_assert_need(const struct thaw_closure *closure, uint32_t object, size_t number,
                         const char *found, const char *reason, const char *owner,
                         const char *only_by);

#endif
