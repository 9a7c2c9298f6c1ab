/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_STACKS_H
#define THAW_CAPTURE_STACKS_H

#include "capture/stack_store.h"
#include "native/unwind.h"
#include "thaw/error.h"
#include "thaw/recording.h"

/*
 * Unwinds the stacks of a session that is over, and stores their calls; recording is what was
 * recorded so far, with the mappings of their processes.
 */
int thaw_stacks_store(struct thaw_stack_store *stacks, const struct thaw_recording *recording,
                      struct thaw_recording_writer *writer, struct thaw_error *error);

/* A perf record's registers in the unwinder's order. */
void thaw_stacks_input(const struct thaw_stored_stack *stack, struct thaw_unwind_input *ret);

#endif
