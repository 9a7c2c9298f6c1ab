/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_DIFF_SIDES_H
#define THAW_CLI_DIFF_SIDES_H

#include "base/array.h"
#include "cli/target_report.h"
#include "compare/diff.h"

/* What `thaw diff` compares: one of its two operands, read. */
struct thaw_diff_operand {
    const char *word;
    struct thaw_target_report target;      /* holds the report where there is one */
    THAW_ARRAY(struct thaw_diff_run) runs; /* of a folder of trials; both members are owned */
    bool is_recording;                     /* a file that begins as recordings do */
    struct thaw_diff_side side;            /* what is compared; points into the above */
};

/*
 * Tells what one is, of a zeroed *ret: reads a report, or a set of trials (trials: a folder is one
 * whatever else is in it), or marks a recording; what is nothing of these is a target, and left for
 * later. 0, or a negative errno with its line; to be freed in either case.
 */
int thaw_diff_operand_look(const char *command, const char *word, bool trials,
                           struct thaw_diff_operand *ret, struct thaw_error *error);
void thaw_diff_operand_free(struct thaw_diff_operand *operand);

/*
 * Reads both. trials: folders are sets of trials whatever else is in them. 0, or a negative errno
 * with its line; to be freed in either case.
 */
int thaw_diff_operands_load(const char *command, char *const *words, bool trials,
                            struct thaw_diff_operand ret[static 2], struct thaw_error *error);
void thaw_diff_operands_free(struct thaw_diff_operand operands[static 2]);

#endif
