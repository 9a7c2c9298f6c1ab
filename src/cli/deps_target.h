/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_DEPS_TARGET_H
#define THAW_CLI_DEPS_TARGET_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/array.h"
#include "thaw/recording.h"
#include "thaw/shipped.h"

/* What `thaw deps` is asked about, and where it is: what thaw_shipped_read() is to read. */
struct thaw_deps_target {
    const char *command;                 /* that asks, for its complaints */
    struct thaw_shipped_options options; /* texts of argv or of the arena */
    const char *directory;               /* absolute path of a target that is a path, "" else */
    const char *recording;               /* the file, of a target that is a recording, NULL else */
    THAW_ARRAY(const char *) folders;    /* of a process or a recording */
    size_t left_out;                     /* folders beyond the first 4,000 */
    struct thaw_arena arena;
};

/*
 * Tells what word is: a running process (all digits, where no file is called so), a recording (by
 * its first bytes), or a path; pid: a process in any case, 0 none. What options says already is
 * kept, command is set. 0, or a negative errno with its line; end with thaw_deps_target_free() in
 * either case.
 */
int thaw_deps_target(const char *word, int64_t pid, struct thaw_deps_target *ret,
                     struct thaw_error *error);
void thaw_deps_target_free(struct thaw_deps_target *target);

/* A regular file that begins as recordings do; too short a one is none. */
bool thaw_deps_is_recording(const char *path);

/* Adds a folder once, its text copied. 0 or -ENOMEM. */
int thaw_deps_add_folder(struct thaw_deps_target *target, const char *folder);

/* deps_process.c: the folders and the interpreter of a running process. */
int thaw_deps_process(pid_t pid, struct thaw_deps_target *target, struct thaw_error *error);

/* deps_recording.c: those of a recording. */
int thaw_deps_recording(const char *path, struct thaw_deps_target *target,
                        struct thaw_error *error);

#endif
