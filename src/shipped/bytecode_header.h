/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SHIPPED_BYTECODE_HEADER_H
#define THAW_SHIPPED_BYTECODE_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thaw/shipped.h"

/* The first bytes of a .pyc: magic number, flags, and the source's time and size or its hash.
 * Source: PEP 552. */
#define THAW_BYTECODE_HEADER_BYTES 16

struct thaw_bytecode_source {
    uint32_t seconds; /* its mtime and size, as far as a header has them */
    uint32_t bytes;
    bool size_is_known;
    const char *version; /* "3.11", "" any */
};

/*
 * What an interpreter of that version would make of it. *is_hashed: it is valid by the source's
 * hash, which is not computed: such bytecode counts as fresh.
 */
enum thaw_bytecode_state thaw_bytecode_header_state(const char *bytes, size_t length,
                                                    const struct thaw_bytecode_source *source,
                                                    bool *is_hashed);

#endif
