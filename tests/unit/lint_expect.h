/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TESTS_LINT_EXPECT_H
#define THAW_TESTS_LINT_EXPECT_H

#include "lint_fixture.h"

/* What tests of rules say again and again; *state is the fixture, with thaw's own facts. */

int lint_expect_begin(void **state);
int lint_expect_end(void **state);
#define LINT_TEST(name) cmocka_unit_test_setup_teardown(name, lint_expect_begin, lint_expect_end)

/* The rule can be checked, and its first finding has these words and that place (file "" of none);
 * returns it. Findings of before are forgotten. */
const struct thaw_lint_finding *lint_expect(struct lint_fixture *fixture,
                                            const struct thaw_lint_rule *rule, const char *words,
                                            const char *file, uint32_t line);

/* It finds nothing, or can't be checked. */
void lint_expect_none(struct lint_fixture *fixture, const struct thaw_lint_rule *rule);

/* The finding's texts have the words. */
void lint_expect_words(struct lint_fixture *fixture, const struct thaw_lint_finding *finding,
                       const char *words);

#endif
