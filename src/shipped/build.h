/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SHIPPED_BUILD_H
#define THAW_SHIPPED_BUILD_H

#include "base/arena.h"
#include "base/array.h"
#include "thaw/shipped.h"

struct thaw_content;
struct thaw_platform;
struct thaw_site_table;

/* The model while it is made: the arrays that end up in it, and what its steps tell each other. */
struct thaw_shipped_memory {
    struct thaw_arena arena;
    const struct thaw_shipped_options *options;
    const struct thaw_platform *platform; /* whose signs it has; NULL: nobody's, or several' */
    bool is_app;                          /* an app's folder, also as a zip */
    struct thaw_content *content;         /* how files of the target are opened (content.h) */
    struct thaw_site_table *sites;        /* who owns what (sites.h) */
    struct thaw_library_readers *readers; /* of shared objects, while the walk goes on; or NULL */
    THAW_ARRAY(struct thaw_shipped_folder) folders;
    THAW_ARRAY(struct thaw_shipped_file) files;
    THAW_ARRAY(struct thaw_shipped_distribution) distributions;
    THAW_ARRAY(struct thaw_shipped_request) requests;
    THAW_ARRAY(struct thaw_shipped_conflict) conflicts;
    THAW_ARRAY(struct thaw_shipped_foreign) foreign;
    THAW_ARRAY(struct thaw_shipped_library) libraries;
    THAW_ARRAY(struct thaw_shipped_duplicate) duplicates;
    THAW_ARRAY(struct thaw_shipped_path_file) path_files;
    THAW_ARRAY(struct thaw_shipped_fault) faults;
    THAW_ARRAY(struct thaw_shipped_limit) limits;
};

/*
 * The steps, in this order (the table in shipped.c), one file each. A step adds to the arrays of
 * shipped->memory; shipped's own pointers and counts are set to them after each step, so that later
 * steps read the model. 0, or a negative errno with its line in *error: -ENOMEM, and of the first
 * that the target can't be read. All else that goes wrong is a fault.
 */
typedef int (*thaw_shipped_step)(struct thaw_shipped *shipped, struct thaw_error *error);

int thaw_shipped_target(struct thaw_shipped *shipped, struct thaw_error *error); /* target.c */
int thaw_shipped_walk(struct thaw_shipped *shipped, struct thaw_error *error);   /* walk.c, zip.c */
int thaw_shipped_sites(struct thaw_shipped *shipped, struct thaw_error *error);  /* sites.c */
int thaw_shipped_python(struct thaw_shipped *shipped, struct thaw_error *error); /* python.c */
int thaw_shipped_libraries(struct thaw_shipped *shipped, struct thaw_error *error);
int thaw_shipped_duplicates(struct thaw_shipped *shipped, struct thaw_error *error);
int thaw_shipped_amounts(struct thaw_shipped *shipped, struct thaw_error *error); /* amounts.c */
int thaw_shipped_requests(struct thaw_shipped *shipped, struct thaw_error *error);
int thaw_shipped_app_imports(struct thaw_shipped *shipped, struct thaw_error *error);
int thaw_shipped_requirements(struct thaw_shipped *shipped, struct thaw_error *error);
int thaw_shipped_conflicts(struct thaw_shipped *shipped, struct thaw_error *error);
int thaw_shipped_foreign(struct thaw_shipped *shipped, struct thaw_error *error);
int thaw_shipped_bytecode(struct thaw_shipped *shipped, struct thaw_error *error);
int thaw_shipped_path_files(struct thaw_shipped *shipped, struct thaw_error *error);
int thaw_shipped_limits(struct thaw_shipped *shipped, struct thaw_error *error);

/* "x86_64" of the first bytes of an ELF file, at least 20; "" they are none, or of a machine that
 * is not known. */
const char *thaw_shipped_machine_of(const unsigned char *header, size_t length);

/*
 * Judges anew what is foreign, when the model is done: for an interpreter (version "": as it was
 * told from the target) on a machine that are known from elsewhere. Native files that were not
 * opened are told by their first bytes; left_out (of each file, NULL: none is) are not opened. 0 or
 * -ENOMEM.
 */
int thaw_shipped_judge_for(struct thaw_shipped *shipped, const char *python_version,
                           const char *machine, const bool *left_out, struct thaw_error *error);

/*
 * Says what of a path of the target could not be read: the figures lack it. Beyond 1,000 faults
 * they are only counted. The texts are copied. 0 or -ENOMEM.
 */
int thaw_shipped_fault(struct thaw_shipped *shipped, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same of a folder: nothing, or not all that is in it is known. */
int thaw_shipped_folder_fault(struct thaw_shipped *shipped, const char *path, const char *what);

/* The same of what is not as it should be, but read: no figure lacks anything. */
int thaw_shipped_remark(struct thaw_shipped *shipped, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
