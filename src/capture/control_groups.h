/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_CONTROL_GROUPS_H
#define THAW_CAPTURE_CONTROL_GROUPS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "platform/control_group.h"

/* What a process may use, by its control groups, as they are seen from here. */
struct thaw_control_groups {
    uint64_t cpu_limit_millis;   /* thousandths of a CPU: the lowest up the hierarchy; 0 none */
    uint64_t memory_limit_bytes; /* likewise */
    const char *sign;            /* of a container, in its path; NULL none */
    char cpu[PATH_MAX];          /* folder of the group with that limit, else its own; "" unknown */
};

/* False: the process is gone, or no hierarchy is mounted here that it is in. */
bool thaw_control_groups_of(pid_t process, struct thaw_control_groups *ret);

/* What the group in that folder has used up to now; false: it is gone, or does not count it. */
bool thaw_control_groups_cpu(const char *folder, struct thaw_control_group_cpu *ret);

/*
 * Time in which some task of the group (version 2), or of the whole machine, waited for a CPU, ns
 * (PSI, Documentation/accounting/psi.rst); *ret_source is which. 0: the kernel does not tell.
 */
uint64_t thaw_control_groups_pressure(const char *folder, const char **ret_source);

#endif
