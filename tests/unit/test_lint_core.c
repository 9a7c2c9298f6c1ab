/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "lint/check.h"
#include "lint_fixture.h"

/* From rules to a document. The project is of no platform, so that few rules are about it. */

static struct lint_fixture fixture;
static struct thaw_lint_question question;

static int begin(void **state)
{
    (void)state;
    lint_fixture_begin(&fixture);
    lint_fixture_facts(&fixture);
    fixture.project.platform.value = "";
    fixture.project.may_be_handler = true; /* an app, all the same */
    question = (struct thaw_lint_question){
        .project = &fixture.project,
        .facts = fixture.facts,
        .recording_name = "",
        .today = thaw_lint_facts_dated(fixture.facts),
        .profile = thaw_lint_profiles(),
        .suppressions_name = "thaw.json",
    };
    return 0;
}

static int end(void **state)
{
    (void)state;
    lint_fixture_end(&fixture);
    return 0;
}

static json_t *checked(void)
{
    struct thaw_error error = {0};
    json_t *lint = NULL;

    lint_fixture_show(&fixture);
    assert_int_equal(thaw_lint_check(&question, &lint, &error), 0);
    return lint;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

static json_int_t number_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

/* The finding of an id that is in a file ("" anywhere); NULL none. */
static const json_t *finding_in(const json_t *lint, const char *id, const char *file)
{
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(lint, "findings"), i, one)
    {
        if (!strcmp(text_of(one, "id"), id) &&
            (!*file || !strcmp(text_of(json_object_get(one, "location"), "file"), file)))
            return one;
    }
    return NULL;
}

static bool lists(const json_t *lint, const char *key, const char *text)
{
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(lint, key), i, one)
    {
        if (!strcmp(json_is_string(one) ? json_string_value(one) : text_of(one, "id"), text))
            return true;
    }
    return false;
}

/* --- the document --- */

static void problems_are_findings_in_their_order(void **state)
{
    json_t *lint;
    const json_t *findings, *one;

    (void)state;
    lint_fixture_problem(&fixture, THAW_PROBLEM_DUPLICATE_KEY, "host.json", "'a' stands twice");
    lint_fixture_problem(&fixture, THAW_PROBLEM_TYPE, "host.json", "'b' must be a number");
    lint_fixture_problem(&fixture, THAW_PROBLEM_MALFORMED, "z/function.json", "no JSON");
    lint_fixture_problem(&fixture, THAW_PROBLEM_SYNTAX, "function_app.py", "does not compile")
        ->place.column = 7;
    lint = checked();
    findings = json_object_get(lint, "findings");
    one = json_array_get(findings, 0);
    assert_string_equal(text_of(one, "id"), "file-malformed");
    assert_string_equal(text_of(one, "title"), "does not compile");
    assert_string_equal(text_of(one, "severity"), "error");
    assert_string_equal(text_of(one, "area"), "files");
    assert_string_equal(text_of(json_object_get(one, "location"), "file"), "function_app.py");
    assert_int_equal(number_of(json_object_get(one, "location"), "line"), 1);
    assert_int_equal(number_of(json_object_get(one, "location"), "column"), 7);
    assert_string_equal(text_of(json_array_get(findings, 1), "title"), "no JSON");
    one = finding_in(lint, "file-malformed", "host.json");
    assert_string_equal(text_of(one, "severity"), "warning");
    assert_non_null(finding_in(lint, "duplicate-key", "host.json"));
    assert_int_equal(number_of(json_object_get(lint, "counts"), "errors"), 2);
    assert_int_equal(thaw_lint_count(lint, "error"), 2);
    assert_true(thaw_lint_count(lint, "warning") >= 4);
    assert_false(thaw_lint_is_complete(lint));
    assert_int_equal(json_array_size(json_object_get(lint, "problems")), 4);
    json_decref(lint);
}

static void what_hides_nothing_leaves_it_complete(void **state)
{
    static const struct {
        enum thaw_problem_kind kind;
        bool complete;
        const char *id;
    } cases[] = {
        {THAW_PROBLEM_DUPLICATE_KEY, true, "duplicate-key"},
        {THAW_PROBLEM_TYPE, true, "file-malformed"},
        {THAW_PROBLEM_MALFORMED, false, "file-malformed"},
        {THAW_PROBLEM_SYNTAX, false, "file-malformed"},
        {THAW_PROBLEM_UNREADABLE, false, "not-all-read"},
        {THAW_PROBLEM_TOO_LARGE, false, "not-all-read"},
        {THAW_PROBLEM_CUT, false, "not-all-read"},
    };
    json_t *lint = checked();

    (void)state;
    assert_true(thaw_lint_is_complete(lint));
    assert_int_equal(thaw_lint_count(lint, "warning"), 0);
    json_decref(lint);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fixture.memory.problems.count = 0;
        lint_fixture_problem(&fixture, cases[i].kind, "f", "w");
        lint = checked();
        assert_int_equal(thaw_lint_is_complete(lint), cases[i].complete);
        assert_non_null(finding_in(lint, cases[i].id, "f"));
        json_decref(lint);
    }
}

static void what_is_inferred_has_its_reason(void **state)
{
    json_t *lint;
    const json_t *plan, *app;

    (void)state;
    fixture.project.plan =
        (struct thaw_inferred){.value = "flex",
                               .reason = "main.bicep:3: SKU FC1",
                               .place = {.file = "main.bicep", .line = 3, .last_line = 5}};
    fixture.project.plan.place.is_named = true;
    lint = checked();
    app = json_object_get(lint, "app");
    plan = json_object_get(app, "plan");
    assert_string_equal(text_of(plan, "value"), "flex");
    assert_string_equal(text_of(plan, "reason"), "main.bicep:3: SKU FC1");
    assert_int_equal(number_of(json_object_get(plan, "location"), "end_line"), 5);
    assert_true(json_is_null(json_object_get(json_object_get(plan, "location"), "column")));
    assert_true(json_is_true(json_object_get(json_object_get(plan, "location"), "named")));
    assert_true(json_is_null(json_object_get(json_object_get(app, "platform"), "value")));
    assert_true(json_is_null(json_object_get(json_object_get(app, "python"), "location")));
    json_decref(lint);
}

static void fingerprints_stay_while_lines_move(void **state)
{
    char first[2][20], second[20];
    json_t *lint;

    (void)state;
    lint_fixture_problem(&fixture, THAW_PROBLEM_MALFORMED, "a", "one");
    lint_fixture_problem(&fixture, THAW_PROBLEM_MALFORMED, "a", "two")->place.line = 2;
    for (size_t i = 0; i < 2; i++) {
        const json_t *findings;

        lint = checked();
        findings = json_object_get(lint, "findings");
        snprintf(first[i], sizeof(first[i]), "%s",
                 text_of(json_array_get(findings, 0), "fingerprint"));
        snprintf(second, sizeof(second), "%s", text_of(json_array_get(findings, 1), "fingerprint"));
        assert_string_not_equal(first[i], second);
        json_decref(lint);
        fixture.memory.problems.items[0].place.line = 10;
        fixture.memory.problems.items[1].place.line = 20;
    }
    assert_string_equal(first[0], first[1]);
    assert_int_equal(strlen(first[0]), 16);
}

static void the_same_is_the_same_document(void **state)
{
    json_t *left, *right;

    (void)state;
    lint_fixture_problem(&fixture, THAW_PROBLEM_CUT, "a", "one");
    left = checked();
    right = checked();
    assert_true(json_equal(left, right));
    json_decref(left);
    json_decref(right);
}

/* --- suppressions, profiles, what is switched off --- */

static void is_suppressed(const struct thaw_suppression *suppression, bool expected,
                          const char *said)
{
    json_t *lint;
    const json_t *unused;

    question.suppressions = suppression;
    question.suppression_count = 1;
    lint = checked();
    assert_int_equal(!finding_in(lint, "duplicate-key", "api/host.json"), expected);
    assert_int_equal(json_array_size(json_object_get(lint, "suppressed")), expected);
    unused = finding_in(lint, "unused-suppression", "");
    assert_int_equal(!unused, !said);
    if (said && !strstr(text_of(unused, "title"), said))
        fail_msg("'%s' has no '%s'", text_of(unused, "title"), said);
    json_decref(lint);
}

static void suppressions_take_findings_out(void **state)
{
    struct thaw_suppression suppression = {
        .id = "duplicate-key", .file = "", .module = "", .reason = "known", .until = ""};
    const char *ended = "suppression of duplicate-key ended on 2020-01-31",
               *nothing = "nothing is suppressed any more";

    (void)state;
    lint_fixture_problem(&fixture, THAW_PROBLEM_DUPLICATE_KEY, "api/host.json", "twice");
    is_suppressed(&suppression, true, NULL);
    suppression.file = "host.json";
    is_suppressed(&suppression, true, NULL);
    suppression.file = "api/host.json";
    is_suppressed(&suppression, true, NULL);
    suppression.file = "ost.json";
    is_suppressed(&suppression, false, nothing);
    suppression.file = "";
    suppression.subject = "api/host.json";
    is_suppressed(&suppression, true, NULL);
    suppression.subject = "host.json";
    is_suppressed(&suppression, false, nothing);
    suppression.subject = "";
    suppression.module = "numpy";
    is_suppressed(&suppression, false, nothing);
    suppression.module = "";
    suppression.until = "2020-01-31";
    is_suppressed(&suppression, false, ended);
    suppression.until = "2999-01-31";
    is_suppressed(&suppression, true, NULL);
    suppression.id = "lazy-import"; /* of a report: not lint's to say whether it is used */
    is_suppressed(&suppression, false, NULL);
}

static void the_reason_stands_with_what_is_suppressed(void **state)
{
    const struct thaw_suppression suppression = {.id = "duplicate-key",
                                                 .reason = "known",
                                                 .until = "2999-01-31"};
    json_t *lint;
    const json_t *entry;

    (void)state;
    lint_fixture_problem(&fixture, THAW_PROBLEM_DUPLICATE_KEY, "host.json", "twice");
    question.suppressions = &suppression;
    question.suppression_count = 1;
    lint = checked();
    entry = json_array_get(json_object_get(lint, "suppressed"), 0);
    assert_string_equal(text_of(entry, "reason"), "known");
    assert_string_equal(text_of(entry, "until"), "2999-01-31");
    assert_string_equal(text_of(json_object_get(entry, "finding"), "id"), "duplicate-key");
    json_decref(lint);
}

static void profiles_tell_what_is_severe_enough(void **state)
{
    static const struct {
        const char *name;
        size_t errors, warnings, notes;
    } cases[] = {{"production", 1, 1, 1}, {"ci", 1, 1, 0}, {"quick", 1, 0, 0}};
    const struct thaw_suppression suppression = {.id = "duplicate-key",
                                                 .reason = "known",
                                                 .until = "2020-01-31"};

    (void)state;
    lint_fixture_problem(&fixture, THAW_PROBLEM_DUPLICATE_KEY, "host.json", "twice");
    lint_fixture_problem(&fixture, THAW_PROBLEM_MALFORMED, "host.json", "no JSON");
    question.suppressions = &suppression;
    question.suppression_count = 1;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const json_t *counts, *profile;
        json_t *lint;

        question.profile = thaw_lint_profile_find(cases[i].name);
        assert_non_null(question.profile);
        lint = checked();
        counts = json_object_get(lint, "counts");
        profile = json_object_get(lint, "profile");
        assert_int_equal(number_of(counts, "errors"), cases[i].errors);
        assert_int_equal(number_of(counts, "warnings"), cases[i].warnings);
        assert_int_equal(number_of(counts, "notes"), cases[i].notes);
        assert_string_equal(text_of(profile, "name"), cases[i].name);
        assert_int_equal(number_of(profile, "below"),
                         3 - cases[i].errors - cases[i].warnings - cases[i].notes);
        json_decref(lint);
    }
    assert_null(thaw_lint_profile_find("slow"));
}

static void what_is_switched_off_is_not_checked(void **state)
{
    const char *const disabled[] = {"duplicate-key", NULL};
    json_t *lint = checked();

    (void)state;
    assert_true(lists(lint, "checked", "duplicate-key"));
    json_decref(lint);
    lint_fixture_problem(&fixture, THAW_PROBLEM_DUPLICATE_KEY, "host.json", "twice");
    question.disabled = disabled;
    lint = checked();
    assert_null(finding_in(lint, "duplicate-key", ""));
    assert_false(lists(lint, "checked", "duplicate-key"));
    assert_true(lists(lint, "disabled", "duplicate-key"));
    json_decref(lint);
}

/* A Python that is older than the app's may not know all of its syntax. */
static void source_may_be_newer_than_its_reader(void **state)
{
    static const struct {
        const char *python, *reader, *id, *fix;
    } cases[] = {
        {"3.12", "3.11", "not-all-read", "--interpreter PATH (of a Python 3.12)"},
        {"3.10", "3.9", "not-all-read", "--interpreter PATH"},
        {"3.11", "3.11", "file-malformed", "correct it there: the app can't import it"},
        {"3.9", "3.10", "file-malformed", "correct it there: the app can't import it"},
        {"3.12", "", "file-malformed", "correct it there: the app can't import it"},
        {"", "3.11", "file-malformed", "newer than 3.11, have it read by that one: --interpreter"},
    };

    (void)state;
    lint_fixture_problem(&fixture, THAW_PROBLEM_SYNTAX, "orders.py", "it does not compile");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *other = strcmp(cases[i].id, "not-all-read") ? "not-all-read" : "file-malformed";
        json_t *lint;

        fixture.project.python.value = cases[i].python;
        fixture.project.reader = cases[i].reader;
        lint = checked();
        assert_non_null(
            strstr(text_of(finding_in(lint, cases[i].id, "orders.py"), "fix"), cases[i].fix));
        assert_null(finding_in(lint, other, ""));
        assert_false(thaw_lint_is_complete(lint));
        json_decref(lint);
    }
}

static void old_facts_are_said_to_be_old(void **state)
{
    json_t *lint;

    (void)state;
    lint_fixture_problem(&fixture, THAW_PROBLEM_MALFORMED, "host.json", "no JSON");
    question.today = thaw_lint_facts_expires(fixture.facts);
    lint = checked();
    assert_null(finding_in(lint, "facts-expired", ""));
    assert_string_equal(text_of(finding_in(lint, "file-malformed", ""), "confidence"), "high");
    json_decref(lint);
    fixture.lint.today = question.today = "2999-12-31";
    lint = checked();
    assert_non_null(finding_in(lint, "facts-expired", ""));
    assert_true(json_is_true(json_object_get(json_object_get(lint, "facts"), "expired")));
    assert_string_equal(text_of(finding_in(lint, "file-malformed", ""), "confidence"), "medium");
    json_decref(lint);
}

static void a_recording_is_named(void **state)
{
    json_t *lint;
    const json_t *recording;

    (void)state;
    lint_fixture_recording(&fixture, "{'complete':true,'run':{'platform':'azure_functions'},"
                                     "'tracks':[{'headline':false,'total_ns':1},"
                                     "{'headline':true,'total_ns':5000000}]}");
    question.recording = fixture.recording;
    question.recording_name = "start.thaw";
    lint = checked();
    recording = json_object_get(lint, "recording");
    assert_string_equal(text_of(recording, "name"), "start.thaw");
    assert_string_equal(text_of(recording, "platform"), "azure_functions");
    assert_int_equal(number_of(recording, "cold_start_ns"), 5000000);
    json_decref(lint);
}

static void short_memory_is_said(void **state)
{
    const struct thaw_suppression suppressions[] = {
        {.id = "duplicate-key", .reason = "known", .file = "a"},
        {.id = "duplicate-key", .reason = "known", .file = "b"}};

    (void)state;
    lint_fixture_problem(&fixture, THAW_PROBLEM_DUPLICATE_KEY, "a", "twice");
    lint_fixture_problem(&fixture, THAW_PROBLEM_CUT, "c", "cut");
    lint_fixture_show(&fixture);
    question.suppressions = suppressions;
    question.suppression_count = 2;
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_error error = {0};
        json_t *lint = NULL;
        int code = thaw_lint_check(&question, &lint, &error);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        assert_int_equal(!lint, code != 0);
        json_decref(lint);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(problems_are_findings_in_their_order),
        CASE(what_hides_nothing_leaves_it_complete),
        CASE(what_is_inferred_has_its_reason),
        CASE(fingerprints_stay_while_lines_move),
        CASE(the_same_is_the_same_document),
        CASE(suppressions_take_findings_out),
        CASE(the_reason_stands_with_what_is_suppressed),
        CASE(profiles_tell_what_is_severe_enough),
        CASE(what_is_switched_off_is_not_checked),
        CASE(source_may_be_newer_than_its_reader),
        CASE(old_facts_are_said_to_be_old),
        CASE(a_recording_is_named),
        CASE(short_memory_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
