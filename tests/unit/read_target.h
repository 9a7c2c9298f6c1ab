/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_READ_TARGET_H
#define TESTS_READ_TARGET_H

#include <stdbool.h>

#include "scratch.h"
#include "thaw/shipped.h"

/* Reads a target that must be readable; freed by the caller. */
struct thaw_shipped *read_target(const char *target);

/* A target in a folder "t" of the scratch folder: a file of it, and what it is read as. */
void put_in_target(const struct scratch *scratch, const char *name, const char *text);
struct thaw_shipped *read_scratch_target(const struct scratch *scratch);

/* The row of that path or name; ends the test when there is none. */
const struct thaw_shipped_file *target_file(const struct thaw_shipped *shipped, const char *path);
const struct thaw_shipped_folder *target_folder(const struct thaw_shipped *shipped,
                                                const char *path);
const struct thaw_shipped_distribution *target_distribution(const struct thaw_shipped *shipped,
                                                            const char *name);

bool target_has_file(const struct thaw_shipped *shipped, const char *path);

/* The name of who owns the file, "" nobody. */
const char *target_owner(const struct thaw_shipped *shipped, const char *path);

/* Is there a fault of exactly that path whose text has part in it? */
bool target_has_fault(const struct thaw_shipped *shipped, const char *path, const char *part);

/* What `du -s -B1` says of a path. */
uint64_t target_du(const char *path);

#endif
