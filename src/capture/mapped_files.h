/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_MAPPED_FILES_H
#define THAW_CAPTURE_MAPPED_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/array.h"
#include "capture/elsewhere.h"
#include "native/object.h"
#include "thaw/recording.h"

/* Which files the kernel mapped code of in a recording: another one may stand at a path by now. */
struct thaw_mapped_file {
    const char *path; /* the recording's */
    uint64_t device;
    uint64_t inode;
};

struct thaw_mapped_files {
    THAW_ARRAY(struct thaw_mapped_file) files; /* by path */
    uint64_t since_ns;
};

/* When the recording began, of CLOCK_REALTIME; 0 not known. */
uint64_t thaw_mapped_files_since(const struct thaw_recording *recording);

/* Finds them, but those of processes elsewhere. -ENOMEM or 0. */
int thaw_mapped_files_find(const struct thaw_recording *recording,
                           const struct thaw_elsewhere *elsewhere, struct thaw_mapped_files *ret);

/* Is the file that was opened at the path another than any that was mapped from there? */
bool thaw_mapped_files_replaced(const struct thaw_mapped_files *mapped, const char *path,
                                const struct thaw_object *object);

void thaw_mapped_files_free(struct thaw_mapped_files *mapped);

#endif
