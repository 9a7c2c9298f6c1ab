/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_INVENTORY_FILES_H
#define THAW_INVENTORY_FILES_H

#include "base/arena.h"
#include "inventory/distributions.h"
#include "thaw/error.h"
#include "thaw/recording.h"

/*
 * Facts about one file that was seen (a module's source, bytecode or shared object): sizes, time,
 * owner, build-id where the name says it is a shared object. Links are followed. Texts are the
 * arena's, the distributions' or the caller's path. -ENOENT: no regular file there (any more);
 * -ENOMEM.
 */
int thaw_files_describe(const struct thaw_distributions *distributions, const char *path,
                        struct thaw_arena *arena, struct thaw_inventory_file *ret);

#endif
