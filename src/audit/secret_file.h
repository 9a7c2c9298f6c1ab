/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_SECRET_FILE_H
#define THAW_AUDIT_SECRET_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "thaw/error.h"

/*
 * Files with what others must not know. One that everybody may read or write is refused (-EPERM),
 * as is what is no regular file; what they hold is in no message.
 */
enum { THAW_SECRET_KEY_LEAST = 16, THAW_SECRET_KEY_MADE = 32, THAW_SECRET_KEY_MOST = 4096 };

struct thaw_secret_key {
    const unsigned char *bytes; /* the arena's */
    size_t length;
};

/* The file's bytes, as they are; with make it is made of random ones where it is missing, mode
 * 0600. -ENOENT without; -EINVAL: too short or too long. */
int thaw_secret_key_read(const char *path, bool make, struct thaw_arena *arena,
                         struct thaw_secret_key *ret, struct thaw_error *error);

/* Random ones, for as long as thaw runs. */
int thaw_secret_key_random(struct thaw_arena *arena, struct thaw_secret_key *ret,
                           struct thaw_error *error);

/* HTTP headers, "name: value" a line; empty lines and those that begin with '#' don't count; 32 at
 * most. *ret is a NULL-terminated list of the arena's. */
int thaw_secret_headers(const char *path, struct thaw_arena *arena, const char *const **ret,
                        struct thaw_error *error);

#endif
