/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_SEARCH_H
#define THAW_NATIVE_SEARCH_H

#include "base/arena.h"
#include "native/object.h"
#include "thaw/error.h"

/*
 * Finds a library by name in the order of the dynamic loader (ld.so(8)): a name with a slash is a
 * path; else DT_RPATH of the loading object and of what loaded it (unless the loading one has
 * DT_RUNPATH), LD_LIBRARY_PATH, DT_RUNPATH, ld.so.cache, the default folders. $ORIGIN, $LIB and
 * $PLATFORM are expanded; in each folder the glibc-hwcaps subfolders that this CPU can use come
 * first (glibc 2.33; the older ones of a CPU's name, gone with glibc 2.37, are not looked into). A
 * file of another class, byte order or machine is passed over, as the loader does.
 *
 * $ORIGIN is the folder that an object was found in, links not resolved; of a program, whose own
 * path has none, and in LD_LIBRARY_PATH it is the program's (measured with glibc 2.36).
 *
 * With musl's loader (ldso/dynlink.c of musl 1.2): its own names (libc.so, libm.so.6 …) are the
 * loader itself, which is loaded always; LD_LIBRARY_PATH as it is written; DT_RUNPATH, else
 * DT_RPATH, of the loading object and of all that loaded it; the folders of
 * /etc/ld-musl-ARCH.path, or where there is no such file /lib, /usr/local/lib, /usr/lib. $ORIGIN is
 * the only token and none in a path that it does not know. The first file of that name ends the
 * search, also one that cannot be loaded. (Of those one that is no ELF file is passed over here.)
 */
enum thaw_search_reason {
    THAW_SEARCH_DIRECT,       /* the name is a path */
    THAW_SEARCH_RPATH,        /* DT_RPATH of the loading object or of one above it */
    THAW_SEARCH_LIBRARY_PATH, /* LD_LIBRARY_PATH */
    THAW_SEARCH_RUNPATH,      /* DT_RUNPATH */
    THAW_SEARCH_CACHE,        /* ld.so.cache */
    THAW_SEARCH_DEFAULT,      /* default folders, with musl those of its file too */
    THAW_SEARCH_LOADED,       /* musl's own names */
};

/* "rpath", "LD_LIBRARY_PATH", "ld.so.cache" … as reports show it. */
const char *thaw_search_reason_name(enum thaw_search_reason reason);

/* The object that wants a library, and who loaded it, up to the executable. */
struct thaw_search_loader {
    const struct thaw_search_loader *parent; /* NULL: the executable, or not known */
    const char *path; /* inside the root, as it was opened: its folder is $ORIGIN */
    const char *rpath;
    const char *runpath;
    struct thaw_object_abi abi;
};

/* One for an open object; its texts are the object's, and path. */
struct thaw_search_loader thaw_search_loader_of(const struct thaw_object *object, const char *path);

struct thaw_search_result {
    const char *path;  /* inside the root, as the loader would open it */
    const char *owner; /* path of the object whose RPATH or RUNPATH it was, "" for other reasons */
    enum thaw_search_reason reason;
    const struct thaw_search_loader *by; /* that object, the caller's; NULL for other reasons */
};

/*
 * What stands at paths inside the root. Each function gets the context; folders and files are asked
 * for in the loader's order. reason: by which way it came there.
 */
struct thaw_search_files {
    /* Is there a file that this loader could load? 1; 0 there is none; -ENOEXEC: one that it could
     * not load; -ENOMEM. */
    int (*fits)(void *context, const struct thaw_search_loader *loader, const char *path,
                enum thaw_search_reason reason);
    /* Is there such a folder? Asked once for each. */
    bool (*has_folder)(void *context, const char *path, enum thaw_search_reason reason);
    void *context;
};

struct thaw_search;

/*
 * root: "" or "/" for this machine, else a folder that is another root. library_path: the value of
 * LD_LIBRARY_PATH, "" none. *ret is ended by thaw_search_close(); both texts are copied.
 */
int thaw_search_open(const char *root, const char *library_path, struct thaw_search **ret,
                     struct thaw_error *error);

/*
 * The dynamic loader, as PT_INTERP of the program has it: one named "ld-musl-ARCH.so.1" searches as
 * musl does, all else ("" not known) as glibc does. -ENOMEM.
 */
int thaw_search_set_loader(struct thaw_search *search, const char *loader,
                           struct thaw_error *error);

/* Is it musl's? */
bool thaw_search_is_musl(const struct thaw_search *search);

/*
 * The running program, inside the root, links resolved: $ORIGIN in LD_LIBRARY_PATH is its folder.
 * Until then such an entry is passed over. -ENOMEM.
 */
int thaw_search_set_program(struct thaw_search *search, const char *path, struct thaw_error *error);

/* From now on these are asked, which the caller keeps, instead of opening every file there is. */
void thaw_search_use(struct thaw_search *search, const struct thaw_search_files *files);

void thaw_search_close(struct thaw_search *search); /* NULL is allowed */

/* Texts of *ret go into arena. -ENOENT: the loader would not find it either. */
int thaw_search_library(struct thaw_search *search, const struct thaw_search_loader *loader,
                        const char *name, struct thaw_arena *arena, struct thaw_search_result *ret,
                        struct thaw_error *error);

#endif
