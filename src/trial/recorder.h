/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TRIAL_RECORDER_H
#define THAW_TRIAL_RECORDER_H

#include "trial/repeat.h"

/*
 * The process behind repeat.h that keeps thaw's rights: it makes each recording in a child of its
 * own, which gives them up as any recording does, and puts files out of memory before. Whoever
 * starts it has given up its own rights when that returns: it reads what was recorded, which any
 * app may have written.
 *
 * The command of a recording has no input, and what it prints goes nowhere; its last line is told
 * with how it ended.
 */
struct thaw_recorder {
    const struct thaw_repeat_options *options;
    pid_t process;
    int socket;
    int listed; /* a file of memory: what to put out of memory, path after path, each with its NUL
                 */
};

/* What is to be recorded. */
struct thaw_recorder_order {
    size_t command;
    size_t number; /* of the trial, 0: none of its runs */
    bool counting;
    bool evict;          /* before: what listed has, and what runs with look mapped */
    bool look;           /* note which files its processes map */
    char path[PATH_MAX]; /* absolute */
};

struct thaw_recorder_answer {
    int failure; /* of thaw_record(), and its line */
    char reason[sizeof(((struct thaw_error *)0)->message)];
    char last_line[200]; /* that was printed, escaped; "" none */
    struct thaw_record_result result;
    struct thaw_repeat_cold cold;
    uint64_t wall_ns, cpu_ns;
};

/* *ret is to be ended after 0. */
int thaw_recorder_start(const struct thaw_repeat_options *options, struct thaw_recorder *ret,
                        struct thaw_error *error);

/*
 * One recording, to its end. Meanwhile lines for people are handed on, and when stop is readable
 * the recording is ended. 0: there is an answer; 1: there is one, and it was stopped; negative: the
 * process is gone.
 */
int thaw_recorder_record(const struct thaw_recorder *recorder,
                         const struct thaw_recorder_order *order, struct thaw_recorder_answer *ret,
                         struct thaw_error *error);

void thaw_recorder_end(struct thaw_recorder *recorder);

#endif
