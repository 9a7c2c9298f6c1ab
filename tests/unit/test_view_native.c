/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report_fixture.h"
#include "report_text.h"

/* Native code of the fixture's imports: 60 samples. */
struct native_fixture {
    struct report_fixture report;
    struct thaw_native_library libraries[3];
    struct thaw_native_share shares[3];
    struct thaw_native_function functions[4];
    struct thaw_native_path paths[1];
    uint32_t path_functions[3];
    uint32_t order[4];
};

static void fill(struct native_fixture *fixture)
{
    struct thaw_native *native = &fixture->report.timeline.native;

    memset(fixture, 0, sizeof(*fixture));
    report_fixture_fill(&fixture->report);
    for (uint32_t i = 0; i < 4; i++)
        fixture->order[i] = i;
    fixture->shares[0] = (struct thaw_native_share){0, 3, 40};
    fixture->shares[1] = (struct thaw_native_share){0, 4, 10};
    fixture->shares[2] = (struct thaw_native_share){1, 4, 8};
    fixture->libraries[0] =
        (struct thaw_native_library){"/opt/pandas/hash.so", "file", "pandas", 50, 10,
                                     fixture->shares,       2};
    fixture->libraries[1] =
        (struct thaw_native_library){"[vdso]", "vdso", "", 8, 0, fixture->shares + 2, 1};
    fixture->libraries[2] =
        (struct thaw_native_library){"/usr/bin/python3.11", "file", "", 0, 0, NULL, 0};
    fixture->functions[0] = (struct thaw_native_function){0, "fill", 4096, true, 44, 10};
    fixture->functions[1] = (struct thaw_native_function){1, "", 16, false, 8, 0};
    fixture->functions[2] = (struct thaw_native_function){0, "", 8192, true, 6, 0};
    fixture->functions[3] = (struct thaw_native_function){2, "call", 64, true, 0, 0};
    fixture->path_functions[0] = 0;
    fixture->path_functions[1] = 2;
    fixture->path_functions[2] = 3;
    fixture->paths[0] =
        (struct thaw_native_path){30, fixture->path_functions, 3, fixture->shares, 2};
    *native = (struct thaw_native){.period_ns = 1001001,
                                   .samples = 60,
                                   .kernel_samples = 10,
                                   .unattributed = 2,
                                   .outside = 5,
                                   .libraries = fixture->libraries,
                                   .library_count = 3,
                                   .functions = fixture->functions,
                                   .function_count = 4,
                                   .has_stacks = true,
                                   .complete = 50,
                                   .truncated = 3,
                                   .probed = 4,
                                   .broken = 1,
                                   .paths = fixture->paths,
                                   .path_count = 1,
                                   .library_order = fixture->order,
                                   .function_order = fixture->order,
                                   .path_order = fixture->order};
}

static const struct thaw_report_format *view(void)
{
    const struct thaw_report_format *row = thaw_report_views();

    while (row->name && strcmp(row->name, "native") != 0)
        row++;
    assert_non_null(row->name);
    return row;
}

static char *show(const struct native_fixture *fixture)
{
    json_t *report = report_fixture_report(&fixture->report);
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);

    assert_non_null(stream);
    assert_int_equal(view()->write(report, NULL, stream, NULL), 0);
    fclose(stream);
    json_decref(report);
    return text;
}

static void times_have_their_errors(void **state)
{
    struct native_fixture fixture;
    char *text;

    (void)state;
    fill(&fixture);
    text = show(&fixture);
    report_text_presentable(text, 80, true);
    report_text_has(text, "Native code of imports in all processes: 60.1 ms on a CPU (60 samples");
    report_text_has(text, "50.1 ms     +-15 %   83 %    20 %  hash.so  pandas  pandas");
    report_text_has(text, " 8.0 ms  8 samples   13 %     0 %  [vdso]");
    report_text_lacks(text, "python3.11 "); /* has no samples of its own */
    free(text);
}

static void functions_without_a_name_stand_by_their_place(void **state)
{
    struct native_fixture fixture;
    char *text;

    (void)state;
    fill(&fixture);
    text = show(&fixture);
    report_text_has(text, "  fill ");
    report_text_has(text, "[vdso]+0x10");
    report_text_has(text, "hash.so+0x2000");
    report_text_has(text, "- 23.3 % of the samples are in functions that their files have no name");
    report_text_has(text, "- 2 samples are in no code that was seen mapped");
    free(text);
}

static void calls_are_told_from_the_inside_out(void **state)
{
    struct native_fixture fixture;
    char *text;

    (void)state;
    fill(&fixture);
    text = show(&fixture);
    report_text_has(text, "hash.so!fill <- hash.so+0x2000 <- python3.11!call");
    report_text_has(text,
                    "- of 58 stacks, 50 were followed to the thread's start, 4 to dlopen, whose");
    free(text);
    fixture.report.timeline.native.has_stacks = false;
    text = show(&fixture);
    report_text_lacks(text, "stacks");
    free(text);
}

static void nothing_sampled_says_why(void **state)
{
    struct native_fixture fixture;
    struct thaw_event *event;
    char *text;

    (void)state;
    fill(&fixture);
    fixture.report.timeline.native = (struct thaw_native){0};
    text = show(&fixture);
    report_text_line(text, "Native code was not sampled in this recording.");
    free(text);
    event = report_fixture_event(&fixture.report, THAW_EVENT_PROBE);
    event->probe = (struct thaw_probe){"native.sample", "cpu-clock",     "missing",
                                       "perf event",    "it is refused", "time in libraries"};
    text = show(&fixture);
    report_text_line(text, "Native code was not sampled in this recording: it is refused.");
    free(text);
}

static void hostile_names_stay_texts(void **state)
{
    (void)state;
    for (size_t i = 0; report_fixture_hostile[i]; i++) {
        struct native_fixture fixture;
        char *text;

        fill(&fixture);
        for (size_t j = 0; j < 3; j++) {
            fixture.libraries[j].path = report_fixture_hostile[i];
            fixture.libraries[j].distribution = report_fixture_hostile[i];
        }
        for (size_t j = 0; j < 4; j++)
            fixture.functions[j].name = report_fixture_hostile[i];
        text = show(&fixture);
        report_text_presentable(text, 80, true);
        free(text);
    }
}

static void a_full_disk_is_an_error(void **state)
{
    struct thaw_error error = {0};
    struct native_fixture fixture;
    FILE *full = report_fixture_full_disk();
    json_t *report;

    (void)state;
    fill(&fixture);
    report = report_fixture_report(&fixture.report);
    assert_int_equal(view()->write(report, NULL, full, &error), -ENOSPC);
    fclose(full);
    json_decref(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_have_their_errors),
        cmocka_unit_test(functions_without_a_name_stand_by_their_place),
        cmocka_unit_test(calls_are_told_from_the_inside_out),
        cmocka_unit_test(nothing_sampled_says_why),
        cmocka_unit_test(hostile_names_stay_texts),
        cmocka_unit_test(a_full_disk_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
