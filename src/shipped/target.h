/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SHIPPED_TARGET_H
#define THAW_SHIPPED_TARGET_H

#include "shipped/build.h"

/* Sets kind and signs by what the walk has found. 0 or -ENOMEM. */
int thaw_target_tell(struct thaw_shipped *shipped);

/* Is an absolute path the folder itself, or below it? */
bool thaw_target_is_inside(const char *folder, const char *path);

/* Is an absolute path in one of the folders that were walked? */
bool thaw_target_is_walked(const struct thaw_shipped *shipped, const char *path);

#endif
