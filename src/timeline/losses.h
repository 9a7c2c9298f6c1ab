/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_LOSSES_H
#define THAW_TIMELINE_LOSSES_H

#include <stdbool.h>

#include "timeline/build.h"

/*
 * Everything that makes the timeline less than complete, each with a sentence for people: what
 * capture lost, what the file lost, interpreters not covered from their start, starts that were
 * over before the recording began, imports without an end. None of these: complete.
 */
bool thaw_losses_build(struct thaw_build *build);

#endif
