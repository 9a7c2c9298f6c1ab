/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_HOST_FILES_H
#define THAW_TIMELINE_HOST_FILES_H

#include "timeline/build.h"

/* What files tell of the start of hosts: fills host_runtime and the like of their facts. */
bool thaw_host_files_build(struct thaw_build *build);

#endif
