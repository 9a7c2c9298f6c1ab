/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_OWN_FOLDERS_H
#define THAW_CAPTURE_OWN_FOLDERS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/array.h"
#include "thaw/recording.h"

/*
 * The folders the user's own files are in: the app's as the platform's messages name it; without a
 * platform the session's folder and those of the scripts that ran, unless a script is installed.
 */
struct thaw_folders {
    THAW_ARRAY(const char *) list; /* without slashes at their end */
};

struct thaw_own_folders {
    struct thaw_arena *arena;
    struct thaw_folders apps;
    struct thaw_folders scripts; /* of the session and of scripts: for plain programs */
    struct thaw_folders workers; /* the platform's, not the user's */
    bool has_platform;
};

/* Takes in what an event tells about it: -ENOMEM or 0. Texts go into the arena. */
int thaw_own_folders_learn(struct thaw_own_folders *folders, const struct thaw_event *event);

/*
 * May the file at that absolute path be the user's own? Not what lies in an installation
 * (site-packages, dist-packages, .python_packages), in a virtual environment below the folder
 * (found by its pyvenv.cfg), or in the worker's folder.
 */
bool thaw_own_folders_hold(const struct thaw_own_folders *folders, const char *path);

void thaw_own_folders_free(struct thaw_own_folders *folders); /* texts stay the arena's */

#endif
