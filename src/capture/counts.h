/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_COUNTS_H
#define THAW_CAPTURE_COUNTS_H

#include <stdbool.h>

#include "capture/programs.h"
#include "capture/record.h"
#include "thaw/error.h"
#include "thaw/recording.h"

/* What processes did, counted (count_events.h): as the events of all ways of counting come about,
 * and those of the BPF programs. */

/* Sets the CPU time of a process with all its threads, in ns; false, unset: it is gone, or the
 * kernel has not accounted for any yet. Of a thread that is on a CPU the kernel knows its time up
 * to the last tick or switch only (thread_group_cputime in kernel/sched/cputime.c), so up to 10 ms
 * may be missing. */
bool thaw_counts_cpu(uint32_t process, uint64_t *ret);

/* Where counting ended of a process that goes on when the recording is over. */
const char *thaw_counts_until(const struct thaw_record_result *result);

/* Stores one; by, until and known as in the event. */
int thaw_counts_store(struct thaw_recording_writer *writer, uint32_t process,
                      const struct thaw_process_counts *counts, struct thaw_error *error);

struct thaw_counts {
    struct thaw_programs *programs;
    struct thaw_recording_writer *writer;
    bool over;    /* what ran on then is stored, and nothing more is counted */
    bool watched; /* system calls are known to be looked at */
};

/* A process has ended. */
int thaw_counts_left(struct thaw_counts *counts, uint32_t process,
                     const struct thaw_kernel_counts *kernel, struct thaw_error *error);

/* Stores those that still run, unless that was done before. */
int thaw_counts_end(struct thaw_counts *counts, const char *until, struct thaw_error *error);

#endif
