/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_VIRTUAL_MACHINES_H
#define THAW_TIMELINE_VIRTUAL_MACHINES_H

#include <stdbool.h>

#include "timeline/build.h"

/* The virtual machines that monitors among the processes run. */
bool thaw_virtual_machines_build(struct thaw_build *build);

/*
 * The phases of one without KVM, once it is known when its guest's clock began (on the timeline's
 * own clock). False when memory is short.
 */
bool thaw_virtual_machine_begin_guest(struct thaw_timeline *timeline,
                                      struct thaw_virtual_machine *machine, uint64_t clock_ns);

#endif
