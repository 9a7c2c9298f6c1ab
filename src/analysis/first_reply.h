/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_ANALYSIS_FIRST_REPLY_H
#define THAW_ANALYSIS_FIRST_REPLY_H

#include <stdbool.h>

#include "thaw/timeline.h"

/*
 * What of the user's code a process's first reply may have run: the functions it invoked until
 * then, what module code calls, and whatever they can reach by a name. Told from names alone and
 * on the safe side: a function may count as reached that never ran, not the other way round.
 */
struct thaw_first_reply;

/* NULL when memory is short. */
struct thaw_first_reply *thaw_first_reply_open(const struct thaw_timeline *timeline,
                                               const struct thaw_track *track);

/*
 * Did the first reply need a name that only these functions use? True also where it can't be told:
 * the function that answered isn't found, or reached code looks names up at run time.
 */
bool thaw_first_reply_needs(const struct thaw_first_reply *first_reply, const char *file,
                            const struct thaw_texts *functions);

void thaw_first_reply_close(struct thaw_first_reply *first_reply);

#endif
