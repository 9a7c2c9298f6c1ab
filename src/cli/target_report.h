/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_TARGET_REPORT_H
#define THAW_CLI_TARGET_REPORT_H

#include <jansson.h>

#include "cli/deps_target.h"
#include "cli/deps_use.h"

/* The way from a target to its report, for every command that takes targets. */
struct thaw_target_report {
    struct thaw_deps_target target; /* its options may be set before loading */
    struct thaw_shipped *shipped;
    struct thaw_deps_use use; /* by recordings */
    json_t *report;
    bool sections; /* of shared objects are in the report, too; may be set before loading */
};

/*
 * Reads what word or pid names (deps_target.h) and makes its report; recordings: those that it is
 * joined with, NULL-terminated; NULL or none: the target itself where it is one. 0, or a negative
 * errno with its line; end with thaw_target_report_free() in either case.
 */
int thaw_target_report_load(const char *command, const char *word, int64_t pid,
                            const char *const *recordings, struct thaw_target_report *ret,
                            struct thaw_error *error);
void thaw_target_report_free(struct thaw_target_report *loaded);

#endif
