/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_GATE_SUBJECT_H
#define THAW_CLI_GATE_SUBJECT_H

#include "base/arena.h"
#include "cli/diff_sides.h"
#include "cli/target_report.h"
#include "gate/gate.h"

/* What `thaw gate` measures, or compares that with: a target, recordings of a cold start, or both.
 * Texts are argv's, thaw.json's or the arena's. */
struct thaw_gate_subject {
    const char *command; /* of thaw's that asks, for its complaints */
    struct thaw_arena arena;
    const char *target_name; /* what is shipped, as it was given; NULL: is not looked at */
    const char *target;      /* the same, to be opened; NULL: it was given as a report */
    const char *runs;        /* a recording, or a folder of such; NULL none */
    const char *directory;   /* where the command of its trials runs, NULL: here */
    bool trials;             /* runs are made by the gate itself, of all that the folder holds */

    struct thaw_target_report shipped;   /* of target */
    struct thaw_diff_operand reports[2]; /* what was given as JSON, and what runs are */
    json_t *counting; /* of a recording more, by which system calls are counted */
    THAW_ARRAY(struct thaw_gate_run) measured; /* of reports[] */
    THAW_ARRAY(double) instructions;           /* of runs under callgrind */
    const char *instructions_why;              /* there are none, NULL nobody tried */
    const json_t *target_report;               /* of shipped, or of reports[] */
    struct thaw_gate_input input;              /* all of that, once it is read */
};

/*
 * Tells which of the words is which, and reads those that are reports. -EINVAL: two of them are the
 * same kind of thing; or what reading fails with.
 */
int thaw_gate_subject_look(struct thaw_gate_subject *subject, const char *const *words,
                           size_t count, struct thaw_error *error);

/* Each reads what it is about, if there is any: 0, or a negative errno with its line. To be freed
 * in either case. */
int thaw_gate_subject_read_target(struct thaw_gate_subject *subject, struct thaw_error *error);
int thaw_gate_subject_read_runs(struct thaw_gate_subject *subject, struct thaw_error *error);
/* Whose modules are that runs without eBPF loaded, by what is shipped: once both are read. */
int thaw_gate_subject_name_owners(struct thaw_gate_subject *subject, struct thaw_error *error);
void thaw_gate_subject_free(struct thaw_gate_subject *subject);

#endif
