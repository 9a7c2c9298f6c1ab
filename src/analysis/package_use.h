/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_ANALYSIS_PACKAGE_USE_H
#define THAW_ANALYSIS_PACKAGE_USE_H

#include "analysis/findings.h"
#include "base/array.h"

/* What the user's files do with a package that they import: "requests", "azure.core". */
struct thaw_package_use {
    const char *package;
    const struct thaw_inventory_statement *first; /* the first import of it, NULL none */
    THAW_ARRAY(const char *) names;               /* what is read of it directly, each once */
    struct thaw_texts functions;                  /* outermost functions that use it, at most 4 */
    bool is_unclear; /* more may be used: `*`, looked up, exported, or imported in functions */
};

/* false when memory is short; to be closed in any case. */
bool thaw_package_use_open(struct thaw_package_use *use, struct thaw_analysis *analysis,
                           const char *package);
void thaw_package_use_close(struct thaw_package_use *use);

/* Are all names that are used in the list (NULL-terminated), and is there one? */
bool thaw_package_use_within(const struct thaw_package_use *use, const char *const *list);

/* The first name of the list (NULL-terminated) that code of the user's refers to, NULL none. */
const char *thaw_package_use_reference(const struct thaw_analysis *analysis,
                                       const char *const *list);

/* "get, post and 3 more" */
const char *thaw_package_use_text(const struct thaw_package_use *use,
                                  struct thaw_analysis *analysis);

/*
 * What vanishes when nothing of the package is imported any more, and `instead` (NULL: nothing) is.
 * 1; 0: it can't be told, as something else than the user's files needs the package, or it was not
 * loaded in the start that is told; -1: memory is short. *ret_known: instead was loaded as well, so
 * that what it needs could be left out of the saving.
 */
int thaw_package_drop(struct thaw_analysis *analysis, const char *package, const char *instead,
                      struct thaw_saving *ret, bool *ret_known);

#endif
