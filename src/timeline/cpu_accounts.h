/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_CPU_ACCOUNTS_H
#define THAW_TIMELINE_CPU_ACCOUNTS_H

#include "timeline/build.h"

/*
 * What each track's process waited for a CPU, and how far the control group that limits it was
 * throttled, between the accounts that lie closest around the track.
 */
bool thaw_cpu_accounts_build(struct thaw_build *build);

#endif
