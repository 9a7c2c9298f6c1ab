/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_RING_H
#define THAW_CAPTURE_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/counts.h"
#include "capture/coverage.h"
#include "capture/hold.h"
#include "capture/link.h"
#include "capture/programs.h"
#include "capture/sampler.h"
#include "capture/servers.h"
#include "capture/vms.h"
#include "thaw/error.h"
#include "thaw/recording.h"

/*
 * The reading end of the ring buffer: takes the kernel's records in order, gives each to whom it
 * concerns, and stores what is to be stored.
 */
struct thaw_ring;

/* All must outlive it. */
int thaw_ring_open(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                   struct thaw_coverage *coverage, struct thaw_link *link,
                   struct thaw_servers *servers, struct thaw_ring **ret, struct thaw_error *error);

/* Processes may be held from now on; hold must outlive the ring. */
void thaw_ring_hold(struct thaw_ring *ring, struct thaw_hold *hold);

/* Who executes what is neither Python nor a platform's host is not traced any more. */
void thaw_ring_select(struct thaw_ring *ring, struct thaw_programs *programs);

/* Is told of the processes that are traced; it must outlive the ring. */
void thaw_ring_sample(struct thaw_ring *ring, struct thaw_sampler *sampler);

/* Is told of what monitors do, and of their ends; it must outlive the ring. */
void thaw_ring_vms(struct thaw_ring *ring, struct thaw_vms *vms);

/* Is told what processes did that have ended; it must outlive the ring. */
void thaw_ring_count(struct thaw_ring *ring, struct thaw_counts *counts);

/* A descriptor that is readable when the kernel wants the buffer to be read at once. */
int thaw_ring_descriptor(const struct thaw_ring *ring);

/* Takes everything that is in the buffer now and flushes the recording. */
int thaw_ring_drain(struct thaw_ring *ring, struct thaw_error *error);

/* The same, but not more than so many records: who tells faster than they can be taken must not
 * keep the reader from all else. */
int thaw_ring_drain_some(struct thaw_ring *ring, uint64_t most, struct thaw_error *error);

/* While process.exit is told: what the kernel said of it, as nothing else tells any more; else
 * NULL.
 */
const struct thaw_kernel_exit *thaw_ring_ending(const struct thaw_ring *ring);

/* Records taken so far, and among them those that were not understood. */
uint64_t thaw_ring_events(const struct thaw_ring *ring);
uint64_t thaw_ring_malformed(const struct thaw_ring *ring);

void thaw_ring_free(struct thaw_ring *ring); /* NULL is fine */

#endif
