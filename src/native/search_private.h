/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_SEARCH_PRIVATE_H
#define THAW_NATIVE_SEARCH_PRIVATE_H

#include <limits.h>

#include "native/loader_cache.h"
#include "native/search.h"

/* Shared by the search*.c files only. */

/* A folder's subfolder for CPUs, whether it is there. */
struct search_subfolder;

struct thaw_search {
    struct thaw_arena arena;
    const char *root;
    const char *library_path;
    const char *program;      /* NULL not known */
    const char *musl;         /* its loader's path, NULL: it is glibc's */
    const char *musl_folders; /* separated by colons or ends of lines */
    struct thaw_loader_cache *cache;
    unsigned cpu_level;
    struct thaw_search_files files;
    struct search_subfolder *subfolders;
};

/* One question: who asks for what, and where the answer goes. */
struct thaw_search_query {
    struct thaw_search *search;
    const struct thaw_search_loader *loader;
    const char *name;
    struct thaw_arena *arena;
    struct thaw_search_result *ret;
};

/* Deeper chains of loaders than any program has: a guard against a caller's cycle. */
#define THAW_SEARCH_LOADERS_MAX 256

/* Is it what is at the path? 0 yes; -ENOENT nothing is there; -ENOEXEC not to be loaded; -ENOMEM.
 */
int thaw_search_try(const struct thaw_search_query *query, const char *path,
                    enum thaw_search_reason reason, const struct thaw_search_loader *owner);

/* The whole search, as musl does it: the same. */
int thaw_search_with_musl(const struct thaw_search_query *query);

/* What is fixed for a kind of machine. */
struct thaw_search_machine {
    uint16_t machine;
    const char *platform; /* $PLATFORM, as the kernel tells it */
    const char *library;  /* $LIB, where folders are not named for the machine */
    const char *multiarch;
};

/* NULL: not known; then it has no default folders but the common ones. */
const struct thaw_search_machine *thaw_search_machine(uint16_t machine);

/* The bytes of the path's folder; 0: that is the root, or it has none. */
size_t thaw_search_folder_length(const char *path);

/*
 * length bytes of a search path's entry, or a name with a slash, with its dynamic string tokens
 * expanded into a buffer; false: it is passed over (an unknown token, too long).
 */
bool thaw_search_expand(const struct thaw_search *search, const struct thaw_search_loader *owner,
                        const char *entry, size_t length, char ret[PATH_MAX]);

/* Has the folder, an absolute path, a subfolder glibc-hwcaps? 1, 0, or -ENOMEM. */
int thaw_search_has_subfolder(struct thaw_search *search, const char *folder,
                              enum thaw_search_reason reason);

void thaw_search_forget_subfolders(struct thaw_search *search);

#endif
