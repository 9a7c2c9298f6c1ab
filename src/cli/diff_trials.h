/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_DIFF_TRIALS_H
#define THAW_CLI_DIFF_TRIALS_H

#include "cli/diff_sides.h"

/* A recording's report, as `thaw report` has it; the caller owns *ret (json_decref). */
int thaw_diff_recording(const char *path, json_t **ret, struct thaw_error *error);

/*
 * Reads the recordings in a folder, and reports of such (*.thaw, *.json), in the order of their
 * names, numbers in them by value. Returns 1, or 0: it is no set of trials (no folder; or something
 * else is in it and forced is not set); or a negative errno with its line.
 */
int thaw_diff_trials(const char *command, const char *path, bool forced,
                     struct thaw_diff_operand *ret, struct thaw_error *error);

#endif
