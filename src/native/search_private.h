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
    struct thaw_loader_cache *cache;
    unsigned cpu_level;
    struct thaw_search_files files;
    struct search_subfolder *subfolders;
};

/* What is fixed for a kind of machine. */
struct thaw_search_machine {
    uint16_t machine;
    const char *platform; /* $PLATFORM, as the kernel tells it */
    const char *library;  /* $LIB, where folders are not named for the machine */
    const char *multiarch;
};

/* NULL: not known; then it has no default folders but the common ones. */
const struct thaw_search_machine *thaw_search_machine(uint16_t machine);

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
