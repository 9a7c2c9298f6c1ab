/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_MACHINE_H
#define THAW_CAPTURE_MACHINE_H

#include "thaw/error.h"
#include "thaw/recording.h"

/*
 * Stores what this machine is: hypervisor with all signs of it (one alone misleads: a
 * Firecracker guest here carries a .dockerenv), and the CPU and memory limits of the cgroup.
 */
int thaw_machine_store(struct thaw_recording_writer *writer, struct thaw_error *error);

#endif
