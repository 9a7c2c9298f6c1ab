/* SPDX-License-Identifier: Apache-2.0 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report_fixture.h"
#include "report_text.h"

/* What the summary says of recordings of every kind. */

#define LIGHT "\xE2\x96\x91"

static void imports_are_one_row_per_package(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.modules[0].total_ns = 900000000; /* the worker's own */
    fixture.modules[6].total_ns = 800000000; /* the standard library's */
    text = report_text_summary(&fixture);
    report_text_has(text, "urllib3/__init__.py");
    report_text_lacks(text, "pandas.core.api"); /* is in the row of pandas */
    report_text_lacks(text, "helpers.py");      /* in the app's */
    report_text_lacks(text, "grpc");
    report_text_lacks(text, "json/");
    report_text_lacks(text, "idna"); /* the sixth */
    free(text);
    fixture.modules[2].status = THAW_MODULE_FAILED;
    fixture.modules[3].status = THAW_MODULE_UNFINISHED;
    text = report_text_summary(&fixture);
    report_text_has(text, "  pandas (failed) ");
    report_text_has(text, "  numpy (unfinished) ");
    report_text_has(text, "- the end of 1 import: took at least the time shown");
    free(text);
}

static void imports_the_app_asks_for_have_a_row(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.modules[6].total_ns = 75000000;
    fixture.modules[6].parent = 2; /* function_app imports json itself */
    text = report_text_summary(&fixture);
    report_text_has(text, "  json          stdlib    json/__init__.py\n");
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
    text = report_text_summary(&fixture);
    report_text_has(text, "function_app.py");
    report_text_has(text, "pandas/__init__.py");
    report_text_lacks(text, "pandas.core.api"); /* the same top-level name */
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
    text = report_text_summary(&fixture);
    report_text_has(text, "numpy/__init__.py");
    report_text_has(text, "requests/__init__.py");
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
    text = report_text_summary(&fixture);
    report_text_presentable(text, 80, false);
    report_text_has(text, "760.0 ms until the command exited with status 3; no serverless worker");
    report_text_has(text, "\nPython 3.11.2, ebpf,");
    report_text_has(text, "pandas/__init__.py");
    free(text);
}

static void track_of_a_plain_script(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.timeline.platform = "";
    fixture.processes[1].role = "process";
    fixture.tracks[0].answered = false;
    report_fixture_event(&fixture, THAW_EVENT_SESSION_END)->session_end =
        (struct thaw_session_end){"exit", 3};
    text = report_text_summary(&fixture);
    report_text_line(text, "755.0 ms to start and import (no serverless platform was recognised)");
    report_text_line(text, "! The command exited with status 3");
    report_text_has(text, "grpc/__init__.py"); /* there is no platform whose own it could be */
    free(text);
}

static void importtime_backend(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.session.backend = "importtime";
    for (size_t i = 0; i < 8; i++)
        report_fixture_event(&fixture, THAW_EVENT_PROBE)->probe =
            (struct thaw_probe){"python.find", "", "missing", "", "observes without eBPF", "much"};
    text = report_text_summary(&fixture);
    report_text_presentable(text, 80, false);
    report_text_has(text, "- recorded without eBPF, by the importtime backend: imports are");
    report_text_lacks(text, "python.find");
    free(text);
}

static void probes_are_grouped_by_reason(void **state)
{
    static const struct thaw_probe probes[] = {
        {"process.fork", "", "attached", "tracepoint", "", ""},
        {"python.find", "/a", "failed", "", "not permitted", "imports"},
        {"loader.dlopen", "/c", "missing", "", "no symbol", "libraries"},
        {"python.find", "/b", "failed", "", "not permitted", "imports"},
        {"python.body", "/a", "failed", "", "not permitted", "bodies"},
    };
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++)
        report_fixture_event(&fixture, THAW_EVENT_PROBE)->probe = probes[i];
    text = report_text_summary(&fixture);
    report_text_has(text, "- probes python.find, python.body failed: not permitted; not seen "
                          "without:\n  imports; bodies\n");
    report_text_line(text, "- probe loader.dlopen missing: no symbol; not seen without: libraries");
    report_text_lacks(text, "process.fork");
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
    fixture.losses[0] = (struct thaw_loss){"recording-damaged", 1, "cut at byte 4711", 0};
    fixture.timeline.loss_count = 1;
    text = report_text_summary(&fixture);
    report_text_presentable(text, 80, false);
    report_text_has(text, "at least 755.0 ms from the host's start on; no first reply was seen");
    report_text_has(text, "- lost: recording-damaged: cut at byte 4711\n");
    report_text_has(text, "\nINCOMPLETE: the recording was cut off");
    report_text_lacks(text, "Complete:");
    free(text);
}

static void failed_init(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    for (size_t i = 0; i < 7; i++)
        fixture.failures[i] = (struct thaw_failure){.process = 2,
                                                    .message = "WorkerInitResponse",
                                                    .status = "failure",
                                                    .exception = "NameError",
                                                    .function = "",
                                                    .words = i ? "" : "one takes all"};
    fixture.failures[1].module = 1;
    fixture.failures[2] = (struct thaw_failure){.message = "InvocationResponse",
                                                .status = "unanswered",
                                                .exception = "",
                                                .function = "analyze",
                                                .waited_ns = 5000000,
                                                .words = ""};
    fixture.timeline.failure_count = 7;
    fixture.modules[0].status = THAW_MODULE_NOT_FOUND;
    text = report_text_summary(&fixture);
    report_text_has(text, "! The worker (pid 4117) answered with WorkerInitResponse: failure "
                          "(NameError):\n  one takes all\n");
    report_text_has(text, "(NameError):\n  there is no module grpc\n");
    report_text_has(text, "! The worker gave no InvocationResponse in 5.0 ms, function analyze\n");
    report_text_has(text, "! and 2 more");
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
    text = report_text_summary(&fixture);
    report_text_has(text, "755.0 ms from the host's request to become this app to the first reply");
    report_text_has(text, "  pool               61.23 s  not counted  " LIGHT);
    report_text_has(text, LIGHT ">\n");
    free(text);
}

static void only_what_the_total_counts_is_listed(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.phases[1].counted = false;                    /* the worker's start was another's */
    fixture.modules[7].start_ns = report_fixture_ms(20);  /* urllib3, then */
    fixture.modules[5].start_ns = report_fixture_ms(755); /* requests, after the reply */
    text = report_text_summary(&fixture);
    report_text_lacks(text, "urllib3");
    report_text_lacks(text, "requests");
    report_text_has(text, "Costliest of 7 imports");
    report_text_has(text, "numpy/__init__.py");
    free(text);
    fixture.modules[5].timed = false; /* who knows when */
    text = report_text_summary(&fixture);
    report_text_has(text, "requests/__init__.py");
    free(text);
}

static void end_of_a_worker_without_an_answer(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.processes[1].end_ns = report_fixture_ms(755);
    fixture.processes[1].exit_signal = 9;
    text = report_text_summary(&fixture);
    report_text_lacks(text, "signal");
    free(text);
    fixture.tracks[0].answered = false;
    text = report_text_summary(&fixture);
    report_text_line(text, "! The worker (pid 4117) was ended by signal 9");
    free(text);
    fixture.processes[1].exit_signal = 0;
    fixture.processes[1].exit_code = 1;
    text = report_text_summary(&fixture);
    report_text_line(text, "! The worker (pid 4117) exited with status 1");
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
    text = report_text_summary(&fixture);
    report_text_line(text, "- worker 2 (pid 4117): 812.3 ms and no first reply seen");
    free(text);
    for (size_t i = 0; i < 2; i++) /* the headline is not always the first one */
        fixture.tracks[i].headline = i;
    text = report_text_summary(&fixture);
    report_text_line(text, "- worker 1 (pid 4117): 755.0 ms to its first reply");
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
    text = report_text_summary(&fixture);
    report_text_has(text, "- lost: ring-buffer-full, 12 times: imports\n");
    report_text_has(text, "- and 3 more under \"losses\" in the JSON report\n");
    report_text_has(text, "- unattributed: 7.6 ms (1.0 % of the total) is in no phase\n");
    report_text_has(text, "\nINCOMPLETE: events were lost");
    free(text);
}

static void nothing_recorded(void **state)
{
    struct thaw_recording recording = {.defect = ""};
    struct report_fixture fixture = {
        .timeline = {.recording = &recording, .end_reason = "", .platform = ""}};
    char *text = report_text_summary(&fixture);

    (void)state;
    report_text_presentable(text, 80, false);
    report_text_has(text, "Nothing was recorded.");
    report_text_has(text, "INCOMPLETE");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(imports_are_one_row_per_package),
        cmocka_unit_test(imports_the_app_asks_for_have_a_row),
        cmocka_unit_test(imports_of_a_plain_script),
        cmocka_unit_test(track_of_a_plain_script),
        cmocka_unit_test(broken_parents_end),
        cmocka_unit_test(no_platform),
        cmocka_unit_test(importtime_backend),
        cmocka_unit_test(probes_are_grouped_by_reason),
        cmocka_unit_test(unfinished_recording),
        cmocka_unit_test(failed_init),
        cmocka_unit_test(uncounted_phases_are_marked),
        cmocka_unit_test(only_what_the_total_counts_is_listed),
        cmocka_unit_test(end_of_a_worker_without_an_answer),
        cmocka_unit_test(further_workers_have_a_line),
        cmocka_unit_test(losses_are_said),
        cmocka_unit_test(nothing_recorded),
    };

    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
