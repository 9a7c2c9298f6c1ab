/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_COVERAGE_H
#define THAW_TIMELINE_COVERAGE_H

#include "timeline/build.h"

/* What is told of each process at all, so that what is not is never taken for none. */
bool thaw_coverage_build(struct thaw_build *build);

#endif
