/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_BASE_CLOSEST_H
#define THAW_BASE_CLOSEST_H

#include <stddef.h>

/* Finds the name that was perhaps meant: begin with {.typed = …}, offer each name, read .name. */
struct thaw_closest {
    const char *typed;
    const char *name; /* the best so far, NULL when none is close enough to be meant */
    size_t distance;
};

/*
 * Counts letters inserted, removed, replaced or swapped with their neighbour; a name is close
 * enough when that is at most a third of the typed letters (one at least), or when it begins with
 * what was typed.
 */
void thaw_closest_offer(struct thaw_closest *closest, const char *name);

#endif
