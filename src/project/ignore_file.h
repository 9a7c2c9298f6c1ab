/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PROJECT_IGNORE_FILE_H
#define THAW_PROJECT_IGNORE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/*
 * .funcignore: what is left out of a deployment. It is documented to be written as .gitignore is,
 * and the extension of VS Code takes it so; Core Tools (func pack, func azure functionapp publish)
 * read it in a way of their own (src/Cli/func/Common/GitIgnoreParser.cs of
 * Azure/azure-functions-core-tools, read 2026-11-29): each pattern begins at the app's folder and
 * may end anywhere a word does, so that "*.pyc" leaves those out of it alone and "test" also
 * "test-data"; what is negated anywhere is never left out.
 */
#define THAW_IGNORE_BYTES_MAX ((size_t)1 << 20)
#define THAW_IGNORE_PATTERNS_MAX 10000

struct thaw_ignore;

/* In the arena; what is beyond the bounds is not looked at. 0 or -ENOMEM. */
int thaw_ignore_read(const char *bytes, size_t length, struct thaw_arena *arena,
                     struct thaw_ignore **ret);
/* A bound was hit: of bytes or patterns, or of what all the asking may cost. */
bool thaw_ignore_is_cut(const struct thaw_ignore *ignore);

/*
 * Is a path (relative to the app's folder, "a/b.py") left out as git has it? It is where one of its
 * folders is. Fastest where files of one folder follow each other. Not for two threads at once.
 */
bool thaw_ignore_covers(struct thaw_ignore *ignore, const char *path, bool is_folder);

/* The same as Core Tools have it; they ask for files alone. */
bool thaw_ignore_tools_cover(struct thaw_ignore *ignore, const char *path);

#endif
