/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SHIPPED_CONTENT_H
#define THAW_SHIPPED_CONTENT_H

#include <stddef.h>

#include "thaw/shipped.h"

/*
 * The bytes of a target's files, whether it is a folder, several folders or a zip. Nothing outside
 * of the target is opened, whatever links and names say; FIFOs and devices are never opened.
 */

/*
 * A descriptor of a regular file of the model for reading, close-on-exec, the caller's; of a zip's
 * member an anonymous memory file (at most 1 GiB, and never more than the zip's directory says).
 * Negative errno: what keeps it from being read (-ELOOP, -EXDEV: it leads out of the target).
 */
int thaw_content_open(const struct thaw_shipped *shipped, uint32_t file);

/* The same of a path below an open folder. May be called by any thread. */
int thaw_content_open_below(int folder, const char *path);

/* Its first bytes, at most limit, as text of the model's arena with a NUL behind. 0, -ENOMEM, or as
 * thaw_content_open(). */
int thaw_content_read(const struct thaw_shipped *shipped, uint32_t file, size_t limit, char **ret,
                      size_t *length);

/* The file of that path (as the model has paths), or THAW_SHIPPED_NONE. */
uint32_t thaw_content_find(const struct thaw_shipped *shipped, const char *path);

/* Files that have the right to be executed by their owner, whatever their kind, in the files'
 * order: an executable's name does not say that it is ELF. */
const uint32_t *thaw_content_executables(const struct thaw_shipped *shipped, size_t *count);

#endif
