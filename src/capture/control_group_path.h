/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_CONTROL_GROUP_PATH_H
#define THAW_CAPTURE_CONTROL_GROUP_PATH_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The path of a control group (version 2) by the number that the kernel has for it, as /proc shows
 * it of a process that is in it: for processes that are gone. False: no hierarchy of version 2 is
 * mounted here, the group is gone or lies outside of what is mounted, or CAP_DAC_READ_SEARCH is
 * missing.
 */
bool thaw_control_group_path_of(uint64_t number, char ret[PATH_MAX]);

#endif
