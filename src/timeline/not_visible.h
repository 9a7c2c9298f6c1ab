/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_NOT_VISIBLE_H
#define THAW_TIMELINE_NOT_VISIBLE_H

#include <stdbool.h>

#include "timeline/build.h"

/* What belongs to a cold start and can't be seen from here, however well everything went. */
bool thaw_not_visible_build(struct thaw_build *build);

#endif
