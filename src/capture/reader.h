/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_READER_H
#define THAW_CAPTURE_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/coverage.h"
#include "capture/link.h"
#include "capture/programs.h"
#include "thaw/error.h"
#include "thaw/recording.h"

/*
 * The reading end of the ring buffer: takes the kernel's records in order, gives each to whom it
 * concerns, and stores what is to be stored.
 */
struct thaw_reader;

/* All must outlive the reader. */
int thaw_reader_open(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                     struct thaw_coverage *coverage, struct thaw_link *link,
                     struct thaw_reader **ret, struct thaw_error *error);

/* A descriptor that is readable when the kernel wants the buffer to be read at once. */
int thaw_reader_descriptor(const struct thaw_reader *reader);

/* Takes everything that is in the buffer now and flushes the recording. */
int thaw_reader_drain(struct thaw_reader *reader, struct thaw_error *error);

/* Records taken so far, and among them those that were not understood. */
uint64_t thaw_reader_events(const struct thaw_reader *reader);
uint64_t thaw_reader_malformed(const struct thaw_reader *reader);

void thaw_reader_free(struct thaw_reader *reader); /* NULL is fine */

#endif
