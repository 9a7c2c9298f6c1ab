/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_RECORDING_IMPORTTIME_LOG_H
#define THAW_RECORDING_IMPORTTIME_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "thaw/recording.h"

/*
 * What `python -X importtime` wrote, as a recording: each line an import.timed, as of the
 * importtime backend. The log has durations and no instants: imports are laid one behind the other
 * from 0 on. It names no process either: each head begins another one, numbered from 1. Anything
 * may stand before a line's "import time:" (what a container's log puts there, or output without an
 * end); lines that have none are counted and passed over. What of it can't be used is a loss in the
 * recording.
 */

/* The backend that the recording names. */
#define THAW_IMPORTTIME_LOG_BACKEND "importtime-log"
/* The one probe in it: target is the log's name, how is what was read, without is what was passed
 * over, "" nothing. */
#define THAW_IMPORTTIME_LOG_PROBE "importtime.log"

/*
 * Of so many bytes; name is what errors and the recording call the log. -EINVAL: there is no such
 * line in it; -EFBIG; -ENOMEM. *ret is to be freed by thaw_recording_free().
 */
int thaw_importtime_log_parse(const char *name, const char *bytes, size_t length,
                              struct thaw_recording **ret, struct thaw_error *error);

/* The same of a file (a pipe is read to its end), or of standard input where path is "-"; also what
 * open(2) and read(2) fail with. At most 64 MiB are read. */
int thaw_importtime_log_load(const char *path, struct thaw_recording **ret,
                             struct thaw_error *error);

/* Whether a line of such a report stands in the first 64 KiB of a regular file. */
bool thaw_importtime_log_is_file(const char *path);

#endif
