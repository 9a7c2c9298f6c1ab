/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_MACHINE_SIGNS_H
#define THAW_CAPTURE_MACHINE_SIGNS_H

#include <sys/types.h>

#include "base/arena.h"
#include "capture/boot_instants.h"
#include "capture/control_groups.h"

/*
 * What this machine shows of its hypervisor, its container and its platform. One alone misleads (a
 * Firecracker guest may carry a .dockerenv), so all are kept: "kind:value".
 */
#define THAW_SIGNS_MOST 32

struct thaw_signs {
    struct thaw_arena arena;
    const char *items[THAW_SIGNS_MOST];
    uint64_t count;
};

/* Adds all signs of the machine and returns the hypervisor's usual name: "" none, "unknown". */
const char *thaw_machine_signs(const struct thaw_boot_log *log,
                               const struct thaw_control_groups *groups, struct thaw_signs *signs);

/*
 * Adds "environment:NAME" for each name of a platform's variable that the process was started
 * with, where that may be read; never a value.
 */
void thaw_environment_signs(pid_t process, struct thaw_signs *signs);

#endif
