/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_TARGET_VIEW_H
#define THAW_REPORT_TARGET_VIEW_H

#include "report/summary.h"

/*
 * What the views of a target have in common (`thaw deps --view`). They read the JSON report alone.
 * Everything returned lives as long as the summary.
 */

/* Rows to show: --top, else as many as the view shows by itself. */
size_t thaw_view_rows(const struct thaw_summary *summary, size_t usual);

/* "- further packages: 12 (--top NUMBER shows more)", nothing when all were shown. */
void thaw_view_rest(struct thaw_summary *summary, size_t shown, size_t all, const char *what);

/* "1 file", "7,180 files" */
const char *thaw_view_many(struct thaw_summary *summary, uint64_t count, const char *one,
                           const char *many);

/* "pandas 3.1.1" */
const char *thaw_view_package(struct thaw_summary *summary, const json_t *distribution);

/* Neither a user nor the app asks for it, nor another distribution that is asked for. */
bool thaw_view_is_unasked(const json_t *distribution);

/* "requirements.txt:2" of required_by as it is, of a file of the app "imported by app.py". */
const char *thaw_view_asker(struct thaw_summary *summary, const json_t *distribution, size_t index);

/* Asked for by the user, but in no file: of its own chain it is all there is. */
bool thaw_view_is_top(const json_t *distribution);

/* How many others ask for it beside the one that thaw_view_why() tells. */
size_t thaw_view_more_askers(struct thaw_summary *summary, const json_t *distribution);

/* "requirements.txt:2 > pandas": the chain to it without itself; "imported by app.py"; "asked for
 * directly" where it is all there is of it; "only a cycle asks for it"; "nothing asks for it". */
const char *thaw_view_why(struct thaw_summary *summary, const json_t *distribution);

/* The same, with "+2" where others ask for it, too. */
const char *thaw_view_why_more(struct thaw_summary *summary, const json_t *distribution);

/* A path of the target: "." for its own folder. */
const char *thaw_view_path(struct thaw_summary *summary, const json_t *object, const char *key);

/*
 * A shared object's path for a narrow column: without the import path's folder, where there is one
 * only, and without what all of a Python's extension modules have at their ends.
 */
const char *thaw_view_object(struct thaw_summary *summary, const json_t *object, const char *key);

/* Were the target's shared objects looked at? Where not, that is said instead of them. */
bool thaw_view_has_libraries(struct thaw_summary *summary);

/* How the objects of a duplicate are the same: "equal", "one name" … */
const char *thaw_view_likeness(const json_t *duplicate);

/* The objects of a list, largest number under key first, equal ones in their order. */
const json_t **thaw_view_sorted(struct thaw_summary *summary, const json_t *list, const char *key);

/* --- view_index.c: finding things by what they are called --- */

/* Distributions by name (PEP 503), libraries by path. */
struct thaw_view_index {
    struct thaw_view_entry *items; /* sorted */
    size_t count;
    bool by_path;
};

bool thaw_view_index_packages(struct thaw_summary *summary, struct thaw_view_index *ret);
bool thaw_view_index_libraries(struct thaw_summary *summary, struct thaw_view_index *ret);

/* Place in the report's list, SIZE_MAX: none is called so. Of several the first. */
size_t thaw_view_find(struct thaw_summary *summary, const struct thaw_view_index *index,
                      const char *name);

/* --- view_branch.c: trees --- */

enum { THAW_VIEW_LEVELS = 64 };

/* Where a tree is being written: whether what is above was the last of its own. */
struct thaw_view_tree {
    bool last[THAW_VIEW_LEVELS];
    size_t lead_columns; /* that the caller fills before each line itself; 0 none */
};

/* Columns for text and note of a line. */
size_t thaw_view_room(const struct thaw_summary *summary, const struct thaw_view_tree *tree,
                      size_t level);

/*
 * Writes a line of a tree, cut to the width. level 0 is a root, without a branch. note stands
 * behind the text, in a style of its own.
 */
void thaw_view_branch(struct thaw_summary *summary, struct thaw_view_tree *tree, size_t level,
                      bool is_last, enum thaw_style style, const char *text,
                      enum thaw_style note_style, const char *note);

/* Are there levels below this one to be shown? */
bool thaw_view_goes_below(const struct thaw_summary *summary, const struct thaw_view_tree *tree,
                          size_t level);

/* --- sections of the summary, one file each --- */

void thaw_target_head(struct thaw_summary *summary);                      /* target_head.c */
void thaw_target_kinds(struct thaw_summary *summary);                     /* target_head.c */
void thaw_target_packages(struct thaw_summary *summary);                  /* target_packages.c */
void thaw_target_libraries(struct thaw_summary *summary);                 /* target_libraries.c */
void thaw_target_misfits(struct thaw_summary *summary, size_t most);      /* target_misfits.c */
void thaw_target_requirements(struct thaw_summary *summary, size_t most); /* target_misfits.c */
/* How many there are; target_misfits.c */
size_t thaw_target_records(struct thaw_summary *summary, size_t most);
void thaw_target_bytecode(struct thaw_summary *summary, size_t most); /* target_health.c */
/* Are there sources of which it is known whether they have bytecode? target_health.c */
bool thaw_target_has_sources(const struct thaw_summary *summary);
void thaw_target_path_files(struct thaw_summary *summary, size_t most); /* target_health.c */
void thaw_target_faults(struct thaw_summary *summary, size_t most);     /* target_health.c */
void thaw_target_limits(struct thaw_summary *summary, bool all);        /* target_health.c */
void thaw_target_stages(struct thaw_summary *summary);                  /* target_use.c */
void thaw_target_use(struct thaw_summary *summary, size_t most);        /* target_use.c */
void thaw_target_recordings(struct thaw_summary *summary);              /* target_use.c */
void thaw_target_costs(struct thaw_summary *summary, size_t most);      /* target_costs.c */

/* Table of packages, with as many rows; target_packages.c */
void thaw_target_package_table(struct thaw_summary *summary, size_t most);

#endif
