/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_RETRIES_H
#define THAW_TIMELINE_RETRIES_H

#include <stdbool.h>

#include "timeline/build.h"

/*
 * Which workers began anew what another of the same host had not finished: the latest one that
 * ended before it was ready, and before they were started (retry_of of their facts).
 */
bool thaw_retries_build(struct thaw_build *build);

/* Did this worker end before it was ready? One that gives up ends by itself a little later. */
bool thaw_retries_ended_early(const struct thaw_build *build, uint32_t process);

#endif
