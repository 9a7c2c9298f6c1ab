/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_ROOTS_H
#define THAW_TIMELINE_ROOTS_H

#include <stdbool.h>

#include "timeline/build.h"

/*
 * Which folders belong to whom, for each process: the app's (named by the worker's messages; for a
 * plain script the working directory and the script's own folder), the worker's own, those of the
 * standard library and of installed packages. A process without a role below a worker has the
 * worker's app.
 */
bool thaw_roots_build(struct thaw_build *build);

/*
 * Whose a file is: the innermost root decides (the app's and the worker's before others), where a
 * folder of installed packages in the path (site-packages, dist-packages, .python_packages) is a
 * root, too. "" unknown.
 */
const char *thaw_roots_owner(const struct thaw_process_facts *facts, const char *path);

#endif
