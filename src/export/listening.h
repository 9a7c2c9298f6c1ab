/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_EXPORT_LISTENING_H
#define THAW_EXPORT_LISTENING_H

#include <sys/types.h>

#include "thaw/error.h"

/* A socket that listens, and what is to be put away with it. */
struct thaw_listening {
    int descriptor;    /* not blocking, close on exec; -1 none */
    char address[136]; /* as it is shown: "127.0.0.1:9479", "unix:/run/thaw/metrics" */
    dev_t device;      /* of the file of a UNIX socket, 0 none */
    ino_t file;
};

/*
 * address: "127.0.0.1:9479", "[::1]:9479", ":9479" (all of this machine), "unix:/path" (mode 0660;
 * one that nobody listens at any more is replaced, a file that is no socket is not). Port 0 takes a
 * free one. -EINVAL with what is wrong with it, or what socket(2), bind(2) and listen(2) fail with.
 */
int thaw_listening_open(const char *address, struct thaw_listening *ret, struct thaw_error *error);

/* Takes away a UNIX socket's file, if it is still that one; the descriptor is its owner's. */
void thaw_listening_forget(const struct thaw_listening *listening);

#endif
