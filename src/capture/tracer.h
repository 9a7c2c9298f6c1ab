/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_TRACER_H
#define THAW_CAPTURE_TRACER_H

#include <sys/types.h>

#include "thaw/error.h"
#include "thaw/recording.h"

/*
 * Counts what a command's processes do by tracing them (ptrace(2)), which needs no privilege. A
 * thread of its own does it, as only the thread that traces may touch what it traces.
 *
 * Nobody is stopped for longer than a look takes, and nobody's life hangs on the tracer: when that
 * ends, however thaw ends, the kernel lets all that it traced go on untraced, with the signals that
 * were on their way to them. Each thread is let go before it ends, so that its parent learns of
 * that as always. Programs with other users' rights (set-user-ID) run without them, as always under
 * ptrace.
 */
struct thaw_tracer;

/*
 * Traces a child of this process that waits to be released, with all that it will start. -EPERM,
 * -EACCES and the like, with a line: this is refused; the child is as it was before.
 */
int thaw_tracer_start(pid_t process, struct thaw_tracer **ret, struct thaw_error *error);

/* Lets all go on untraced, and counts no more. */
void thaw_tracer_end(struct thaw_tracer *tracer);

/*
 * After the end. Stores what was counted; until: where counting ended for those that still run.
 * Also stores the libraries of the first process, if it has ended.
 */
int thaw_tracer_store(const struct thaw_tracer *tracer, const char *until,
                      struct thaw_recording_writer *writer, struct thaw_error *error);

void thaw_tracer_free(struct thaw_tracer *tracer); /* ends it, too; NULL is fine */

#endif
