/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SHIPPED_SITES_H
#define THAW_SHIPPED_SITES_H

#include "thaw/shipped.h"

/*
 * Folders of the import path: those of the target that hold a .dist-info or .egg-info, and those
 * that an interpreter has for packages (lib/python3.N/site-packages). The step
 * adds their distributions (all but requires, why, required_by, exclusive) and sets who owns each
 * file. What METADATA says is kept for the steps that evaluate it.
 *
 * Conda: a folder beside a folder conda-meta is an environment, whose packages are told by
 * conda-meta/NAME-VERSION-BUILD.json (conda's documentation, "Managing environments"; its class
 * PrefixRecord). A package becomes a distribution of installer "conda", behind all others, and gets
 * what it lists and no distribution of Python's has; but one that lists the .dist-info of one
 * distribution, or has the name (PEP 503) and version of one in its environment, is that
 * distribution: what else it lists is that one's.
 */

/* Requires-Dist of a distribution, as written. */
const struct thaw_texts *thaw_sites_requires(const struct thaw_shipped *shipped,
                                             uint32_t distribution);

/* A package in a conda environment. */
struct thaw_site_package {
    const char *path;          /* of its JSON */
    const char *name;          /* as conda has it: "pytorch" of the distribution torch */
    uint32_t environment;      /* the folder that holds conda-meta */
    uint32_t distribution;     /* it is or is part of */
    uint32_t next;             /* another package that is part of the same one, or NONE */
    struct thaw_texts depends; /* conda's MatchSpecs, as written, "" no text; at most 1,000 */
    bool is_requested;         /* the user asked conda for it by name */
};

const struct thaw_site_package *thaw_sites_packages(const struct thaw_shipped *shipped,
                                                    size_t *count);

/* The first package of a distribution (all others: next), or NULL. */
const struct thaw_site_package *thaw_sites_package(const struct thaw_shipped *shipped,
                                                   uint32_t distribution);
const struct thaw_site_package *thaw_sites_next_package(const struct thaw_shipped *shipped,
                                                        const struct thaw_site_package *package);

/* Is it conda's only? Then a requirement of a Python distribution can mean it only when it is
 * importable, that is has files in a site: conda's graphviz is another thing than PyPI's. */
bool thaw_sites_is_conda_only(const struct thaw_shipped *shipped, uint32_t distribution);
bool thaw_sites_is_importable(const struct thaw_shipped *shipped, uint32_t distribution);

/* The conda environment that a distribution lies in (the folder), or NONE. */
uint32_t thaw_sites_conda(const struct thaw_shipped *shipped, uint32_t distribution);

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

/*
 * Folders of the import path that one interpreter sees together: those of a virtual environment, of
 * an interpreter's own prefix (with its "local" one), of one process. A folder elsewhere (an app's,
 * a layer's) is one of its own: whose interpreter sees it, too, is only clear where there is no
 * more than one.
 */
struct thaw_environment {
    bool is_flat;     /* such a folder elsewhere */
    bool sees_system; /* pyvenv.cfg: what it lacks may be in the system's, which is not looked at */
};
const struct thaw_environment *thaw_sites_environment(const struct thaw_shipped *shipped,
                                                      uint32_t distribution);
const struct thaw_environment *thaw_sites_environments(const struct thaw_shipped *shipped,
                                                       size_t *count);

/*
 * Of several of one name in one folder, an update left all but one: the installed one, whose RECORD
 * fits the files best. That one, or THAW_SHIPPED_NONE: it is installed itself.
 */
uint32_t thaw_sites_leftover_of(const struct thaw_shipped *shipped, uint32_t distribution);

/* Is the folder, or one above it, a folder of the import path? */
bool thaw_sites_holds(const struct thaw_shipped *shipped, uint32_t folder);

#endif
