/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_CALL_FILTER_H
#define THAW_AUDIT_CALL_FILTER_H

#include <stddef.h>
#include <stdint.h>

#include "thaw/error.h"

/*
 * The system calls that a daemon makes from now on, by libseccomp: a list of those that watching,
 * keeping and sending take. Programs can't be executed, processes not started, signalled or traced
 * any more, by whatever happens in here. A call that is not in the list fails with EPERM, is
 * counted, and the first of each is told.
 */

/* Everything that is loaded late has to be loaded before. -ENOSYS: libseccomp is not installed, or
 * the kernel has no filters; -ENOMEM. */
int thaw_call_filter_load(struct thaw_error *error);

/* Calls refused so far. */
uint64_t thaw_call_filter_refused(void);

/* The name of a call that was refused and not yet told, NULL: none. Static until the next call. */
const char *thaw_call_filter_news(void);

#endif
