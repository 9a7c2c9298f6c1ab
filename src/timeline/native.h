/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_NATIVE_H
#define THAW_TIMELINE_NATIVE_H

#include <stdbool.h>

#include "timeline/build.h"
#include "timeline/import_stack.h"

/* Notes which module a sample is of, as the imports are built. False when memory is short. */
bool thaw_native_sample(struct thaw_build *build, const struct thaw_import_stack *stack,
                        const struct thaw_event *event);

/* Joins samples with what their processes had mapped then, and with functions' names. */
bool thaw_native_build(struct thaw_build *build);

#endif
