/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_KNOWN_FILES_H
#define THAW_CAPTURE_KNOWN_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "capture/programs.h"
#include "thaw/event.h"

/*
 * Files that were executed, or could be, and which interpreter each leads to. The kernel knows
 * them, too: who starts one is not held.
 *
 * An overlay file system (containers) gives a file another device and inode in stat(2) than the
 * kernel has; size and time of change are the same. So files are kept under what the kernel said
 * where that is known, and compared by size and time of change.
 */
struct thaw_known_files {
    struct thaw_programs *programs;
    struct thaw_known_file *table; /* uthash, by last use */
    size_t most;                   /* the one that was not met for longest gives way; 0: all stay */
};

/* The interpreter's index + 1, 0: it is none. False: the file is not known. */
bool thaw_known_files_find(struct thaw_known_files *files, const struct thaw_kernel_file *identity,
                           size_t *ret_interpreter);

/* Adds or changes a file; interpreter as above. Its probes must be there. -ENOMEM, or a bpf(2). */
int thaw_known_files_add(struct thaw_known_files *files, const struct thaw_kernel_file *identity,
                         size_t interpreter, struct thaw_error *error);

/* The same of a file that is no interpreter, but of which each process is to be told. */
int thaw_known_files_add_looked_at(struct thaw_known_files *files,
                                   const struct thaw_kernel_file *identity,
                                   struct thaw_error *error);

/* From now on who starts that interpreter (its index + 1) can be held again. */
void thaw_known_files_forget(struct thaw_known_files *files, size_t interpreter);

/* That interpreter is no more: nor are files that lead to it. */
void thaw_known_files_remove(struct thaw_known_files *files, size_t interpreter);

void thaw_known_files_free(struct thaw_known_files *files);

/* What stat(2) says of a file, in the kernel's form. */
struct thaw_kernel_file thaw_known_file_identity(const struct stat *status);

/* Is the file at path this one? */
bool thaw_known_file_is_at(const struct thaw_kernel_file *identity, const char *path);

#endif
