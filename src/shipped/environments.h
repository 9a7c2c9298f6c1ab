/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SHIPPED_ENVIRONMENTS_H
#define THAW_SHIPPED_ENVIRONMENTS_H

#include "shipped/sites.h"

/*
 * Which folders of the import path one interpreter sees together. A target may hold several that
 * know nothing of each other: a system's Python and virtual environments.
 */

/* The environment of a folder of the import path, added when it is new: its number, or -ENOMEM. */
int64_t thaw_environment_of_site(struct thaw_shipped *shipped, uint32_t site);

/* Is the folder lib/python3.N/site-packages, or another such, of an interpreter's prefix? By its
 * path in the target alone. */
bool thaw_environment_has_prefix(const char *site);

/* The value's length when the line of a pyvenv.cfg is "key = value" (PEP 405), else 0. */
size_t thaw_environment_setting(const char *line, size_t length, const char *key,
                                const char **value);

#endif
