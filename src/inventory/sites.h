/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_INVENTORY_SITES_H
#define THAW_INVENTORY_SITES_H

#include "base/arena.h"
#include "base/array.h"
#include "thaw/error.h"
#include "thaw/recording.h"

/* Folders of the import path that hold distributions, each once, texts in the arena. */
struct thaw_sites {
    struct thaw_arena *arena;
    THAW_ARRAY(const char *) items;
    THAW_ARRAY(const char *) judged; /* folders that are none */
};

/* Adds a folder, unless it is there. -ENOMEM or 0. */
int thaw_sites_add(struct thaw_sites *sites, const char *folder);

/*
 * Adds the folder a module's file was found through: the innermost site-packages or dist-packages
 * above it, else the nearest of at most 8 folders above it that holds a .dist-info or .egg-info
 * (an application with its packages beside it, a Lambda layer). Files below one of `excluded` (the
 * standard library) outside of such a folder are passed over. -ENOMEM or 0.
 */
int thaw_sites_add_for_file(struct thaw_sites *sites, const char *file,
                            const struct thaw_texts *excluded, size_t excluded_count);

void thaw_sites_free(struct thaw_sites *sites); /* texts stay the arena's */

#endif
