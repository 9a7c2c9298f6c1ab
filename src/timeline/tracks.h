/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_TRACKS_H
#define THAW_TIMELINE_TRACKS_H

#include <stdbool.h>

#include "timeline/build.h"

/*
 * One track for each worker, with its phases; without any worker one for the command's Python (its
 * own process, else the first one it started). The headline is the one that answered first, else
 * the one whose worker started first.
 */
bool thaw_tracks_build(struct thaw_build *build);

#endif
