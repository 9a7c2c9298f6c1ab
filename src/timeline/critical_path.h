/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_CRITICAL_PATH_H
#define THAW_TIMELINE_CRITICAL_PATH_H

#include <stdbool.h>

#include "timeline/build.h"

/*
 * What each track's first reply waited for, moment by moment. A worker that has said hello works
 * while it owes an answer; in between its host does, or nobody has asked yet. Inside the worker the
 * path goes through a child process where a module slept as long as the child lived, and else
 * through the thread whose imports ended last.
 */
bool thaw_critical_path_build(struct thaw_build *build);

#endif
