/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_RIGHTS_H
#define THAW_AUDIT_RIGHTS_H

#include <stdbool.h>
#include <stddef.h>

#include "thaw/error.h"

/*
 * The rights that a daemon has: CAP_BPF and CAP_PERFMON to observe, CAP_SYS_PTRACE and
 * CAP_DAC_READ_SEARCH to look at others' processes and interpreters; CAP_SYS_ADMIN only where the
 * kernel (before Linux 6.6, which has no uprobe multi links) lets nobody attach to an interpreter
 * without.
 */
struct thaw_right {
    unsigned number; /* CAP_… */
    const char *name;
    bool needed;         /* nothing works without */
    const char *without; /* what is not seen then, one clause */
    bool held;
};

/* The table with what this process holds now; static. admin: CAP_SYS_ADMIN is of use here. */
const struct thaw_right *thaw_rights(bool admin, size_t *ret_count);

/*
 * Becomes that user, with its primary group and no other, and keeps the rights above, if held.
 * -ENOENT: there is no such user; -EPERM.
 */
int thaw_rights_become(const char *user, struct thaw_error *error);

/* Gives up all but the rights above for good: also what a program that thaw would execute could
 * have. */
int thaw_rights_drop(bool admin, struct thaw_error *error);

#endif
