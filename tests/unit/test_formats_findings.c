/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "report/issues.h"
#include "report/markdown_page.h"
#include "report/sarif.h"
#include "report/writers.h"
#include "report/xml_text.h"
#include "report_fixture.h"
#include "shipped_fixture.h"

#define LONGEST_DOCUMENT 65536

static const char *const formats[] = {"sarif", "markdown", "junit", "gitlab"};

#define FORMATS (sizeof(formats) / sizeof(formats[0]))

static int write_to(const json_t *report, const char *format, FILE *stream,
                    struct thaw_error *error)
{
    const struct thaw_report_format *row = thaw_report_formats();

    while (row->name && strcmp(row->name, format) != 0)
        row++;
    assert_non_null(row->name);
    return row->write(report, NULL, stream, error);
}

/* What a format writes for a report; the caller frees it. */
static char *written(const json_t *report, const char *format)
{
    struct thaw_error error = {0};
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);

    assert_non_null(stream);
    assert_int_equal(write_to(report, format, stream, &error), 0);
    assert_int_equal(fclose(stream), 0);
    assert_int_equal(strlen(text), length);
    return text;
}

static json_t *written_json(const json_t *report, const char *format)
{
    char *text = written(report, format);
    json_t *made = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

    assert_non_null(made);
    free(text);
    return made;
}

static void expect(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no \"%s\" in:\n%s", part, text);
}

static void expect_not(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("\"%s\" in:\n%s", part, text);
}

/* --- reports --- */

static json_t *finding(const char *id, const char *severity, const char *title, const char *file,
                       int line)
{
    json_t *location = *file ? json_pack("{s:s, s:i}", "file", file, "line", line) : json_null();

    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:[s], s:s, s:[i], s:n, s:n, s:s, s:[], s:[], "
                     "s:[], s:n}",
                     "id", id, "severity", severity, "confidence", "high", "title", title,
                     "location", location, "evidence", "so it was seen", "risk", "safe", "modules",
                     2, "saving", "moves_to", "fix", "do this", "reasons", "first_calls", "imports",
                     "proof");
}

/* Recorded in /srv/app, of a module of the app and one of a package that a requirement is for. */
static json_t *report_of(json_t *findings)
{
    json_t *report = json_pack(
        "{s:s, s:{s:s}, s:b, s:{s:s, s:s, s:s}, s:[{s:i, s:s, s:s, s:s}, {s:i, s:s, s:s, s:s}], "
        "s:[{s:s, s:s, s:i}], s:o, s:[], s:[]}",
        "schema", "thaw-report/1", "tool", "version", "0.1.0", "complete", 1, "run", "directory",
        "/srv/app", "started", "2026-11-23T03:00:00.000Z", "backend", "ebpf", "modules", "id", 1,
        "name", "app", "owner", "app", "path", "/srv/app/api/app.py", "id", 2, "name", "pandas.io",
        "owner", "package", "distribution", "Pandas", "requirements", "file", "requirements.txt",
        "name", "pandas", "line", 7, "findings", findings, "suppressed", "not_looked_for");

    assert_non_null(report);
    return report;
}

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

/* --- SARIF --- */

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
        json_t *report = report_of(
            json_pack("[o]", finding("lazy-import", "warning", "x", cases[i].file, cases[i].line)));
        json_t *log = written_json(report, "sarif");
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
    json_t *report = report_of(json_pack("[o]", finding("cpu-starved", "warning", "x", "", 0))),
           *log;

    (void)state;
    json_object_del(report, "requirements");
    log = written_json(report, "sarif");
    assert_string_equal(uri_of(result_of(log, 0)), "api/app.py");
    assert_int_equal(line_of(result_of(log, 0)), 0);
    assert_true(json_is_false(
        json_object_get(json_object_get(result_of(log, 0), "properties"), "own_location")));
    json_decref(log);
    json_object_del(report, "modules");
    log = written_json(report, "sarif");
    assert_string_equal(uri_of(result_of(log, 0)), ".");
    json_decref(log);
    json_decref(report);
}

/* Bytes that are no UTF-8 come as %XX, and go into the reference as such. */
static void paths_of_any_bytes(void **state)
{
    json_t *one = finding("lazy-import", "warning", "x", "/srv/app/\xEF\xBF\xBD.py", 1);
    json_t *report, *log;
    char *text;

    (void)state;
    json_object_set_new(json_object_get(one, "location"), "file_bytes",
                        json_string("/srv/app/%FF%25.py"));
    report = report_of(json_pack("[o]", one));
    log = written_json(report, "sarif");
    assert_string_equal(uri_of(result_of(log, 0)), "%FF%25.py");
    json_decref(log);
    text = written(report, "gitlab");
    expect(text, "\"path\": \"\\\\xff%.py\"");
    free(text);
    text = written(report, "junit");
    expect(text, "file=\"\\xff%.py\" line=\"1\"");
    free(text);
    text = written(report, "markdown");
    expect(text, "`\\xff%.py:1`");
    free(text);
    json_decref(report);
}

static char *fingerprint_for(const char *title, int line, const char *module)
{
    json_t *one = finding("lazy-import", "warning", title, "/srv/app/app.py", line);
    json_t *report, *log;
    char *text;

    if (module)
        json_object_set_new(one, "imports",
                            json_pack("[{s:s, s:i, s:s}]", "file", "/srv/app/app.py", "line", line,
                                      "module", module));
    report = report_of(json_pack("[o]", one));
    log = written_json(report, "sarif");
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
    json_t *report = report_of(json_pack("[o, o]", finding("a", "note", "x", "app.py", 1),
                                         finding("a", "note", "x", "app.py", 2)));
    json_t *log = written_json(report, "sarif");

    (void)state;
    assert_string_not_equal(fingerprint_of(result_of(log, 0)), fingerprint_of(result_of(log, 1)));
    json_decref(log);
    json_decref(report);
}

static void suppressed_findings_say_why(void **state)
{
    json_t *report = report_of(json_array()), *log;
    const json_t *suppression;
    char *text;

    (void)state;
    json_object_set_new(report, "suppressed",
                        json_pack("[{s:o, s:s, s:s}]", "finding",
                                  finding("process-at-import", "error", "x", "app.py", 1), "reason",
                                  "needed by all", "until", "2027-06-30"));
    log = written_json(report, "sarif");
    suppression = json_array_get(json_object_get(result_of(log, 0), "suppressions"), 0);
    assert_string_equal(json_string_value(json_object_get(suppression, "justification")),
                        "needed by all (until 2027-06-30)");
    json_decref(log);
    text = written(report, "junit");
    expect(text, "failures=\"0\"");
    expect(text, "<skipped message=\"suppressed: needed by all\"/>");
    free(text);
    text = written(report, "gitlab");
    assert_string_equal(text, "[]\n");
    free(text);
    text = written(report, "markdown");
    expect(text, "1 more is suppressed");
    free(text);
    json_decref(report);
}

static void what_is_refuted_is_a_note(void **state)
{
    json_t *one = finding("lazy-import", "warning", "x", "app.py", 1), *report, *log;

    (void)state;
    json_object_set_new(one, "proof", json_pack("{s:s, s:s}", "verdict", "refuted", "reason", "y"));
    report = report_of(json_pack("[o]", one));
    log = written_json(report, "sarif");
    assert_string_equal(json_string_value(json_object_get(result_of(log, 0), "level")), "note");
    expect(json_string_value(
               json_object_get(json_object_get(result_of(log, 0), "message"), "text")),
           "Refuted by a trial");
    json_decref(log);
    json_decref(report);
}

/* A link in a message would be one that a name has made. */
static void messages_have_no_links(void **state)
{
    json_t *report = report_of(
        json_pack("[o]", finding("lazy-import", "note", "[a](http://b) [c](1)", "app.py", 1)));
    json_t *log = written_json(report, "sarif");
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
        json_array_append_new(findings, finding("lazy-import", "note", "x", "app.py", 1));
    json_object_set_new(json_array_get(findings, 0), "imports", imports);
    report = report_of(findings);
    log = written_json(report, "sarif");
    assert_non_null(result_of(log, THAW_SARIF_RESULTS - 1));
    assert_null(result_of(log, THAW_SARIF_RESULTS));
    related = json_object_get(result_of(log, 0), "relatedLocations");
    assert_int_equal(json_array_size(related), THAW_SARIF_LOCATIONS - 1);
    text =
        json_dumps(json_object_get(json_array_get(json_object_get(log, "runs"), 0), "invocations"),
                   0);
    expect(text, "1 results are left out");
    expect(text, "3 locations are left out");
    free(text);
    json_decref(log);
    json_decref(report);
}

static void an_unknown_kind_has_a_rule(void **state)
{
    json_t *report = report_of(json_pack("[o]", finding("from-tomorrow", "note", "x", "a.py", 1)));
    json_t *log = written_json(report, "sarif");
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

/* --- all formats --- */

static void incomplete_recordings_say_so(void **state)
{
    static const char *const words[FORMATS] = {"\"executionSuccessful\": false", "> [!WARNING]",
                                               "errors=\"1\"", "incomplete-measurement"};
    json_t *report = report_of(json_array());

    (void)state;
    for (int complete = 1; complete >= 0; complete--) {
        json_object_set_new(report, "complete", json_boolean(complete));
        for (size_t i = 0; i < FORMATS; i++) {
            char *text = written(report, formats[i]);

            (complete ? expect_not : expect)(text, words[i]);
            (complete ? expect_not : expect)(text, "INCOMPLETE");
            free(text);
        }
    }
    json_decref(report);
}

static void what_was_not_looked_for_is_said(void **state)
{
    json_t *report = report_of(json_null());
    char *text;

    (void)state;
    text = written(report, "sarif");
    expect(text, "no findings were looked for");
    free(text);
    text = written(report, "junit");
    expect(text, "classname=\"thaw.lazy-import\" name=\"not looked for\"");
    expect_not(text, "name=\"not found\"");
    free(text);
    text = written(report, "markdown");
    expect(text, "none were looked for");
    free(text);
    json_decref(report);
}

static void levels_become_those_of_each_format(void **state)
{
    json_t *report = report_of(json_pack("[o, o, o]", finding("a", "error", "e", "app.py", 1),
                                         finding("b", "warning", "w", "app.py", 2),
                                         finding("c", "note", "n", "app.py", 3)));
    char *text;

    (void)state;
    text = written(report, "junit");
    expect(text, "failures=\"1\" errors=\"0\"");
    expect(text, "<failure type=\"a\" message=\"e\">error: e.");
    expect(text, "<system-out>warning: w.");
    expect(text, "<system-out>note: n.");
    free(text);
    text = written(report, "gitlab");
    expect(text, "\"severity\": \"critical\"");
    expect(text, "\"severity\": \"minor\"");
    expect(text, "\"severity\": \"info\"");
    free(text);
    text = written(report, "markdown");
    expect(text, "**First:** `app.py:1`: e.");
    expect(text, "| warning | w | `app.py:2` |");
    free(text);
    json_decref(report);
}

static void targets_are_complained_of(void **state)
{
    static const char *const words[] = {"missing-requirement", "foreign-file", "missing-library"};
    struct shipped_fixture fixture;
    json_t *report;

    (void)state;
    shipped_fixture_fill(&fixture);
    report = shipped_fixture_report(&fixture);
    for (size_t i = 0; i < FORMATS; i++) {
        char *text = written(report, formats[i]);

        for (size_t k = 0; strcmp(formats[i], "markdown") != 0 && k < 3; k++)
            expect(text, words[k]);
        expect(text, "requirements.txt");
        free(text);
    }
    json_decref(report);
}

static void empty_reports_can_be_written(void **state)
{
    static const char *const texts[] = {
        "{}",
        "{\"run\": null, \"findings\": null, \"modules\": null, \"tracks\": [{}]}",
        "{\"target\": {}, \"conflicts\": [{}], \"foreign\": [{}], \"faults\": [{}], "
        "\"limits\": [{}], \"requirements\": [{}], \"distributions\": [{}], \"libraries\": null}",
        "{\"findings\": [{}], \"suppressed\": [{}], \"run\": {}}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        json_t *report = json_loads(texts[i], 0, NULL);

        assert_non_null(report);
        for (size_t k = 0; k < FORMATS; k++)
            free(written(report, formats[k]));
        json_decref(report);
    }
}

/* Not even in part: every format escapes what could be more than text. */
static void hostile_names_are_harmless(void **state)
{
    static const char *const never[] = {"<script", "<img", "\033", "\xE2\x80\xAE", "\r"};

    (void)state;
    for (size_t n = 0; report_fixture_hostile[n]; n++) {
        const char *name = report_fixture_hostile[n];
        struct report_fixture fixture;
        struct shipped_fixture shipped;
        json_t *reports[2];

        report_fixture_fill(&fixture);
        report_fixture_put_everywhere(&fixture, &name);
        shipped_fixture_fill(&shipped);
        shipped_fixture_put_everywhere(&shipped, name);
        reports[0] = report_fixture_report(&fixture);
        reports[1] = shipped_fixture_report(&shipped);
        for (size_t i = 0; i < 2 * FORMATS; i++) {
            const char *format = formats[i % FORMATS];
            char *text = written(reports[i / FORMATS], format);
            bool json = !strcmp(format, "sarif") || !strcmp(format, "gitlab");

            for (size_t k = 0; k < sizeof(never) / sizeof(never[0]); k++)
                if (!strcmp(format, "junit") || k > 1)
                    expect_not(text, never[k]);
            if (json)
                for (const char *at = text; *at; at++)
                    assert_in_range(*at, '\n', '~');
            free(text);
        }
        json_decref(reports[0]);
        json_decref(reports[1]);
    }
}

static json_t *large_report(const char *name)
{
    json_t *report = report_of(json_array()), *modules = json_array(), *packages = json_array();

    for (int i = 0; i < 10000; i++)
        json_array_append_new(modules,
                              json_pack("{s:i, s:s, s:s, s:s, s:s, s:i, s:i}", "id", i + 1, "name",
                                        name, "owner", "package", "distribution", name, "file",
                                        name, "total_ns", 10000 - i, "self_ns", i + 1));
    for (int i = 0; i < 1000; i++)
        json_array_append_new(packages, json_pack("{s:s, s:s, s:i}", "name", name, "version", "1",
                                                  "import_ns", i + 1));
    for (int i = 0; i < 200; i++)
        json_array_append_new(json_object_get(report, "findings"),
                              finding("lazy-import", "warning", name, name, i + 1));
    json_object_set_new(report, "modules", modules);
    json_object_set_new(report, "distributions", packages);
    return report;
}

static void markdown_fits_a_comment(void **state)
{
    char name[4001];
    json_t *report;
    char *text;

    (void)state;
    report = large_report("usual.name");
    text = written(report, "markdown");
    assert_in_range(strlen(text), 2000, LONGEST_DOCUMENT);
    expect_not(text, "Left out");
    free(text);
    json_decref(report);
    for (size_t i = 0; i + 4 < sizeof(name); i += 4)
        memcpy(name + i, "\xF0\x9F\x90\x8D", 5);
    report = large_report(name);
    text = written(report, "markdown");
    assert_in_range(strlen(text), 2000, LONGEST_DOCUMENT);
    expect(text, "\nLeft out, as GitHub shows");
    expect(text, "## Cold start");
    free(text);
    json_decref(report);
}

static void full_disks_are_told(void **state)
{
    json_t *report = report_of(json_array());

    (void)state;
    for (size_t i = 0; i < FORMATS; i++) {
        FILE *full = report_fixture_full_disk();
        struct thaw_error error = {0};

        assert_int_equal(write_to(report, formats[i], full, &error), -ENOSPC);
        assert_true(*error.message);
        fclose(full);
    }
    json_decref(report);
}

static void lack_of_memory_is_told(void **state)
{
    json_t *report = report_of(
        json_pack("[o]", finding("lazy-import", "warning", "a `b`", "/srv/app/app.py", 1)));

    (void)state;
    assert_true(chaos_malloc_works());
    for (size_t i = 0; i < FORMATS; i++) {
        char *whole = written(report, formats[i]);

        for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
            struct thaw_error error = {0};
            char *text = NULL;
            size_t length = 0;
            FILE *stream = open_memstream(&text, &length);
            int code = write_to(report, formats[i], stream, &error);

            chaos_malloc_pause();
            fclose(stream);
            if (chaos_malloc_failed())
                assert_int_equal(code, -ENOMEM);
            else
                assert_string_equal(text, whole);
            free(text);
        }
        free(whole);
    }
    json_decref(report);
}

static void xml_holds_any_text(void **state)
{
    static const struct {
        const char *text, *xml;
    } cases[] = {
        {NULL, ""},
        {"a<b>&\"'", "a&lt;b&gt;&amp;&quot;&apos;"},
        {"]]>", "]]&gt;"},
        {"\1\n\xFF", "\\x01\\x0a\\xff"},
        {"\xEF\xBF\xBE\xEF\xBF\xBF\xEF\xBF\xBD", "\\u{fffe}\\u{ffff}\xEF\xBF\xBD"},
        {"\xE2\x80\xAE", "\\u{202e}"},
    };
    struct thaw_arena arena = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(thaw_xml_text(&arena, cases[i].text), cases[i].xml);
    thaw_arena_free(&arena);
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
        cmocka_unit_test(incomplete_recordings_say_so),
        cmocka_unit_test(what_was_not_looked_for_is_said),
        cmocka_unit_test(levels_become_those_of_each_format),
        cmocka_unit_test(targets_are_complained_of),
        cmocka_unit_test(empty_reports_can_be_written),
        cmocka_unit_test(hostile_names_are_harmless),
        cmocka_unit_test(markdown_fits_a_comment),
        cmocka_unit_test(full_disks_are_told),
        cmocka_unit_test(lack_of_memory_is_told),
        cmocka_unit_test(xml_holds_any_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
