/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "chaos_malloc.h"
#include "report_text.h"
#include "shipped_fixture.h"
#include "trace_fixture.h"

/* The same formats where the report is not as one would like it: hostile, incomplete, empty, of two
 * workers, of a target, made by somebody else. */

static bool is_csv(const char *format)
{
    return !strcmp(format, "csv");
}

/* Lines of plain UTF-8. */
static void assert_inert(const char *format, const char *text)
{
    for (size_t i = 0, length = strlen(text); i < length;) {
        uint32_t codepoint = 0;
        size_t step = thaw_text_decode(text + i, length - i, &codepoint);

        assert_true(step > 0);
        if (codepoint != '\n' && !(codepoint == '\r' && is_csv(format) && text[i + 1] == '\n'))
            assert_true(thaw_text_is_plain(codepoint));
        i += step;
    }
}

/* A name changes neither how many lines there are nor what they are. */
static void hostile_names_are_harmless(void **state)
{
    (void)state;
    for (const char *const *name = report_fixture_hostile; *name; name++) {
        const char *one = *name, *plain = "plain";
        struct report_fixture fixture, control;
        json_t *reports[2];

        report_fixture_fill(&fixture);
        report_fixture_put_everywhere(&fixture, &one);
        report_fixture_fill(&control);
        report_fixture_put_everywhere(&control, &plain);
        reports[0] = report_fixture_report(&fixture);
        reports[1] = report_fixture_report(&control);
        for (const char *const *format = trace_fixture_formats; *format; format++) {
            char *text = trace_fixture_write(reports[0], *format);
            char *expected = trace_fixture_write(reports[1], *format);

            assert_inert(*format, text);
            assert_int_equal(trace_fixture_count(text, "\n"), trace_fixture_count(expected, "\n"));
            if (*text == '{')
                json_decref(trace_fixture_json(reports[0], *format));
            free(expected);
            free(text);
        }
        json_decref(reports[1]);
        json_decref(reports[0]);
    }
}

/* What a form gives a meaning to is escaped in it, visibly. */
static void names_that_mean_something(void **state)
{
    json_t *report = trace_fixture_report();
    char *text;

    (void)state;
    trace_fixture_set(report, 0, "name", json_string("  a;b | c 7"));
    trace_fixture_set(report, 1, "name", json_string(""));
    text = trace_fixture_write(report, "folded");
    report_text_line(text, "worker-4117;\\x20\\x20a\\x3bb\\x20|\\x20c\\x207 100000");
    report_text_has(text, "worker-4117;(no-name);requests;json 5000\n");
    free(text);
    text = trace_fixture_write(report, "importtime");
    report_text_has(text, "| \\x20\\x20a;b\\x20\\x7c\\x20c\\x207\n");
    free(text);
    trace_fixture_set(report, 0, "distribution", json_string("a\"b\\c"));
    text = trace_fixture_write(report, "openmetrics");
    report_text_has(text, "{distribution=\"a\\\"b\\\\c\",owner=\"worker\"}");
    free(text);
    json_decref(report);
}

static void what_became_of_a_module_is_said(void **state)
{
    static const char *const marks[] = {"failed", "not-found", "unfinished"};
    char expected[64], *text;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        json_t *report = trace_fixture_report(), *trace;

        trace_fixture_set(report, 9, "status", json_string(marks[i]));
        trace = trace_fixture_json(report, "chrome-trace");
        snprintf(expected, sizeof(expected), "idna (%s)", marks[i]);
        trace_fixture_find(json_object_get(trace, "traceEvents"), "name", expected);
        json_decref(trace);
        text = trace_fixture_write(report, "folded");
        snprintf(expected, sizeof(expected), ";idna_(%s) 3000\n", marks[i]);
        report_text_has(text, expected);
        free(text);
        text = trace_fixture_write(report, "importtime"); /* CPython marks none of its lines */
        report_text_has(text, i == 2 ? " idna_(unfinished)\n" : " idna\n");
        free(text);
        text = trace_fixture_write(report, "openmetrics");
        snprintf(expected, sizeof(expected), "thaw_modules{status=\"%s\"} 1\n", marks[i]);
        report_text_has(text, expected);
        free(text);
        json_decref(report);
    }
}

static void incomplete_recordings_say_so(void **state)
{
    struct report_fixture fixture;
    json_t *report;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.losses[0] = (struct thaw_loss){"ring-buffer-full", 3, "", 0};
    fixture.losses[1] = (struct thaw_loss){"ring-buffer-full", 4, "", 2};
    fixture.timeline.loss_count = 2;
    fixture.timeline.complete = false;
    report = report_fixture_report(&fixture);
    for (const char *const *format = trace_fixture_formats; *format; format++) {
        char *text = trace_fixture_write(report, *format);

        if (!strcmp(*format, "folded"))
            report_text_line(text, "[incomplete_recording] 0");
        else if (!is_csv(*format)) /* has no place for it */
            report_text_has(text, "ring-buffer-full");
        if (!strcmp(*format, "openmetrics")) {
            report_text_has(text, "\nthaw_complete 0\n");
            report_text_line(text, "thaw_events_lost_total{cause=\"ring-buffer-full\"} 7");
        } else if (!is_csv(*format) && strcmp(*format, "folded") != 0) {
            report_text_has(text, "incomplete recording");
        }
        free(text);
    }
    json_decref(report);
}

/* Each cold start is a trace of its own; the headline's is what single figures are about. */
static void two_workers(void **state)
{
    struct report_fixture fixture;
    json_t *report, *request, *trace;
    const json_t *resources;
    size_t lanes = 0, i;
    const json_t *event;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.processes[2] = fixture.processes[1];
    fixture.processes[2].id = 3;
    fixture.processes[2].pid = 4200;
    fixture.timeline.process_count = 3;
    fixture.tracks[1] = fixture.tracks[0];
    fixture.tracks[1].id = 2;
    fixture.tracks[1].process = 3;
    fixture.tracks[1].headline = false;
    fixture.timeline.track_count = 2;
    fixture.modules[9].process = 3;
    fixture.modules[9].tid = 4200;
    fixture.modules[9].parent = 0;
    report = report_fixture_report(&fixture);
    request = trace_fixture_json(report, "otlp");
    resources = json_object_get(request, "resourceSpans");
    assert_int_equal(json_array_size(resources), 2);
    for (i = 0; i < 2; i++) {
        const json_t *scope =
            json_array_get(json_object_get(json_array_get(resources, i), "scopeSpans"), 0);
        const json_t *spans = json_object_get(scope, "spans");

        assert_int_equal(json_array_size(spans), i ? 9 + 1 : 9 + 9 + 1);
        trace_fixture_find(spans, "name", i ? "import idna" : "import pandas");
    }
    json_decref(request);
    trace = trace_fixture_json(report, "chrome-trace");
    json_array_foreach(json_object_get(trace, "traceEvents"), i, event)
    {
        const char *name =
            json_string_value(json_object_get(json_object_get(event, "args"), "name"));

        lanes += name && !strcmp(name, "cold start: phases");
    }
    assert_int_equal(lanes, 2);
    json_decref(trace);
    json_decref(report);
}

/* Times are never bent: what does not nest is an event that need not. */
static void what_does_not_nest(void **state)
{
    json_t *report = trace_fixture_report(), *trace, *file;
    const json_t *event, *profile;

    (void)state;
    trace_fixture_set(report, 9, "total_ns", json_integer(90000000));
    trace = trace_fixture_json(report, "chrome-trace");
    event = trace_fixture_find(json_object_get(trace, "traceEvents"), "name", "idna");
    assert_string_equal(json_string_value(json_object_get(event, "ph")), "b");
    assert_true(json_real_value(json_object_get(event, "ts")) == 633000);
    json_decref(trace);
    file = trace_fixture_json(report, "speedscope");
    profile = json_array_get(json_object_get(file, "profiles"), 1);
    report_text_has(json_string_value(json_object_get(profile, "name")), "without 1 that overlap");
    assert_int_equal(json_array_size(json_object_get(profile, "events")), 18);
    json_decref(file);
    json_decref(report);
}

/* In a report that somebody else wrote: the end of that is not known. */
static void an_end_before_its_beginning(void **state)
{
    json_t *report = trace_fixture_report(), *trace;
    const json_t *event;
    size_t i, ends = 0;

    (void)state;
    json_object_set_new(json_array_get(json_object_get(report, "invocations"), 0), "end_ns",
                        json_integer(1));
    trace = trace_fixture_json(report, "chrome-trace");
    json_array_foreach(json_object_get(trace, "traceEvents"), i, event)
    {
        ends += !strcmp(json_string_value(json_object_get(event, "ph")), "e");
    }
    assert_int_equal(ends, 0);
    json_decref(trace);
    json_decref(report);
}

/* What lies before the cold start is not drawn beside it, and times don't become negative. */
static void days_in_a_pool(void **state)
{
    json_t *report = trace_fixture_report(), *trace, *phases;
    const json_t *events, *event;
    size_t i;

    (void)state;
    phases = json_object_get(json_array_get(json_object_get(report, "tracks"), 0), "phases");
    json_array_insert_new(phases, 0,
                          json_pack("{ss sI sI sb}", "name", "pool", "start_ns",
                                    (json_int_t)-62000000, "end_ns", (json_int_t)91000000000,
                                    "counted", 0));
    trace = trace_fixture_json(report, "chrome-trace");
    events = json_object_get(trace, "traceEvents");
    json_array_foreach(events, i, event)
    {
        assert_string_not_equal(json_string_value(json_object_get(event, "name")), "pool");
        assert_true(json_real_value(json_object_get(event, "ts")) >= 0);
    }
    json_decref(trace);
    json_decref(report);
}

/* Where that isn't said there are no instants to give. */
static void when_a_recording_was_made(void **state)
{
    json_t *report = trace_fixture_report();
    struct thaw_error error = {0};
    json_t *run = json_object_get(report, "run");
    char *text;
    static const char *const broken[] = {"", "yesterday", "2026-11-23T03:00:00Z",
                                         "2026-11-23T03:00:00.000", "9999-12-31T00:00:00.000Z"};

    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        json_object_set_new(run, "started", json_string(broken[i]));
        assert_int_equal(trace_fixture_code(report, "otlp", &error, NULL), -ENODATA);
        report_text_has(error.message, "when the recording was made");
        text = trace_fixture_write(report, "openmetrics");
        report_text_lacks(text, "thaw_recorded_timestamp_seconds");
        free(text);
    }
    json_decref(report);
}

/* Words behind a target's name, one line, and nothing is written. */
static void a_target_alone_has_nothing(void **state)
{
    struct shipped_fixture fixture;
    json_t *report;

    (void)state;
    shipped_fixture_fill(&fixture);
    report = shipped_fixture_report(&fixture);
    for (const char *const *format = trace_fixture_formats; *format; format++) {
        struct thaw_error error = {0};
        char *text;

        assert_int_equal(trace_fixture_code(report, *format, &error, &text), -ENODATA);
        assert_string_equal(text, "");
        report_text_has(error.message, *format);
        report_text_has(error.message, "thaw record");
        assert_null(strchr(error.message, '\n'));
        free(text);
    }
    json_decref(report);
}

/* Reports can be anybody's: what isn't there is not said, what has another type is passed over. */
static void reports_of_somebody_else(void **state)
{
    static const char *const reports[] = {
        "{\"run\": {}}",
        "{\"run\": {\"started\": \"2026-11-23T03:00:00.000Z\"}, \"modules\": [], \"tracks\": []}",
        "{\"run\": {\"command\": 7, \"started\": [], \"start_ns\": \"x\"}, \"modules\": 1,"
        " \"tracks\": {}, \"processes\": \"p\", \"losses\": 0, \"invocations\": true}",
        "{\"run\": {}, \"modules\": [1, null, [], {}, {\"id\": -1, \"name\": 7, \"start_ns\": -5,"
        " \"total_ns\": 9223372036854775807, \"effects\": [3, {}], \"wait\": 1}],"
        " \"tracks\": [null, {\"headline\": true, \"phases\": [1, {\"children\": 2}],"
        " \"critical_path\": [null]}], \"processes\": [null, {\"id\": []}],"
        " \"losses\": [null], \"invocations\": [2], \"failures\": [[]],"
        " \"virtual_machines\": [0, {\"guest\": {\"tracks\": [5]}}], \"findings\": 3}",
        "{\"run\": {\"started\": \"2026-11-23T03:00:00.000Z\", \"start_ns\":"
        " -9223372036854775808}, \"tracks\": [{\"headline\": true, \"start_ns\":"
        " -9223372036854775808, \"end_ns\": 9223372036854775807, \"phases\": [{\"name\": \"x\","
        " \"start_ns\": 9223372036854775807, \"end_ns\": -9223372036854775808}]}]}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
        json_t *report = json_loads(reports[i], 0, NULL);

        assert_non_null(report);
        for (const char *const *format = trace_fixture_formats; *format; format++) {
            struct thaw_error error = {0};
            char *text;
            int code = trace_fixture_code(report, *format, &error, &text);

            assert_true(code == 0 || (code == -ENODATA && !strcmp(*format, "otlp")));
            assert_inert(*format, text);
            free(text);
        }
        json_decref(report);
    }
}

/* A report that is made to be deep does not make a large file, and loses no time. */
static void deep_trees_stay_small(void **state)
{
    enum { count = 20000, own_ns = 1000000 };
    json_t *report = trace_fixture_report(), *modules = json_array();
    uint64_t sum = 0;

    (void)state;
    for (int i = 1; i <= count; i++)
        json_array_append_new(modules, json_pack("{si si ss si si si sI si ss}", "id", i, "parent",
                                                 i - 1, "name", "a_module_with_a_name", "process",
                                                 2, "tid", 4117, "start_ns", i, "total_ns",
                                                 (json_int_t)own_ns * (count + 1 - i), "self_ns",
                                                 own_ns, "status", "loaded"));
    json_object_set_new(report, "modules", modules);
    for (const char *const *format = trace_fixture_formats; *format; format++) {
        char *text = trace_fixture_write(report, *format);

        assert_in_range(strlen(text), 1, 10000000);
        if (!strcmp(*format, "folded"))
            for (const char *line = text; *line; line = strchr(line, '\n') + 1)
                sum += strtoull(strchr(line, ' '), NULL, 10);
        else if (!strcmp(*format, "importtime"))
            report_text_has(text, "import time:  19801000 |   19801000 | ");
        free(text);
    }
    assert_int_equal(sum, (uint64_t)own_ns / 1000 * count);
    json_decref(report);
}

static void a_full_disk_is_told(void **state)
{
    json_t *report = trace_fixture_report();

    (void)state;
    for (const struct thaw_report_format *row = thaw_report_formats(); row->name; row++) {
        FILE *stream = report_fixture_full_disk();
        struct thaw_error error = {0};

        assert_int_equal(row->write(report, NULL, stream, &error), -ENOSPC);
        fclose(stream);
    }
    json_decref(report);
}

static void memory_that_is_short_is_told(void **state)
{
    json_t *report = trace_fixture_report();
    static char buffer[1 << 20];

    (void)state;
    if (!chaos_malloc_works()) {
        json_decref(report);
        skip();
    }
    for (const char *const *format = trace_fixture_formats; *format; format++) {
        const struct thaw_report_format *row = thaw_report_formats();

        while (strcmp(row->name, *format) != 0)
            row++;
        for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
            FILE *stream = fmemopen(buffer, sizeof(buffer), "w");
            struct thaw_error error = {0};
            int code = row->write(report, NULL, stream, &error);

            chaos_malloc_pause();
            assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
            fclose(stream);
        }
    }
    json_decref(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_names_are_harmless),
        cmocka_unit_test(names_that_mean_something),
        cmocka_unit_test(what_became_of_a_module_is_said),
        cmocka_unit_test(incomplete_recordings_say_so),
        cmocka_unit_test(two_workers),
        cmocka_unit_test(what_does_not_nest),
        cmocka_unit_test(an_end_before_its_beginning),
        cmocka_unit_test(days_in_a_pool),
        cmocka_unit_test(when_a_recording_was_made),
        cmocka_unit_test(a_target_alone_has_nothing),
        cmocka_unit_test(reports_of_somebody_else),
        cmocka_unit_test(deep_trees_stay_small),
        cmocka_unit_test(a_full_disk_is_told),
        cmocka_unit_test(memory_that_is_short_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
