/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TRIAL_COLD_FILES_H
#define THAW_TRIAL_COLD_FILES_H

/* Without these uthash ends the program when memory is short. */
#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(entry) ((entry)->refused = true)
#include <uthash.h>

#include "trial/cold.h"

/* Each file once, by whatever names it was found. */
struct thaw_cold_file {
    struct {
        dev_t device;
        ino_t inode;
    } key;
    bool refused;
    UT_hash_handle hh;
    char path[];
};

/* Fills cold->files from a list, and from what was seen mapped. */
int thaw_cold_collect(struct thaw_cold *cold, int list, struct thaw_error *error);
void thaw_cold_files_free(struct thaw_cold *cold);

#endif
