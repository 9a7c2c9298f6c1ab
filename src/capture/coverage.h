/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_COVERAGE_H
#define THAW_CAPTURE_COVERAGE_H

#include "capture/cpu_accounts.h"
#include "capture/hold.h"
#include "capture/programs.h"
#include "thaw/error.h"
#include "thaw/recording.h"

/*
 * Which interpreters are probed, by file: one attach covers every process that runs it, now or
 * later. What could not be attached is stored as a probe that is missing, never an error; only
 * lack of memory, or a recording that can't be written, is.
 */
struct thaw_coverage;

/* programs, writer and accounts must outlive it; accounts NULL: none are kept. */
int thaw_coverage_open(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                       struct thaw_cpu_accounts *accounts, struct thaw_coverage **ret,
                       struct thaw_error *error);

/*
 * It is to live for as long as thaw runs: what is remembered is bounded, the C library is not
 * attached to, and thaw_coverage_tend() is called some times a minute.
 */
void thaw_coverage_live_long(struct thaw_coverage *coverage);

/*
 * Forgets interpreters whose files are gone with their containers, those that nobody has run for
 * longest when they are too many, and processes whose end was not told; attaches to all processes
 * again where the noisy one has ended.
 */
int thaw_coverage_tend(struct thaw_coverage *coverage, struct thaw_error *error);

/* Attaches to all interpreters what an observation does without, or detaches that again. */
void thaw_coverage_split(struct thaw_coverage *coverage, bool on);

/*
 * Attaches to every interpreter that can be found before the command runs, and to dlopen of its C
 * library. home is that of the command's user ("" unknown), pythons those that the user named
 * (NULL-terminated, or NULL): one that is none is an error.
 */
int thaw_coverage_attach(struct thaw_coverage *coverage, const char *const *command,
                         const char *home, const char *const *pythons, struct thaw_error *error);

/*
 * A traced process executed a file (its identity is the kernel's): if that is an interpreter,
 * stores how it is covered, and attaches to it now when it was not known before.
 */
int thaw_coverage_executed(struct thaw_coverage *coverage, const struct thaw_kernel_exec *record,
                           const char *executable, struct thaw_error *error);

/* Who is held from now on; NULL nobody. It must outlive that. */
void thaw_coverage_hold(struct thaw_coverage *coverage, const struct thaw_hold *hold);

/* A traced process has ended, or runs something else. */
void thaw_coverage_left(struct thaw_coverage *coverage, uint32_t pid);

/* Does it run an interpreter that is known? */
bool thaw_coverage_is_python(const struct thaw_coverage *coverage, uint32_t pid);

/* How many interpreters are known, and processes that run one. */
size_t thaw_coverage_interpreters(const struct thaw_coverage *coverage);
size_t thaw_coverage_processes(const struct thaw_coverage *coverage);

/* A traced process was forked: whatever holds for its parent holds for it. */
int thaw_coverage_forked(struct thaw_coverage *coverage, const struct thaw_kernel_fork *record,
                         struct thaw_error *error);

/* A traced process opened a libpython: it runs Python, whatever it is called. */
int thaw_coverage_library(struct thaw_coverage *coverage,
                          const struct thaw_kernel_library_open *record, struct thaw_error *error);

/*
 * Withdraws probes from processes that hit them too often (capture/withdrawal.h), as often as that
 * is due. Where it was a traced process, what is not recorded from then on is stored as a loss.
 */
int thaw_coverage_watch(struct thaw_coverage *coverage, struct thaw_error *error);

/*
 * A traced process ran before the recording began: if it runs an interpreter, stores that it was
 * seen too late, and attaches for what it still imports.
 */
int thaw_coverage_present(struct thaw_coverage *coverage, uint32_t pid, const char *executable,
                          struct thaw_error *error);

/* Stores what the interpreters' processes have used of the CPUs by now, those still alive. */
int thaw_coverage_store_accounts(struct thaw_coverage *coverage, struct thaw_error *error);

/* Stores which shared objects the interpreters' processes have mapped now, those still alive. */
int thaw_coverage_store_libraries(struct thaw_coverage *coverage, struct thaw_error *error);

void thaw_coverage_free(struct thaw_coverage *coverage); /* NULL is fine */

#endif
