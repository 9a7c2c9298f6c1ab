/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_COMPARE_DIFF_PARTS_H
#define THAW_COMPARE_DIFF_PARTS_H

#include "base/arena.h"
#include "base/array.h"
#include "compare/diff.h"
#include "report/values.h"

/* A comparison being made; [0] is what was before, [1] what is after. */
struct thaw_differ {
    struct thaw_values values;
    struct thaw_arena arena;
    const struct thaw_diff_side *sides[2];
    struct thaw_texts sites[2]; /* folders of the import path, once they were asked for */
    bool has_sites[2];
};

#define THAW_DIFF_NO_PARTNER SIZE_MAX

/* Which item of one list is which of the other; arrays of the arena. */
struct thaw_diff_matching {
    size_t count[2];
    size_t *partner[2]; /* THAW_DIFF_NO_PARTNER: none */
};

/* Changes that are to be sorted. */
struct thaw_diff_change {
    json_t *object;
    uint64_t weight; /* the larger, the further up */
    const char *name;
    size_t number;
};
struct thaw_diff_changes {
    THAW_ARRAY(struct thaw_diff_change) rows;
};

/* --- diff_match.c --- */

/* text; "" with values.failed set when it is NULL. */
const char *thaw_differ_keep(struct thaw_differ *differ, const char *text);

/* The list under key of a side's report, NULL: not looked for. */
const json_t *thaw_differ_list(const struct thaw_differ *differ, int side, const char *key);

/* Starts with no partners; false: memory is short. */
bool thaw_differ_begin(struct thaw_differ *differ, const json_t *before, const json_t *after,
                       struct thaw_diff_matching *ret);

/*
 * Makes partners of items that have none yet and equal keys (NULL: not to be matched), of several
 * with one key the first of the one with the first of the other.
 */
void thaw_differ_match(struct thaw_differ *differ, struct thaw_diff_matching *matching,
                       const char *const *before, const char *const *after);

/*
 * A path without the folder of the import path that it lies in, so that it is the same wherever
 * packages are installed: "lib/python3.11/site-packages/numpy/core" is "s:numpy/core", and
 * "function_app.py" is "t:function_app.py".
 */
const char *thaw_differ_place(struct thaw_differ *differ, int side, const char *path);

/* Takes object. name must live as long as the changes. */
void thaw_differ_add(struct thaw_differ *differ, struct thaw_diff_changes *changes, json_t *object,
                     uint64_t weight, const char *name);

/* The changes as a list, dearest first, then by name; frees them. */
json_t *thaw_differ_sorted(struct thaw_differ *differ, struct thaw_diff_changes *changes);

/* --- diff_values.c --- */

/* Sets key as from has it, with its bytes; null where it has none. */
void thaw_differ_copy(struct thaw_differ *differ, json_t *object, const json_t *from,
                      const char *key);

/* after less before, as JSON holds it, and how large that is. */
int64_t thaw_differ_change(uint64_t before, uint64_t after);
uint64_t thaw_differ_weight(int64_t change);

/* {"before", "after", "change"}; NULL: not known. */
json_t *thaw_differ_numbers(struct thaw_differ *differ, const uint64_t *before,
                            const uint64_t *after);

/* "came", "went", or what both being there is called. */
const char *thaw_differ_word(const json_t *before, const json_t *after, const char *both);

/* Is a side's report one of a recording? */
bool thaw_differ_is_recording(const struct thaw_differ *differ, int side);

/* --- one file each: the members of the comparison, in this order --- */

void thaw_diff_not_compared(struct thaw_differ *differ, json_t *diff);  /* diff.c */
void thaw_diff_cold_start(struct thaw_differ *differ, json_t *diff);    /* diff_cold.c */
void thaw_diff_totals(struct thaw_differ *differ, json_t *diff);        /* diff_totals.c */
void thaw_diff_requirements(struct thaw_differ *differ, json_t *diff);  /* diff_lists.c */
void thaw_diff_distributions(struct thaw_differ *differ, json_t *diff); /* diff_distributions.c */
void thaw_diff_libraries(struct thaw_differ *differ, json_t *diff);     /* diff_libraries.c */
void thaw_diff_missing(struct thaw_differ *differ, json_t *diff);       /* diff_missing.c */
void thaw_diff_duplicates(struct thaw_differ *differ, json_t *diff);    /* diff_lists.c */
void thaw_diff_conflicts(struct thaw_differ *differ, json_t *diff);     /* diff_lists.c */
void thaw_diff_foreign(struct thaw_differ *differ, json_t *diff);       /* diff_lists.c */
void thaw_diff_folders(struct thaw_differ *differ, json_t *diff);       /* diff_folders.c */

/* --- diff_cause.c: which requirement or distribution brought a distribution, or took it --- */

struct thaw_diff_causes {
    json_t *texts[2];  /* requirement -> true; NULL: not looked for */
    json_t *places[2]; /* "requirements.txt:2" -> number of the line's requirement */
    json_t *names[2];  /* normalised name -> number of the first distribution */
    const struct thaw_diff_matching *matching;
};

void thaw_diff_causes_begin(struct thaw_differ *differ, struct thaw_diff_causes *causes,
                            const struct thaw_diff_matching *matching);

/* Of distribution number of a side; null: not known. */
json_t *thaw_diff_cause(struct thaw_differ *differ, const struct thaw_diff_causes *causes, int side,
                        size_t number);
void thaw_diff_causes_end(struct thaw_diff_causes *causes);

#endif
