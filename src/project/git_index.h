/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PROJECT_GIT_INDEX_H
#define THAW_PROJECT_GIT_INDEX_H

#include <stddef.h>

/*
 * The files that git keeps, as its index lists them: versions 2 to 4, of repositories with SHA-1
 * and with SHA-256. Format: gitformat-index(5). Extensions are not read: of a split index, and of
 * folders that a sparse one has as one entry, only what is listed is known.
 */

#define THAW_GIT_INDEX_BYTES_MAX ((size_t)64 << 20)
#define THAW_GIT_PATH_MAX 4096 /* of an entry; a longer one ends the reading */

/* Is a path (relative to the work tree) in the index? 1, 0; -EBADMSG: it is none, or damaged. */
int thaw_git_index_has(const char *bytes, size_t length, const char *path);

/*
 * Does the repository that a folder lies in keep a file of it? 1; 0: no, or there is no repository
 * or no index that can be read. Looked for are .git in the folder and in THAW_GIT_PARENTS_MAX
 * folders above it; of work trees and submodules it is a file that names the folder. -ENOMEM.
 */
#define THAW_GIT_PARENTS_MAX 16
int thaw_git_keeps(const char *folder, const char *name);

#endif
