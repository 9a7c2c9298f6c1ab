/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_PROCESS_TREE_H
#define THAW_TIMELINE_PROCESS_TREE_H

#include <stdbool.h>

#include "timeline/build.h"

/*
 * The processes of a recording, with parents, roles, executables and ends, and which process each
 * event belongs to. A pid may be used again: a fork or an exec after its exit is a new process. A
 * process known from nothing but its imports or messages gets a row, too. A worker's parent is its
 * host unless it was told another role.
 */
bool thaw_process_tree_build(struct thaw_build *build);

/* Frees what is known of processes beside the timeline. */
void thaw_process_tree_release(struct thaw_build *build);

#endif
