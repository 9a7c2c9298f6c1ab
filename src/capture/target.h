/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_TARGET_H
#define THAW_CAPTURE_TARGET_H

#include <stdbool.h>
#include <sys/types.h>

#include "capture/identity.h"
#include "thaw/error.h"

/*
 * The command that is recorded: a child that waits before exec until it is released, so that
 * everything is attached before its first instruction. It keeps thaw's terminal and descriptors.
 */
struct thaw_target {
    pid_t pid;
    int pidfd;   /* readable when it has ended */
    int release; /* write end of the pipe it waits on; -1 once released */
    int failure; /* read end: why exec failed; -1 once read */
    bool ended;
    int exit_status; /* as a shell shows it, valid when ended */
};

/*
 * Forks the child and returns while it waits. error_descriptor, if not -1, becomes its standard
 * error. command is NULL-terminated.
 */
int thaw_target_spawn(const char *const *command, const struct thaw_identity *identity,
                      int error_descriptor, struct thaw_target *ret, struct thaw_error *error);

/*
 * Lets the child exec. Returns -ENOENT (exit code 127) or -EACCES and the like (126) with a line
 * when the command can't be executed; the child has ended then.
 */
int thaw_target_release(struct thaw_target *target, const char *name, struct thaw_error *error);

/* Takes the exit status if the child has ended; waits for it when wait is true. */
int thaw_target_collect(struct thaw_target *target, bool wait, struct thaw_error *error);

/* Ends a running child: SIGTERM, after grace_ms SIGKILL, by pid. Collects it. */
int thaw_target_end(struct thaw_target *target, int grace_ms, struct thaw_error *error);

/* Closes the descriptors; a child that still waits goes away, one that runs is left running. */
void thaw_target_close(struct thaw_target *target);

#endif
