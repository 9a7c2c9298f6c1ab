/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_BEGINNING_H
#define THAW_AUDIT_BEGINNING_H

#include "audit/log.h"
#include "audit/settings.h"
#include "capture/kernel.h"
#include "thaw/error.h"

/* Becomes the user it is to run as, and finds out what that one may: -EPERM with what is missing.
 * What won't be seen for lack of a right is told. */
int thaw_beginning_rights(const struct thaw_audit_settings *settings,
                          struct thaw_kernel_support *ret, struct thaw_log *log,
                          struct thaw_error *error);

/* When everything is open: gives up all that is not needed any more. */
int thaw_beginning_give_up(const struct thaw_kernel_support *support, struct thaw_log *log,
                           struct thaw_error *error);

#endif
