/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_CPU_ACCOUNTS_H
#define THAW_CAPTURE_CPU_ACCOUNTS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/array.h"
#include "thaw/error.h"
#include "thaw/recording.h"

/* The control groups that were met so far: a group outlives the process that showed it. */
struct thaw_cpu_accounts {
    struct thaw_recording_writer *writer;
    bool final; /* the recording has ended: set by who ends it */
    THAW_ARRAY(const char *) folders;
    struct thaw_arena arena;
};

/*
 * Stores what a process has used of the CPUs by now, and how far the control group that limits it
 * was throttled. Of one that has ended but was not waited for, its own figures are still there;
 * nothing is stored of one that is gone.
 */
int thaw_cpu_accounts_process(struct thaw_cpu_accounts *accounts, pid_t process,
                              struct thaw_error *error);

/* Stores the same of each control group that was met, whether somebody is still in it or not. */
int thaw_cpu_accounts_groups(struct thaw_cpu_accounts *accounts, struct thaw_error *error);

void thaw_cpu_accounts_free(struct thaw_cpu_accounts *accounts);

#endif
