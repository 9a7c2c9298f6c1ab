/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_INVENTORY_DISTRIBUTIONS_H
#define THAW_INVENTORY_DISTRIBUTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thaw/error.h"
#include "thaw/recording.h"

/*
 * What is installed in folders of the import path ("sites"): distributions told by their
 * .dist-info or .egg-info, who owns which file by RECORD, bytes by stat. Nothing outside a site is
 * opened, symbolic links inside are not followed, FIFOs and devices are passed over.
 */
struct thaw_distribution {
    const char *name;    /* as its metadata writes it, else from the folder's name */
    const char *version; /* "" unknown */
    const char *location;
    const char *installer;      /* "pip", "uv", "" unknown */
    struct thaw_texts requires; /* names that it requires here, without any extra */
    struct thaw_texts optional; /* with one only, see thaw_requires_names() */
    const char *info;           /* name of the folder in location with its metadata */
    const char *python_version; /* of the interpreter that imports it, "" unknown */
    uint64_t bytes;      /* apparent sizes of its regular files, each inode once in all sites */
    uint64_t disk_bytes; /* blocks allocated for them */
    uint64_t files;
    uint64_t outside;    /* paths in RECORD that lead out of the site: not looked at */
    bool record_missing; /* no RECORD: its files were told by top_level.txt or its name */
};

struct thaw_distributions;

int thaw_distributions_open(struct thaw_distributions **ret, struct thaw_error *error);
void thaw_distributions_close(struct thaw_distributions *distributions); /* NULL is allowed */

/*
 * Reads one site and walks it once (at most 64 folders deep and 500,000 entries). A site known
 * already, by its name or by a link, is passed over; so is one that can't be read. Fails only when
 * memory is short. The version of the interpreter that imports from it ("3.11", "3.11.7", "" not
 * known) is what markers of requirements are asked about.
 */
int thaw_distributions_add_site(struct thaw_distributions *distributions, const char *path,
                                const char *python_version, struct thaw_error *error);

/* In the order of the sites, in each by the names of their folders. */
size_t thaw_distributions_count(const struct thaw_distributions *distributions);
const struct thaw_distribution *
thaw_distributions_get(const struct thaw_distributions *distributions, size_t index);

/*
 * Who owns the file: by RECORD, bytecode in __pycache__ as its source; NULL nobody. The path need
 * not exist; links to the site's folder are followed.
 */
const struct thaw_distribution *
thaw_distributions_owner(const struct thaw_distributions *distributions, const char *path);

#endif
