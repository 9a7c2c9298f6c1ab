/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TRIAL_REPEAT_H
#define THAW_TRIAL_REPEAT_H

#include <limits.h>

#include "base/array.h"
#include "capture/record.h"

/*
 * The same cold start again and again, each recorded into a file of its own: of one command, or of
 * two in alternation, so that what the machine does meanwhile meets both; within each second pair
 * the second one goes first. Each recording is made by a process of its own, since one gives up the
 * rights it no longer needs.
 */

#define THAW_REPEAT_COMMANDS_MAX 2
#define THAW_REPEAT_RUNS_MAX 1000
#define THAW_REPEAT_COUNTING ".counting.thaw" /* the counting run, hidden: its times are void */

struct thaw_repeat_command {
    const char *const *command; /* NULL-terminated */
    const char *directory;      /* where it runs, NULL: where thaw does */
    const char *folder;         /* is there; its recordings become 001.thaw, 002.thaw … */
};

/* How much of what a cold run reads was in memory (cold.h). */
struct thaw_repeat_cold {
    bool controlled;                 /* else nothing was evicted, and the rest has no meaning */
    uint64_t files, bytes;           /* what was in memory before */
    uint64_t left_files, left_bytes; /* still in memory after evicting: others map it, say */
    uint64_t unevictable_bytes;      /* of that: of file systems in memory */
    uint64_t unknown_files, unknown_bytes; /* whose pages may not be looked at */
    bool cut;                              /* there are more files than are looked at */
    char largest[PATH_MAX];                /* the file with most of what is left, "" none */
};

struct thaw_repeat_run {
    size_t command;      /* index */
    size_t number;       /* of that command, from 1; of warm-up runs likewise */
    bool warmup;         /* its recording is not kept, except to learn what to evict */
    bool counting;       /* system calls were counted, at the cost of its times */
    char path[PATH_MAX]; /* of its recording; one that was interrupted has a name of its own */
    int failure;         /* 0, or a negative errno: it could not be recorded */
    bool failed;         /* that, or the command crashed, or was not done in time */
    bool timed_out;      /* the limit ended it, and no other end was asked for */
    bool interrupted;    /* by whoever stopped the trial */
    char reason[512];    /* where it failed: one line */
    struct thaw_record_result result;
    struct thaw_repeat_cold cold;
    uint64_t wall_ns, cpu_ns; /* of all of it, thaw's part included (wait4) */
};

struct thaw_repeat_options {
    struct thaw_repeat_command commands[THAW_REPEAT_COMMANDS_MAX];
    size_t command_count;
    struct thaw_record_options record; /* but for command and output; its limit is each run's */
    size_t runs, warmups;              /* of each command */
    bool cold;
    bool counting; /* one run more of each command, in which system calls are counted, where the
                    * others can't count them */
    const char *prepare; /* for /bin/sh before each run, NULL none; its failure ends the trial */
    int stop;            /* readable: the run under way ends, what was made stays; -1 none */

    /* Called after each run. A negative result ends the trial and is returned. */
    int (*done)(void *context, const struct thaw_repeat_run *run, struct thaw_error *error);
    void *context;
};

/*
 * Gives up the caller's rights for good, as thaw_record() does: what only they allow has to be done
 * before. What the commands print is not shown.
 *
 * 0: all runs were made, however they ended (a run that failed does not end the trial unless it is
 * the first one of its command: -ECHILD then). 1: stopped. Negative: could not be made, or done()
 * said so, or prepare did not end well (-ECANCELED); recordings that were finished stay.
 */
int thaw_repeat(const struct thaw_repeat_options *options, struct thaw_error *error);

#endif
