/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TESTS_LINT_CASES_H
#define THAW_TESTS_LINT_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lint/rules.h"
#include "lint_fixture.h"

/*
 * Cases of a rule: says() runs it and wants a finding of a subject with words in its text, silent()
 * wants none. Both forget the findings, so that the next case begins anew.
 */
static inline int lint_case_begin(void **state)
{
    static struct lint_fixture fixture;

    lint_fixture_begin(&fixture);
    lint_fixture_facts(&fixture);
    *state = &fixture;
    return 0;
}

static inline int lint_case_end(void **state)
{
    lint_fixture_end(*state);
    return 0;
}

#define LINT_CASE(name) cmocka_unit_test_setup_teardown(name, lint_case_begin, lint_case_end)

static inline void lint_case_check(struct lint_fixture *fixture, const struct thaw_lint_rule *rule,
                                   const struct thaw_lint_finding *finding, const char *words)
{
    const char *text = lint_fixture_text(fixture, finding);

    if (!strstr(text, words))
        fail_msg("%s: no \"%s\" in: %s", rule->kind.id, words, text);
    assert_true(*finding->title && *finding->fix);
    assert_non_null(finding->place.file);
    assert_false(fixture->lint.failed);
}

static inline void says(struct lint_fixture *fixture, const struct thaw_lint_rule *rule,
                        const char *subject, const char *words)
{
    const struct thaw_lint_finding *finding;

    if (!lint_fixture_run(fixture, rule))
        fail_msg("%s can't be checked", rule->kind.id);
    finding = lint_fixture_find_about(fixture, rule->kind.id, subject);
    if (!finding)
        fail_msg("%s says nothing about %s", rule->kind.id, subject);
    lint_case_check(fixture, rule, finding, words);
    lint_fixture_again(fixture);
}

/* The same with its severity and place ("host.json:1"). */
static inline void says_at(struct lint_fixture *fixture, const struct thaw_lint_rule *rule,
                           const char *subject, const char *words, const char *severity,
                           const char *place)
{
    const struct thaw_lint_finding *finding;

    if (!lint_fixture_run(fixture, rule))
        fail_msg("%s can't be checked", rule->kind.id);
    finding = lint_fixture_find_about(fixture, rule->kind.id, subject);
    if (!finding)
        fail_msg("%s says nothing about %s", rule->kind.id, subject);
    lint_case_check(fixture, rule, finding, words);
    assert_string_equal(finding->severity, severity);
    assert_string_equal(thaw_lint_place_text(&fixture->lint, &finding->place), place);
    lint_fixture_again(fixture);
}

static inline void silent(struct lint_fixture *fixture, const struct thaw_lint_rule *rule)
{
    const struct thaw_lint_finding *finding = NULL;

    if (lint_fixture_run(fixture, rule))
        finding = lint_fixture_find(fixture, rule->kind.id);
    if (finding)
        fail_msg("%s: %s", rule->kind.id, lint_fixture_text(fixture, finding));
    assert_false(fixture->lint.failed);
    lint_fixture_again(fixture);
}

/* It can't be checked: what it needs isn't there. */
static inline void unchecked(struct lint_fixture *fixture, const struct thaw_lint_rule *rule)
{
    if (lint_fixture_run(fixture, rule))
        fail_msg("%s was checked", rule->kind.id);
}

#endif
