/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static json_t *first(const json_t *report, const char *key)
{
    return json_array_get(json_object_get(report, key), 0);
}

static json_int_t number(const json_t *object, const char *key)
{
    assert_true(json_is_integer(json_object_get(object, key)));
    return json_integer_value(json_object_get(object, key));
}

static const char *text(const json_t *object, const char *key)
{
    assert_true(json_is_string(json_object_get(object, key)));
    return json_string_value(json_object_get(object, key));
}

static bool is_null(const json_t *object, const char *key)
{
    return json_is_null(json_object_get(object, key));
}

static void keys_keep_their_order(void **state)
{
    static const char *const expected[] = {
        "schema",      "tool",      "complete",     "recording",   "losses",
        "not_visible", "probes",    "interpreters", "failures",    "machine",
        "run",         "processes", "tracks",       "modules",     "distributions",
        "totals",      "libraries", "native",       "invocations", "findings",
    };
    struct report_fixture fixture;
    const char *key;
    json_t *report, *value;
    size_t i = 0;

    (void)state;
    report_fixture_fill(&fixture);
    report = report_fixture_report(&fixture);
    json_object_foreach(report, key, value) assert_string_equal(key, expected[i++]);
    assert_int_equal(i, COUNT(expected));
    json_decref(report);
}

static void figures_are_the_timelines(void **state)
{
    struct report_fixture fixture;
    json_t *report, *track, *phase, *module;

    (void)state;
    report_fixture_fill(&fixture);
    report = report_fixture_report(&fixture);
    track = first(report, "tracks");
    assert_int_equal(number(track, "total_ns"), 755000000);
    assert_int_equal(number(track, "unattributed_ns"), 1000000);
    phase = json_array_get(json_object_get(track, "phases"), 1);
    assert_string_equal(text(phase, "name"), "worker");
    assert_int_equal(number(phase, "end_ns") - number(phase, "start_ns"), 262000000);
    assert_string_equal(text(first(phase, "children"), "confidence"), "derived");
    assert_int_equal(json_array_size(json_object_get(first(phase, "children"), "evidence")), 3);
    module = json_array_get(json_object_get(report, "modules"), 1);
    assert_string_equal(text(module, "via"), "import_module");
    assert_string_equal(text(module, "file"), "function_app.py");
    assert_true(is_null(module, "parent"));
    assert_true(is_null(module, "distribution"));
    assert_string_equal(text(json_object_get(report, "run"), "started"),
                        "2026-11-23T03:00:00.123Z");
    json_decref(report);
}

static json_int_t split_of(struct report_fixture *fixture, const char *part)
{
    json_t *report = report_fixture_report(fixture);
    json_t *value = json_object_get(json_object_get(first(report, "modules"), "split"), part);
    json_int_t ns = value ? json_integer_value(value) : -1;

    json_decref(report);
    return ns;
}

static void split_has_what_was_measured(void **state)
{
    struct report_fixture fixture;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.modules[0].self_ns = 100;
    fixture.modules[0].parts[THAW_PART_DLOPEN].ns = 30;
    fixture.modules[0].parts[THAW_PART_EXECUTE].ns = 60;
    fixture.modules[0].parts[THAW_PART_UNKNOWN].ns = 10;
    assert_int_equal(split_of(&fixture, "dlopen_ns"), 30);
    assert_int_equal(split_of(&fixture, "execute_ns"), 60);
    assert_int_equal(split_of(&fixture, "unattributed_ns"), 10);
    assert_int_equal(split_of(&fixture, "read_ns"), -1); /* took no time */
    fixture.modules[0].parts[THAW_PART_UNKNOWN].ns = 0;
    fixture.modules[0].parts[THAW_PART_READ].ns = 10;
    assert_int_equal(split_of(&fixture, "unattributed_ns"), 0);
    assert_int_equal(split_of(&fixture, "read_ns"), 10);
}

static void unknown_is_null_or_absent(void **state)
{
    static const char *const nulls[] = {"recording", "distributions", "totals", "libraries",
                                        "findings"};
    struct thaw_timeline timeline = {.end_reason = "", .platform = ""};
    struct thaw_error error;
    json_t *report, *run;

    (void)state;
    assert_int_equal(
        thaw_report_json(&(struct thaw_analysis){.timeline = &timeline}, &report, &error), 0);
    for (size_t i = 0; i < COUNT(nulls); i++)
        assert_true(is_null(report, nulls[i]));
    run = json_object_get(report, "run");
    assert_true(is_null(run, "started") && is_null(run, "backend") && is_null(run, "cost"));
    assert_true(is_null(run, "exit_status") && is_null(run, "ended"));
    assert_null(json_object_get(json_object_get(report, "machine"), "cpu_limit"));
    assert_true(is_null(json_object_get(report, "tool"), "version"));
    json_decref(report);
}

static void exit_is_code_or_signal(void **state)
{
    struct report_fixture fixture;
    json_t *report, *processes, *object;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.processes[0].end_ns = report_fixture_ms(755);
    fixture.processes[0].exit_code = 0;
    fixture.processes[1].end_ns = report_fixture_ms(755);
    fixture.processes[1].exit_signal = 9;
    report_fixture_event(&fixture, THAW_EVENT_SESSION_END)->session_end =
        (struct thaw_session_end){"exit", 0};
    report = report_fixture_report(&fixture);
    processes = json_object_get(report, "processes");
    object = json_object_get(json_array_get(processes, 0), "exit");
    assert_int_equal(number(object, "code"), 0);
    assert_true(is_null(object, "signal"));
    object = json_object_get(json_array_get(processes, 1), "exit");
    assert_int_equal(number(object, "signal"), 9);
    assert_true(is_null(object, "code"));
    assert_int_equal(number(json_object_get(report, "run"), "exit_status"), 0);
    json_decref(report);
}

static void interpreters_find_their_process(void **state)
{
    struct report_fixture fixture;
    struct thaw_event *event;
    json_t *report, *list;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.processes[2] = fixture.processes[1]; /* the same pid, later */
    fixture.processes[2].id = 3;
    fixture.processes[2].start_ns = report_fixture_ms(500);
    fixture.timeline.process_count = 3;
    for (size_t i = 0; i < 4; i++) {
        event = report_fixture_event(&fixture, THAW_EVENT_INTERPRETER);
        event->interpreter = (struct thaw_interpreter){"", "", "", "refused", "", 0};
        event->time_ns = report_fixture_ms(i * 300);
    }
    event->pid = 5;
    report = report_fixture_report(&fixture);
    list = json_object_get(report, "interpreters");
    assert_int_equal(number(json_array_get(list, 0), "process"), 2); /* before its start */
    assert_int_equal(number(json_array_get(list, 1), "process"), 2);
    assert_int_equal(number(json_array_get(list, 2), "process"), 3);
    assert_true(is_null(json_array_get(list, 3), "process"));
    json_decref(report);
}

static void failures_have_what_is_known(void **state)
{
    struct report_fixture fixture;
    const json_t *answer, *debt;
    json_t *report;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.failures[0] = (struct thaw_failure){.process = 2,
                                                .message = "FunctionLoadResponse",
                                                .status = "failure",
                                                .exception = "NameError",
                                                .function = "analyze",
                                                .module = 3,
                                                .words = "not callable"};
    fixture.failures[1] = (struct thaw_failure){.message = "WorkerInitResponse",
                                                .status = "unanswered",
                                                .exception = "",
                                                .function = "",
                                                .waited_ns = 7,
                                                .words = ""};
    fixture.timeline.failure_count = 2;
    report = report_fixture_report(&fixture);
    answer = json_array_get(json_object_get(report, "failures"), 0);
    debt = json_array_get(json_object_get(report, "failures"), 1);
    assert_string_equal(text(answer, "message"), "FunctionLoadResponse");
    assert_string_equal(text(answer, "failure"), "NameError");
    assert_string_equal(text(answer, "function"), "analyze");
    assert_string_equal(text(answer, "meaning"), "not callable");
    assert_int_equal(number(answer, "process"), 2);
    assert_int_equal(number(answer, "module"), 3);
    assert_true(is_null(answer, "waited_ns"));
    assert_int_equal(number(debt, "waited_ns"), 7);
    assert_true(is_null(debt, "process"));
    assert_true(is_null(debt, "failure"));
    assert_true(is_null(debt, "module"));
    assert_true(is_null(debt, "meaning"));
    json_decref(report);
}

static void distributions_know_their_modules(void **state)
{
    static const struct thaw_inventory_distribution pandas = {.name = "pandas",
                                                              .version = "3.1.1",
                                                              .location = "/site",
                                                              .bytes = 84600000,
                                                              .disk_bytes = 93400000,
                                                              .files = 3012,
                                                              .installer = "pip"};
    static const struct thaw_inventory_distribution elsewhere = {
        .name = "pandas", .version = "1", .location = "/other", .installer = ""};
    struct report_fixture fixture;
    json_t *report, *list;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.modules[2].file = "/site/pandas/__init__.py";
    fixture.modules[4].file = "/site/pandas/core/api.py";
    report_fixture_event(&fixture, THAW_EVENT_INVENTORY_DISTRIBUTION)->inventory_distribution =
        pandas;
    report_fixture_event(&fixture, THAW_EVENT_INVENTORY_DISTRIBUTION)->inventory_distribution =
        elsewhere;
    report = report_fixture_report(&fixture);
    list = json_object_get(report, "distributions");
    assert_int_equal(json_array_size(list), 2);
    assert_int_equal(number(json_array_get(list, 0), "bytes"), 84600000);
    assert_int_equal(number(json_array_get(list, 0), "modules"), 2);
    assert_int_equal(number(json_array_get(list, 0), "import_ns"), 210000000);
    assert_int_equal(number(json_array_get(list, 1), "modules"), 0);
    assert_true(json_is_true(json_object_get(json_array_get(list, 0), "used")));
    assert_true(json_is_false(json_object_get(json_array_get(list, 1), "used")));
    json_decref(report);
}

static void huge_numbers_stay_positive(void **state)
{
    struct report_fixture fixture;
    json_t *report;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.modules[0].start_ns = UINT64_MAX;
    fixture.execs[0] = UINT64_MAX;
    fixture.session.realtime_ns = UINT64_MAX;
    report = report_fixture_report(&fixture);
    assert_int_equal(number(first(report, "modules"), "start_ns"), INT64_MAX);
    assert_int_equal(json_integer_value(first(first(report, "processes"), "execs")), INT64_MAX);
    assert_string_equal(text(json_object_get(report, "run"), "started"),
                        "2554-07-21T23:34:33.709Z");
    json_decref(report);
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
    assert_int_equal(thaw_report_formats()[0].write(report, NULL, full, &error), -ENOSPC);
    assert_non_null(strstr(error.message, "No space left"));
    json_decref(report);
    fclose(full);
}

static void schema_is_in_the_program(void **state)
{
    size_t length;
    const char *schema = thaw_report_schema(&length);
    json_t *loaded = json_loadb(schema, length, JSON_REJECT_DUPLICATES, NULL);

    (void)state;
    assert_int_equal(strlen(schema), length);
    assert_int_equal(schema[length - 1], '\n');
    assert_string_equal(text(loaded, "$id"), "urn:thaw:schema:report:1");
    json_decref(loaded);
}

/* A single run says neither; a number beyond its trial's is nobody's. */
static void runs_of_a_trial_say_which_they_are(void **state)
{
    struct report_fixture fixture;
    json_t *report, *run;

    (void)state;
    report_fixture_fill(&fixture);
    report = report_fixture_report(&fixture);
    run = json_object_get(report, "run");
    assert_null(json_object_get(run, "trial"));
    assert_null(json_object_get(run, "cold"));
    json_decref(report);
    fixture.session.trial = 3;
    fixture.session.trials = 15;
    fixture.session.cold = "yes";
    report = report_fixture_report(&fixture);
    run = json_object_get(report, "run");
    assert_int_equal(number(json_object_get(run, "trial"), "number"), 3);
    assert_int_equal(number(json_object_get(run, "trial"), "of"), 15);
    assert_true(json_is_true(json_object_get(run, "cold")));
    json_decref(report);
    fixture.session.trial = 16;
    fixture.session.cold = "no";
    report = report_fixture_report(&fixture);
    run = json_object_get(report, "run");
    assert_null(json_object_get(run, "trial"));
    assert_true(json_is_false(json_object_get(run, "cold")));
    json_decref(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_keep_their_order),
        cmocka_unit_test(figures_are_the_timelines),
        cmocka_unit_test(split_has_what_was_measured),
        cmocka_unit_test(unknown_is_null_or_absent),
        cmocka_unit_test(exit_is_code_or_signal),
        cmocka_unit_test(interpreters_find_their_process),
        cmocka_unit_test(runs_of_a_trial_say_which_they_are),
        cmocka_unit_test(failures_have_what_is_known),
        cmocka_unit_test(distributions_know_their_modules),
        cmocka_unit_test(huge_numbers_stay_positive),
        cmocka_unit_test(failed_write_is_told),
        cmocka_unit_test(schema_is_in_the_program),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
