/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <cmocka.h>

#include "base/text.h"
#include "chaos_malloc.h"
#include "report/summary.h"
#include "report_fixture.h"

#define BLOCK "\xE2\x96\x88"
#define LIGHT "\xE2\x96\x91"

static char *summary_of(const struct report_fixture *fixture)
{
    return report_fixture_write(fixture, "summary", NULL);
}

/* Columns of the line's characters; fails on anything that is no plain character. */
static size_t line_columns(const char *line, size_t length, bool ascii)
{
    size_t columns = 0;

    for (size_t i = 0; i < length;) {
        uint32_t codepoint = 0;
        size_t step = thaw_text_decode(line + i, length - i, &codepoint);

        assert_true(step > 0);
        assert_true(thaw_text_is_plain(codepoint));
        assert_true(!ascii || step == 1);
        columns += ascii ? 1 : (size_t)wcwidth((wchar_t)codepoint);
        i += step;
    }
    return columns;
}

/* Every line fits and holds nothing that a terminal would act on. */
static void assert_presentable(const char *text, size_t width, bool ascii)
{
    assert_true(*text && text[strlen(text) - 1] == '\n');
    while (*text) {
        size_t length = strcspn(text, "\n");

        assert_in_range(line_columns(text, length, ascii), 0, width);
        assert_true(!length || text[length - 1] != ' ');
        text += length + 1;
    }
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void assert_lacks(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("\"%s\" is in:\n%s", part, text);
}

/* The line that holds a part, to be freed. */
static char *line_with(const char *text, const char *part)
{
    const char *found = strstr(text, part), *begin = found;

    if (!found)
        fail_msg("\"%s\" is not in:\n%s", part, text);
    while (begin > text && begin[-1] != '\n')
        begin--;
    return strndup(begin, strcspn(begin, "\n"));
}

static void assert_line(const char *text, const char *expected)
{
    char *line = line_with(text, expected);

    assert_string_equal(line, expected);
    free(line);
}

static void demo_reads_in_ten_seconds(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    text = summary_of(&fixture);
    assert_presentable(text, 80, false);
    assert_line(text, "thaw: test-host --app tests/azure/apps/analyze");
    assert_line(text, "azure_functions, Python 3.11.2, ebpf, Linux 6.1.0-44-amd64, "
                      "2026-11-23 03:00 UTC");
    assert_line(text, "755.0 ms from the host's start to the first reply (analyze, http)");
    assert_has(text, "  import            369.0 ms  48.9 %  " BLOCK);
    assert_has(text, "    imports         144.0 ms  19.1 %  ");
    assert_line(text, "290.0 ms  10.0 ms  pandas        pandas    pandas/__init__.py");
    assert_has(text, "typically 200.0 ms");
    assert_line(text, "Complete: the recording was closed properly and nothing was lost.");
    free(text);
}

static void bars_are_proportional(void **state)
{
    struct report_fixture fixture;
    char *text, *longest, *shorter;

    (void)state;
    setlocale(LC_CTYPE, "C");
    report_fixture_fill(&fixture);
    fixture.phases[2].end_ns = fixture.phases[2].start_ns + 4 * 131000000; /* twice the worker's */
    text = summary_of(&fixture);
    setlocale(LC_CTYPE, "C.UTF-8");
    longest = line_with(text, "  import   ");
    shorter = line_with(text, "  worker   ");
    assert_int_equal(strlen(strchr(longest, '#')) / 2, strlen(strchr(shorter, '#')) - 1);
    free(longest);
    free(shorter);
    free(text);
}

static void fits_any_width_and_locale(void **state)
{
    static const int widths[] = {0, 80, 120, 200, 1000};
    struct report_fixture fixture;

    (void)state;
    report_fixture_fill(&fixture);
    for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
        struct thaw_report_options options = {.width = widths[i]};
        size_t limit = widths[i] < 80 ? 80 : widths[i] > 200 ? 200 : (size_t)widths[i];
        char *text = report_fixture_write(&fixture, "summary", &options);

        assert_presentable(text, limit, false);
        free(text);
        setlocale(LC_CTYPE, "C");
        text = report_fixture_write(&fixture, "summary", &options);
        setlocale(LC_CTYPE, "C.UTF-8");
        assert_presentable(text, limit, true);
        free(text);
    }
}

static void color_only_when_asked(void **state)
{
    struct thaw_report_options options = {.color = true, .width = 80};
    struct report_fixture fixture;
    size_t begun = 0, ended = 0;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    text = report_fixture_write(&fixture, "summary", &options);
    for (const char *escape = text; (escape = strstr(escape, "\033[")); escape++) {
        bool is_end = !strncmp(escape, "\033[0m", 4) || !strncmp(escape, "\033[m", 3);

        ended += is_end;
        begun += !is_end;
    }
    assert_true(begun > 5);
    assert_int_equal(begun, ended);
    free(text);
}

static void put_everywhere(struct report_fixture *fixture, const char **name)
{
    report_fixture_event(fixture, THAW_EVENT_PROBE)->probe =
        (struct thaw_probe){*name, *name, "failed", *name, *name, *name};
    report_fixture_event(fixture, THAW_EVENT_INTERPRETER)->interpreter =
        (struct thaw_interpreter){*name, *name, *name, "late", *name};
    report_fixture_event(fixture, THAW_EVENT_MESSAGE)->message = (struct thaw_message){
        .type = *name, .outgoing = 1, .status = *name, .failure = *name, .function_id = ""};
    snprintf(fixture->recording.defect, sizeof(fixture->recording.defect), "%.150s", *name);
    fixture->session.command = (struct thaw_texts){name, 1};
    fixture->session.kernel = fixture->session.backend = *name;
    fixture->timeline.platform = fixture->processes[1].python = *name;
    for (size_t i = 1; i < 3; i++) {
        fixture->modules[i].name = fixture->modules[i].short_file = *name;
        fixture->modules[i].distribution = *name;
    }
    fixture->phases[0].name = fixture->children[0].name = *name;
    fixture->invocations[0].function = fixture->invocations[0].kind = *name;
    fixture->losses[0] = (struct thaw_loss){*name, 1, *name, 1};
    fixture->timeline.loss_count = 1;
    fixture->timeline.complete = false;
    fixture->not_visible[0] = (struct thaw_not_visible){*name, *name, 1, *name};
}

static void hostile_names_are_harmless(void **state)
{
    static const int widths[] = {80, 120, 200};

    (void)state;
    for (const char *const *name = report_fixture_hostile; *name; name++) {
        for (size_t i = 0; i < 6; i++) {
            struct thaw_report_options options = {.width = widths[i % 3]};
            struct report_fixture fixture;
            const char *one = *name;
            char *text;

            report_fixture_fill(&fixture);
            put_everywhere(&fixture, &one);
            setlocale(LC_CTYPE, i < 3 ? "C.UTF-8" : "C");
            text = report_fixture_write(&fixture, "summary", &options);
            setlocale(LC_CTYPE, "C.UTF-8");
            assert_presentable(text, (size_t)options.width, i >= 3);
            free(text);
        }
    }
}

static void hostile_names_are_shown_exactly(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.modules[2].name = "bad\xFF\xC3(name%41";
    fixture.modules[3].name = "\033[31mred";
    fixture.modules[5].name = "evil\xE2\x80\xAEgnp";
    fixture.modules[7].name = "\xE6\xBC\xA2\xE5\xAD\x97";
    text = summary_of(&fixture);
    assert_has(text, "  bad\\xff\\xc3(name%41 ");
    assert_has(text, "  \\x1b[31mred ");
    assert_has(text, "  evil\\u{202e}gnp ");
    assert_has(text, "  \xE6\xBC\xA2\xE5\xAD\x97 ");
    free(text);
    setlocale(LC_CTYPE, "C");
    text = summary_of(&fixture);
    setlocale(LC_CTYPE, "C.UTF-8");
    assert_has(text, "  \\u{6f22}\\u{5b57} ");
    free(text);
}

static void imports_are_one_row_per_package(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.modules[0].total_ns = 900000000; /* the worker's own */
    fixture.modules[6].total_ns = 800000000; /* the standard library's */
    text = summary_of(&fixture);
    assert_has(text, "urllib3/__init__.py");
    assert_lacks(text, "pandas.core.api"); /* is in the row of pandas */
    assert_lacks(text, "helpers.py");      /* in the app's */
    assert_lacks(text, "grpc");
    assert_lacks(text, "json/");
    assert_lacks(text, "idna"); /* the sixth */
    free(text);
    fixture.modules[2].status = THAW_MODULE_FAILED;
    fixture.modules[3].status = THAW_MODULE_UNFINISHED;
    text = summary_of(&fixture);
    assert_has(text, "  pandas (failed) ");
    assert_has(text, "  numpy (unfinished) ");
    assert_has(text, "- the end of 1 import: took at least the time shown");
    free(text);
}

static void imports_of_a_plain_script(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    for (size_t i = 0; i < fixture.timeline.module_count; i++) {
        fixture.modules[i].distribution = "";
        fixture.modules[i].owner = i % 2 ? "stdlib" : "";
        fixture.modules[i].process = 1; /* no track: every process counts */
    }
    fixture.timeline.track_count = 0;
    fixture.timeline.platform = "";
    text = summary_of(&fixture);
    assert_has(text, "function_app.py");
    assert_has(text, "pandas/__init__.py");
    assert_lacks(text, "pandas.core.api"); /* the same top-level name */
    free(text);
}

static void broken_parents_end(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.modules[2].parent = 4;
    fixture.modules[3].parent = 3; /* each other's */
    fixture.modules[5].parent = 6; /* its own */
    fixture.modules[7].parent = 999;
    text = summary_of(&fixture);
    assert_has(text, "numpy/__init__.py");
    assert_has(text, "requests/__init__.py");
    free(text);
}

static void no_platform(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.timeline.track_count = 0;
    fixture.timeline.platform = "";
    fixture.timeline.end_reason = "exit";
    report_fixture_event(&fixture, THAW_EVENT_SESSION_END)->session_end =
        (struct thaw_session_end){"exit", 3};
    text = summary_of(&fixture);
    assert_presentable(text, 80, false);
    assert_has(text, "760.0 ms until the command exited with status 3; no serverless worker");
    assert_has(text, "\nPython 3.11.2, ebpf,");
    assert_has(text, "pandas/__init__.py");
    free(text);
}

static void importtime_backend(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.session.backend = "importtime";
    report_fixture_event(&fixture, THAW_EVENT_PROBE)->probe = (struct thaw_probe){
        "bpf", "", "missing", "", "not permitted (CAP_BPF)", "loading of libraries, messages"};
    text = summary_of(&fixture);
    assert_presentable(text, 80, false);
    assert_has(text, "- probe bpf missing: not permitted (CAP_BPF); without it: loading of");
    assert_has(text, "- recorded without BPF");
    free(text);
}

static void unfinished_recording(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.timeline.complete = fixture.recording.finished = false;
    fixture.timeline.end_reason = "";
    fixture.tracks[0].answered = false;
    snprintf(fixture.recording.defect, sizeof(fixture.recording.defect), "cut at byte 4711");
    text = summary_of(&fixture);
    assert_presentable(text, 80, false);
    assert_has(text, "755.0 ms from the host's start on; no first reply was seen");
    assert_has(text, "- recording damaged: cut at byte 4711");
    assert_has(text, "\nINCOMPLETE: the recording was cut off");
    assert_lacks(text, "Complete:");
    free(text);
}

static void failed_init(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    for (size_t i = 0; i < 7; i++)
        report_fixture_event(&fixture, THAW_EVENT_MESSAGE)->message =
            (struct thaw_message){.type = "WorkerInitResponse",
                                  .outgoing = 1,
                                  .status = "failure",
                                  .failure = "NameError",
                                  .function_id = ""};
    text = summary_of(&fixture);
    assert_line(text, "! The worker (pid 4117) answered with WorkerInitResponse: failure "
                      "(NameError)");
    assert_has(text, "! and 2 more");
    free(text);
}

static void uncounted_phases_are_marked(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.phases[0].name = "pool";
    fixture.phases[0].counted = false;
    fixture.phases[0].end_ns = fixture.phases[0].start_ns + 61234567890;
    fixture.phases[1].name = "specialize";
    fixture.phases[1].child_count = 0;
    text = summary_of(&fixture);
    assert_has(text, "755.0 ms from the host's request to become this app to the first reply");
    assert_has(text, "  pool               61.23 s  not counted  " LIGHT);
    assert_has(text, LIGHT ">\n");
    free(text);
}

static void further_workers_have_a_line(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.tracks[1] = fixture.tracks[0];
    fixture.tracks[1].id = 2;
    fixture.tracks[1].headline = fixture.tracks[1].answered = false;
    fixture.tracks[1].total_ns = 812340000;
    fixture.timeline.track_count = 2;
    text = summary_of(&fixture);
    assert_line(text, "- worker 2 (pid 4117): 812.3 ms and no first reply seen");
    free(text);
    for (size_t i = 0; i < 2; i++) /* the headline is not always the first one */
        fixture.tracks[i].headline = i;
    text = summary_of(&fixture);
    assert_line(text, "- worker 1 (pid 4117): 755.0 ms to its first reply");
    free(text);
}

static void losses_are_said(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    for (size_t i = 0; i < 7; i++)
        fixture.losses[i] = (struct thaw_loss){"ring-buffer-full", 12 + i, "imports", 0};
    fixture.timeline.loss_count = 7;
    fixture.timeline.complete = false;
    fixture.tracks[0].unattributed_ns = 7550001;
    text = summary_of(&fixture);
    assert_has(text, "- lost: 12 times ring-buffer-full: imports\n");
    assert_has(text, "- and 3 more under \"losses\" in the JSON report\n");
    assert_has(text, "- unattributed: 7.6 ms (1.0 % of the total) is in no phase\n");
    assert_has(text, "\nINCOMPLETE: events were lost");
    free(text);
}

static void nothing_recorded(void **state)
{
    struct thaw_recording recording = {.defect = ""};
    struct report_fixture fixture = {
        .timeline = {.recording = &recording, .end_reason = "", .platform = ""}};
    char *text = summary_of(&fixture);

    (void)state;
    assert_presentable(text, 80, false);
    assert_has(text, "Nothing was recorded.");
    assert_has(text, "INCOMPLETE");
    free(text);
}

static void foreign_json_does_no_harm(void **state)
{
    static const char *const texts[] = {
        "{}",
        "[]",
        "null",
        "{\"tracks\": 1, \"modules\": {}, \"run\": []}",
        "{\"tracks\": [1, null], \"modules\": [null, 3, {}], \"processes\": [[]]}",
        "{\"tracks\": [{\"phases\": [{\"start_ns\": -5, \"counted\": true}]}]}",
        "{\"run\": {\"command\": [1], \"command_bytes\": [\"%\", \"%4\", \"%ZZ\"]}}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        json_t *report = json_loads(texts[i], JSON_DECODE_ANY, NULL);
        char *text = NULL;
        size_t length;
        FILE *stream = open_memstream(&text, &length);

        assert_non_null(report);
        assert_int_equal(thaw_report_formats()[1].write(report, NULL, stream, NULL), 0);
        fclose(stream);
        assert_presentable(text, 80, false);
        free(text);
        json_decref(report);
    }
}

static void durations_are_rounded(void **state)
{
    static const struct {
        uint64_t ns;
        const char *text;
    } rows[] = {
        {0, "0.0 ms"},
        {1, "<0.1 ms"},
        {49999, "<0.1 ms"},
        {50000, "0.1 ms"},
        {949999, "0.9 ms"},
        {950000, "1.0 ms"},
        {9999940000, "9999.9 ms"},
        {10000000000, "10.00 s"},
        {10004999999, "10.00 s"},
        {10005000000, "10.01 s"},
        {99999994999999, "99999.99 s"},
        {100000000000000, "1.2 d"},
        {INT64_MAX, "106752.0 d"},
    };
    struct thaw_summary summary = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(thaw_summary_duration(&summary, rows[i].ns), rows[i].text);
    assert_string_equal(thaw_summary_share(&summary, 1, 3), "33.3 %");
    assert_string_equal(thaw_summary_share(&summary, 3, 3), "100.0 %");
    assert_string_equal(thaw_summary_share(&summary, INT64_MAX, 1), ">999 %");
    assert_string_equal(thaw_summary_share(&summary, 1, 0), "");
    thaw_arena_free(&summary.arena);
}

static void failed_write_is_told(void **state)
{
    FILE *full = fopen("/dev/full", "w");
    struct report_fixture fixture;
    struct thaw_error error = {0};
    json_t *report;

    (void)state;
    assert_non_null(full);
    report_fixture_fill(&fixture);
    report = report_fixture_report(&fixture);
    assert_int_equal(thaw_report_formats()[1].write(report, NULL, full, &error), -ENOSPC);
    json_decref(report);
    fclose(full);
}

static void every_allocation_may_fail(void **state)
{
    static const enum chaos_malloc_mode modes[] = {CHAOS_ONE, CHAOS_ALL};
    FILE *nowhere = fopen("/dev/null", "w");
    struct report_fixture fixture;
    json_t *report;

    (void)state;
    if (!chaos_malloc_works()) {
        print_message("skip: linked without --wrap, no allocation can be made to fail\n");
        fclose(nowhere);
        skip();
    }
    report_fixture_fill(&fixture);
    report = report_fixture_report(&fixture);
    for (size_t i = 0; i < 2; i++) {
        for (chaos_malloc_begin(modes[i]); chaos_malloc_more();) {
            struct thaw_error error = {0};
            int code = thaw_report_formats()[1].write(report, NULL, nowhere, &error);

            chaos_malloc_pause();
            assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        }
    }
    json_decref(report);
    fclose(nowhere);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(demo_reads_in_ten_seconds),
        cmocka_unit_test(bars_are_proportional),
        cmocka_unit_test(fits_any_width_and_locale),
        cmocka_unit_test(color_only_when_asked),
        cmocka_unit_test(hostile_names_are_harmless),
        cmocka_unit_test(hostile_names_are_shown_exactly),
        cmocka_unit_test(imports_are_one_row_per_package),
        cmocka_unit_test(imports_of_a_plain_script),
        cmocka_unit_test(broken_parents_end),
        cmocka_unit_test(no_platform),
        cmocka_unit_test(importtime_backend),
        cmocka_unit_test(unfinished_recording),
        cmocka_unit_test(failed_init),
        cmocka_unit_test(uncounted_phases_are_marked),
        cmocka_unit_test(further_workers_have_a_line),
        cmocka_unit_test(losses_are_said),
        cmocka_unit_test(nothing_recorded),
        cmocka_unit_test(foreign_json_does_no_harm),
        cmocka_unit_test(durations_are_rounded),
        cmocka_unit_test(failed_write_is_told),
        cmocka_unit_test(every_allocation_may_fail),
    };

    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
