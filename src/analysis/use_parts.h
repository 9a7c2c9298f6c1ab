/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_ANALYSIS_USE_PARTS_H
#define THAW_ANALYSIS_USE_PARTS_H

#include "base/arena.h"
#include "base/array.h"
#include "base/path_table.h"
#include "thaw/use.h"
#include "timeline/lookup.h"

/*
 * What the files of the use (thaw/use.h) work on. Functions that return a truth value return false
 * when memory is short, unless they say otherwise.
 */

/* A file that a recording names, by the path its machine has for it. */
struct thaw_use_named {
    const char *path;   /* clean: absolute, without ".", ".." and double slashes */
    uint64_t bytes;     /* as the recording has it, 0 not told */
    uint64_t mtime_ns;  /* likewise */
    uint64_t mapped_ns; /* first seen opened as a library or mapped, UINT64_MAX never */
    uint32_t file;      /* of the target, or THAW_SHIPPED_NONE */
};

/* The recording that is being joined. */
struct thaw_use_joined {
    const struct thaw_analysis *analysis;
    const struct thaw_timeline *timeline;
    const struct thaw_track *track; /* whose first reply ends what counts, NULL: all counts */
    uint32_t process;               /* id of the track's, 0: imports of all processes count */
    uint64_t end_ns;                /* what comes later does not count */
    struct thaw_use_recording *row;
    struct thaw_path_table by_text; /* path as the recording has it -> index of named */
    THAW_ARRAY(struct thaw_use_named) named;
};

/* Times of one thing in each of the recordings that have it. */
struct thaw_use_times {
    uint64_t *values; /* [thing * recordings + n] */
    uint32_t *counts; /* [thing] */
};

struct thaw_use_memory {
    struct thaw_arena arena;
    struct thaw_use_place place;
    struct thaw_path_table paths;                   /* of the model -> index of the file */
    struct thaw_lookup search_rows, path_file_rows; /* path -> index below, + 1 */
    struct thaw_path_table libraries;               /* of the first recording: path -> library */
    uint32_t *touched; /* [distribution]: number of the last recording, from 1, it was touched in */
    uint32_t *loaded;  /* [library]: likewise */
    struct thaw_use_times own, total, dlopen;
    THAW_ARRAY(struct thaw_use_search) searches;
    THAW_ARRAY(struct thaw_use_path_file) path_files;
    struct thaw_use_bytecode bytecode[THAW_MODULE_BYTECODE_UNREADABLE + 1];
};

/* --- use_match.c --- */

/* Names all files of the recording and finds them in the target. */
bool thaw_use_match(struct thaw_use *use, struct thaw_use_joined *joined);

/* The file of the target that a path of the recording is, also one in an archive of it; or NONE. */
uint32_t thaw_use_file_of(const struct thaw_use_joined *joined, const char *path);

/* What the recording names so, or NULL. */
struct thaw_use_named *thaw_use_named(const struct thaw_use_joined *joined, const char *path);

void thaw_use_unmatch(struct thaw_use_joined *joined);

/* --- use_files.c: how far files went; libraries --- */
bool thaw_use_files(struct thaw_use *use, struct thaw_use_joined *joined, uint32_t number);

/* --- use_imports.c: times of distributions, bytecode that was not used --- */
bool thaw_use_imports(struct thaw_use *use, const struct thaw_use_joined *joined);

/* Do a module's times count? */
bool thaw_use_counts(const struct thaw_use_joined *joined, const struct thaw_module *module);

/* --- use_searches.c, use_path_files.c, use_small_files.c --- */
bool thaw_use_searches(struct thaw_use *use, const struct thaw_use_joined *joined);
bool thaw_use_path_files(struct thaw_use *use, const struct thaw_use_joined *joined);
bool thaw_use_small_files(struct thaw_use *use, const struct thaw_use_joined *joined);

#endif
