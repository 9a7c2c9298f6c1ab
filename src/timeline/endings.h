/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_ENDINGS_H
#define THAW_TIMELINE_ENDINGS_H

#include <stdbool.h>

#include "timeline/build.h"

/*
 * What became of each worker's start, in words: it gave up, was ended before it was ready (at its
 * platform's limit, perhaps) and was begun anew, or came close to that limit.
 */
bool thaw_endings_build(struct thaw_build *build);

#endif
