/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_IDENTITY_H
#define THAW_CAPTURE_IDENTITY_H

#include <stdbool.h>
#include <sys/types.h>

#include "thaw/error.h"

/*
 * On whose behalf thaw runs: only the recording is elevated. Under sudo (real user root,
 * SUDO_UID and SUDO_GID set) that is the user who called sudo, else whoever runs thaw.
 */
struct thaw_identity {
    uid_t uid;
    gid_t gid;
    bool differs;   /* from the effective user: privileges are to be dropped for the command */
    char name[64];  /* login name, "" unknown */
    char home[256]; /* home folder, "" unknown */
    char shell[256];
};

int thaw_identity_of_caller(struct thaw_identity *ret, struct thaw_error *error);

/*
 * In a child after fork: becomes that user for good (groups, gid, uid) and sets HOME, USER,
 * LOGNAME and SHELL as a login would. Does nothing when identity->differs is false.
 */
int thaw_identity_become(const struct thaw_identity *identity, struct thaw_error *error);

#endif
