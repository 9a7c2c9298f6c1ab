/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CONFIGURATION_CONFIGURATION_H
#define THAW_CONFIGURATION_CONFIGURATION_H

#include <stddef.h>

#include "base/arena.h"
#include "thaw/analysis.h"
#include "thaw/error.h"

/* What a user's thaw.json may hold: {"suppress": [{"id", "reason", "file", "module", "until"}]}. */
#define THAW_CONFIGURATION_NAME "thaw.json"

struct thaw_configuration {
    struct thaw_arena arena;
    struct thaw_suppression *suppressions;
    size_t count;
};

/*
 * Reads length bytes of JSON, called name in messages. -EINVAL with one line that says where and
 * what is wrong: a key that is not known, a wrong type, an entry without id or reason, an id of no
 * finding, a day that is none. To be freed in either case.
 */
int thaw_configuration_parse(const char *bytes, size_t length, const char *name,
                             struct thaw_configuration *ret, struct thaw_error *error);

/* The same from a file of at most 256 KiB; -ENOENT, also when a folder of its path is missing. */
int thaw_configuration_read(const char *path, struct thaw_configuration *ret,
                            struct thaw_error *error);

void thaw_configuration_free(struct thaw_configuration *configuration);

#endif
