/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SHIPPED_SITE_TABLE_H
#define THAW_SHIPPED_SITE_TABLE_H

#include "inventory/info.h"
#include "shipped/sites.h"
#include "shipped/tree.h"

/* Shared by sites.c, site_info.c and site_owners.c only. */

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
};

/* What the later steps ask about a distribution that the model does not have. */
struct thaw_site_told {
    struct thaw_texts requires;
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
    uint64_t record_bytes; /* read so far, bounded for all together */
};

/* Adds a distribution for an entry: all but who owns what. Its number, or -ENOMEM. */
int64_t thaw_site_info_read(struct thaw_shipped *shipped, const struct thaw_site_entry *entry);

/* struct thaw_info_source's read, of a target's model. */
struct thaw_site_reading {
    const struct thaw_shipped *shipped;
    const struct thaw_site_entry *entry;
    struct thaw_arena *arena;
};
struct thaw_info_source thaw_site_source(struct thaw_site_reading *reading);

/* Gives files to a distribution by its RECORD or installed-files.txt, else by its top-level names.
 * 0 or -ENOMEM. */
int thaw_site_owners_read(struct thaw_shipped *shipped, const struct thaw_site_entry *entry,
                          uint32_t distribution);

/* Bytecode belongs to its source's distribution: when all of a site have been read. */
void thaw_site_owners_bytecode(struct thaw_shipped *shipped, uint32_t site);

#endif
