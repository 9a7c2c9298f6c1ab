/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_CLOSURE_H
#define THAW_NATIVE_CLOSURE_H

#include "native/object.h"
#include "thaw/error.h"

/*
 * What objects need, as the dynamic loader would find it. Objects of the target are told; others
 * are opened only where the loader's own folders, its cache, LD_LIBRARY_PATH and a list of folders
 * lead.
 *
 * An object that begins a load (an extension module, an executable, a library that no other one
 * names) is taken as if it alone were loaded (dlopen) by a running executable. The loads of each
 * are followed: a library that is loaded only by others gets what it gets with the first of them,
 * by that one's RPATH or because it is loaded by then.
 *
 * What is loaded is known by the name it was asked for, with glibc by its SONAME, too.
 */
struct thaw_closure;

#define THAW_CLOSURE_NONE UINT32_MAX

/* Texts are the caller's and outlive the closure; those of objects outside are the closure's. */
struct thaw_closure_object {
    const char *path; /* absolute, inside the root, without "." and ".." */
    const char *soname;
    const char *rpath;
    const char *runpath;
    const char *const *needed;
    size_t needed_count;
    struct thaw_object_abi abi;
    bool begins_load; /* for itself, whoever else needs it: an extension module or executable */
};

struct thaw_closure_need {
    uint32_t object;    /* that was found, or NONE */
    const char *path;   /* as the loader opens it, "" not found */
    const char *reason; /* thaw_search_reason_name(), "already loaded"; "" not found, "other
                           machine": not found, but the libraries here are not those it would get */
    uint32_t owner;   /* the object whose RPATH or RUNPATH it was, or that had loaded it, or NONE */
    uint32_t only_by; /* found there only when that object loads it, or NONE: also by itself */
    uint32_t missing_by; /* found, but not when that object begins the load, or NONE */
};

/* A folder that is not looked into. */
struct thaw_closure_refusal {
    const char *folder;
    uint32_t object; /* the first whose RPATH, RUNPATH or DT_NEEDED leads there */
    const char *reason;
};

struct thaw_closure_options {
    const char *root;         /* "" this machine's */
    const char *library_path; /* LD_LIBRARY_PATH, "" none */
    const char *loader;       /* as thaw_search_set_loader() takes it; NULL: glibc's */
    /* Those whose libraries are here: what others don't find is not missing. NULL: of all. */
    const struct thaw_object_abi *own_abi;
    const char *const *folders; /* of the target, absolute inside the root; "" is the root */
    size_t folder_count;
    bool has_links;             /* names that are not told may be links to objects that are */
    bool has_subfolders;        /* there are folders named glibc-hwcaps */
    const char *const *open_to; /* folders outside that may be looked into */
    size_t open_to_count;
    /* May a path inside the target that is not told lead to an object over a link? NULL: never. */
    bool (*may_be_link)(void *context, const char *path);
    /* An object outside was opened and is that one; 0 or -ENOMEM. */
    int (*opened)(void *context, uint32_t index, const struct thaw_object *object);
    void *context;
};

/* Options are copied, what they point to is not. *ret is ended by thaw_closure_close(). */
int thaw_closure_open(const struct thaw_closure_options *options, struct thaw_closure **ret,
                      struct thaw_error *error);

/* Tells an object of the target: the next index. -ENOMEM. */
int thaw_closure_add(struct thaw_closure *closure, const struct thaw_closure_object *object,
                     struct thaw_error *error);

/*
 * The running executable, by its path inside the root, when all of the target's are told: its
 * libraries are loaded, its RPATH holds for all. One that can't be read is as if there were none:
 * -ENOENT. -ENOMEM.
 */
int thaw_closure_execute(struct thaw_closure *closure, const char *path, struct thaw_error *error);

/* Finds everything. Bounded: 4,096 objects outside, 100,000 searches, 2,000,000 paths. -ENOMEM. */
int thaw_closure_resolve(struct thaw_closure *closure, struct thaw_error *error);

/* The target's own ones, then those outside, in the order in which they were found. */
size_t thaw_closure_count(const struct thaw_closure *closure);
const struct thaw_closure_object *thaw_closure_object(const struct thaw_closure *closure,
                                                      uint32_t index);

/* needed_count of them; NULL before thaw_closure_resolve(). */
const struct thaw_closure_need *thaw_closure_needs(const struct thaw_closure *closure,
                                                   uint32_t index);

size_t thaw_closure_refusals(const struct thaw_closure *closure,
                             const struct thaw_closure_refusal **ret);

/* Did it come to one of the bounds? Then more may be found than is told. */
bool thaw_closure_was_cut(const struct thaw_closure *closure);

void thaw_closure_close(struct thaw_closure *closure); /* NULL is allowed */

#endif
