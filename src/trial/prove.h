/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TRIAL_PROVE_H
#define THAW_TRIAL_PROVE_H

#include "base/arena.h"
#include "python/rewrite.h"
#include "thaw/analysis.h"
#include "thaw/proof.h"
#include "trial/pairs.h"
#include "trial/proof_rule.h"

/*
 * Proves that imports can wait, and what that saves: runs the app as it is and as it would be, each
 * in a sandbox of its own (sandbox.h), from the beginning of its import to the end, and holds what
 * both tell of themselves against each other.
 */

/* A module of the app that somebody else asked for, and the file that it came from. */
struct thaw_prove_entry {
    const char *name;
    const char *file; /* absolute */
};

/*
 * The app, as a recording knows it: how to load it as it was loaded. Texts are the arena's or the
 * recording's; lists are NULL-terminated.
 *
 * A program that is a script of the app's is loaded from its file under another name than
 * `__main__`: what it guards by that name, which would serve or work for good, isn't run.
 */
struct thaw_prove_app {
    const char *folder;                     /* absolute, links resolved */
    const char *executable;                 /* its interpreter */
    const struct thaw_platform *platform;   /* whose functions it has; NULL: only modules compare */
    const char *const *paths;               /* of sys.path when the app was imported, in order */
    const char *const *earlier_paths;       /* and when what was there before was imported */
    const char *const *preloaded;           /* modules that were there before the app's, in order */
    const struct thaw_prove_entry *entries; /* in order of start */
    size_t entry_count;
    const char *script; /* absolute; NULL: the program is somebody else's, a worker, say */
};

/* -ENODATA and a line when the recording doesn't tell enough. folder as fix found it. */
int thaw_prove_app_of(const struct thaw_analysis *analysis, const char *folder,
                      struct thaw_arena *arena, struct thaw_prove_app *ret,
                      struct thaw_error *error);

/* A file with imports that move, and what the rewriter made of it. */
struct thaw_prove_file {
    const char *name;     /* as the recording has it */
    const char *relative; /* below the app's folder */
    const struct thaw_rewrite_import *imports;
    size_t import_count;
    const struct thaw_rewrite_result *result;
};

/* How far it is; text is for people: "counts", "pair 4 of 9 to 31", "first calls", "tests". */
struct thaw_prove_progress {
    const char *text;
    uint64_t left_ns; /* 0 unknown */
};

struct thaw_prove_options {
    const struct thaw_prove_app *app;
    const struct thaw_analysis *analysis;
    const struct thaw_prove_file *files;
    size_t file_count;
    /* NAME=VALUE, added to thaw's; NULL-terminated, or NULL. What the platform's row has as
     * settings_file is for the caller to read. Neither names nor values get into a proof. */
    const char *const *environment;
    const char *test; /* for /bin/sh in the app's folder: runs the app's own tests; NULL none */
    const struct thaw_identity *identity; /* see sandbox.h */
    bool copy;                            /* likewise */
    uint64_t timeout_ns;                  /* of each run */
    int stop;                             /* readable: stop; -1 none */
    const struct thaw_proof_rule *rule;   /* NULL: thaw_proof_rule */
    void (*progress)(void *context, const struct thaw_prove_progress *progress);
    void *context;
};

/*
 * One trial. 0: *ret tells how it ended, its texts are the arena's. 1: stopped, *ret tells what was
 * found until then (inconclusive, and its reason says so). Negative: it could not be made, the app
 * itself can't be run this way, say, and the line names how it failed.
 */
int thaw_prove(const struct thaw_prove_options *options, struct thaw_arena *arena,
               struct thaw_proof *ret, struct thaw_error *error);

#endif
