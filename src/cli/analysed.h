/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_ANALYSED_H
#define THAW_CLI_ANALYSED_H

#include "thaw/analysis.h"
#include "thaw/recording.h"
#include "thaw/timeline.h"

/* A recording as far as its findings. */
struct thaw_analysed {
    struct thaw_recording *recording;
    struct thaw_timeline *timeline;
    struct thaw_analysis *analysis;
};

/* Into a zeroed *ret, to be freed also after a failure. */
int thaw_analysed_load(const char *path, struct thaw_analysed *ret, struct thaw_error *error);
/*
 * The same for a command that needs to know what the modules import: its exit code, after a
 * complaint.
 */
int thaw_analysed_open(const char *command, const char *path, struct thaw_analysed *ret);
void thaw_analysed_free(struct thaw_analysed *analysed);

#endif
