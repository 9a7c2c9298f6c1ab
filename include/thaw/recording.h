/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_RECORDING_H
#define THAW_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thaw/error.h"
#include "thaw/recording_events.h"

/*
 * A recording is all that passes from capture to the rest: a sequence of events in an append-only
 * file. Events carry facts, never payload: no bytes from sockets, no values of the environment.
 *
 * Every field is a u64, an i64, a text or a list of texts, and one table in src/recording/kinds.c
 * describes them: it alone drives the binary form, the text form and their readers. A new kind
 * is one struct and one member of the union in recording_events.h, and one row there.
 *
 * Times are CLOCK_BOOTTIME in ns. Texts are NUL-terminated bytes, not necessarily UTF-8, never
 * NULL ("" is absent).
 */

#define THAW_RECORDING_VERSION 1

/* --- writing (capture) --- */

struct thaw_recording_writer;

/*
 * Creates path (mode 0600) with the file header in it. An older file of that name is replaced, not
 * overwritten, and only when all that has succeeded; what stands there must be a regular file
 * (-EINVAL, -ELOOP for a symbolic link). Its folder must be writable.
 * On success *ret is the writer, to be ended by thaw_recording_writer_close().
 */
int thaw_recording_writer_open(const char *path, struct thaw_recording_writer **ret,
                               struct thaw_error *error);

/*
 * Adds one event; texts are copied. It reaches the file with the next full chunk (64 KiB) or flush.
 * An event that can't be recorded is not added, and the recording goes on without it: -E2BIG (a
 * text has at most 65,536 bytes, a list 65,536 items, an event 16 MiB), -EINVAL (no such kind),
 * -ENOMEM. Any other error is a write that failed (-ENOSPC, -EIO, -EFBIG where SIGXFSZ is ignored
 * …): the file ends before it, unfinished, and every later call fails in the same words.
 */
int thaw_recording_writer_append(struct thaw_recording_writer *writer,
                                 const struct thaw_event *event, struct thaw_error *error);

/* Writes what is pending as one checksummed chunk: from here on a kill -9 does not lose it. */
int thaw_recording_writer_flush(struct thaw_recording_writer *writer, struct thaw_error *error);

/*
 * Who takes events one by one, instead of a file: an event and its texts are there until the call
 * returns. A negative return is the append's, with *error set.
 */
struct thaw_recording_sink {
    void *context;
    int (*event)(void *context, const struct thaw_event *event, struct thaw_error *error);
};

/* A writer whose events go there, unchecked and at once; flushing it does nothing. -ENOMEM. */
int thaw_recording_writer_to(const struct thaw_recording_sink *sink,
                             struct thaw_recording_writer **ret, struct thaw_error *error);

/* The descriptor of the file, for fchown by the caller; -1: there is none. */
int thaw_recording_writer_descriptor(const struct thaw_recording_writer *writer);

/*
 * Flushes, writes the closing mark and frees the writer (also on failure; NULL is allowed).
 * A recording without that mark is read as unfinished; after a failed write there is none.
 */
int thaw_recording_writer_close(struct thaw_recording_writer *writer, struct thaw_error *error);

/* --- reading (everything after capture) --- */

struct thaw_recording {
    /* By time_ns, events of equal time in the order of the file; but the session's begin comes
     * first of all and its end last among its equals. */
    struct thaw_event *events;
    size_t count;
    bool finished;                        /* the closing mark was there */
    char defect[160];                     /* first thing wrong with the file, "" when nothing is:
                                             "byte 4096: … (120 bytes not read)" */
    uint64_t unknown_kinds;               /* events of kinds this version does not know, skipped */
    struct thaw_recording_memory *memory; /* owns texts and events */
};

/*
 * Reads a recording, in binary or text form (told by its first bytes). A file cut or damaged
 * anywhere after its header still loads: what stands before the damage is returned, finished is
 * false and defect says what and where. Fails only when path can't be read, isn't a recording
 * (-EBADMSG), or is of a newer version (-ENOTSUP). The text form is read whole or not at all:
 * -EINVAL names line and column. On success *ret is to be freed by thaw_recording_free().
 */
int thaw_recording_load(const char *path, struct thaw_recording **ret, struct thaw_error *error);

/* The same from memory; bytes are copied. Errors don't name a file. */
int thaw_recording_parse(const void *bytes, size_t length, struct thaw_recording **ret,
                         struct thaw_error *error);

/* NULL is allowed. */
void thaw_recording_free(struct thaw_recording *recording);

/*
 * Writes the text form: one event a line, `TIME KIND pid=… tid=… field=value …`, times in ns
 * relative to nothing (as recorded), texts quoted and escaped as in JSON; a line `recording …`
 * holds what it says of itself when it is unfinished or has a defect. Reading it back gives the
 * same recording. -ENOSPC, -EIO and the like when stream can't be written.
 */
struct _IO_FILE;
int thaw_recording_write_text(const struct thaw_recording *recording, struct _IO_FILE *stream,
                              struct thaw_error *error);

#endif
