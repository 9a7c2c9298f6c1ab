/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_NESTING_H
#define THAW_REPORT_NESTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thaw/error.h"

/*
 * Viewers draw what happened on a thread as boxes within boxes: none may begin in another one and
 * end behind it. A report can hold such (a program that switches stacks; a report that somebody
 * else wrote), and its times are not to be bent: so it is told which of them fit.
 */
#define THAW_NESTING_NONE SIZE_MAX

struct thaw_interval {
    int64_t start_ns, end_ns;
    size_t behind; /* place behind all that is below it in its tree, which stands in preorder */
    size_t above;  /* set: place of the one it lies in by time, THAW_NESTING_NONE: none */
    bool nests;    /* set: false where it would stick out of the one it begins in */
};

/*
 * Sets above and nests, and fills order with the places of all by their start; of equal ones the
 * one above comes first. One that ends before it starts does not nest. -ENOMEM.
 */
int thaw_nesting(struct thaw_interval *intervals, size_t count, size_t *order,
                 struct thaw_error *error);

#endif
