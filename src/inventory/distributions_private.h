/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_INVENTORY_DISTRIBUTIONS_PRIVATE_H
#define THAW_INVENTORY_DISTRIBUTIONS_PRIVATE_H

#include "base/arena.h"
#include "base/array.h"
#include "inventory/distributions.h"
#include "inventory/ownership.h"

/* Shared by distributions.c, distribution_info.c and distribution_walk.c only. */
struct thaw_site {
    const char *path; /* as given, without slashes at its end */
    const char *real; /* links resolved */
    const char *python_version;
    uint64_t device;
    uint64_t inode;
    struct thaw_ownership ownership;
};

struct thaw_distributions {
    struct thaw_arena arena;
    THAW_ARRAY(struct thaw_site) sites;
    THAW_ARRAY(struct thaw_distribution *) items;
    struct thaw_inodes inodes;
    size_t record_bytes; /* read so far, bounded for all sites together */
    size_t record_paths;
};

/* Reads every .dist-info and .egg-info of a site (its open folder); -ENOMEM or 0. */
int thaw_distribution_info_read(struct thaw_distributions *distributions, struct thaw_site *site,
                                int folder);

/* Walks a site and adds its files' sizes to their owners; -ENOMEM or 0. */
int thaw_distribution_walk(struct thaw_distributions *distributions, const struct thaw_site *site,
                           int folder);

#endif
