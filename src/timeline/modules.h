/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_MODULES_H
#define THAW_TIMELINE_MODULES_H

#include <stdbool.h>

#include "timeline/build.h"

/* Adds a row for a module that begins now; its index, or UINT32_MAX when memory is short. */
uint32_t thaw_modules_add(struct thaw_build *build, const struct thaw_event *event,
                          uint32_t process, const char *name);

/* Hangs it below its parent (index + 1, 0 none); its start is an instant that was seen. */
void thaw_modules_hang(struct thaw_build *build, uint32_t index, uint32_t parent, uint64_t strand,
                       bool inside_parent);

/* Is package one of the packages that module lies in? "xml" is, of "xml.dom". */
bool thaw_modules_is_package_of(const char *package, const char *module);

/* Gives modules their ids in order of start, their parents, and each process its own list. */
bool thaw_modules_build(struct thaw_build *build);

#endif
