/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SHIPPED_SITES_H
#define THAW_SHIPPED_SITES_H

#include "thaw/shipped.h"

/*
 * Folders of the import path: those of the target that hold a .dist-info or .egg-info, and those
 * that an interpreter has for packages (lib/python3.N/site-packages). The step
 * adds their distributions (all but requires, why, required_by, exclusive) and sets who owns each
 * file. What METADATA says is kept for the steps that evaluate it.
 */

/* Requires-Dist of a distribution, as written. */
const struct thaw_texts *thaw_sites_requires(const struct thaw_shipped *shipped,
                                             uint32_t distribution);

/* A file that several RECORDs list: it belongs to the first of them. At most 10,000 are kept. */
struct thaw_shared_file {
    uint32_t file;
    uint32_t distribution; /* another one that lists it, too */
};
const struct thaw_shared_file *thaw_sites_shared(const struct thaw_shipped *shipped, size_t *count);

/*
 * The distribution that a top-level module ("yaml", "google.cloud" may be several's: the first in
 * the order of the import path) is of, by the paths in RECORD, or THAW_SHIPPED_NONE.
 */
uint32_t thaw_sites_of_module(const struct thaw_shipped *shipped, const char *module);

/* Is the folder, or one above it, a folder of the import path? */
bool thaw_sites_holds(const struct thaw_shipped *shipped, uint32_t folder);

#endif
