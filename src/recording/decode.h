/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_RECORDING_DECODE_H
#define THAW_RECORDING_DECODE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "thaw/recording.h"

/*
 * Bytes to events, the other way of encode.h. Bytes are not trusted: every length and count is
 * held against what is left and against the limits of kinds.h before anything is allocated.
 */
struct thaw_decoder {
    const unsigned char *bytes; /* the records of one chunk */
    size_t length;
    size_t position; /* of the next record; of the bad one after -EBADMSG */
    uint64_t time_ns;
    uint32_t pid;
    struct thaw_arena *arena; /* texts go here */
    const char *defect;       /* what was wrong, after -EBADMSG; static */
};

/*
 * Reads the next record into *event; its texts live in the arena. Returns 1 for an event, 0 for a
 * record of a kind not known here (skipped), -EBADMSG for bytes that are no record, -ENOMEM.
 * Fields that the writer did not know are 0, "" or empty; fields not known here are passed over.
 * Not to be called at the end (position == length).
 */
int thaw_decode_event(struct thaw_decoder *decoder, struct thaw_event *event);

#endif
