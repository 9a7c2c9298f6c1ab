/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_ANALYSIS_LAZY_SETS_H
#define THAW_ANALYSIS_LAZY_SETS_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/lazy.h"

/* One import statement: rows of the user's statements that stand and fall together. */
struct thaw_lazy_statement {
    size_t first; /* row */
    size_t end;   /* the row behind */
    uint64_t ns;  /* saved by it alone */
};

/*
 * The best set: cuts as many of the statements as together get no worse verdict, and gain by it;
 * none has a worse one by itself. Fills lost and saving as well, and *ret_count with how many they
 * are.
 */
void thaw_lazy_best_set(struct thaw_lazy *lazy, struct thaw_lazy_statement *statements,
                        size_t count, enum thaw_lazy_verdict worst, size_t *ret_count);

#endif
