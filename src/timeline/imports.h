/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_IMPORTS_H
#define THAW_TIMELINE_IMPORTS_H

#include <stdbool.h>

#include "timeline/build.h"

/*
 * Import, body, dlopen, collection and file events to modules with parents, times and the files
 * that were opened for them. Nesting is that of -X importtime; modules it can't see (reached by
 * importlib.import_module) are in between. `__main__` and code that is no module are passed
 * through: what they import belongs to the module around them, or to none.
 */
bool thaw_imports_build(struct thaw_build *build);

#endif
