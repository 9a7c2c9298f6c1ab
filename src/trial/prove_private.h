/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TRIAL_PROVE_PRIVATE_H
#define THAW_TRIAL_PROVE_PRIVATE_H

#include "base/array.h"
#include "trial/probe.h"
#include "trial/prove.h"

/* Shared by the files prove*.c only. */

struct thaw_prove_trial {
    const struct thaw_prove_options *options;
    const struct thaw_proof_rule *rule;
    struct thaw_arena *arena;
    struct thaw_proof *proof;
    struct thaw_sandbox sandboxes[THAW_SIDES];
    struct thaw_probe_report first[THAW_SIDES]; /* of the described runs, which also warm */
    THAW_ARRAY(struct thaw_proof_check) checks;
    THAW_ARRAY(double) cpu[THAW_SIDES]; /* of the pairs so far */
    THAW_ARRAY(double) wall[THAW_SIDES];
    bool modules_vary, files_vary; /* counts that are not the same in each run */
    struct thaw_interval saving;   /* of the CPU time, once there are pairs */
};

/* Tells how far it is. */
void thaw_prove_tell(const struct thaw_prove_trial *trial, const char *text, uint64_t left_ns);

/*
 * One run of the probe in the sandbox of a side; task's app and sandbox are filled in. 0, 1
 * stopped; -ECHILD, -ETIME and a line: the app's import failed; else it could not be run.
 */
int thaw_prove_probe(struct thaw_prove_trial *trial, int side, struct thaw_probe_task *task,
                     struct thaw_probe_report *ret, struct thaw_error *error);

/* The pairs; fills times, shares and what varies. 0, 1 stopped, or negative. */
int thaw_prove_pairs(struct thaw_prove_trial *trial, struct thaw_error *error);

/* Is the changed app still the same? Adds the checks. 0, 1 stopped, or negative; *ret_differs is
 * the first one that differs, NULL none. */
int thaw_prove_check(struct thaw_prove_trial *trial, const struct thaw_proof_check **ret_differs,
                     struct thaw_error *error);

/* No attribute chain lost its module: a text that says which one did, "" none; NULL and a code as
 * above. */
int thaw_prove_chains(struct thaw_prove_trial *trial, const char **ret, struct thaw_error *error);

/* What first calls pay; *ret_failed is why one can't be made, "" all can. 0, 1 or negative. */
int thaw_prove_calls(struct thaw_prove_trial *trial, const char **ret_failed,
                     struct thaw_error *error);

/* The row of an import that is moved: the recording's statement, NULL unknown. */
const struct thaw_inventory_statement *
thaw_prove_statement(const struct thaw_prove_trial *trial, const char *file,
                     const struct thaw_rewrite_import *import);

/* Has the import at that place been moved? */
bool thaw_prove_is_moved(const struct thaw_prove_trial *trial, const char *file, uint64_t line);

#endif
