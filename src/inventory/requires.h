/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_INVENTORY_REQUIRES_H
#define THAW_INVENTORY_REQUIRES_H

#include "base/arena.h"
#include "thaw/texts.h"

/*
 * The names in requirements (Requires-Dist) that hold on this machine without any extra, as
 * written, each once, at most 1024. python_version is "3.11" or "3.11.7"; "" not known: then a
 * marker that asks for an extra leaves its requirement out, and no other does. What is no
 * requirement by PEP 508 counts by the name it begins with. optional (NULL: not asked for): the
 * names of those that hold with an extra only, but for the extras by which a package is tested,
 * built or documented. 0 or -ENOMEM.
 */
int thaw_requires_names(const struct thaw_texts *requirements, const char *python_version,
                        struct thaw_arena *arena, struct thaw_texts *ret,
                        struct thaw_texts *optional);

#endif
