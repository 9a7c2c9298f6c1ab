/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "findings_report.h"
#include "report/sarif.h"

/* The first result of a SARIF log. */
static const json_t *result_of(const json_t *log, size_t index)
{
    const json_t *run = json_array_get(json_object_get(log, "runs"), 0);

    return json_array_get(json_object_get(run, "results"), index);
}

static const json_t *physical(const json_t *result)
{
    return json_object_get(json_array_get(json_object_get(result, "locations"), 0),
                           "physicalLocation");
}

static const char *uri_of(const json_t *result)
{
    return json_string_value(
        json_object_get(json_object_get(physical(result), "artifactLocation"), "uri"));
}

static json_int_t line_of(const json_t *result)
{
    return json_integer_value(
        json_object_get(json_object_get(physical(result), "region"), "startLine"));
}

static const char *fingerprint_of(const json_t *result)
{
    return json_string_value(
        json_object_get(json_object_get(result, "partialFingerprints"), "thaw/v1"));
}

static void results_lie_in_the_sources(void **state)
{
    static const struct {
        const char *file;
        int line;
        const char *uri;
        int uri_line;
    } cases[] = {
        {"/srv/app/api/app.py", 3, "api/app.py", 3},
        {"/srv/app/a b#%?:[\xC3\xA9].py", 1, "a%20b%23%25%3F%3A%5B%C3%A9%5D.py", 1},
        {"app.py", 0, "app.py", 0},
        {"/opt/x y/z.py", 9, "file:///opt/x%20y/z.py", 9},
        {"/srv/application/z.py", 9, "file:///srv/application/z.py", 9},
        {"", 0, "requirements.txt", 7}, /* of its module's package */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *report = findings_report(
            json_pack("[o]", findings_report_finding("lazy-import", "warning", "x", cases[i].file,
                                                     cases[i].line)));
        json_t *log = findings_report_json(report, "sarif");
        const json_t *artifact = json_object_get(physical(result_of(log, 0)), "artifactLocation");

        assert_string_equal(uri_of(result_of(log, 0)), cases[i].uri);
        assert_int_equal(line_of(result_of(log, 0)), cases[i].uri_line);
        assert_int_equal(json_is_string(json_object_get(artifact, "uriBaseId")),
                         strncmp(cases[i].uri, "file:", 5) != 0);
        json_decref(log);
        json_decref(report);
    }
}

static void without_any_place_it_is_the_apps_file(void **state)
{
    json_t *report = findings_report(
               json_pack("[o]", findings_report_finding("cpu-starved", "warning", "x", "", 0))),
           *log;

    (void)state;
    json_object_del(report, "requirements");
    log = findings_report_json(report, "sarif");
    assert_string_equal(uri_of(result_of(log, 0)), "api/app.py");
    assert_int_equal(line_of(result_of(log, 0)), 0);
    assert_true(json_is_false(
        json_object_get(json_object_get(result_of(log, 0), "properties"), "own_location")));
    json_decref(log);
    json_object_del(report, "modules");
    log = findings_report_json(report, "sarif");
    assert_string_equal(uri_of(result_of(log, 0)), ".");
    json_decref(log);
    json_decref(report);
}

/* Bytes that are no UTF-8 come as %XX, and go into the reference as such. */
static void paths_of_any_bytes(void **state)
{
    json_t *one =
        findings_report_finding("lazy-import", "warning", "x", "/srv/app/\xEF\xBF\xBD.py", 1);
    json_t *report, *log;
    char *text;

    (void)state;
    json_object_set_new(json_object_get(one, "location"), "file_bytes",
                        json_string("/srv/app/%FF%25.py"));
    report = findings_report(json_pack("[o]", one));
    log = findings_report_json(report, "sarif");
    assert_string_equal(uri_of(result_of(log, 0)), "%FF%25.py");
    json_decref(log);
    text = findings_report_written(report, "gitlab");
    findings_report_has(text, "\"path\": \"\\\\xff%.py\"");
    free(text);
    text = findings_report_written(report, "junit");
    findings_report_has(text, "file=\"\\xff%.py\" line=\"1\"");
    free(text);
    text = findings_report_written(report, "markdown");
    findings_report_has(text, "`\\xff%.py:1`");
    free(text);
    json_decref(report);
}

static char *fingerprint_for(const char *title, int line, const char *module)
{
    json_t *one = findings_report_finding("lazy-import", "warning", title, "/srv/app/app.py", line);
    json_t *report, *log;
    char *text;

    if (module)
        json_object_set_new(one, "imports",
                            json_pack("[{s:s, s:i, s:s}]", "file", "/srv/app/app.py", "line", line,
                                      "module", module));
    report = findings_report(json_pack("[o]", one));
    log = findings_report_json(report, "sarif");
    text = strdup(fingerprint_of(result_of(log, 0)));
    json_decref(log);
    json_decref(report);
    return text;
}

static void fingerprints_outlive_lines_and_times(void **state)
{
    static const struct {
        const char *title;
        int line;
        const char *module;
        const char *other_title;
        int other_line;
        const char *other_module;
        bool same;
    } cases[] = {
        {"x takes 3 of 10 s", 1, NULL, "x takes 4.5 of 12 s", 9, NULL, true},
        {"x takes 3 s", 1, NULL, "y takes 3 s", 1, NULL, false},
        {"a.txt:3 wants y", 1, NULL, "a.txt:12 wants y", 1, NULL, true},
        {"a.txt:3 wants y", 1, NULL, "b.txt:3 wants y", 1, NULL, false},
        {"words", 1, "pandas", "other words", 2, "pandas", true},
        {"words", 1, "pandas", "words", 1, "numpy", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *one = fingerprint_for(cases[i].title, cases[i].line, cases[i].module);
        char *other =
            fingerprint_for(cases[i].other_title, cases[i].other_line, cases[i].other_module);

        assert_int_equal(strlen(one), 16);
        assert_int_equal(!strcmp(one, other), cases[i].same);
        free(one);
        free(other);
    }
}

static void equal_issues_have_fingerprints_of_their_own(void **state)
{
    json_t *report =
        findings_report(json_pack("[o, o]", findings_report_finding("a", "note", "x", "app.py", 1),
                                  findings_report_finding("a", "note", "x", "app.py", 2)));
    json_t *log = findings_report_json(report, "sarif");

    (void)state;
    assert_string_not_equal(fingerprint_of(result_of(log, 0)), fingerprint_of(result_of(log, 1)));
    json_decref(log);
    json_decref(report);
}

static void suppressed_findings_say_why(void **state)
{
    json_t *report = findings_report(json_array()), *log;
    const json_t *suppression;
    char *text;

    (void)state;
    json_object_set_new(report, "suppressed",
                        json_pack("[{s:o, s:s, s:s}]", "finding",
                                  findings_report_finding("process-at-import", "error", "x",
                                                          "app.py", 1),
                                  "reason", "needed by all", "until", "2027-06-30"));
    log = findings_report_json(report, "sarif");
    suppression = json_array_get(json_object_get(result_of(log, 0), "suppressions"), 0);
    assert_string_equal(json_string_value(json_object_get(suppression, "justification")),
                        "needed by all (until 2027-06-30)");
    json_decref(log);
    text = findings_report_written(report, "junit");
    findings_report_has(text, "failures=\"0\"");
    findings_report_has(text, "<skipped message=\"suppressed: needed by all\"/>");
    free(text);
    text = findings_report_written(report, "gitlab");
    assert_string_equal(text, "[]\n");
    free(text);
    text = findings_report_written(report, "markdown");
    findings_report_has(text, "1 more is suppressed");
    free(text);
    json_decref(report);
}

static void what_is_refuted_is_a_note(void **state)
{
    json_t *one = findings_report_finding("lazy-import", "warning", "x", "app.py", 1), *report,
           *log;

    (void)state;
    json_object_set_new(one, "proof", json_pack("{s:s, s:s}", "verdict", "refuted", "reason", "y"));
    report = findings_report(json_pack("[o]", one));
    log = findings_report_json(report, "sarif");
    assert_string_equal(json_string_value(json_object_get(result_of(log, 0), "level")), "note");
    findings_report_has(json_string_value(
                            json_object_get(json_object_get(result_of(log, 0), "message"), "text")),
                        "Refuted by a trial");
    json_decref(log);
    json_decref(report);
}

/* A link in a message would be one that a name has made. */
static void messages_have_no_links(void **state)
{
    json_t *report = findings_report(
        json_pack("[o]", findings_report_finding("lazy-import", "note", "[a](http://b) [c](1)",
                                                 "app.py", 1)));
    json_t *log = findings_report_json(report, "sarif");
    const char *text =
        json_string_value(json_object_get(json_object_get(result_of(log, 0), "message"), "text"));

    (void)state;
    assert_non_null(strstr(text, "[a]\\(http://b) [c]\\(1)."));
    json_decref(log);
    json_decref(report);
}

static void what_github_would_refuse_is_cut_and_said(void **state)
{
    json_t *findings = json_array(), *imports = json_array(), *report, *log;
    const json_t *related;
    char *text;

    (void)state;
    for (size_t i = 0; i < THAW_SARIF_LOCATIONS + 2; i++)
        json_array_append_new(imports, json_pack("{s:s, s:i, s:s}", "file", "/srv/app/app.py",
                                                 "line", (int)i + 1, "module", "m"));
    for (size_t i = 0; i <= THAW_SARIF_RESULTS; i++)
        json_array_append_new(findings,
                              findings_report_finding("lazy-import", "note", "x", "app.py", 1));
    json_object_set_new(json_array_get(findings, 0), "imports", imports);
    report = findings_report(findings);
    log = findings_report_json(report, "sarif");
    assert_non_null(result_of(log, THAW_SARIF_RESULTS - 1));
    assert_null(result_of(log, THAW_SARIF_RESULTS));
    related = json_object_get(result_of(log, 0), "relatedLocations");
    assert_int_equal(json_array_size(related), THAW_SARIF_LOCATIONS - 1);
    text =
        json_dumps(json_object_get(json_array_get(json_object_get(log, "runs"), 0), "invocations"),
                   0);
    findings_report_has(text, "1 results are left out");
    findings_report_has(text, "3 locations are left out");
    free(text);
    json_decref(log);
    json_decref(report);
}

static void an_unknown_kind_has_a_rule(void **state)
{
    json_t *report = findings_report(
        json_pack("[o]", findings_report_finding("from-tomorrow", "note", "x", "a.py", 1)));
    json_t *log = findings_report_json(report, "sarif");
    const json_t *driver =
        json_object_get(json_object_get(json_array_get(json_object_get(log, "runs"), 0), "tool"),
                        "driver");
    json_int_t index = json_integer_value(json_object_get(result_of(log, 0), "ruleIndex"));
    const json_t *rule = json_array_get(json_object_get(driver, "rules"), (size_t)index);

    (void)state;
    assert_string_equal(json_string_value(json_object_get(rule, "id")), "from-tomorrow");
    json_decref(log);
    json_decref(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_lie_in_the_sources),
        cmocka_unit_test(without_any_place_it_is_the_apps_file),
        cmocka_unit_test(paths_of_any_bytes),
        cmocka_unit_test(fingerprints_outlive_lines_and_times),
        cmocka_unit_test(equal_issues_have_fingerprints_of_their_own),
        cmocka_unit_test(suppressed_findings_say_why),
        cmocka_unit_test(what_is_refuted_is_a_note),
        cmocka_unit_test(messages_have_no_links),
        cmocka_unit_test(what_github_would_refuse_is_cut_and_said),
        cmocka_unit_test(an_unknown_kind_has_a_rule),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
