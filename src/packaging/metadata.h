/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PACKAGING_METADATA_H
#define THAW_PACKAGING_METADATA_H

#include <stddef.h>

#include "base/arena.h"
#include "thaw/error.h"
#include "thaw/texts.h"

/* What a distribution says of itself, in METADATA (wheels) or PKG-INFO (eggs). Texts are as
 * written, "" what is missing. Source: PyPA, "Core metadata specifications". */
struct thaw_metadata {
    const char *name;
    const char *version;
    const char
        *license; /* License-Expression, else License if it is one line of at most 80 bytes */
    const char *requires_python; /* ">=3.9" */
    struct thaw_texts requires;  /* each Requires-Dist, with its marker */
    struct thaw_texts extras;    /* each Provides-Extra */
};

/*
 * Parses the header lines of length bytes (core metadata, an RFC 5322 header: up to the first
 * empty line). Anything is accepted: what is no known header is passed over, values are cut at
 * 512 bytes (requirements at 4096), 8192 requirements and 1024 extras are kept. Fails only when
 * memory is short. Texts go into the arena.
 */
int thaw_metadata_parse(const char *bytes, size_t length, struct thaw_arena *arena,
                        struct thaw_metadata *ret, struct thaw_error *error);

/*
 * requires.txt of an egg: a requirement a line; those below "[extra]", "[:marker]" or
 * "[extra:marker]" get that as their marker. Replaces requires, and extras if there are none.
 */
int thaw_metadata_parse_requires(const char *bytes, size_t length, struct thaw_arena *arena,
                                 struct thaw_metadata *ret, struct thaw_error *error);

#endif
