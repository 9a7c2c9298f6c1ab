/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_GATE_TRIAL_H
#define THAW_CLI_GATE_TRIAL_H

#include "capture/identity.h"
#include "capture/record.h"
#include "cli/gate_subject.h"
#include "cli/gate_values.h"

/* The trials of a gate: of the same command where the subject is and, in turns, where the base is.
 */
struct thaw_gate_trial {
    const struct thaw_gate_values *values;
    const struct thaw_budgets *budgets; /* thaw.json's, which say what the options don't */
    const struct thaw_identity *identity;
    const char *const *command;
    struct thaw_arena arena;
    const char *folder; /* of the recordings; NULL: none was made yet */
    bool is_temporary;
    struct thaw_gate_subject *const *subjects;
    size_t made, wanted; /* runs */
    size_t made_of[2];   /* of each subject */
    size_t recordings;   /* that are in the folder */
    bool stopped;        /* by a signal */
    uint64_t limit_ns;   /* of a run */
    bool instructions;   /* are counted, too */
    bool endless;        /* a run was over before the command was */
    uint64_t left_bytes; /* of a cold run: most that stayed in memory */
    const char *left_in; /* and the file with most of it */
};

/*
 * Makes them: recordings of subject number n are in a folder of its own, which is then what it
 * reads. 0; 1: stopped; or a negative errno with its line: -ECHILD and -ETIME are the command's own
 * failure. To be ended in any case.
 */
int thaw_gate_trial_make(struct thaw_gate_trial *trial, struct thaw_gate_subject *const *subjects,
                         size_t count, struct thaw_error *error);

/* Removes the folder if it is temporary, unless its recordings are to be kept; then says where they
 * are. */
void thaw_gate_trial_end(struct thaw_gate_trial *trial, bool keep);

#endif
