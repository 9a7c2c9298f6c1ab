/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TRIAL_RUN_CHILD_H
#define THAW_TRIAL_RUN_CHILD_H

#include <sys/resource.h>
#include <sys/types.h>

#include "trial/run.h"

/* Shared by run.c and run_child.c only. */

/* The process of a run, and the descriptors to it. All -1 or closed when it is over. */
struct thaw_run_child {
    pid_t pid;
    int pidfd;            /* readable when it has ended */
    int channel;          /* socket: the point and the report */
    int output;           /* what it prints; does not block */
    int told;             /* how its start went; closed by exec */
    struct rusage before; /* what it had used before exec */
    uint64_t cpu_before_ns;
};

/*
 * Forks the child, which enters the sandbox and then waits: all is ready when this returns. On
 * failure the child is gone.
 */
int thaw_run_child_start(const struct thaw_run_options *options, struct thaw_run_child *ret,
                         struct thaw_error *error);

/* Lets it exec and returns when it has: -ENOENT and the like with a line when it can't. */
int thaw_run_child_release(struct thaw_run_child *child, const char *name,
                           struct thaw_error *error);

/* CPU time of the process so far, all threads. */
uint64_t thaw_run_child_cpu_ns(const struct thaw_run_child *child);

/* Kills it if it still runs, takes its end, and closes the descriptors. */
void thaw_run_child_end(struct thaw_run_child *child);

#endif
