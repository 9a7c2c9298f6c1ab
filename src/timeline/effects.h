/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_EFFECTS_H
#define THAW_TIMELINE_EFFECTS_H

#include <stdbool.h>

#include "timeline/import_stacks.h"

/*
 * What modules did beside defining names. An effect belongs to the innermost module that was open
 * on its strand; where none was, to the module for which its thread or process was started.
 *
 * Bytecode that the import machinery writes is part of importing, and left out.
 */

/* Takes an effect of a thread; whom it started does the module's work from then on. Stacks may be
 * added. False when memory is short. */
bool thaw_effects_take(struct thaw_build *build, struct thaw_import_stacks *stacks,
                       struct thaw_import_stack *stack, const struct thaw_event *event);

/* Looks at any event for what it tells of processes: which pid is which, and what was executed by
 * one that was started for a module. False when memory is short. */
bool thaw_effects_of_process(struct thaw_build *build, struct thaw_import_stacks *stacks,
                             uint32_t process, const struct thaw_event *event);

/* Puts the effects in order of their modules, then of time; none are left when it was not looked
 * for them. */
bool thaw_effects_build(struct thaw_build *build);

#endif
