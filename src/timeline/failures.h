/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_FAILURES_H
#define THAW_TIMELINE_FAILURES_H

#include <stdbool.h>

#include "timeline/build.h"

/*
 * What workers answered with anything but success, and what they owed an answer to when they ended
 * or when the recording did, if that was longer than the platform waits.
 */
bool thaw_failures_build(struct thaw_build *build);

#endif
