/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_DURABLE_H
#define THAW_TIMELINE_DURABLE_H

#include <stdbool.h>

#include "timeline/build.h"

/*
 * Orchestrations: which invocations belong to which instance, and what its time went into. Needs
 * invocations, tracks and concurrency.
 */
bool thaw_durable_build(struct thaw_build *build);

#endif
