/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_CLOSURE_PRIVATE_H
#define THAW_NATIVE_CLOSURE_PRIVATE_H

#include <limits.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/table.h"
#include "native/closure.h"
#include "native/search.h"

/* Shared by the closure*.c files only. */

#define CLOSURE_OUTSIDE_MAX 4096
#define CLOSURE_SEARCHES_MAX 100000
#define CLOSURE_PATHS_MAX 2000000
#define CLOSURE_STEPS_MAX 2000000

/* A text by its number, and what is loaded under that name. */
struct closure_text {
    const char *text;
    uint32_t id;     /* from 1 on */
    uint32_t loaded; /* by the executable: the object, or NONE */
    uint32_t loaded_by;
    uint32_t stamp;     /* of the load that is followed now */
    uint32_t object;    /* loaded by it under this name, */
    uint32_t object_by; /* for that one */
    bool is_needed;     /* by an object of the target */
    UT_hash_handle hh;
};

/* Three numbers by one: a search path with the folder that $ORIGIN is, or one behind another. */
struct closure_triple {
    uint32_t key[3];
    uint32_t id;
    UT_hash_handle hh;
};

/* Where a search went that was made once. */
struct closure_memo {
    struct {
        uint32_t name;
        uint32_t scope;
        uint32_t abi;
    } key;
    uint32_t object;
    const char *path;
    const char *reason;
    uint32_t link; /* the search path it was, 0 none */
    UT_hash_handle hh;
};

/* An object at a path. */
struct closure_place {
    const char *path;
    uint32_t object; /* NONE: nothing that can be loaded */
    UT_hash_handle hh;
};

struct closure_inode {
    struct {
        uint64_t device;
        uint64_t inode;
    } key;
    uint32_t object;
    UT_hash_handle hh;
};

/* Search paths of an object that was found at a path. With musl a RUNPATH is an RPATH, too. */
struct closure_links {
    uint32_t rpath;   /* the link it gives to what it loads, 0: none, or it has a RUNPATH */
    uint32_t runpath; /* its own, 0 none */
};

struct closure_node {
    struct thaw_closure_object object;
    struct closure_text *soname; /* NULL none */
    struct closure_text **names; /* of what it needs */
    struct thaw_closure_need *needs;
    bool *is_decided; /* of the needs: they are what the load that counts gives */
    bool begins_load;
    bool is_reached;            /* by a load that another one begins, or begins one itself */
    struct closure_links links; /* at its own path */
    uint32_t stamp;             /* of the last load that it was part of */
};

/* An object on its way into a process, and who loads it. */
struct closure_load {
    uint32_t object;
    const char *path; /* that it was found at, perhaps a link: its folder is $ORIGIN */
    struct closure_links links;
    const struct closure_load *by; /* NULL: nobody known */
    uint32_t scope; /* search paths that hold for what it needs, inherited ones too */
};

struct thaw_closure {
    struct thaw_closure_options options;
    struct thaw_arena arena;
    struct thaw_search *search;
    THAW_ARRAY(struct closure_node *) nodes;
    THAW_ARRAY(struct thaw_closure_refusal) refusals;
    size_t own; /* nodes of the target */
    size_t resolved;
    struct closure_text *texts;
    struct closure_triple *links;
    struct closure_triple *scopes;
    struct closure_memo *memos;
    struct closure_place *places;
    struct closure_inode *inodes;
    struct closure_place *refused;
    struct closure_load executable;
    bool has_executable;
    bool is_musl;
    struct closure_load *loads; /* that are followed; never moved while they are */
    size_t load_capacity;
    uint32_t stamp;
    uint32_t found;  /* by the last question about a path */
    uint32_t asking; /* the object whose needs are looked for */
    uint64_t searches;
    uint64_t paths;
    uint64_t steps;
    bool was_cut;   /* nothing more is looked for */
    bool is_unsure; /* a bound of one search kept it from looking everywhere */
};

/* The text's entry, made if need be; NULL: memory is short. */
struct closure_text *closure_text(struct thaw_closure *closure, const char *text);

/* The number of a triple from 1 on, made if need be; 0: memory is short. */
uint32_t closure_triple(struct thaw_closure *closure, struct closure_triple **table, uint32_t first,
                        uint32_t second, uint32_t third);

/* Makes a node; its texts outlive the closure. */
int closure_node(struct thaw_closure *closure, const struct thaw_closure_object *object);

/* An absolute path without "//", "." and ".."; false when it is too long, relative, or "/". */
bool closure_plain_path(const char *path, char ret[PATH_MAX]);

/* What stands at a path: closure->found. 0, or -ENOMEM. */
int closure_find(struct thaw_closure *closure, const char *path, enum thaw_search_reason reason);

/* For the search. */
int closure_fits(void *context, const struct thaw_search_loader *loader, const char *path,
                 enum thaw_search_reason reason);
bool closure_has_folder(void *context, const char *path, enum thaw_search_reason reason);

/* What an object that is loaded so would get for a name; without what is loaded already. */
int closure_search(struct thaw_closure *closure, const struct closure_load *load,
                   struct closure_text *name, struct thaw_closure_need *ret);

/* What holds for what the object, found at a path, needs when that one loads it. -ENOMEM. */
int closure_load(struct thaw_closure *closure, uint32_t object, const char *path,
                 const struct closure_load *by, struct closure_load *ret);

/* The search paths of an object at a path. -ENOMEM. */
int closure_links(struct thaw_closure *closure, const struct thaw_closure_object *object,
                  const char *path, struct closure_links *ret);

enum closure_beginner {
    CLOSURE_EXECUTABLE, /* that runs: before all others */
    CLOSURE_BEGINNER,   /* an object that begins a load for itself */
    CLOSURE_LEFT_OVER,  /* that no such load reaches */
};

/* Follows the loads that the object begins. */
int closure_follow(struct thaw_closure *closure, const struct closure_load *first,
                   enum closure_beginner beginner);

/* What each object needs, as if it alone were loaded; also those found meanwhile. */
int closure_resolve_alone(struct thaw_closure *closure);

/* Are the libraries of this machine not those that the object would get? */
bool closure_is_foreign(const struct thaw_closure *closure, const struct closure_node *node);

#endif
