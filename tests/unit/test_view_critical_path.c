/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report_fixture.h"
#include "report_text.h"

/* `--view critical-path`. */

static char *show(const json_t *report, int width)
{
    const struct thaw_report_format *view = thaw_report_views();
    struct thaw_report_options options = {.width = width};
    struct thaw_error error = {0};
    char *text = NULL;
    size_t length;
    FILE *stream = open_memstream(&text, &length);

    while (strcmp(view->name, "critical-path") != 0)
        view++;
    assert_non_null(stream);
    assert_int_equal(view->write(report, &options, stream, &error), 0);
    fclose(stream);
    return text;
}

static json_t *step(double start_ms, double end_ms, const char *waited_for, int process,
                    const char *phase, int thread, int module)
{
    return json_pack("{s:I, s:I, s:s, s:i, s:s, s:i, s:i}", "start_ns",
                     (json_int_t)(start_ms * 1e6), "end_ns", (json_int_t)(end_ms * 1e6),
                     "waited_for", waited_for, "process", process, "phase", phase, "thread", thread,
                     "module", module);
}

static json_t *report_of(const char *name)
{
    json_t *waiting = step(1050, 1160.5, "worker", 2, "worker.imports", 4119, 1);

    json_object_set_new(waiting, "wait",
                        json_pack("{s:i, s:i, s:i}", "io_ns", 1000000, "runqueue_ns", 2000000,
                                  "sleep_ns", 500000));
    return json_pack("{s:b, s:[{s:i, s:s, s:i, s:s}, {s:i, s:s, s:i, s:s}], s:[{s:i, s:s}],"
                     " s:[{s:b, s:b, s:i, s:I, s:I, s:[o, o, o], s:[{s:i, s:i}, {s:i, s:i}]}]}",
                     "complete", 1, "processes", "id", 1, "role", "host", "pid", 4100, "executable",
                     name, "id", 2, "role", "worker", "pid", 4117, "executable", name, "modules",
                     "id", 1, "name", name, "tracks", "headline", 1, "answered", 1, "process", 2,
                     "start_ns", (json_int_t)1000000000, "end_ns", (json_int_t)1200000000,
                     "critical_path", step(1000, 1050, "host", 1, "host", 0, 0), waiting,
                     step(1160.5, 1200, "outside", 0, "first-invocation", 0, 0), "beside",
                     "process", 1, "ns", 3000000, "thread", 4119, "ns", 7000000);
}

static void the_path_is_told_moment_by_moment(void **state)
{
    json_t *report = report_of("function_app");
    char *text = show(report, 120);

    (void)state;
    report_text_presentable(text, 120, true);
    report_text_line(text, "What the first reply waited for, in 200.0 ms");
    report_text_has(
        text,
        "      AT      TIME  WAITED FOR   IN                OFF CPU  IMPORTING\n"
        "  0.0 ms   50.0 ms  host 4100    host\n"
        " 50.0 ms  110.5 ms  worker 4117  worker.imports     3.5 ms  function_app (thread 4119)\n"
        "160.5 ms   39.5 ms  outside      first-invocation\n");
    report_text_line(text, "- host 4100 (function_app) ran for 3.0 ms");
    report_text_line(text, "- thread 4119 imported for 7.0 ms");
    free(text);
    json_decref(report);
}

static void where_it_is_narrow_the_module_comes_first(void **state)
{
    json_t *report = report_of("package.subpackage.module");
    char *text = show(report, 80);

    (void)state;
    report_text_presentable(text, 80, true);
    report_text_has(text, "kage.module\n");
    report_text_lacks(text, "(thread");
    free(text);
    json_decref(report);
}

static void what_is_not_known_is_said(void **state)
{
    json_t *report = report_of("function_app");
    json_t *track = json_array_get(json_object_get(report, "tracks"), 0);
    char *text;

    (void)state;
    json_object_set_new(track, "answered", json_false());
    json_object_set_new(track, "beside", json_array());
    json_object_set_new(report, "complete", json_false());
    json_object_set_new(report, "recording", json_pack("{s:b}", "finished", 0));
    text = show(report, 80);
    report_text_line(text, "What the start waited for, up to the last that is known of it");
    report_text_line(text, "Nothing else was seen to run in that time.");
    report_text_has(text, "\nINCOMPLETE: the recording was cut off,");
    free(text);
    json_object_set_new(report, "tracks", json_array());
    text = show(report, 80);
    report_text_line(text, "No start of a worker or program was recorded.");
    free(text);
    json_decref(report);
}

static void hostile_names_stay_texts(void **state)
{
    (void)state;
    for (size_t i = 0; report_fixture_hostile[i]; i++) {
        struct report_fixture fixture;
        const char *name = report_fixture_hostile[i];

        report_fixture_fill(&fixture);
        report_fixture_put_everywhere(&fixture, &name);
        for (int width = 80; width <= 200; width += 60) {
            char *text = report_fixture_write(&fixture, "critical-path",
                                              &(struct thaw_report_options){.width = width});

            report_text_presentable(text, (size_t)width, true);
            free(text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_path_is_told_moment_by_moment),
        cmocka_unit_test(where_it_is_narrow_the_module_comes_first),
        cmocka_unit_test(what_is_not_known_is_said),
        cmocka_unit_test(hostile_names_stay_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
