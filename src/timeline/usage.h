/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_USAGE_H
#define THAW_TIMELINE_USAGE_H

#include "timeline/build.h"

/*
 * What a thread used is known for the thread as a whole. Where it switches stacks, several modules
 * go on at once, and whose it was is not known.
 */
bool thaw_usage_build(struct thaw_build *build);

#endif
