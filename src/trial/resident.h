/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TRIAL_RESIDENT_H
#define THAW_TRIAL_RESIDENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* How much of a file is in memory. */
struct thaw_resident {
    bool known;       /* else the kernel does not tell us: the file is not ours to write */
    bool unevictable; /* it has no other place than memory */
    uint64_t bytes;   /* of whole pages */
};

/* file is open; path is its path, status what fstat(2) says. */
void thaw_resident_of(int file, const char *path, const struct stat *status,
                      struct thaw_resident *ret);

#endif
