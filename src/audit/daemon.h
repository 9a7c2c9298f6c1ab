/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_DAEMON_H
#define THAW_AUDIT_DAEMON_H

#include "audit/settings.h"
#include "thaw/error.h"

/* Where settings come from: at the beginning, and again by each SIGHUP. */
struct thaw_audit_source {
    void *context;
    /* Complete ones, to be freed by the caller; -EINVAL with what is wrong with them. */
    int (*load)(void *context, struct thaw_audit_settings *ret, struct thaw_error *error);
};

enum thaw_audit_end {
    THAW_AUDIT_ASKED,  /* by a signal, or its duration is over */
    THAW_AUDIT_LOSS,   /* events were lost, and --on-loss says fail */
    THAW_AUDIT_FAILED, /* *error says why */
};

/*
 * Watches until it is to end. settings (of source, but no key was made for them) are taken over.
 * Nothing that happens to a store, a Collector or a process watched ends it: that is told and
 * counted. *error is also filled when it could not begin (-EPERM: the right that is missing;
 * -EBUSY: another daemon has the store).
 */
enum thaw_audit_end thaw_audit_run(struct thaw_audit_settings *settings,
                                   const struct thaw_audit_source *source,
                                   struct thaw_error *error);

#endif
