/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_RECORDING_ENCODE_H
#define THAW_RECORDING_ENCODE_H

#include <stddef.h>
#include <stdint.h>

#include "thaw/recording.h"

/*
 * Events to bytes. One record, all numbers as LEB128 varints (7 bits a byte, low ones first):
 *
 *   kind, length of the rest,
 *   time - time of the record before, pid - pid of the record before, tid - pid (all zigzag),
 *   the fields in the table's order: u64; i64 (zigzag); text (length, bytes);
 *   texts (count, then each as a text). Empty fields at the end are left out.
 *
 * "Before" is within the chunk, so that every chunk can be read alone; the first record's
 * differences are to 0. The three of the head are the same in every kind, known or not.
 */
struct thaw_encoder {
    unsigned char *bytes;
    size_t length;
    size_t capacity;
    uint64_t time_ns; /* of the last record */
    uint32_t pid;     /* of the last record */
    uint32_t records;
};

/* Empties the encoder and leaves room for head bytes (zero) before the first record. -ENOMEM. */
int thaw_encode_begin(struct thaw_encoder *encoder, size_t head, struct thaw_error *error);

/*
 * Adds one event, or nothing at all: -EINVAL for an unknown kind, -E2BIG for a text, list or
 * record beyond the limits of kinds.h, -ENOMEM. A NULL text is taken as "".
 */
int thaw_encode_event(struct thaw_encoder *encoder, const struct thaw_event *event,
                      struct thaw_error *error);

void thaw_encode_free(struct thaw_encoder *encoder);

#endif
