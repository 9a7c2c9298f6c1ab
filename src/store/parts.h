/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_STORE_PARTS_H
#define THAW_STORE_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/array.h"

/*
 * A start's phases and imports as bytes, a twentieth of what rows of a table would take. Numbers
 * are LEB128 varints (7 bits a byte, low ones first), names are numbers of words:
 *
 *   phases, each: name, begin, ns, counted (0, 1)
 *   imports, each: name, begin, total, self, parent, failed (0, 1)
 *
 * with how many there are before the first of each.
 */
#define THAW_PARTS_PHASES_MAX 256
#define THAW_PARTS_IMPORTS_MAX 4096

typedef THAW_ARRAY(unsigned char) thaw_parts_bytes;

/* false: memory is short. */
bool thaw_parts_put(thaw_parts_bytes *bytes, uint64_t number);

struct thaw_parts_reader {
    const unsigned char *at, *end;
    bool failed; /* it ended too soon, or a number has more than 64 bits */
};

/* 0 from the first failure on. */
uint64_t thaw_parts_get(struct thaw_parts_reader *reader);

#endif
