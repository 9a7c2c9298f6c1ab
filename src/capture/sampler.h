/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_SAMPLER_H
#define THAW_CAPTURE_SAMPLER_H

#include <stdint.h>

#include "capture/programs.h"
#include "capture/record.h"
#include "thaw/error.h"
#include "thaw/recording.h"

/*
 * Samples of threads that have an import open, at ticks of each CPU's clock, and what code their
 * processes map. The samples come through the ring buffer (bpf/sample.bpf.c), the mappings through
 * perf rings of its own: of all processes, so those of strangers are dropped here.
 */
struct thaw_sampler;

#define THAW_SAMPLE_PERIOD_NS 1001001 /* 999 a second: no multiple of what others tick at */

/*
 * Opens and attaches, and stores how that went; where it is not allowed, that is no error: *ret
 * then does nothing. programs and writer must outlive it. -ENOMEM, or the recording can't be
 * written.
 */
int thaw_sampler_open(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                      const struct thaw_record_options *options, struct thaw_sampler **ret,
                      struct thaw_error *error);

/* Why a process can't sample here, or NULL when it can; nothing is left behind. */
const char *thaw_sampler_refusal(void);

/* A process whose mappings are of interest from now on. -ENOMEM. */
int thaw_sampler_trace(struct thaw_sampler *sampler, uint32_t pid, struct thaw_error *error);

/* The same of one that ran before: stores what it has mapped already. */
int thaw_sampler_present(struct thaw_sampler *sampler, uint32_t pid, struct thaw_error *error);

/* It has ended; what is in the rings up to the mark is still its own. */
void thaw_sampler_left(struct thaw_sampler *sampler, uint32_t pid);

/*
 * Before the ring buffer is drained, and after it: what is taken from the rings happened before
 * the mark, so that its process is known by then.
 */
void thaw_sampler_mark(struct thaw_sampler *sampler);
int thaw_sampler_drain(struct thaw_sampler *sampler, struct thaw_error *error);

/* Stores what was lost. */
int thaw_sampler_finish(struct thaw_sampler *sampler, struct thaw_error *error);

/* Stores the calls on the stacks, if they were asked for, with what path, the recording so far,
 * says of their processes. */
int thaw_sampler_unwind(struct thaw_sampler *sampler, const char *path, struct thaw_error *error);

void thaw_sampler_free(struct thaw_sampler *sampler); /* NULL is fine */

#endif
