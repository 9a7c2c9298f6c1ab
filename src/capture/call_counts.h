/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_CALL_COUNTS_H
#define THAW_CAPTURE_CALL_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "thaw/recording.h"

/* What a system call of x86-64 counts as (count_events.h), by its entry and its result: the same as
 * bpf/counts.h says. */
struct thaw_call_entry {
    uint64_t number;
    uint64_t arguments[6];
};

/* It is entered. */
void thaw_call_counts_enter(struct thaw_process_counts *counts,
                            const struct thaw_call_entry *entry);

/* It is over. True: it mapped the file of its fifth argument executable, and whether that is a
 * regular one that was not mapped before is for the caller to find out. */
bool thaw_call_counts_leave(struct thaw_process_counts *counts, const struct thaw_call_entry *entry,
                            int64_t result);

#endif
