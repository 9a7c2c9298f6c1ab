/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PYTHON_REWRITE_H
#define THAW_PYTHON_REWRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/arena.h"
#include "thaw/error.h"

/*
 * New contents for files of a user's, in which imports at module level are executed later: made by
 * the rewriter (source_rewrite.py and the files before it), which the files' own interpreter runs,
 * for at most 30 s and 64 MiB of answer. It imports nothing of the user's and executes nothing of
 * it. Nothing is written here.
 *
 * Forms: "function" (into the functions that use the name), "lazy" (`lazy import`, from 3.15 on),
 * "lazy-modules" (__lazy_modules__, which older ones may read as well), "auto" ("lazy" where the
 * interpreter has it, else "function"). Where other files patch or read a name, "function" becomes
 * "getattr" (PEP 562): the module imports it when it is asked for first.
 */
struct thaw_rewrite_import {
    uint64_t line;
    const char *module; /* as asked for, without the dots of a relative one */
    const char *name;   /* that it binds, "" with import * */
};

struct thaw_rewrite_file {
    const char *path; /* absolute, below the root */
    const char *bytes;
    size_t length; /* at most THAW_REWRITE_BYTES_MAX */
    const struct thaw_rewrite_import *imports;
    size_t import_count;
};

#define THAW_REWRITE_BYTES_MAX ((size_t)1 << 20)

/* What became of one import. */
struct thaw_rewrite_verdict {
    const char *form; /* of what moved, else "" */
    struct thaw_texts functions;
    const char *note;     /* what to know of what moved, "" nothing */
    const char *kind;     /* why not, one word; "" moved */
    const char *detail;   /* the same for people */
    uint64_t detail_line; /* of the reason, 0 none */
    const char *getter;   /* code that could be written by hand instead, "" none */
};

struct thaw_rewrite_result {
    struct thaw_rewrite_verdict *verdicts; /* one for each import */
    const char *bytes;                     /* new content, NULL unchanged */
    size_t length;
    const char *difference; /* unified diff against the old, paths below the root as a/… and b/… */
    size_t difference_length;
};

/* Whom to ask, and how. */
struct thaw_rewrite_request {
    const char *executable;
    uid_t user; /* see struct thaw_inquiry_question */
    gid_t group;
    const char *form;
    const char *root; /* all files below it may read or patch what the files have */
    const struct thaw_rewrite_file *files;
    size_t count;
};

/*
 * One result for each file, the arena's. -EPROTO: no whole answer; -ENOMEM; else as
 * thaw_inquiry_start() and thaw_inquiry_finish().
 */
int thaw_rewrite(const struct thaw_rewrite_request *request, struct thaw_arena *arena,
                 struct thaw_rewrite_result **ret, struct thaw_error *error);

/*
 * Reads an answer: lines of JSON as source_rewrite.py describes them. What is no such line, or
 * speaks of nothing that was asked, is passed over. An import without an answer is refused; no
 * file's content changes when the answer has no end: *ret_whole. -ENOMEM.
 */
int thaw_rewrite_answer_read(const char *bytes, size_t length,
                             const struct thaw_rewrite_file *files, size_t count,
                             struct thaw_arena *arena, struct thaw_rewrite_result **ret,
                             bool *ret_whole);

#endif
