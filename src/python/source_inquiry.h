/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PYTHON_SOURCE_INQUIRY_H
#define THAW_PYTHON_SOURCE_INQUIRY_H

#include <stdbool.h>
#include <stddef.h>

#include "python/inquiry.h"
#include "thaw/error.h"
#include "thaw/recording.h"

/*
 * What files of Python modules import, and for the user's own files what each import binds and
 * where that is used: told by the source helper (source_helper.py and the files before it), which
 * the modules' own interpreter runs, for at most 20 s and 64 MiB of answer. It imports nothing of
 * the user's and executes nothing of it.
 */
struct thaw_source_file {
    const char *name; /* as the interpreter names it (co_filename); events carry that */
    const char *path; /* the same absolute */
    bool own;         /* the user's, unless it turns out to belong to the standard library */
};

/* The largest number of files asked about; those behind count as not answered. */
#define THAW_SOURCE_FILES_MAX ((size_t)65536)

struct thaw_source_inquiry {
    struct thaw_inquiry inquiry;
    const struct thaw_source_file *files;
    size_t count;
};

/* How far an answer went. */
struct thaw_source_summary {
    size_t unanswered; /* files of which not all is known */
    char first[512];   /* "PATH: why" of the first of them, or why there is no answer; "" none */
    bool whole;        /* the answer has its end */
};

/*
 * Takes one event (THAW_EVENT_INVENTORY_IMPORT, _STATEMENT or _DEFINITION, time_ns 0); its texts
 * last until the call returns. Less than 0 ends the reading.
 */
typedef int (*thaw_source_take)(void *context, const struct thaw_event *event,
                                struct thaw_error *error);

/* Starts it and returns at once; see thaw_inquiry_start(). files must stay until it is finished. */
int thaw_source_inquiry_start(const char *executable, uid_t user, gid_t group,
                              const struct thaw_source_file *files, size_t count,
                              struct thaw_source_inquiry *ret, struct thaw_error *error);

/*
 * Waits for the answer and gives take what it holds, also when it is not whole: it came too late,
 * is too long, or the interpreter ended early. Fails when memory is short, or with what take
 * returned. ret is filled always.
 */
int thaw_source_inquiry_finish(struct thaw_source_inquiry *inquiry, thaw_source_take take,
                               void *context, struct thaw_source_summary *ret,
                               struct thaw_error *error);

/*
 * Reads an answer: lines of JSON as source_helper.py describes them. What is no such line, or
 * speaks of no file of the list, is passed over. Errors as above.
 */
int thaw_source_answer_read(const char *bytes, size_t length, const struct thaw_source_file *files,
                            size_t count, thaw_source_take take, void *context,
                            struct thaw_source_summary *ret, struct thaw_error *error);

#endif
