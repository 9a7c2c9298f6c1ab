/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_BY_TIME_H
#define THAW_TIMELINE_BY_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Puts things in order of their start: ids of processes and modules count in that order. */
struct thaw_by_time {
    uint64_t start_ns;
    uint32_t rank;  /* among equal starts the lower comes first */
    uint32_t index; /* where the thing stands so far; among equals the earlier comes first */
};

void thaw_by_time_sort(struct thaw_by_time *starts, size_t count);

/*
 * Moves items (count of them, item_size bytes each) into the sorted order. False, with nothing
 * moved, when memory is short.
 */
bool thaw_by_time_apply(const struct thaw_by_time *starts, size_t count, void *items,
                        size_t item_size);

/*
 * Puts items in order of the uint64_t at time_offset in each; equal ones stay as they were. False,
 * with nothing moved, when memory is short.
 */
bool thaw_by_time_order(void *items, size_t count, size_t item_size, size_t time_offset);

#endif
