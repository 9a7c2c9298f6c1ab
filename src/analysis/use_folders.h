/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_ANALYSIS_USE_FOLDERS_H
#define THAW_ANALYSIS_USE_FOLDERS_H

#include "base/arena.h"
#include "thaw/error.h"
#include "thaw/timeline.h"

/*
 * The folders that a recording names, for a target of kind "recording": those with distributions on
 * the interpreters' import paths, and those of the user's own files. Absolute, as its machine had
 * them, none inside another one; sorted. Folders of processes with another root are left out, and
 * *ret_elsewhere is set. The list is NULL-terminated; all of it is the arena's. Fails only for lack
 * of memory.
 */
int thaw_use_folders(const struct thaw_timeline *timeline, struct thaw_arena *arena,
                     struct thaw_texts *ret, bool *ret_elsewhere, struct thaw_error *error);

#endif
