/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SHIPPED_LIBRARY_READING_H
#define THAW_SHIPPED_LIBRARY_READING_H

#include "base/arena.h"
#include "native/object.h"
#include "thaw/shipped.h"

/* Messages of objects begin with this and ": ", which a fault's path says better. */
#define THAW_LIBRARY_READING_NAME "file"

/* Of one object; the rest is left out and counted. */
#define THAW_LIBRARY_NEEDED_MAX 1024

/*
 * What one file that may be a shared object says of itself. It is read without the model, so that
 * another thread can do it while the walk goes on.
 */
struct thaw_library_reading {
    uint32_t file; /* of the model */
    int root;      /* the folder that path is below */
    const char *path;
    int code;            /* 0; -ENOMEM; why it is no object, or (is_object) -EBADMSG: damaged */
    bool is_opened;      /* false: code is why it can't be */
    bool is_object;      /* all below has meaning */
    const char *message; /* for a code: one line, "" none */
    struct thaw_shipped_library library; /* as thaw_library_describe() fills it */
    const char **needed;                 /* DT_NEEDED */
    size_t needed_count;
    size_t needed_all; /* with those left out */
    struct thaw_object_abi abi;
    bool is_done;
};

/* Reads an open file, which is closed; name is its own. Texts are the arena's. */
void thaw_library_reading_do(struct thaw_library_reading *reading, int fd, const char *name,
                             struct thaw_arena *arena);

/*
 * A thread that reads files which are added. Where there is one CPU only, or no thread can be had,
 * whoever takes the readings does all the work.
 */
struct thaw_library_readers;

/* NULL: memory is short. Descriptors and paths that are added must last until it is ended. */
struct thaw_library_readers *thaw_library_readers_start(void);

/* A file of the target, in the order of the model. 0 or -ENOMEM. */
int thaw_library_readers_add(struct thaw_library_readers *readers, uint32_t file, int root,
                             const char *path);

/* Waits until all is read, or more text than a target may have; nothing can be added any more. */
void thaw_library_readers_wait(struct thaw_library_readers *readers);

/* What was read of a file; NULL: it was not. After waiting; the readers'. */
struct thaw_library_reading *thaw_library_readers_find(struct thaw_library_readers *readers,
                                                       uint32_t file);

/* Waits, and hands the texts over to the arena; NULL is allowed. */
void thaw_library_readers_end(struct thaw_library_readers *readers, struct thaw_arena *arena);

#endif
