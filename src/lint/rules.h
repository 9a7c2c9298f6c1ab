/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_LINT_RULES_H
#define THAW_LINT_RULES_H

#include "lint/lint.h"

/*
 * All rows, a block for each file that defines some. A rule is listed here and in rule_table.c,
 * which tells its place among the others; a test finds the one that is forgotten.
 */

/* rules_files.c */
extern const struct thaw_lint_rule thaw_rule_duplicate_key;
extern const struct thaw_lint_rule thaw_rule_facts_expired;
extern const struct thaw_lint_rule thaw_rule_file_malformed;
extern const struct thaw_lint_rule thaw_rule_not_all_read;
extern const struct thaw_lint_rule thaw_rule_unused_suppression;

#endif
