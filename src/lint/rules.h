/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_LINT_RULES_H
#define THAW_LINT_RULES_H

#include "lint/lint.h"

/*
 * All rows, a block for each file that defines some. A rule is listed here and in rule_table.c,
 * which tells its place among the others; a test finds the one that is forgotten.
 */

#endif
