/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_MODULE_FILES_H
#define THAW_TIMELINE_MODULE_FILES_H

#include <stdbool.h>

#include "timeline/build.h"

/* Each module's kind, file, owner and distribution, from what was opened for it and executed. */
bool thaw_module_files_build(struct thaw_build *build);

#endif
