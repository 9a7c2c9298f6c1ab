/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_PERF_RING_H
#define THAW_CAPTURE_PERF_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/perf_record.h"

/* The ring of one perf event: written by the kernel, read here. */
struct thaw_perf_ring {
    void *page;            /* struct perf_event_mmap_page, NULL: not mapped */
    size_t bytes;          /* of the ring itself, a power of two */
    uint64_t head;         /* as far as is read next */
    uint64_t malformed;    /* records that were not understood */
    unsigned char *record; /* room for one */
};

/*
 * Maps the ring of an open perf event: wanted bytes (a power of two of pages), or the half of it,
 * and so on down to least, as the kernel grants. The descriptor may be closed afterwards.
 * Negative errno; to be ended by thaw_perf_ring_close(), also on failure.
 */
int thaw_perf_ring_open(struct thaw_perf_ring *ring, int event, size_t wanted, size_t least);

/* Notes what is in the ring now: thaw_perf_ring_next() goes that far. */
void thaw_perf_ring_mark(struct thaw_perf_ring *ring);

/* Takes the next record up to the mark; false: none. *ret is good until the next call. */
bool thaw_perf_ring_next(struct thaw_perf_ring *ring, struct thaw_perf_record *ret);

void thaw_perf_ring_close(struct thaw_perf_ring *ring);

#endif
