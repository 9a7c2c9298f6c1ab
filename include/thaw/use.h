/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_USE_H
#define THAW_USE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thaw/analysis.h"
#include "thaw/error.h"
#include "thaw/shipped.h"

/*
 * What a target ships, joined with what recordings say of it: size, time and use. What counts
 * happened before the first reply of a recording's headline track, in whatever process; of a
 * recording without a reply, at any time. Indexes are those of struct thaw_shipped.
 *
 * What no recording can tell is not known (a flag says so), never 0. What is opened by code that
 * runs outside of imports is not recorded: "never touched" means by no import, and not mapped.
 */

/* How far files of the target went. Sizes are the target's; each inode counts once. */
enum thaw_use_stage {
    THAW_USE_SHIPPED,
    /* Opened for reading by a thread that had an import open; executed or mapped, too. */
    THAW_USE_OPENED,
    /* Shared objects whose code was mapped; they count whole. Part of what was opened. Python's own
     * files are read, not mapped: they are neither here nor among what was resident. */
    THAW_USE_MAPPED,
    /* Of these, bytes in memory for the process that had most of it, as the recording ended, but
     * never more than the file has; whoever brought them there. Which of them were touched can't
     * be known. */
    THAW_USE_RESIDENT,
    /* The file that the code of an executed module came from (bytecode where it was accepted, else
     * source), whole; of extension modules that were initialised, and of shared objects that
     * samples fell into, what was resident, or all of it where that is not known. Part of what was
     * opened; of shared objects, part of what was mapped. At least: without a sample a library may
     * have been used all the same. */
    THAW_USE_USED,
    THAW_USE_STAGES,
};
const char *thaw_use_stage_name(enum thaw_use_stage stage);

struct thaw_use_amount {
    bool known;
    uint64_t files;
    uint64_t bytes;
    uint64_t library_files; /* shared objects among them */
    uint64_t library_bytes;
};

struct thaw_use_file {
    bool stages[THAW_USE_STAGES];
    bool resident_known;
    uint64_t resident_bytes; /* most of all recordings */
};

/* How a recording's paths, which are those of the machine that it was made on, were found in the
 * target. */
enum thaw_use_match {
    THAW_USE_MATCH_NONE, /* it has too little of the target: nothing of it counts */
    THAW_USE_MATCH_PATH, /* the target lay where it is now */
    THAW_USE_MATCH_NAME, /* elsewhere: below the folder that most files have the target's names in,
                            with the same sizes */
};

struct thaw_use_recording {
    const char *path; /* of its file */
    const struct thaw_timeline *timeline;
    enum thaw_use_match match;
    const char *root;    /* the target's folder in it, "" none, or several folders */
    uint64_t files;      /* of it below root, found in the target */
    uint64_t not_found;  /* below root, but not in the target */
    uint64_t other_size; /* found, with another size than it had */
    uint64_t other_time; /* found, with the same size, but changed since (MATCH_PATH) */
    uint64_t relative;   /* opened by a relative path: whose they are is not known */
    bool replied;        /* only what was before a first reply counts */
    bool whole;          /* nothing was lost, and imports were seen from their program's start */
};

/* Times are the median of the recordings that have them (of two, the lower one). */
struct thaw_use_distribution {
    uint64_t bytes[THAW_USE_STAGES]; /* of its files; have meaning where the target's stage has */
    /* Recordings in which any of its files got beyond shipped; its .dist-info and .pth files do not
     * count, which are read of all that is installed. */
    uint32_t touched_in;
    bool is_used;             /* a file of it, those aside, got to THAW_USE_USED */
    uint64_t modules;         /* that were imported, most of any recording */
    uint64_t import_ns;       /* own times of its modules */
    uint64_t import_total_ns; /* with all they imported; what overlaps counts once */
};

struct thaw_use_library {
    bool known; /* whether it was mapped; that it was not, only if all recordings are whole */
    uint32_t loaded_in;
    bool resident_known;
    uint64_t resident_bytes; /* most of all recordings, what it has beyond its file included */
    uint64_t dlopen_ns;      /* in dlopen of itself, with what it needed; median, 0 none seen */
};

/* Modules of the target that were not loaded from bytecode, in the recording in which that took
 * longest; so are all below. ns: reading and compiling the source and writing bytecode. What using
 * bytecode would have taken is not known, and not subtracted. */
struct thaw_use_bytecode {
    enum thaw_module_bytecode state;
    uint64_t modules;
    uint64_t ns;
};

/* A folder that modules were looked for in, in vain: an entry of sys.path or of a package's. */
struct thaw_use_search {
    const char *path;        /* of the recording's machine */
    uint64_t lookups_failed; /* system calls that found nothing there: at least, without those of
                                modules that importlib.import_module() loads */
    uint64_t ns;             /* from the thread's event before up to each of these: at most */
    uint64_t modules_passed; /* looked for there, and found elsewhere or nowhere */
};

/* A .pth file that the interpreter read at its start. */
struct thaw_use_path_file {
    const char *path;  /* of the target, or of the recording's machine where it is not in it */
    uint64_t openings; /* a virtual environment's are read twice by some versions */
    uint64_t modules;  /* that its lines imported, without what these imported */
    uint64_t ns;       /* from each opening to the end of the last of these imports; 0 not known:
                          no import shows where it ended */
};

/* Files of the target of up to so many bytes, opened and read for modules; of those that
 * importlib.import_module() loads the reading is not recorded. */
#define THAW_USE_SMALL_BYTES 65536

struct thaw_use_small {
    bool known;
    uint64_t files;
    uint64_t bytes;
    uint64_t open_ns; /* from when it was found, or from the call before, to when it was open */
    uint64_t read_ns; /* from then to when it was closed */
    bool disk_known;
    uint64_t disk_wait_ns; /* of both, waiting for a disk */
};

struct thaw_use {
    const struct thaw_shipped *shipped;
    struct thaw_use_recording *recordings;
    size_t recording_count;
    struct thaw_use_amount stages[THAW_USE_STAGES];
    struct thaw_use_file *files;
    struct thaw_use_distribution *distributions;
    struct thaw_use_library *libraries;
    bool modules_known;   /* imports were recorded with their files */
    bool untouched_known; /* what was not touched was not, in any of them: all are whole */
    bool lookups_known;   /* bytecode, searches and path_files have meaning */
    struct thaw_use_bytecode *bytecode; /* by state */
    size_t bytecode_count;
    struct thaw_use_search *searches; /* dearest first, at most 200 */
    size_t search_count;
    uint64_t searches_more;
    struct thaw_use_path_file *path_files; /* by path */
    size_t path_file_count;
    struct thaw_use_small small;
    struct thaw_use_memory *memory;
};

struct thaw_use_source {
    const char *path; /* of the recording's file */
    const struct thaw_analysis *analysis;
};

/* Where the target lies on this machine, if it does. */
struct thaw_use_place {
    const char *directory; /* absolute, links resolved; "" in several folders, or not known */
    /* An absolute path of this machine with the links of its folders followed, or NULL. The text
     * lives as long as the context. NULL: links are not followed. */
    const char *(*follow)(void *context, const char *path);
    void *context;
};

/*
 * place may be NULL: the target is not on this machine, or a zip. Texts are the model's, the
 * recordings', the place's or its own: all must outlive *ret, which thaw_use_free() ends. Fails
 * only for lack of memory.
 */
int thaw_use_build(const struct thaw_shipped *shipped, const struct thaw_use_place *place,
                   const struct thaw_use_source *sources, size_t source_count,
                   struct thaw_use **ret, struct thaw_error *error);

/* Is a library that the first recording had mapped one of the target's rows? */
bool thaw_use_has_library(const struct thaw_use *use, const char *path);

void thaw_use_free(struct thaw_use *use); /* NULL is allowed */

#endif
