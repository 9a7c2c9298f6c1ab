/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_BASE_TABLE_H
#define THAW_BASE_TABLE_H

#include <stdint.h>
#include <xxhash.h>

/*
 * Hash tables: uthash, so that a table that can't grow leaves the new entry without a table (which
 * is how it is told), and a seed that differs from process to process, so that no file can be
 * written to collide.
 */
uint64_t thaw_table_seed(void);

#define HASH_NONFATAL_OOM 1
#define HASH_FUNCTION(key, length, hash)                                                           \
    (hash) = (unsigned)XXH3_64bits_withSeed(key, length, thaw_table_seed())
#include <uthash.h>

#endif
