/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_EXTENSION_MODULES_H
#define THAW_TIMELINE_EXTENSION_MODULES_H

#include "timeline/import_stack.h"

/*
 * Takes a THAW_EVENT_MODULE_INIT. Most belong to the import that is open; the others are extension
 * and builtin modules that importlib.import_module loads, of which nothing else is seen: they begin
 * with the library that was opened for them, or here, and end at most with the next event of the
 * strand that shows them over. False when memory is short.
 */
bool thaw_extension_module_init(struct thaw_build *build, struct thaw_import_stack *stack,
                                const struct thaw_event *event);

/* Takes a THAW_EVENT_MODULE_MADE: the module has a name, and an end. */
void thaw_extension_module_made(struct thaw_build *build, struct thaw_import_stack *stack,
                                const struct thaw_event *event);

#endif
