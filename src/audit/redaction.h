/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_REDACTION_H
#define THAW_AUDIT_REDACTION_H

#include <stddef.h>

#include "base/arena.h"

/*
 * Texts as they leave thaw: valid UTF-8 of a bounded length, or, where they are to be redacted, a
 * keyed hash instead (HMAC-SHA256, RFC 2104 and FIPS 180-4): "~" and the first 16 of its
 * hexadecimal digits. The same text has the same hash as long as the key is the same, so that
 * starts can be told apart and counted; without the key it can't be tried out.
 */
#define THAW_REDACTED_BYTES 18
#define THAW_SHOWN_BYTES 512 /* of any text */

struct thaw_redaction_key {
    const unsigned char *bytes; /* the caller's */
    size_t count;
};

/* The text as it may be shown, in the arena; NULL when memory is short. key NULL: it is not
 * redacted. "" stays. */
const char *thaw_redaction_text(const struct thaw_redaction_key *key, const char *text,
                                struct thaw_arena *arena);

/* A line for people in which paths may stand: these alone are redacted. */
const char *thaw_redaction_line(const struct thaw_redaction_key *key, const char *line,
                                struct thaw_arena *arena);

#endif
