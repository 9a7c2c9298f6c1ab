/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_COVERAGE_H
#define THAW_CAPTURE_COVERAGE_H

#include "capture/programs.h"
#include "thaw/error.h"
#include "thaw/recording.h"

/*
 * Which interpreters are probed, by file: one attach covers every process that runs it, now or
 * later. What could not be attached is stored as a probe that is missing, never an error; only
 * lack of memory, or a recording that can't be written, is.
 */
struct thaw_coverage;

/* programs and writer must outlive it. */
int thaw_coverage_open(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                       struct thaw_coverage **ret, struct thaw_error *error);

/*
 * Attaches to the tracepoints, to dlopen of the C library, and to every interpreter that can be
 * found before the command runs. home is that of the command's user ("" unknown).
 */
int thaw_coverage_attach(struct thaw_coverage *coverage, const char *const *command,
                         const char *home, struct thaw_error *error);

/*
 * A traced process executed a file (its identity is the kernel's): if that is an interpreter,
 * stores how it is covered, and attaches to it now when it was not known before.
 */
int thaw_coverage_executed(struct thaw_coverage *coverage, const struct thaw_kernel_exec *record,
                           const char *executable, struct thaw_error *error);

/*
 * A traced process ran before the recording began: if it runs an interpreter, stores that it was
 * seen too late, and attaches for what it still imports.
 */
int thaw_coverage_present(struct thaw_coverage *coverage, uint32_t pid, const char *executable,
                          struct thaw_error *error);

/* Stores which shared objects the interpreters' processes have mapped now, those still alive. */
int thaw_coverage_store_libraries(struct thaw_coverage *coverage, struct thaw_error *error);

void thaw_coverage_free(struct thaw_coverage *coverage); /* NULL is fine */

#endif
