/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_START_FEED_H
#define TESTS_START_FEED_H

#include "audit/reduce.h"
#include "audit/starts.h"
#include "thaw/recording.h"

/* Feeds events through audit/starts and audit/reduce, and keeps what comes out. */
struct start_feed {
    struct thaw_starts *starts;
    struct thaw_reduction_rules rules;
    THAW_ARRAY(struct thaw_reduction) reductions;
    THAW_ARRAY(const struct thaw_start *) told; /* of all reductions */
    THAW_ARRAY(uint32_t) started;               /* pids, as they were told */
    THAW_ARRAY(uint32_t) forgotten;
    size_t trees;
    bool keep; /* reductions: else they are counted alone */
};

void start_feed_open(struct start_feed *feed, enum thaw_starts_of of,
                     const struct thaw_starts_limits *limits);

/* All events of a recording but what a session adds. time_ns and pids are moved by so much. */
void start_feed_recording(struct start_feed *feed, const struct thaw_recording *recording,
                          uint64_t later_ns, uint32_t pids);

/* As when thaw ends. */
void start_feed_end(struct start_feed *feed);
void start_feed_close(struct start_feed *feed);

/* Nothing is under way any more, and no memory is taken for it. */
void start_feed_check_empty(const struct start_feed *feed);

struct thaw_recording *start_feed_golden(const char *name);

#endif
