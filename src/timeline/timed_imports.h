/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_TIMED_IMPORTS_H
#define THAW_TIMELINE_TIMED_IMPORTS_H

#include <stdbool.h>

#include "timeline/build.h"

/*
 * The lines of CPython's own import report to modules. A line comes when its import is over, so
 * after those of all it imported, and tells its depth: that gives the parents. The start is the
 * line's arrival less its total, kept within the parent's time, and never called `timed`. The
 * report rounds each figure up to a µs (Python/import.c: ROUND_CEILING), so children may sum to
 * a little more than their parent says.
 */
bool thaw_timed_imports_build(struct thaw_build *build);

#endif
