/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PROJECT_READING_H
#define THAW_PROJECT_READING_H

#include "project/build.h"
#include "shipped/app.h"

/* What a file of the app is read as, told by its name and place: a row each in tree.c. */
enum thaw_project_role {
    THAW_ROLE_HOST,           /* host.json */
    THAW_ROLE_LOCAL_SETTINGS, /* local.settings.json */
    THAW_ROLE_FUNCTION,       /* NAME/function.json */
    THAW_ROLE_IGNORE,         /* .funcignore */
    THAW_ROLE_REQUIREMENTS,   /* requirements.txt */
    THAW_ROLE_TOML,           /* manifests that an interpreter reads */
    THAW_ROLE_PIPFILE_LOCK,   /* in JSON */
    THAW_ROLE_CONDA,          /* environment.yml */
    THAW_ROLE_PYTHON_VERSION, /* .python-version, runtime.txt */
    THAW_ROLE_TEMPLATE,       /* perhaps one */
    THAW_ROLE_SOURCE,         /* *.py */
    THAW_ROLES,
};

struct thaw_project_file {
    uint32_t file; /* of shipped->files */
    enum thaw_project_role role;
    const char *name;  /* as places have it */
    const char *bytes; /* NULL: not read, or not all of it */
    size_t length;
};

/* A project while it is read, and what the steps tell each other. */
struct thaw_project_reading {
    const struct thaw_project_options *options;
    struct thaw_project *project;
    struct thaw_arena arena;                    /* bytes of files: gone when all is read */
    enum thaw_app_place *places;                /* of each of shipped's folders */
    bool *is_searched;                          /* of each folder: files in it are read */
    THAW_ARRAY(struct thaw_project_file) files; /* by role, in each by path */
    size_t first[THAW_ROLES + 1];               /* where a role's begin */
    THAW_ARRAY(const char *) read;              /* names of what was read */
    size_t bytes[THAW_ROLES];                   /* that were read */
    bool is_cut[THAW_ROLES];                    /* told already */
    bool is_elsewhere;                          /* host.json is in a folder below, not here */
    struct thaw_app_source *source;             /* that is or will be asked, or NULL */
};

/*
 * The steps, in this order (the table in read.c): each reads what those before it found. 0, or a
 * negative errno with its line in *error. What is wrong with the app's own files is a problem.
 */
typedef int (*thaw_project_step)(struct thaw_project_reading *reading, struct thaw_error *error);

int thaw_project_wake(struct thaw_project_reading *reading, struct thaw_error *error);
int thaw_project_tree(struct thaw_project_reading *reading, struct thaw_error *error);
int thaw_project_oddities(struct thaw_project_reading *reading, struct thaw_error *error);
int thaw_project_documents(struct thaw_project_reading *reading, struct thaw_error *error);
int thaw_project_named(struct thaw_project_reading *reading, struct thaw_error *error);
int thaw_project_infer_platform(struct thaw_project_reading *reading, struct thaw_error *error);
int thaw_project_ask(struct thaw_project_reading *reading, struct thaw_error *error);
int thaw_project_infer_python(struct thaw_project_reading *reading, struct thaw_error *error);
int thaw_project_manifests(struct thaw_project_reading *reading, struct thaw_error *error);
int thaw_project_infer_plan(struct thaw_project_reading *reading, struct thaw_error *error);
int thaw_project_left_out(struct thaw_project_reading *reading, struct thaw_error *error);
int thaw_project_kept(struct thaw_project_reading *reading, struct thaw_error *error);
int thaw_project_foreign(struct thaw_project_reading *reading, struct thaw_error *error);
int thaw_project_hear(struct thaw_project_reading *reading, struct thaw_error *error);
int thaw_project_bound_python(struct thaw_project_reading *reading, struct thaw_error *error);

/* Files of a role; *ret_count of them. */
struct thaw_project_file *thaw_reading_files(const struct thaw_project_reading *reading,
                                             enum thaw_project_role role, size_t *ret_count);

/* The file of the app's top folder of that name; NULL: there is none among those that are read. */
struct thaw_project_file *thaw_reading_top(const struct thaw_project_reading *reading,
                                           const char *name);

/*
 * Reads a file whole, once: 1, its bytes are set; 0: it can't be read, is too large, or its role
 * has had its share, which is a problem then; -ENOMEM.
 */
int thaw_reading_whole(struct thaw_project_reading *reading, struct thaw_project_file *file);

/* Its first bytes, at most limit, without any word: 1, 0 or -ENOMEM. */
int thaw_reading_beginning(struct thaw_project_reading *reading,
                           const struct thaw_project_file *file, size_t limit, const char **ret,
                           size_t *ret_length);

/* "FILE:LINE", "FILE", in the project's arena; NULL: memory is short. */
const char *thaw_reading_place(struct thaw_project_reading *reading,
                               const struct thaw_project_place *place);

#endif
