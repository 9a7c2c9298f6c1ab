/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RECORDING_SAMPLE_H
#define TESTS_RECORDING_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recording/kinds.h"
#include "thaw/recording.h"

/* Events to record and what the tests of recordings have in common. */

enum sample_values {
    SAMPLE_EMPTY,   /* zeros, "", empty lists */
    SAMPLE_SMALL,   /* values of their own in every field */
    SAMPLE_LARGEST, /* UINT64_MAX, INT64_MAX, every byte that a text can have */
    SAMPLE_LEAST,   /* INT64_MIN, texts of one byte that is no UTF-8, lists of "" */
    SAMPLE_COUNT,
};

/* An event of that kind; its texts are static or live as long as the program. */
struct thaw_event sample_event(const struct thaw_kind *kind, enum sample_values values,
                               uint64_t time_ns);

/* Fails the test when they differ; NULL texts are "". */
void sample_assert_equal(const struct thaw_event *left, const struct thaw_event *right);

/* A recording in binary form: every kind with every value, in chunks of chunk_events events. */
struct sample_file {
    unsigned char *bytes;
    size_t length;
    struct thaw_event *events;
    size_t count;
};
struct sample_file sample_file_make(size_t chunk_events);
void sample_file_free(struct sample_file *file);

/* The number-th of a row of events that can be told apart. */
struct thaw_event sample_numbered(uint64_t number);

/* Loads path; fails unless it holds the first of that row, at least so many, finished or not. */
struct thaw_recording *sample_load_numbered(const char *path, size_t least, bool finished);

/* A new folder below TMPDIR or /tmp, and its removal with what lies in it. */
void sample_folder_make(char *path, size_t size);
void sample_folder_remove(const char *path);

/* The whole of a file, to be freed. */
unsigned char *sample_read(const char *path, size_t *length);
void sample_write(const char *path, const void *bytes, size_t length);

/* Parses a copy of exactly length bytes, so that AddressSanitizer sees a read behind it. */
int sample_parse(const void *bytes, size_t length, struct thaw_recording **ret,
                 struct thaw_error *error);

/* Fails unless message is one line that says something. */
void sample_assert_one_line(const char *message);

#endif
