/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TRIAL_SEARCH_PATHS_H
#define THAW_TRIAL_SEARCH_PATHS_H

#include "base/arena.h"
#include "thaw/timeline.h"

/*
 * sys.path as it was while a process imported, joined from where each of its modules was looked
 * for. A recording without lookups has the folders in which modules were found, and those of
 * distributions, instead.
 */
struct thaw_search_paths_question {
    const struct thaw_timeline *timeline;
    uint32_t process;   /* id */
    uint64_t begun_ns;  /* modules before that don't count */
    size_t first;       /* index of the first module of the app's import */
    const char *folder; /* the app's, which is on the path */
    const char *script; /* its script, whose folder comes first; NULL none */
};

/* NULL-terminated lists, absolute paths, each once: before the app's import, and during it. 0 or
 * -ENOMEM. */
int thaw_search_paths(const struct thaw_search_paths_question *question, struct thaw_arena *arena,
                      const char *const **ret_earlier, const char *const **ret_paths);

/*
 * Where a path of the recording's leads to on this machine, if that is the folder (absolute, links
 * resolved) or below it: the arena's, by the folder's own name. "" elsewhere; NULL: memory is
 * short.
 */
const char *thaw_search_path_inside(struct thaw_arena *arena, const char *folder, const char *path);

#endif
