/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lint/check.h"
#include "lint/rules.h"
#include "lint_fixture.h"
#include "report/issues.h"

/* The table of rules, and what rules are made with. */

static struct lint_fixture fixture;

static int begin(void **state)
{
    (void)state;
    lint_fixture_begin(&fixture);
    lint_fixture_facts(&fixture);
    return 0;
}

static int end(void **state)
{
    (void)state;
    lint_fixture_end(&fixture);
    return 0;
}

/* --- the table --- */

static void is_well_told(const struct thaw_finding_kind *kind)
{
    size_t paragraphs = 1;

    if (thaw_lint_severity_rank(kind->severity) < 0)
        fail_msg("%s: severity %s", kind->id, kind->severity);
    if (!*kind->title || strchr(kind->title, '\n') || kind->title[strlen(kind->title) - 1] == '.')
        fail_msg("%s: title %s", kind->id, kind->title);
    if (!kind->needs || !*kind->needs || kind->needs[strlen(kind->needs) - 1] == '.')
        fail_msg("%s: needs", kind->id);
    for (const char *at = kind->explanation; (at = strstr(at, "\n\n")); at += 2)
        paragraphs++;
    if (paragraphs < 3)
        fail_msg("%s: its explanation has %zu paragraphs", kind->id, paragraphs);
}

static size_t area_of(const struct thaw_lint_rule *rule)
{
    const char *const *areas = thaw_lint_areas();
    size_t i = 0;

    while (areas[i] && strcmp(areas[i], rule->area) != 0)
        i++;
    if (!areas[i])
        fail_msg("%s: there is no area %s", rule->kind.id, rule->area);
    return i;
}

static void rules_stand_in_order_and_have_their_texts(void **state)
{
    size_t count;
    const struct thaw_lint_rule *const *rules = thaw_lint_rules(&count);

    (void)state;
    assert_true(count >= 5);
    for (size_t i = 0; i < count; i++) {
        const struct thaw_lint_rule *rule = rules[i];

        is_well_told(&rule->kind);
        assert_ptr_equal(thaw_lint_rule_find(rule->kind.id), rule);
        assert_true(rule->platforms && !(rule->platforms & ~(unsigned)THAW_LINT_ANY));
        assert_non_null(rule->check);
        if (i && (area_of(rules[i - 1]) > area_of(rule) ||
                  (area_of(rules[i - 1]) == area_of(rule) &&
                   strcmp(rules[i - 1]->kind.id, rule->kind.id) >= 0)))
            fail_msg("%s stands behind %s", rule->kind.id, rules[i - 1]->kind.id);
    }
    assert_null(thaw_lint_rule_find("no-such-rule"));
}

/* One id is one thing, in thaw.json and for `thaw explain`. */
static void no_rule_is_called_as_another_finding(void **state)
{
    size_t count;
    const struct thaw_finding_kind *const *kinds = thaw_finding_kinds(&count);
    const struct thaw_finding_kind *target;

    (void)state;
    for (size_t i = 0; i < count; i++)
        assert_null(thaw_lint_rule_find(kinds[i]->id));
    target = thaw_issue_target_kinds(&count);
    for (size_t i = 0; i < count; i++)
        assert_null(thaw_lint_rule_find(target[i].id));
}

/* --- what rules use --- */

static void timespans_are_read_as_the_host_does(void **state)
{
    static const struct {
        const char *text;
        double seconds;
    } cases[] = {
        {"00:05:00", 300},
        {"00:00:30", 30},
        {"01:00", 3600},
        {"23:59:59", 86399},
        {"00:00:00.5", 0.5},
        {"00:00:00", 0},
        {"1.00:00:00", 86400},
        {"10.01:00:00", 867600},
        {"1:02:03:04", 93784},
        {"7", 604800},
        {"24:00:00", 2073600}, /* no hour of a day: days, hours, minutes */
        {"-1", 0},
        {"", -1},
        {"-2", -1},
        {"00:60:00", -1},
        {"00:00:60", -1},
        {"1.24:00:00", -1},
        {"00:05:00 ", -1},
        {"five", -1},
        {"00:05:", -1},
        {":05:00", -1},
        {"1.", -1},
        {"1.5", -1},
        {"00:05.5", -1},
        {"1:2:3:4:5", -1},
        {"1.1.00:00", -1},
        {"99999999999999999999:00:00", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        double seconds = thaw_lint_seconds(cases[i].text);

        if (seconds < cases[i].seconds - 1e-6 || seconds > cases[i].seconds + 1e-6)
            fail_msg("'%s': %f instead of %f", cases[i].text, seconds, cases[i].seconds);
    }
}

static void local_settings_are_not_deployed(void **state)
{
    struct thaw_lint *lint = &fixture.lint;
    const struct thaw_setting *setting;

    (void)state;
    lint_fixture_setting(&fixture, THAW_SETTING_LOCAL, "A", "1");
    assert_null(thaw_lint_deployed(lint, "A"));
    lint_fixture_setting(&fixture, THAW_SETTING_EXPORTED, "a", "2");
    setting = thaw_lint_deployed(lint, "A");
    assert_non_null(setting);
    assert_string_equal(setting->value, "2");
    assert_string_equal(thaw_lint_place_text(lint, &setting->place), "settings.json:2");
    assert_string_equal(
        thaw_lint_place_text(lint, &(const struct thaw_project_place){.file = "a.zip"}), "a.zip");
    assert_string_equal(thaw_lint_place_text(lint, &(const struct thaw_project_place){.file = ""}),
                        "");
}

static void the_plan_is_the_facts_own(void **state)
{
    (void)state;
    assert_null(thaw_lint_plan(&fixture.lint));
    for (size_t i = 0; thaw_lint_plan_names[i]; i++) {
        fixture.project.plan.value = thaw_lint_plan_names[i];
        if (!thaw_lint_plan(&fixture.lint))
            fail_msg("there are no facts of the plan %s", thaw_lint_plan_names[i]);
        assert_true(thaw_lint_plan_is(&fixture.lint, thaw_lint_plan_names[i]));
    }
    assert_false(thaw_lint_plan_is(&fixture.lint, "none"));
}

static void what_is_not_verified_is_not_sure(void **state)
{
    struct thaw_lint *lint = &fixture.lint;
    const struct thaw_lint_rule *rule = &thaw_rule_file_malformed;
    json_t *sure = json_pack("{ss}", "id", "a"),
           *unsure = json_pack("{sssb}", "id", "b", "verified", 0);
    struct thaw_lint_finding *finding = thaw_lint_add(lint, rule, NULL, "s", "%s", "t");

    (void)state;
    thaw_lint_source(lint, finding, NULL);
    thaw_lint_source(lint, finding, sure);
    thaw_lint_source(lint, finding, sure);
    assert_int_equal(finding->source_count, 1);
    assert_string_equal(finding->confidence, "high");
    thaw_lint_source(lint, finding, unsure);
    assert_int_equal(finding->source_count, 2);
    assert_string_equal(finding->confidence, "medium");
    finding->confidence = "low";
    thaw_lint_source(lint, finding, unsure);
    assert_string_equal(finding->confidence, "low");
    for (size_t i = 0; i < THAW_LINT_EVIDENCE_MAX + 3; i++)
        thaw_lint_evidence(lint, finding, "line %zu", i);
    assert_int_equal(finding->evidence_count, THAW_LINT_EVIDENCE_MAX);
    thaw_lint_evidence(lint, NULL, "nothing");
    thaw_lint_fix(lint, NULL, "nothing");
    thaw_lint_source(lint, NULL, sure);
    json_decref(sure);
    json_decref(unsure);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(rules_stand_in_order_and_have_their_texts),
        CASE(no_rule_is_called_as_another_finding),
        CASE(timespans_are_read_as_the_host_does),
        CASE(local_settings_are_not_deployed),
        CASE(the_plan_is_the_facts_own),
        CASE(what_is_not_verified_is_not_sure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
