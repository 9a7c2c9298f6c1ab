/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TRIAL_COLD_H
#define THAW_TRIAL_COLD_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/array.h"
#include "trial/repeat.h"

/*
 * Cold starts: the files that a run reads are put out of memory before it, and looked at whether
 * they are. Those files alone: the page cache of a machine is others', too.
 *
 * What is written is synced first, as pages that are not on the disk yet stay. Pages that somebody
 * maps stay as well, and so does all of a file system in memory: what is left is told. Of a file
 * that one neither owns nor may write, the kernel does not tell it.
 */
#define THAW_COLD_FILES_MAX 200000
#define THAW_COLD_FOLDER_MAX 50000 /* of these, below one of the listed folders */
#define THAW_COLD_MAPPED_MAX 4096
#define THAW_COLD_LEFT_MOST 0.05 /* of what was in memory: with more left a run is not cold */

struct thaw_cold_file; /* known by its device and inode */

struct thaw_cold {
    struct thaw_arena arena;
    THAW_ARRAY(const char *) mapped; /* seen by thaw_cold_look() */
    struct thaw_cold_file *files;    /* in the order in which they were found */
    size_t count;
    THAW_ARRAY(const char *) walked; /* folders, by kind and path, in the list's memory */
    bool collected;                  /* files has all of them */
    bool cut;                        /* there are more than may be */
    bool failed;                     /* memory was short */
};

/* A list has paths, each behind one of these and with its NUL. */
enum thaw_cold_kind {
    THAW_COLD_FILE = 'f',
    THAW_COLD_FOLDER = 'd', /* the files in it, and their bytecode */
    THAW_COLD_TREE = 't',   /* all below it */
};

/*
 * Adds to a list what a recording names: programs, libraries, files of modules, folders that they
 * were looked for in, and where the app is. Those may be an app's that nobody trusts.
 */
int thaw_cold_list(const char *recording, int file, struct thaw_error *error);

/* Notes what the process, and those below it, map now. */
void thaw_cold_look(struct thaw_cold *cold, pid_t process);

/* Puts out of memory what the list has, with what is in its folders, and what was noted; once read,
 * a list is kept. */
int thaw_cold_evict(struct thaw_cold *cold, int list, struct thaw_repeat_cold *ret,
                    struct thaw_error *error);
void thaw_cold_free(struct thaw_cold *cold);

#endif
