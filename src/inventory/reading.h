/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_INVENTORY_READING_H
#define THAW_INVENTORY_READING_H

#include <stddef.h>

#include "base/arena.h"
#include "thaw/error.h"

/*
 * Reads at most limit bytes of the regular file `name` in an open folder (AT_FDCWD: name is a
 * path), without following a link and without waiting for a FIFO. The bytes are the arena's, with
 * a NUL behind them. 0, -ENOMEM, or errno of why it can't be read.
 */
int thaw_reading_file(int folder, const char *name, size_t limit, struct thaw_arena *arena,
                      char **ret, size_t *length);

/* The same from an open file: that of a regular one. */
int thaw_reading_descriptor(int fd, size_t limit, struct thaw_arena *arena, char **ret,
                            size_t *length);

/*
 * The whole of an open file that a user has named, which is closed: 0, or a line that begins with
 * the name: -EINVAL (it can't be read, is larger than most bytes) or -ENOMEM.
 */
int thaw_reading_input(int fd, const char *name, size_t most, struct thaw_arena *arena, char **ret,
                       size_t *length, struct thaw_error *error);

/* Opens a folder inside a folder, no link; descriptor or negative errno. */
int thaw_reading_folder(int folder, const char *name);

#endif
