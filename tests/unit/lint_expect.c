/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lint_expect.h"

int lint_expect_begin(void **state)
{
    struct lint_fixture *fixture = calloc(1, sizeof(*fixture));

    if (!fixture)
        return -1;
    lint_fixture_begin(fixture);
    lint_fixture_facts(fixture);
    *state = fixture;
    return 0;
}

int lint_expect_end(void **state)
{
    lint_fixture_end(*state);
    free(*state);
    return 0;
}

void lint_expect_words(struct lint_fixture *fixture, const struct thaw_lint_finding *finding,
                       const char *words)
{
    const char *text = lint_fixture_text(fixture, finding);

    if (!strstr(text, words))
        fail_msg("no \"%s\" in:\n%s", words, text);
}

const struct thaw_lint_finding *lint_expect(struct lint_fixture *fixture,
                                            const struct thaw_lint_rule *rule, const char *words,
                                            const char *file, uint32_t line)
{
    const struct thaw_lint_finding *finding;

    lint_fixture_again(fixture);
    assert_true(lint_fixture_run(fixture, rule));
    finding = lint_fixture_find(fixture, rule->kind.id);
    assert_non_null(finding);
    lint_expect_words(fixture, finding, words);
    assert_string_equal(finding->place.file, file);
    assert_int_equal(finding->place.line, line);
    assert_true(*finding->fix);
    assert_false(fixture->lint.failed);
    return finding;
}

void lint_expect_none(struct lint_fixture *fixture, const struct thaw_lint_rule *rule)
{
    lint_fixture_again(fixture);
    lint_fixture_run(fixture, rule);
    if (fixture->lint.findings.count)
        fail_msg("not expected:\n%s", lint_fixture_text(fixture, &fixture->lint.findings.items[0]));
    assert_false(fixture->lint.failed);
}
