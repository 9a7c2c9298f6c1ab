/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_STACK_STORE_H
#define THAW_CAPTURE_STACK_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/perf_record.h"
#include "thaw/error.h"

/*
 * Registers and stacks of samples until the recording closes: in a file that has no name from the
 * start, so that it is gone with thaw. They never reach the recording.
 */
struct thaw_stack_store;

struct thaw_stored_stack {
    uint32_t pid;
    uint32_t tid;
    uint64_t time_ns;
    uint64_t registers[THAW_PERF_REGISTER_COUNT];
    size_t stack_bytes;
    const unsigned char *stack;
};

/* In TMPDIR, or /tmp. */
int thaw_stack_store_open(struct thaw_stack_store **ret, struct thaw_error *error);

/* Keeps a record's stack, unless there is no room any more, which is counted. -ENOMEM only. */
int thaw_stack_store_add(struct thaw_stack_store *store, const struct thaw_perf_record *record);

/* All that were added, in order of their times: how many, and one by its number, good until the
 * next is read. False: it can't be read. */
size_t thaw_stack_store_sort(struct thaw_stack_store *store);
uint64_t thaw_stack_store_time(const struct thaw_stack_store *store, size_t number);
bool thaw_stack_store_read(struct thaw_stack_store *store, size_t number,
                           struct thaw_stored_stack *ret);

/* How many found no room. */
uint64_t thaw_stack_store_refused(const struct thaw_stack_store *store);

void thaw_stack_store_close(struct thaw_stack_store *store); /* NULL is fine */

#endif
