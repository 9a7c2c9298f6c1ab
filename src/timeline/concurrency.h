/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_CONCURRENCY_H
#define THAW_TIMELINE_CONCURRENCY_H

#include <stdbool.h>

#include "timeline/build.h"

/*
 * What each host's workers did at once, and what each of them cost to start; sets running_ns of the
 * invocations. Needs tracks, invocations and modules.
 */
bool thaw_concurrency_build(struct thaw_build *build);

#endif
