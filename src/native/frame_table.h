/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_FRAME_TABLE_H
#define THAW_NATIVE_FRAME_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "native/object.h"

/*
 * The table of an object's functions that unwinders search (.eh_frame_hdr, found by its segment):
 * there also in files without symbols. Source: Linux Standard Base Core 5.0, chapter 10.6, and the
 * DWARF 4 standard, section 6.4.1.
 */
struct thaw_frame_table {
    uint64_t address; /* of the header */
    uint64_t entries; /* address of the first */
    uint64_t count;   /* 0: there is none, or one of an unusual form */
};

void thaw_frame_table_find(const struct thaw_object *object, struct thaw_frame_table *ret);

/* Where the function around an address begins and ends; false: the table has none. */
bool thaw_frame_table_function(const struct thaw_object *object,
                               const struct thaw_frame_table *table, uint64_t address,
                               uint64_t *ret_start, uint64_t *ret_end);

/* Does the function around an address say that nobody calls it, as _start and threads' first do? */
bool thaw_frame_table_outermost(const struct thaw_object *object,
                                const struct thaw_frame_table *table, uint64_t address);

#endif
