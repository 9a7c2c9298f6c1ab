/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TRIAL_PAIRS_H
#define THAW_TRIAL_PAIRS_H

#include "trial/run.h"

/*
 * Original and changed in alternation, so that what the machine does meanwhile meets both. Within
 * each second pair the changed one runs first.
 */
enum { THAW_ORIGINAL, THAW_CHANGED, THAW_SIDES };

struct thaw_pair {
    size_t number; /* from 0, those of earlier calls included */
    struct thaw_run sides[THAW_SIDES];
};

struct thaw_pairs_progress {
    size_t done;      /* pairs, those of earlier calls included */
    uint64_t left_ns; /* for all that may follow, at the pace so far */
};

struct thaw_pairs_options {
    struct thaw_run_options sides[THAW_SIDES]; /* stop is that of the original */
    bool warm;                                 /* first one run of each that isn't measured */
    size_t had;                                /* pairs of earlier calls: a trial goes on there */
    size_t most;                               /* pairs in all */

    /*
     * Called after each pair, whose memory is freed when it returns. 0: go on; 1: enough; negative:
     * a failure, which ends the trial and is returned with the error that was filled.
     */
    int (*done)(void *context, const struct thaw_pair *pair,
                const struct thaw_pairs_progress *progress, struct thaw_error *error);
    void *context;
};

/*
 * 0: enough, or as many as there were to be. 1: stopped; the pair that was under way is void, those
 * before were handed over. A run that fails ends the trial (thaw_run_check()).
 */
int thaw_trial_pairs(const struct thaw_pairs_options *options, struct thaw_error *error);

#endif
