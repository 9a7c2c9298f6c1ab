/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_INVENTORY_INFO_H
#define THAW_INVENTORY_INFO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "packaging/metadata.h"

/*
 * What an installed distribution says of itself in its .dist-info or .egg-info, wherever its files
 * are read from: a folder on the disk, or a target's model.
 */
enum thaw_info_kind { THAW_INFO_WHEEL, THAW_INFO_EGG, THAW_INFO_NONE };

/* By the end of a name. */
enum thaw_info_kind thaw_info_kind(const char *name);

struct thaw_info_source {
    /* The first bytes of a file of the info folder, at most limit, with a NUL behind them, which
     * may be changed. An .egg-info that is a file is its own PKG-INFO. 0, -ENOMEM, or errno of why
     * it can't be read; NULL-terminated names only, never with a slash. */
    int (*read)(void *context, const char *name, size_t limit, char **ret, size_t *length);
    void *context;
    enum thaw_info_kind kind;
    const char *name; /* "pandas-2.2.0.dist-info" */
};

struct thaw_info {
    const char *name;              /* as its metadata writes it, else from the folder's name */
    const char *version;           /* "" unknown */
    const char *installer;         /* "pip", "uv", "" unknown */
    struct thaw_metadata metadata; /* what else it says */
    const char *cut;               /* a file that is longer than what is read of it, NULL none */
};

/* Reads all of the above; texts go into the arena. 0 or -ENOMEM: what can't be read is "". */
int thaw_info_read(const struct thaw_info_source *source, struct thaw_arena *arena,
                   struct thaw_info *ret);

/*
 * The names of what is on the import path where no list of files says it: those in top_level.txt,
 * else the distribution's own with "_" for "-". *is_cut: there may be more. 0 or -ENOMEM.
 */
int thaw_info_tops(const struct thaw_info_source *source, const char *distribution,
                   struct thaw_arena *arena, struct thaw_texts *ret, bool *is_cut);

#endif
