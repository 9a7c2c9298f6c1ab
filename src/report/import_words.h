/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_IMPORT_WORDS_H
#define THAW_REPORT_IMPORT_WORDS_H

#include "report/summary.h"

/* What the views of imports say of a module, the same in all of them. */

/* Its name, cut to columns at its start, and " (failed)", " (not found)" or " (unfinished)". */
const char *thaw_import_name(struct thaw_summary *summary, const json_t *module, size_t columns);

/* Was it not loaded? */
bool thaw_import_is_bad(const json_t *module);

/* Its distribution, or else whose it is ("app", "stdlib", "worker"); "" not known. */
const char *thaw_import_from(struct thaw_summary *summary, const json_t *module);

/* The time under key, "-" where it isn't known. */
const char *thaw_import_time(struct thaw_summary *summary, const json_t *module, const char *key);

/* "worker 20828"; "a process that is not known". */
const char *thaw_import_process(struct thaw_summary *summary, uint64_t id);

/* One thing to be put in order: fill all but rank. */
struct thaw_import_rank {
    const json_t *object;
    size_t place; /* for the caller; smaller ones first where all else is equal */
    uint64_t number;
};

/* Sorts by what --sort asks for, a word of thaw_report_import_sorts(), usual where it asks for
 * nothing. */
void thaw_import_sort(const struct thaw_summary *summary, struct thaw_import_rank *items,
                      size_t count, const char *usual);

#endif
