/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_INVENTORY_METADATA_H
#define THAW_INVENTORY_METADATA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "thaw/error.h"
#include "thaw/recording.h"

/* What a distribution says of itself, in METADATA (wheels) or PKG-INFO (eggs). */
struct thaw_metadata {
    const char *name;    /* as written, "" missing */
    const char *version; /* "" missing */
    /* Names in Requires-Dist, as written, each once, without those that only hold for an extra.
     * Other markers are not evaluated: a name that may hold here is kept. */
    struct thaw_texts requires;
};

/*
 * Parses the header lines of length bytes (core metadata, an RFC 5322 header: up to the first
 * empty line). Anything is accepted: what is no known header is passed over, values are cut at
 * 512 bytes, 1024 requirements are kept. Fails only when memory is short. Texts go into the arena.
 */
int thaw_metadata_parse(const char *bytes, size_t length, struct thaw_arena *arena,
                        struct thaw_metadata *ret, struct thaw_error *error);

/* requires.txt of an egg: one requirement per line up to the first "[extra]"; replaces requires. */
int thaw_metadata_parse_requires(const char *bytes, size_t length, struct thaw_arena *arena,
                                 struct thaw_metadata *ret, struct thaw_error *error);

/* True when both are one name by PEP 503: case and runs of "-", "_", "." don't matter. */
bool thaw_metadata_same_name(const char *one, const char *other);

#endif
