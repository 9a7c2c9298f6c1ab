/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_PRIVILEGE_H
#define THAW_CAPTURE_PRIVILEGE_H

#include <stdbool.h>
#include <stddef.h>

#include "capture/kernel.h"
#include "thaw/error.h"

/* A capability thaw may want, and for what: rows of one table, shown by `thaw doctor`. */
struct thaw_capability {
    unsigned number; /* CAP_… */
    const char *name;
    const char *purpose;
    bool held;
};

/* The table with what this process holds now; *ret_count rows, static. */
const struct thaw_capability *thaw_capabilities(size_t *ret_count);

/*
 * Once everything is attached: keeps what attaching to further interpreters, ending the command
 * and asking its interpreter as its user take, and drops all other capabilities for good.
 */
int thaw_privilege_drop(const struct thaw_kernel_support *support, struct thaw_error *error);

/* Drops all capabilities for good; root keeps those by which it reads and writes any file. */
int thaw_privilege_give_up(struct thaw_error *error);

#endif
