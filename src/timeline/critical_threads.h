/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_CRITICAL_THREADS_H
#define THAW_TIMELINE_CRITICAL_THREADS_H

#include <stdbool.h>

#include "timeline/build.h"

/*
 * Publishes a track's critical path: steps, which follow one another, those of the worker cut where
 * the path goes over to another thread's imports. Of the headline's track also what ran beside it.
 */
bool thaw_critical_threads_build(struct thaw_build *build, struct thaw_track *track,
                                 const struct thaw_critical_step *steps, size_t count);

#endif
