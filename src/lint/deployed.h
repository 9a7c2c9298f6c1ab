/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_LINT_DEPLOYED_H
#define THAW_LINT_DEPLOYED_H

#include "lint/lint.h"

/* What of the app's folder goes into a deployment. All need lint->project->shipped. */

/* Is what is shipped known? */
bool thaw_lint_has_shipped(const struct thaw_lint *lint);

/* file: number in shipped->files. */
bool thaw_lint_file_is_deployed(const struct thaw_lint *lint, size_t file);

/* For each distribution the bytes of its files that are deployed; to be freed. NULL: there is no
 * distribution, or memory is short (lint->failed). */
uint64_t *thaw_lint_deployed_bytes(struct thaw_lint *lint);

/* Is a distribution of that name in the folder, deployed or not? */
bool thaw_lint_ships(const struct thaw_lint *lint, const char *name);

/* "12.3 MB" */
const char *thaw_lint_size_text(struct thaw_lint *lint, uint64_t bytes);

#endif
