/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over files as such: what is to be done about one that is not of its format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lint/rules.h"
#include "lint_expect.h"

static void what_is_malformed_has_something_to_do(void **state)
{
    static const struct {
        enum thaw_problem_kind kind;
        const char *what, *fix; /* fix NULL: none */
    } rows[] = {
        {THAW_PROBLEM_MALFORMED, "no JSON: it ends before all brackets are closed", "brackets"},
        {THAW_PROBLEM_MALFORMED, "no JSON: what nobody has thought of", "editor that knows JSON"},
        {THAW_PROBLEM_MALFORMED, "no YAML: did not find expected key", "editor that knows YAML"},
        {THAW_PROBLEM_TYPE, "version has to be the text \"2.0\", in quotes",
         "write \"version\": \"2.0\""},
        {THAW_PROBLEM_TYPE, "Values has to be an object of names and texts: it was passed over",
         "write an object"},
        {THAW_PROBLEM_MALFORMED, "something else", NULL},
    };
    const struct thaw_lint_rule *rule = &thaw_rule_file_malformed;
    struct lint_fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct thaw_lint_finding *finding;

        fixture->memory.problems.count = 0;
        lint_fixture_problem(fixture, rows[i].kind, "a.json", rows[i].what);
        lint_fixture_again(fixture);
        assert_true(lint_fixture_run(fixture, rule));
        finding = lint_fixture_find(fixture, "file-malformed");
        assert_non_null(finding);
        if (rows[i].fix)
            lint_expect_words(fixture, finding, rows[i].fix);
        else
            assert_string_equal(finding->fix, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_TEST(what_is_malformed_has_something_to_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
