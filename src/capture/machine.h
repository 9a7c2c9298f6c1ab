/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_MACHINE_H
#define THAW_CAPTURE_MACHINE_H

#include <stdbool.h>
#include <sys/types.h>

#include "thaw/error.h"
#include "thaw/recording.h"

/*
 * Stores what this machine is: hypervisor and container with all signs of them, the limits of the
 * control groups of process, and the instants of its boot. boot: the user says that it was booted
 * for what is recorded.
 */
int thaw_machine_store(struct thaw_recording_writer *writer, pid_t process, bool boot,
                       struct thaw_error *error);

#endif
