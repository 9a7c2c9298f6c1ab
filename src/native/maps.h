/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_MAPS_H
#define THAW_NATIVE_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One mapping of a file, a line of /proc/PID/maps or smaps (proc(5)). */
struct thaw_mapping {
    uint64_t start;
    uint64_t end;
    uint64_t offset;
    uint64_t device; /* as stat's st_dev where that is of hardware */
    uint64_t inode;
    bool executable;
    bool deleted;            /* the file has no name any more */
    bool anonymous;          /* it begins a mapping of no file */
    uint64_t resident_bytes; /* of smaps' line behind a mapping: how much of it is in memory */
    const char *path;        /* not NUL-terminated, a newline in it is written \012 */
    size_t path_bytes;
};

/*
 * Takes the next line from the text at *cursor (ending at end) and moves the cursor behind it.
 * False at the end of the text. Lines that map no file have inode 0 and an empty path; so have
 * those of smaps about the mapping before, one of which has resident_bytes.
 */
bool thaw_maps_next(const char **cursor, const char *end, struct thaw_mapping *ret);

/* The maps of a process, at most 16 MiB of them; NULL with errno set. Freed by the caller. */
char *thaw_maps_read(int pid, size_t *length);

/* The same of smaps, for which the kernel looks at all of the process's pages. */
char *thaw_maps_read_resident(int pid, size_t *length);

#endif
