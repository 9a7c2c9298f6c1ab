/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over files as such: what is to be done about one that is not of its format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lint/rules.h"
#include "lint_expect.h"

/* What is to be done is the reader's to say, who knows what is wrong. */
static void what_is_malformed_has_something_to_do(void **state)
{
    static const char *const fixes[] = {"write the brackets that are missing, } and ]", ""};
    const struct thaw_lint_rule *rule = &thaw_rule_file_malformed;
    struct lint_fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(fixes) / sizeof(*fixes); i++) {
        const struct thaw_lint_finding *finding;

        fixture->memory.problems.count = 0;
        lint_fixture_problem(fixture, THAW_PROBLEM_MALFORMED, "a.json", "no JSON")->fix = fixes[i];
        lint_fixture_again(fixture);
        assert_true(lint_fixture_run(fixture, rule));
        finding = lint_fixture_find(fixture, "file-malformed");
        assert_non_null(finding);
        assert_string_equal(finding->fix, fixes[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_TEST(what_is_malformed_has_something_to_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
