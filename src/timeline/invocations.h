/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_INVOCATIONS_H
#define THAW_TIMELINE_INVOCATIONS_H

#include <stdbool.h>

#include "timeline/build.h"

/* All invocations in order of their requests, with their function's name and kind of trigger. */
bool thaw_invocations_build(struct thaw_build *build);

#endif
