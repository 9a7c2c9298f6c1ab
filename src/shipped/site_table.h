/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SHIPPED_SITE_TABLE_H
#define THAW_SHIPPED_SITE_TABLE_H

#include "inventory/info.h"
#include "shipped/sites.h"
#include "shipped/tree.h"

/* Shared by sites.c, site_info.c, site_owners.c and site_conda.c only. */

/* How a distribution shows itself in its site. */
enum thaw_site_entry_kind {
    THAW_SITE_INFO,       /* .dist-info or .egg-info, folder or file */
    THAW_SITE_EGG_FOLDER, /* NAME.egg with EGG-INFO in it: on the import path by itself */
    THAW_SITE_EGG_ZIP,    /* NAME.egg as a zip */
    THAW_SITE_EGG_LINK,   /* NAME.egg-link: developed elsewhere */
};

struct thaw_site_entry {
    enum thaw_site_entry_kind kind;
    size_t rank;     /* of several folders: which one it came by, in the order of the import path */
    uint32_t site;   /* the folder that holds it */
    uint32_t folder; /* of its information, or NONE: it is a file */
    uint32_t file;   /* that file, or NONE */
    const char *name;
    uint32_t
        distribution; /* the next three are told when all of the site are read; NONE: vendored */
    bool is_same;     /* another one of its name, version and folder describes it, too */
    uint32_t leftover_of;
};

/* What the later steps ask about a distribution that the model does not have. */
struct thaw_site_told {
    struct thaw_texts requires;
    uint32_t environment; /* see struct thaw_environment */
    uint32_t leftover_of; /* a distribution, or NONE */
    uint32_t conda;       /* the conda environment that it lies in: its folder, or NONE */
    uint32_t package;     /* the last conda package that is part of it, or NONE */
    bool is_importable;   /* conda's only: it has files in a site */
};

/* A module that no file of the site tells: of distributions that are developed elsewhere. */
struct thaw_site_module {
    const char *name;
    uint32_t distribution;
};

struct thaw_site_table {
    THAW_ARRAY(struct thaw_site_entry) entries;
    THAW_ARRAY(uint32_t) places;            /* folders that modules are imported from, in order */
    THAW_ARRAY(struct thaw_site_told) told; /* one for each distribution */
    THAW_ARRAY(struct thaw_site_module) modules;
    THAW_ARRAY(struct thaw_shared_file) shared;
    THAW_ARRAY(struct thaw_environment) environments;
    struct thaw_path_table environment_keys;
    size_t system_signs; /* environments that include the system's packages */
    THAW_ARRAY(struct thaw_site_package) packages;
    uint32_t first_package; /* distributions from this one on are no Python's, but conda's only */
    uint64_t egg_bytes;     /* of zipped eggs that were opened so far, bounded as well */
    uint64_t record_bytes;  /* read so far, bounded for all together */
    struct thaw_path_table stems; /* "site/NAME." whose files have been given to distributions */
    uint64_t requirements;        /* kept so far, with extras: the same */
    uint64_t requirement_bytes;
    bool is_full; /* those of all further distributions are passed over */
};

/* Adds a distribution for an entry: all but who owns what. Its number, or -ENOMEM. */
int64_t thaw_site_info_read(struct thaw_shipped *shipped, const struct thaw_site_entry *entry);

/* struct thaw_info_source's read, of a target's model. */
struct thaw_site_reading {
    const struct thaw_shipped *shipped;
    const struct thaw_site_entry *entry;
    struct thaw_arena *arena;
    struct zip *egg; /* a zipped egg that is open, or NULL */
};
struct thaw_info_source thaw_site_source(struct thaw_site_reading *reading);

/* Gives files to a distribution by its RECORD or installed-files.txt, else by its top-level names.
 * 0 or -ENOMEM. */
int thaw_site_owners_read(struct thaw_shipped *shipped, const struct thaw_site_entry *entry,
                          uint32_t distribution);

/* A file becomes a distribution's, or is shared with the one that has it. 0 or -ENOMEM. */
int thaw_site_owners_own(struct thaw_shipped *shipped, uint32_t file, uint32_t distribution);

/* What a list of paths comes to; files is the caller's to free. */
struct thaw_site_listed {
    THAW_ARRAY(uint32_t) files; /* that are there */
    uint64_t listed;
    uint64_t absent;                /* neither a regular file nor a link */
    struct thaw_texts absent_paths; /* the first of them, as of struct thaw_shipped_distribution */
    uint64_t outside;               /* lead out of the target */
};

/* Paths relative to base, a folder's path. 0 or -ENOMEM. */
int thaw_site_owners_list(struct thaw_shipped *shipped, const char *base,
                          const struct thaw_texts *paths, struct thaw_site_listed *ret);

/* The packages of conda's environments, when all sites have been read: see sites.h. 0 or -ENOMEM.
 */
int thaw_site_conda_read(struct thaw_shipped *shipped);

/* Gives it its information alone: another entry tells the same distribution. 0 or -ENOMEM. */
int thaw_site_owners_same(struct thaw_shipped *shipped, const struct thaw_site_entry *entry);

/* How many files it lists that are not there, or not as it lists them: UINT64_MAX, it has no list.
 * Nothing is given to it. 0 or -ENOMEM. */
int thaw_site_owners_misses(struct thaw_shipped *shipped, const struct thaw_site_entry *entry,
                            uint64_t *ret);

/*
 * Distributions of one folder that have one name. An .egg-info beside a .dist-info of its version
 * tells the same one: its row goes. Others are leftovers of the one that fits best. Rows of the
 * entries must be the last. 0 or -ENOMEM.
 */
int thaw_site_copies_settle(struct thaw_shipped *shipped, struct thaw_site_entry *entries,
                            size_t count);

/* Bytecode belongs to its source's distribution: when all of a site have been read. */
void thaw_site_owners_bytecode(struct thaw_shipped *shipped, uint32_t site);

#endif
