/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "findings_report.h"
#include "report/xml_text.h"
#include "report_fixture.h"
#include "shipped_fixture.h"

#define LONGEST_DOCUMENT 65536

static const char *const formats[] = {"sarif", "markdown", "junit", "gitlab"};

#define FORMATS (sizeof(formats) / sizeof(formats[0]))

static void incomplete_recordings_say_so(void **state)
{
    static const char *const words[FORMATS] = {"\"executionSuccessful\": false", "> [!WARNING]",
                                               "errors=\"1\"", "incomplete-measurement"};
    json_t *report = findings_report(json_array());

    (void)state;
    for (int complete = 1; complete >= 0; complete--) {
        json_object_set_new(report, "complete", json_boolean(complete));
        for (size_t i = 0; i < FORMATS; i++) {
            char *text = findings_report_written(report, formats[i]);

            (complete ? findings_report_lacks : findings_report_has)(text, words[i]);
            (complete ? findings_report_lacks : findings_report_has)(text, "INCOMPLETE");
            free(text);
        }
    }
    json_decref(report);
}

static void what_was_not_looked_for_is_said(void **state)
{
    json_t *report = findings_report(json_null());
    char *text;

    (void)state;
    text = findings_report_written(report, "sarif");
    findings_report_has(text, "no findings were looked for");
    free(text);
    text = findings_report_written(report, "junit");
    findings_report_has(text, "classname=\"thaw.lazy-import\" name=\"not looked for\"");
    findings_report_lacks(text, "name=\"not found\"");
    free(text);
    text = findings_report_written(report, "markdown");
    findings_report_has(text, "none were looked for");
    free(text);
    json_decref(report);
}

static void levels_become_those_of_each_format(void **state)
{
    json_t *report = findings_report(
        json_pack("[o, o, o]", findings_report_finding("a", "error", "e", "app.py", 1),
                  findings_report_finding("b", "warning", "w", "app.py", 2),
                  findings_report_finding("c", "note", "n", "app.py", 3)));
    char *text;

    (void)state;
    text = findings_report_written(report, "junit");
    findings_report_has(text, "failures=\"1\" errors=\"0\"");
    findings_report_has(text, "<failure type=\"a\" message=\"e\">error: e.");
    findings_report_has(text, "<system-out>warning: w.");
    findings_report_has(text, "<system-out>note: n.");
    free(text);
    text = findings_report_written(report, "gitlab");
    findings_report_has(text, "\"severity\": \"critical\"");
    findings_report_has(text, "\"severity\": \"minor\"");
    findings_report_has(text, "\"severity\": \"info\"");
    free(text);
    text = findings_report_written(report, "markdown");
    findings_report_has(text, "**First:** `app.py:1`: e.");
    findings_report_has(text, "| warning | w | `app.py:2` |");
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
        char *text = findings_report_written(report, formats[i]);

        for (size_t k = 0; strcmp(formats[i], "markdown") != 0 && k < 3; k++)
            findings_report_has(text, words[k]);
        findings_report_has(text, "requirements.txt");
        free(text);
    }
    json_decref(report);
}

static void empty_reports_can_be_written(void **state)
{
    static const char *const texts[] = {
        "{}",
        "{\"run\": null, \"findings\": null, \"modules\": null, \"tracks\": [{}]}",
        "{\"target\": {}, \"conflicts\": [{}], \"foreign\": [{}], \"faults\": [{}]}",
        "{\"target\": {}, \"limits\": [{}], \"requirements\": [{}], \"libraries\": null}",
        "{\"target\": {}, \"distributions\": [{}], \"libraries\": [{}]}",
        "{\"findings\": [{}], \"suppressed\": [{}], \"run\": {}}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        json_t *report = json_loads(texts[i], 0, NULL);

        assert_non_null(report);
        for (size_t k = 0; k < FORMATS; k++)
            free(findings_report_written(report, formats[k]));
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
            char *text = findings_report_written(reports[i / FORMATS], format);
            bool json = !strcmp(format, "sarif") || !strcmp(format, "gitlab");

            for (size_t k = 0; k < sizeof(never) / sizeof(never[0]); k++)
                if (!strcmp(format, "junit") || k > 1)
                    findings_report_lacks(text, never[k]);
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
    json_t *report = findings_report(json_array()), *modules = json_array(),
           *packages = json_array();

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
                              findings_report_finding("lazy-import", "warning", name, name, i + 1));
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
    text = findings_report_written(report, "markdown");
    assert_in_range(strlen(text), 2000, LONGEST_DOCUMENT);
    findings_report_lacks(text, "Left out");
    free(text);
    json_decref(report);
    for (size_t i = 0; i + 4 < sizeof(name); i += 4)
        memcpy(name + i, "\xF0\x9F\x90\x8D", 5);
    report = large_report(name);
    text = findings_report_written(report, "markdown");
    assert_in_range(strlen(text), 2000, LONGEST_DOCUMENT);
    findings_report_has(text, "\nLeft out, as GitHub shows");
    findings_report_has(text, "## Cold start");
    free(text);
    json_decref(report);
}

static void full_disks_are_told(void **state)
{
    json_t *report = findings_report(json_array());

    (void)state;
    for (size_t i = 0; i < FORMATS; i++) {
        FILE *full = report_fixture_full_disk();
        struct thaw_error error = {0};

        assert_int_equal(findings_report_write(report, formats[i], full, &error), -ENOSPC);
        assert_true(*error.message);
        fclose(full);
    }
    json_decref(report);
}

static void lack_of_memory_is_told(void **state)
{
    json_t *report = findings_report(json_pack(
        "[o]", findings_report_finding("lazy-import", "warning", "a `b`", "/srv/app/app.py", 1)));

    (void)state;
    assert_true(chaos_malloc_works());
    for (size_t i = 0; i < FORMATS; i++) {
        char *whole = findings_report_written(report, formats[i]);

        for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
            struct thaw_error error = {0};
            char *text = NULL;
            size_t length = 0;
            FILE *stream = open_memstream(&text, &length);
            int code = findings_report_write(report, formats[i], stream, &error);

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
