/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_LINT_PLATFORMS_H
#define THAW_LINT_PLATFORMS_H

#include <stdbool.h>

/* The platforms that rules are about: a row each, by what thaw_project.platform calls it. */
struct thaw_lint_platform_row {
    const char *name;  /* "" none of the others: the last row */
    const char *title; /* as people say it */
    unsigned bit;      /* enum thaw_lint_platform */
    bool has_plans;    /* what holds depends on the hosting plan */
};

/* Of a name that is in no row: the last one. */
const struct thaw_lint_platform_row *thaw_lint_platform_row(const char *name);

#endif
