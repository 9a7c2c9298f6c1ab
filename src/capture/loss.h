/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_LOSS_H
#define THAW_CAPTURE_LOSS_H

#include <stdint.h>

#include "thaw/error.h"
#include "thaw/recording.h"

/* Stores that something was not recorded, now; nothing when count is 0. what: a line for people. */
int thaw_loss_store(struct thaw_recording_writer *writer, const char *cause, uint64_t count,
                    const char *what, struct thaw_error *error);

/* Stores a loss of one process; count is 1. */
int thaw_loss_store_process(struct thaw_recording_writer *writer, uint32_t process,
                            const char *cause, const char *what, struct thaw_error *error);

/* Stores that a process could not be looked at for lack of rights. */
int thaw_loss_of_process(struct thaw_recording_writer *writer, uint32_t process,
                         struct thaw_error *error);

#endif
