/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_PATHS_H
#define THAW_TIMELINE_PATHS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* What can be told from a path's text alone: the machine it speaks of is elsewhere. */

/* Does text end with end? */
bool thaw_path_ends_with(const char *text, const char *end);

/* Is path below directory (which has no slash at its end, and is not empty)? */
bool thaw_path_below(const char *path, const char *directory);

/* The part of path behind its last slash. */
const char *thaw_path_base(const char *path);

/* The folder of path in the arena, "" when it has none; NULL when memory is short. */
const char *thaw_path_directory(struct thaw_arena *arena, const char *path);

/*
 * Could the file hold the module of that name? "pandas.io.api" is in ….../api.py, api.cpython-
 * 311.pyc (also in __pycache__), api.abi3.so or api/__init__.py; case counts.
 */
bool thaw_path_holds_module(const char *path, const char *name);

/*
 * The file as seen from its import root: "pandas/io/api.py" for "/x/site-packages/pandas/io/api.py"
 * and the module pandas.io.api; as much of it as fits, at least the base name. Points into path.
 */
const char *thaw_path_from_root(const char *path, const char *name);

/*
 * How long the part of path is that names a folder of installed packages: up to the last
 * "site-packages", "dist-packages" or ".python_packages"; 0 when there is none.
 */
size_t thaw_path_packages(const char *path);

/* Is it an archive that modules may lie in, by its name? */
bool thaw_path_is_archive(const char *path);

/* How long the part of path is that names an archive it lies in ("….zip", ".egg" …), 0 none. */
size_t thaw_path_archive(const char *path);

#endif
