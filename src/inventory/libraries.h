/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_INVENTORY_LIBRARIES_H
#define THAW_INVENTORY_LIBRARIES_H

#include "base/arena.h"
#include "thaw/error.h"
#include "thaw/recording.h"

/*
 * Facts about one shared object: sizes, SONAME, build-id, DT_NEEDED, what can be stripped. Texts
 * are the arena's or the caller's path; the owner is left to THAW_EVENT_INVENTORY_FILE. -ENOENT: no
 * regular file there (any more); -ENOEXEC, -EBADMSG: no shared object; -ENOMEM.
 */
int thaw_libraries_describe(const char *path, struct thaw_arena *arena,
                            struct thaw_inventory_library *ret);

#endif
