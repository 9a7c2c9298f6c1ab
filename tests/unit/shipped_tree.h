/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SHIPPED_TREE_H
#define TESTS_SHIPPED_TREE_H

#include "scratch.h"
#include "thaw/shipped.h"

/* A tree of installed distributions, as pip leaves them, in a scratch folder; and what thaw reads
 * there. Everything here ends the test program when it fails. */

struct shipped_wheel {
    const char *site; /* "site-packages/", "" the top folder itself */
    const char *name;
    const char *version;
    const char *requires; /* lines of METADATA, "" none */
    const char *files;    /* one a line, each of 100 bytes; "" none */
    const char *tags;     /* lines of WHEEL, NULL: "Tag: py3-none-any\n" */
    bool is_requested;
};

void shipped_write(const struct scratch *scratch, const struct shipped_wheel *wheel);

/* For CPython 3.11 on x86-64. */
struct thaw_shipped *shipped_read(const struct scratch *scratch);

/* The first of that name. */
const struct thaw_shipped_distribution *shipped_find(const struct thaw_shipped *shipped,
                                                     const char *name);

/* The texts with "|" between them, in a buffer that lasts until the next call. */
const char *shipped_joined(const struct thaw_texts *texts);

/* The fault of a path, or NULL. */
const char *shipped_fault_of(const struct thaw_shipped *shipped, const char *path);

#endif
