/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_BASE_PATH_TABLE_H
#define THAW_BASE_PATH_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Paths of a hostile tree and a number of each: no set of names makes it slow. */
struct thaw_path_table {
    struct path_table_entry *entries;
};

#define THAW_PATH_NONE SIZE_MAX

/* 1 new; 0 known, the first number stays; -ENOMEM. The path's bytes are the caller's and must
 * stay; the entry is the arena's. */
int thaw_path_table_add(struct thaw_path_table *table, struct thaw_arena *arena, const char *path,
                        size_t length, size_t number);

/* Its number, or THAW_PATH_NONE. */
size_t thaw_path_table_find(const struct thaw_path_table *table, const char *path, size_t length);

void thaw_path_table_clear(struct thaw_path_table *table);

#endif
