/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_WHAT_IF_H
#define THAW_CLI_WHAT_IF_H

#include <stdbool.h>

#include "thaw/timeline.h"

/*
 * Answers `--what-if lazy=NAME,NAME…,drop=NAME,…`: what the headline's cold start would save if the
 * app's own imports of the ones were deferred, and the others were gone altogether. Writes
 * sentences, or JSON, to standard output and returns the exit code; command is for complaints.
 */
int thaw_what_if(const char *command, const char *question, const struct thaw_timeline *timeline,
                 bool json);

#endif
