/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_MODULES_H
#define THAW_TIMELINE_MODULES_H

#include <stdbool.h>

#include "timeline/build.h"

/* Gives modules their ids in order of start, their parents, and each process its own list. */
bool thaw_modules_build(struct thaw_build *build);

#endif
