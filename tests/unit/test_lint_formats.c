/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "findings_report.h"
#include "hostile_texts.h"
#include "lint/formats.h"

/* The forms of tests/golden/full_lint.json, which has something of everything. */

static const char *const formats[] = {"summary", "json",   "markdown", "junit",
                                      "sarif",   "gitlab", "github"};

#define FORMATS (sizeof(formats) / sizeof(formats[0]))

static json_t *full_lint(void)
{
    json_t *lint = json_load_file("tests/golden/full_lint.json", 0, NULL);

    assert_non_null(lint);
    return lint;
}

static int write_as(const json_t *lint, const char *format,
                    const struct thaw_report_options *options, FILE *stream,
                    struct thaw_error *error)
{
    const struct thaw_report_format *row = thaw_lint_formats();

    while (row->name && strcmp(row->name, format) != 0)
        row++;
    assert_non_null(row->name);
    return row->write(lint, options, stream, error);
}

/* To be freed. */
static char *written_with(const json_t *lint, const char *format,
                          const struct thaw_report_options *options)
{
    struct thaw_error error = {0};
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);

    assert_non_null(stream);
    assert_int_equal(write_as(lint, format, options, stream, &error), 0);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static char *written(const json_t *lint, const char *format)
{
    return written_with(lint, format, NULL);
}

/* All parts are in what a format makes of it. */
static void has(const json_t *lint, const char *format, const char *const *parts, size_t count)
{
    char *text = written(lint, format);

    for (size_t i = 0; i < count; i++)
        findings_report_has(text, parts[i]);
    free(text);
}

#define HAS(lint, format, ...)                                                                     \
    has(lint, format, (const char *const[]){__VA_ARGS__},                                          \
        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void lacks(const json_t *lint, const char *format, const char *part)
{
    char *text = written(lint, format);

    findings_report_lacks(text, part);
    free(text);
}

static json_t *finding_at(const json_t *lint, size_t number)
{
    json_t *finding = json_array_get(json_object_get(lint, "findings"), number);

    assert_non_null(finding);
    return finding;
}

static void a_terminal_sees_places_first(void **state)
{
    json_t *lint = full_lint();

    (void)state;
    HAS(lint, "summary", "app: 2 errors, 3 warnings, 1 note\n",
        "Azure Functions (host.json), plan consumption (main.bicep:12: SKU Y1), Python",
        "INCOMPLETE: ", "\nErrors: timeouts\n",
        "app/host.json:12:5: error: functionTimeout is 00:15:00, Consumption ends at 00:10:00 "
        "[timeout-beyond-plan]\n    main.bicep:12: SKU Y1\n    the default of this plan is "
        "00:05:00\n    to do: set functionTimeout to 00:10:00 or less\n",
        "    source of 2026-11-29: "
        "https://learn.microsoft.com/azure/azure-functions/functions-scale\n",
        "    (the page was read in one place only)\n",
        "\nWarnings: scaling\nsettings.json:7:5: warning: ", "    confidence: medium\n",
        "\nwarning: what thaw knows", "app/function_app.py:9: note: the route",
        "Joined with start.thaw, a cold start of 2150.0 ms; the recording is ",
        "Not followed: main.bicep (2 parts); what may stand there is not called missing.\n",
        "rules lack what they need; more can be told by --settings FILE",
        "Suppressed by thaw.json: 1 finding.\n", "Switched off: pins-missing.\n",
        "Rules rest on facts of 2026-11-29, good until 2027-05-29 (OVER).\n");
    lacks(lint, "summary", "secret-in-source");
    lacks(lint, "summary", "\033");
    json_decref(lint);
}

static void of_many_templates_some_are_named(void **state)
{
    json_t *lint = full_lint(), *templates = json_array();

    (void)state;
    for (int i = 0; i < 9; i++)
        json_array_append_new(templates, json_pack("{s:s++, s:s, s:i}", "file", "t",
                                                   (char[]){(char)('0' + i), '\0'}, ".bicep",
                                                   "form", "Bicep", "unread", i % 8));
    json_object_set_new(lint, "templates", templates);
    HAS(lint, "summary", "Not followed: t1.bicep (1 part),", "t5.bicep (5 parts), 2 more;");
    lacks(lint, "summary", "t6.bicep");
    json_decref(lint);
}

/* Errors before warnings, whatever the areas' order. */
static void severity_comes_before_area(void **state)
{
    json_t *lint = full_lint();
    char *text = written(lint, "summary");
    static const char *const order[] = {"\nErrors: timeouts\n",  "\nErrors: files\n",
                                        "\nWarnings: scaling\n", "\nWarnings: files\n",
                                        "\nNotes: model\n",      "rules lack what they need"};
    const char *at = text;

    (void)state;
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        at = strstr(at, order[i]);
        if (!at)
            fail_msg("'%s' is not where it should be in:\n%s", order[i], text);
    }
    free(text);
    json_decref(lint);
}

static void colours_are_asked_for(void **state)
{
    const struct thaw_report_options options = {.color = true, .width = 120};
    json_t *lint = full_lint();
    char *text = written_with(lint, "summary", &options);

    (void)state;
    findings_report_has(text, "app/host.json:12:5: \033[");
    findings_report_has(text, "error: functionTimeout is 00:15:00");
    free(text);
    json_decref(lint);
}

static void ci_systems_get_lines_and_columns(void **state)
{
    json_t *lint = full_lint();

    (void)state;
    HAS(lint, "markdown", "<!-- thaw:lint -->\n## app: 2 errors, 3 warnings, 1 note\n",
        "| **error** | `app/host.json:12:5` | functionTimeout is", "| warning |  | what thaw knows",
        "<summary>Evidence and what to do</summary>", "<summary>Not checked, for want of</summary>",
        "- to do: set functionTimeout to `00:10:00` or less\n",
        "`https://learn.microsoft.com/azure/azure-functions/functions-scale`");
    HAS(lint, "github",
        "::error file=app/host.json,line=12,col=5,title=timeout-beyond-plan::functionTimeout is "
        "00:15:00, Consumption ends at 00:10:00. Seen: main.bicep:12: SKU Y1; the default of this "
        "plan is 00:05:00. To do: set functionTimeout to 00:10:00 or less. Source: https://",
        "::warning file=settings.json,line=7,col=5,title=",
        "::warning file=app/,title=facts-expired",
        "::notice file=app/function_app.py,line=9,title=route-unused::");
    HAS(lint, "sarif", "\"ruleId\": \"timeout-beyond-plan\"", "\"startLine\": 12",
        "\"startColumn\": 5", "\"endLine\": 28", "\"uri\": \"app/host.json\"",
        "\"uri\": \"settings.json\"", "\"suppressions\"", "\"executionSuccessful\": false",
        "\"thaw/v1\": \"00000000000000a2\"", "\"area\": \"timeouts\"",
        "not checked, needs a template: slots-missing");
    HAS(lint, "gitlab", "\"check_name\": \"timeout-beyond-plan\"", "\"path\": \"app/host.json\"",
        "\"begin\": 12", "\"severity\": \"critical\"", "\"fingerprint\": \"00000000000000a2\"");
    lacks(lint, "gitlab", "secret-in-source");
    lacks(lint, "github", "secret-in-source");
    json_decref(lint);
}

static void a_case_for_each_rule(void **state)
{
    json_t *lint = full_lint();

    (void)state;
    /* 1 whether it is complete, 6 findings, 1 suppressed, 2 in vain, 3 not checked */
    HAS(lint, "junit", "tests=\"13\" failures=\"2\" errors=\"1\"", "skipped=\"4\"",
        "name=\"app.complete\"", "classname=\"thaw.lint.timeouts.timeout-beyond-plan\"",
        "file=\"app/host.json\" line=\"12\"", "<failure type=\"timeout-beyond-plan\"",
        "More: thaw explain timeout-beyond-plan.",
        "classname=\"thaw.lint.files.not-all-read\" name=\"not found\"/>",
        "message=\"needs: a template\"", "message=\"suppressed: rotated; ");
    json_decref(lint);
}

/* Nothing found is told in a line, and is no annotation. */
static void a_good_app_is_short(void **state)
{
    json_t *lint = full_lint();
    static const char *const lists[] = {"findings", "suppressed", "unchecked",
                                        "disabled", "problems",   "templates"};
    char *text;

    (void)state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        json_object_set_new(lint, lists[i], json_array());
    json_object_set_new(lint, "complete", json_true());
    json_object_set_new(lint, "recording", json_null());
    json_object_set_new(lint, "counts",
                        json_pack("{sisisi}", "errors", 0, "warnings", 0, "notes", 0));
    text = written(lint, "github");
    assert_string_equal(text, "");
    free(text);
    text = written(lint, "gitlab");
    assert_string_equal(text, "[]\n");
    free(text);
    HAS(lint, "summary", "app: nothing to complain of\n");
    lacks(lint, "summary", "lack what they need");
    lacks(lint, "summary", "INCOMPLETE");
    HAS(lint, "junit", "failures=\"0\" errors=\"0\"", "skipped=\"0\"");
    HAS(lint, "sarif", "\"executionSuccessful\": true", "\"results\": []");
    json_decref(lint);
}

static void the_apps_folder_leads_its_files(void **state)
{
    static const struct {
        const char *path, *place;
    } cases[] = {
        {".", "\nhost.json:12:5: "},          {"./", "\nhost.json:12:5: "},
        {"./app/", "\napp/host.json:12:5: "}, {"/srv/app", "\n/srv/app/host.json:12:5: "},
        {"/", "\n/host.json:12:5: "},         {"app.zip", "\napp.zip/host.json:12:5: "},
        {"..", "\n../host.json:12:5: "},
    };
    json_t *lint = full_lint();

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_object_set_new(json_object_get(lint, "app"), "path", json_string(cases[i].path));
        HAS(lint, "summary", cases[i].place, "\nsettings.json:7:5: ");
    }
    json_decref(lint);
}

static void what_a_profile_leaves_out_is_counted(void **state)
{
    json_t *lint = full_lint();

    (void)state;
    json_object_set_new(lint, "profile",
                        json_pack("{sssssi}", "name", "quick", "severity", "error", "below", 4));
    HAS(lint, "summary", "Left out by the profile quick, as less than an error: 4 findings.\n");
    json_decref(lint);
}

static void long_lists_are_cut(void **state)
{
    json_t *lint = full_lint(), *findings = json_array();
    size_t lines = 0;
    char *text;

    (void)state;
    for (size_t i = 0; i < 1000; i++)
        json_array_append(findings, finding_at(lint, 1));
    json_object_set_new(lint, "findings", findings);
    text = written(lint, "markdown");
    assert_true(strlen(text) <= 65536);
    findings_report_has(text, "and 900 more");
    free(text);
    text = written(lint, "github");
    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    assert_int_equal(lines, 10);
    findings_report_has(text, "::error title=thaw lint::and 991 more\n");
    free(text);
    json_decref(lint);
}

/* --- hostile --- */

static void hostile_names_are_harmless(void **state)
{
    static const char *const kept[] = {"schema", "severity",    "area", "confidence",
                                       "kind",   "fingerprint", NULL};
    json_t *lint = full_lint();

    (void)state;
    hostile_texts_are_harmless(lint, &(struct hostile_texts_forms){.write = written,
                                                                   .names = formats,
                                                                   .count = FORMATS,
                                                                   .kept = kept});
    json_decref(lint);
}

static void nothing_is_required_of_a_document(void **state)
{
    json_t *empty = json_object();

    (void)state;
    for (size_t i = 0; i < FORMATS; i++)
        free(written(empty, formats[i]));
    json_decref(empty);
}

/* --- what fails --- */

static void short_memory_is_said(void **state)
{
    json_t *lint = full_lint();

    (void)state;
    for (size_t i = 0; i < FORMATS; i++) {
        for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
            struct thaw_error error = {0};
            FILE *stream = fopen("/dev/null", "w");
            bool opened = stream;
            int code = stream ? write_as(lint, formats[i], NULL, stream, &error) : -ENOMEM;

            chaos_malloc_pause();
            if (opened)
                assert_int_equal(fclose(stream), 0);
            assert_true(code == 0 || code == -ENOMEM);
            if (!chaos_malloc_failed())
                assert_int_equal(code, 0);
        }
    }
    json_decref(lint);
}

static void a_full_disk_is_said(void **state)
{
    json_t *lint = full_lint();

    (void)state;
    for (size_t i = 0; i < FORMATS; i++) {
        struct thaw_error error = {0};
        FILE *stream = fopen("/dev/full", "w");

        assert_non_null(stream);
        assert_int_equal(write_as(lint, formats[i], NULL, stream, &error), -ENOSPC);
        fclose(stream);
    }
    json_decref(lint);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_terminal_sees_places_first),
        cmocka_unit_test(of_many_templates_some_are_named),
        cmocka_unit_test(severity_comes_before_area),
        cmocka_unit_test(colours_are_asked_for),
        cmocka_unit_test(ci_systems_get_lines_and_columns),
        cmocka_unit_test(a_case_for_each_rule),
        cmocka_unit_test(a_good_app_is_short),
        cmocka_unit_test(the_apps_folder_leads_its_files),
        cmocka_unit_test(what_a_profile_leaves_out_is_counted),
        cmocka_unit_test(long_lists_are_cut),
        cmocka_unit_test(hostile_names_are_harmless),
        cmocka_unit_test(nothing_is_required_of_a_document),
        cmocka_unit_test(short_memory_is_said),
        cmocka_unit_test(a_full_disk_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
