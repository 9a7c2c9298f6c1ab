/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_SEARCH_H
#define THAW_NATIVE_SEARCH_H

#include "base/arena.h"
#include "native/object.h"
#include "thaw/error.h"

/*
 * Finds a library by name in the order of the dynamic loader (ld.so(8)): a name with a slash is a
 * path; else DT_RPATH of the loading object and of what loaded it (unless it has DT_RUNPATH),
 * LD_LIBRARY_PATH, DT_RUNPATH, ld.so.cache, the default folders. $ORIGIN is expanded; folders with
 * $LIB or $PLATFORM are passed over. A file of another class or machine is passed over, as the
 * loader does.
 */
enum thaw_search_reason {
    THAW_SEARCH_DIRECT,       /* the name is a path */
    THAW_SEARCH_RPATH,        /* DT_RPATH of the loading object or of one above it */
    THAW_SEARCH_LIBRARY_PATH, /* LD_LIBRARY_PATH */
    THAW_SEARCH_RUNPATH,      /* DT_RUNPATH */
    THAW_SEARCH_CACHE,        /* ld.so.cache */
    THAW_SEARCH_DEFAULT,      /* default folders */
};

/* "rpath", "LD_LIBRARY_PATH", "ld.so.cache" … as reports show it. */
const char *thaw_search_reason_name(enum thaw_search_reason reason);

/* The object that wants a library, and who loaded it, up to the executable. */
struct thaw_search_loader {
    const struct thaw_search_loader *parent; /* NULL: the executable, or not known */
    const struct thaw_object *object;
    const char *path; /* inside the root, links resolved: its folder is $ORIGIN */
};

struct thaw_search_result {
    const char *path;  /* inside the root, as the loader would open it */
    const char *owner; /* path of the object whose RPATH or RUNPATH it was, "" for other reasons */
    enum thaw_search_reason reason;
};

struct thaw_search;

/*
 * root: "" or "/" for this machine, else a folder that is another root. library_path: the value of
 * LD_LIBRARY_PATH, "" none. *ret is ended by thaw_search_close(); both texts are copied.
 */
int thaw_search_open(const char *root, const char *library_path, struct thaw_search **ret,
                     struct thaw_error *error);

void thaw_search_close(struct thaw_search *search); /* NULL is allowed */

/* Texts of *ret go into arena. -ENOENT: the loader would not find it either. */
int thaw_search_library(const struct thaw_search *search, const struct thaw_search_loader *loader,
                        const char *name, struct thaw_arena *arena, struct thaw_search_result *ret,
                        struct thaw_error *error);

#endif
