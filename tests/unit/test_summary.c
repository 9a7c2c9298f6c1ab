/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "report/summary.h"
#include "report_fixture.h"
#include "report_text.h"

#define BLOCK "\xE2\x96\x88"

static const struct thaw_report_format *summary_format(void)
{
    const struct thaw_report_format *row = thaw_report_formats();

    while (strcmp(row->name, "summary"))
        row++;
    return row;
}

static void demo_reads_in_ten_seconds(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    text = report_text_summary(&fixture);
    report_text_presentable(text, 80, false);
    report_text_line(text, "thaw: test-host --app tests/azure/apps/analyze");
    report_text_line(text, "azure_functions, Python 3.11.2, ebpf, Linux 6.1.0-44-amd64, "
                           "2026-11-23 03:00 UTC");
    report_text_line(text, "755.0 ms from the host's start to the first reply (analyze, http)");
    report_text_has(text, "  import            369.0 ms  48.9 %  " BLOCK);
    report_text_has(text, "    imports         144.0 ms  19.1 %  ");
    report_text_line(text, "290.0 ms  10.0 ms  pandas        pandas    pandas/__init__.py");
    report_text_has(text, "typically 200.0 ms");
    report_text_line(text, "Complete: the recording was closed properly and nothing was lost.");
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
    text = report_text_summary(&fixture);
    setlocale(LC_CTYPE, "C.UTF-8");
    longest = report_text_find(text, "  import   ");
    shorter = report_text_find(text, "  worker   ");
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

        report_text_presentable(text, limit, false);
        free(text);
        setlocale(LC_CTYPE, "C");
        text = report_fixture_write(&fixture, "summary", &options);
        setlocale(LC_CTYPE, "C.UTF-8");
        report_text_presentable(text, limit, true);
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
            report_fixture_put_everywhere(&fixture, &one);
            setlocale(LC_CTYPE, i < 3 ? "C.UTF-8" : "C");
            text = report_fixture_write(&fixture, "summary", &options);
            setlocale(LC_CTYPE, "C.UTF-8");
            report_text_presentable(text, (size_t)options.width, i >= 3);
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
    text = report_text_summary(&fixture);
    report_text_has(text, "  bad\\xff\\xc3(name%41 ");
    report_text_has(text, "  \\x1b[31mred ");
    report_text_has(text, "  evil\\u{202e}gnp ");
    report_text_has(text, "  \xE6\xBC\xA2\xE5\xAD\x97 ");
    free(text);
    setlocale(LC_CTYPE, "C");
    text = report_text_summary(&fixture);
    setlocale(LC_CTYPE, "C.UTF-8");
    report_text_has(text, "  \\u{6f22}\\u{5b57} ");
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
        assert_int_equal(summary_format()->write(report, NULL, stream, NULL), 0);
        fclose(stream);
        report_text_presentable(text, 80, false);
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
    FILE *full = report_fixture_full_disk();
    struct report_fixture fixture;
    struct thaw_error error = {0};
    json_t *report;

    (void)state;
    report_fixture_fill(&fixture);
    report = report_fixture_report(&fixture);
    assert_int_equal(summary_format()->write(report, NULL, full, &error), -ENOSPC);
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
            int code = summary_format()->write(report, NULL, nowhere, &error);

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
        cmocka_unit_test(foreign_json_does_no_harm),
        cmocka_unit_test(durations_are_rounded),
        cmocka_unit_test(failed_write_is_told),
        cmocka_unit_test(every_allocation_may_fail),
    };

    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
