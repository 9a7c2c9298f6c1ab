/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_INVENTORY_OWNERSHIP_H
#define THAW_INVENTORY_OWNERSHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/path_table.h"

/*
 * Which distribution (an index of the caller's) owns which path of one site. Paths are relative to
 * the site; their bytes are the caller's and must stay.
 */
struct thaw_ownership {
    struct thaw_path_table files; /* path -> distribution, from RECORD */
    struct thaw_path_table tops;  /* first component or its stem -> distribution without RECORD */
};

#define THAW_OWNERSHIP_NONE THAW_PATH_NONE

/* The first owner stays. False when memory is short. */
bool thaw_ownership_add_file(struct thaw_ownership *ownership, struct thaw_arena *arena,
                             const char *path, size_t length, size_t distribution);
bool thaw_ownership_add_top(struct thaw_ownership *ownership, struct thaw_arena *arena,
                            const char *name, size_t length, size_t distribution);

/* The owner of a path, bytecode in __pycache__ as its source, or THAW_OWNERSHIP_NONE. */
size_t thaw_ownership_find(const struct thaw_ownership *ownership, const char *path, size_t length);

/* The source of bytecode: "a/__pycache__/b.cpython-311.pyc" -> "a/b.py" (PEP 3147) with a NUL
 * behind it in source; its length, 0 when it is no such path or longer than size. */
size_t thaw_ownership_source(const char *path, size_t length, char *source, size_t size);

/* Frees the tables; the entries are the arena's. */
void thaw_ownership_clear(struct thaw_ownership *ownership);

/* Device and inode pairs, each with a number of the caller's from the first time it came. */
struct thaw_inodes {
    struct inode_entry *entries;
};

/* 1 new, 0 known: *number is then what it came with first (NULL: not asked for), -ENOMEM. */
int thaw_inodes_add(struct thaw_inodes *inodes, struct thaw_arena *arena, uint64_t device,
                    uint64_t inode, uint32_t *number);
void thaw_inodes_clear(struct thaw_inodes *inodes);

#endif
