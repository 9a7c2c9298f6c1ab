/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_MAPS_H
#define THAW_NATIVE_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One mapping of a file, a line of /proc/PID/maps (proc(5)). */
struct thaw_mapping {
    uint64_t start;
    uint64_t end;
    uint64_t offset;
    uint64_t inode;
    bool executable;
    bool deleted;     /* the file has no name any more */
    const char *path; /* not NUL-terminated, a newline in it is written \012 */
    size_t path_bytes;
};

/*
 * Takes the next line from the text at *cursor (ending at end) and moves the cursor behind it.
 * False at the end of the text. Lines that map no file have inode 0 and an empty path.
 */
bool thaw_maps_next(const char **cursor, const char *end, struct thaw_mapping *ret);

/* The maps of a process, at most 16 MiB of them; NULL with errno set. Freed by the caller. */
char *thaw_maps_read(int pid, size_t *length);

#endif
