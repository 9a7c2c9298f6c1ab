/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_RECORD_FOLDERS_H
#define THAW_CLI_RECORD_FOLDERS_H

#include <limits.h>
#include <stddef.h>

#include "thaw/error.h"

/* Where repeated recordings go: a new folder, with one for each command in it where there are two,
 * and beside them what they come to. */
struct thaw_record_folders {
    const char *all; /* as the user gave it */
    size_t count;
    char each[2][PATH_MAX];
    char results[PATH_MAX]; /* the file trials.json */
};

extern const char *const thaw_record_folder_names[2];

/* Makes them as the user whose they are to be. -EEXIST: something is in it already; or what making
 * them failed with. */
int thaw_record_folders_make(const char *path, size_t commands, struct thaw_record_folders *ret,
                             struct thaw_error *error);

/* Removes them, and what they come to, where there are no recordings in them. */
void thaw_record_folders_remove(const struct thaw_record_folders *folders);

#endif
