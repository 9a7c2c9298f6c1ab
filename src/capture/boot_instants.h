/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_BOOT_INSTANTS_H
#define THAW_CAPTURE_BOOT_INSTANTS_H

#include "platform/kernel_log.h"
#include "thaw/error.h"
#include "thaw/recording.h"

/* What the kernel's log told, and how much of it there was. */
struct thaw_boot_log {
    struct thaw_kernel_log log;
    char status[96]; /* as thaw_machine_event.kernel_log */
};

/* Reads the kernel's log, where that is allowed. Nothing of it is kept but what is found. */
void thaw_boot_log_read(struct thaw_boot_log *ret);

/* How long the machine has slept since it booted, ns. */
uint64_t thaw_boot_suspended_ns(void);

/* Is thaw in the machine's own namespace of that kind ("pid", "cgroup")? false also: not known. */
bool thaw_boot_is_initial_namespace(const char *kind);

/* Stores when the machine was made, its kernel began, its init began and a snapshot was resumed. */
int thaw_boot_instants_store(const struct thaw_boot_log *log, struct thaw_recording_writer *writer,
                             struct thaw_error *error);

#endif
