/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_PHASES_H
#define THAW_TIMELINE_PHASES_H

#include <stdbool.h>

#include "timeline/marks.h"

/*
 * Cuts a track's time into phases, by the table of rules in phases.c, and adds it up: phases and
 * children lie in the arena. False when memory is short.
 */
bool thaw_phases_cut(struct thaw_arena *arena, const struct thaw_marks *marks,
                     struct thaw_track *track);

#endif
