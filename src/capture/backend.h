/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_BACKEND_H
#define THAW_CAPTURE_BACKEND_H

#include <stdbool.h>
#include <sys/types.h>

#include "capture/cpu_accounts.h"
#include "capture/identity.h"
#include "capture/kernel.h"
#include "capture/record.h"
#include "thaw/error.h"
#include "thaw/recording.h"

/* What a backend is given: the session so far. */
struct thaw_backend_session {
    const struct thaw_record_options *options;
    const struct thaw_identity *identity;
    const struct thaw_kernel_support *support;
    struct thaw_recording_writer *writer;
    struct thaw_cpu_accounts *accounts;
    const struct thaw_record_result *result; /* what has ended the recording, when it is finished */
};

/*
 * A way of observing, called in the order of its members. state is the backend's own; close is
 * called whenever prepare succeeded.
 */
struct thaw_backend_operations {
    const char *name; /* as in the recording */

    /* Gets ready before the command exists. */
    int (*prepare)(const struct thaw_backend_session *session, void **ret_state,
                   struct thaw_error *error);

    /* What the command gets as its standard error, -1: thaw's own. */
    int (*error_descriptor)(void *state);

    /* The command exists and waits to be released. */
    int (*spawned)(void *state, pid_t process, struct thaw_error *error);

    /* A process that runs already is to be observed, with all below it. NULL: it can't. */
    int (*present)(void *state, pid_t process, struct thaw_error *error);

    /* Drops what it will not need (privileges), just before the release. */
    int (*settle)(void *state, struct thaw_error *error);

    /* A descriptor that is readable when there is something to drain, -1 none. */
    int (*descriptor)(void *state);
    int (*drain)(void *state, struct thaw_error *error);

    /* The wanted first reply was seen. */
    bool (*answered)(void *state);

    /* Stops observing, stores what is left, losses and own cost. */
    int (*finish)(void *state, struct thaw_error *error);

    /* After the command has ended, if it had to: what may take its time. NULL: nothing. */
    int (*conclude)(void *state, struct thaw_error *error);

    void (*close)(void *state);
};

extern const struct thaw_backend_operations thaw_backend_ebpf;
extern const struct thaw_backend_operations thaw_backend_importtime;

#endif
