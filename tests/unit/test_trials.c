/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "gate/trials.h"
#include "gate_fixture.h"
#include "report/report_schema.h"

#define COUNT(values) (sizeof(values) / sizeof((values)[0]))
#define MS UINT64_C(1000000)

static const char *const first_words[] = {"python3", "app.py", NULL};
static const char *const second_words[] = {"python3", "new\x1b[31m|<b>.py", NULL};

static struct thaw_trials *make(size_t commands, size_t runs)
{
    const struct thaw_trials_plan plan = {
        .commands = {{first_words, commands > 1 ? "first" : ""}, {second_words, "second"}},
        .command_count = commands,
        .runs = runs,
        .warmups = 1,
        .cold = true,
        .tool_version = "0.1.0",
    };
    struct thaw_trials *trials = NULL;
    struct thaw_error error;

    assert_int_equal(thaw_trials_new(&plan, &trials, &error), 0);
    return trials;
}

/* A start that took so long, with the phase and module that may be in the way left out. */
static json_t *start_of(uint64_t total_ns, bool without_numpy)
{
    json_t *report = gate_fixture_start(NULL);
    json_t *track = json_array_get(json_object_get(report, "tracks"), 0);

    json_object_set_new(track, "total_ns", json_integer((json_int_t)total_ns));
    if (without_numpy)
        json_array_remove(json_object_get(report, "modules"), 4);
    return report;
}

static struct thaw_trials_run run_of(size_t command, size_t number, const json_t *report)
{
    return (struct thaw_trials_run){
        .command = command,
        .number = number,
        .file = "001.thaw",
        .report = report,
        .complete = true,
        .exit_status = -1,
        .reason = "",
        .wall_ns = 1000 * MS,
        .cpu_ns = 500 * MS,
    };
}

static void add(struct thaw_trials *trials, struct thaw_trials_run run)
{
    struct thaw_error error;

    assert_int_equal(thaw_trials_add(trials, &run, &error), 0);
}

/* Runs of a command that took so many ms. */
static void add_times(struct thaw_trials *trials, size_t command, const unsigned *ms, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_t *report = start_of(ms[i] * MS, false);

        add(trials, run_of(command, i + 1, report));
        json_decref(report);
    }
}

/* What comes of them, which its schema allows. */
static json_t *result_of(struct thaw_trials *trials)
{
    json_t *schema = json_loads(thaw_trials_schema(NULL), 0, NULL), *result = NULL;
    struct thaw_error error = {0};

    assert_non_null(schema);
    assert_int_equal(thaw_trials_json(trials, &result, &error), 0);
    if (thaw_report_check_by(schema, "trials", result, &error))
        fail_msg("%s", error.message);
    json_decref(schema);
    thaw_trials_free(trials);
    return result;
}

static const json_t *metric_of(const json_t *result, size_t command, const char *name)
{
    const json_t *commands = json_object_get(result, "commands"), *metric;
    size_t i;

    json_array_foreach(json_object_get(json_array_get(commands, command), "metrics"), i, metric)
    {
        if (!strcmp(json_string_value(json_object_get(metric, "metric")), name))
            return metric;
    }
    fail_msg("there is no %s", name);
    return NULL;
}

static double value_of(const json_t *metric, const char *key)
{
    return json_number_value(json_object_get(json_object_get(metric, "value"), key));
}

static const json_t *difference_of(const json_t *result, const char *name)
{
    const json_t *difference;
    size_t i;

    json_array_foreach(json_object_get(result, "comparison"), i, difference)
    {
        if (!strcmp(json_string_value(json_object_get(difference, "metric")), name))
            return difference;
    }
    fail_msg("%s is not compared", name);
    return NULL;
}

static void assert_verdict(const json_t *result, const char *name, const char *verdict)
{
    assert_string_equal(json_string_value(json_object_get(difference_of(result, name), "verdict")),
                        verdict);
}

/* --- what runs come to --- */

static void a_median_has_its_interval_and_outliers_are_named(void **state)
{
    static const unsigned ms[] = {100, 102, 101, 400, 99, 103, 98, 97, 104};
    struct thaw_trials *trials = make(1, COUNT(ms));
    const json_t *total, *modules;
    json_t *result;

    (void)state;
    add_times(trials, 0, ms, COUNT(ms));
    result = result_of(trials);
    assert_true(json_is_true(json_object_get(result, "complete")));
    assert_true(json_is_null(json_object_get(result, "comparison")));
    total = metric_of(result, 0, "total_time");
    assert_float_equal(value_of(total, "median"), 101e6, 0);
    assert_float_equal(value_of(total, "low"), 98e6, 0); /* the second and the eighth of nine */
    assert_float_equal(value_of(total, "high"), 104e6, 0);
    assert_float_equal(value_of(total, "least"), 97e6, 0);
    assert_float_equal(value_of(total, "most"), 400e6, 0); /* it counts */
    assert_int_equal(json_array_size(json_object_get(total, "samples")), COUNT(ms));
    assert_int_equal(json_array_size(json_object_get(total, "outliers")), 1);
    assert_int_equal(json_integer_value(json_array_get(json_object_get(total, "outliers"), 0)), 4);
    modules = metric_of(result, 0, "modules");
    assert_float_equal(value_of(modules, "least"), value_of(modules, "most"), 0);
    assert_int_equal(json_array_size(json_object_get(modules, "outliers")), 0);
    assert_true(json_is_null(json_object_get(modules, "noise"))); /* counts have none */
    json_decref(result);
}

static void noise_is_flagged(void **state)
{
    static const unsigned quiet[] = {100, 101, 100, 102, 101, 100, 101};
    static const unsigned loud[] = {100, 180, 90, 210, 120, 170, 95};
    struct thaw_trials *trials = make(2, COUNT(quiet));
    const json_t *noise;
    json_t *result;

    (void)state;
    add_times(trials, 0, quiet, COUNT(quiet));
    add_times(trials, 1, loud, COUNT(loud));
    result = result_of(trials);
    noise = json_object_get(metric_of(result, 0, "total_time"), "noise");
    assert_true(json_is_false(json_object_get(noise, "too_noisy")));
    noise = json_object_get(metric_of(result, 1, "total_time"), "noise");
    assert_true(json_is_true(json_object_get(noise, "too_noisy")));
    json_decref(result);
}

/* They are listed, with why; no figure has anything of them. */
static void runs_that_do_not_count_are_kept_apart(void **state)
{
    static const unsigned ms[] = {100, 101};
    struct thaw_trials *trials = make(1, 3);
    json_t *report = start_of(9000 * MS, false), *result;
    struct thaw_trials_run crashed = run_of(0, 3, report), warmup = run_of(0, 1, report);
    const json_t *runs;

    (void)state;
    warmup.warmup = true;
    warmup.file = "";
    crashed.end = THAW_TRIALS_CRASHED;
    crashed.exit_status = 139;
    crashed.reason = "the command was ended by signal 11";
    add(trials, warmup);
    add_times(trials, 0, ms, COUNT(ms));
    add(trials, crashed);
    json_decref(report);
    result = result_of(trials);
    assert_true(json_is_true(json_object_get(result, "complete"))); /* all were made */
    runs = json_object_get(json_array_get(json_object_get(result, "commands"), 0), "runs");
    assert_int_equal(json_array_size(runs), 4);
    assert_string_equal(json_string_value(json_object_get(json_array_get(runs, 3), "end")),
                        "crashed");
    assert_true(json_is_null(json_object_get(json_array_get(runs, 0), "file")));
    assert_float_equal(value_of(metric_of(result, 0, "total_time"), "most"), 101e6, 0);
    assert_float_equal(json_number_value(json_object_get(metric_of(result, 0, "modules"), "of")), 2,
                       0);
    json_decref(result);
}

static void an_interrupted_trial_is_not_complete(void **state)
{
    static const unsigned ms[] = {100, 101};
    struct thaw_trials *trials = make(1, 3);
    struct thaw_trials_run interrupted = run_of(0, 3, NULL);
    json_t *result;

    (void)state;
    add_times(trials, 0, ms, COUNT(ms));
    interrupted.end = THAW_TRIALS_INTERRUPTED;
    add(trials, interrupted);
    result = result_of(trials);
    assert_true(json_is_false(json_object_get(result, "complete")));
    json_decref(result);
}

/* A counting run has counts and no times, the others times, and counts where they have them. */
static void a_counting_run_gives_counts_alone(void **state)
{
    struct thaw_trials *trials = make(1, 1);
    json_t *report = start_of(100 * MS, false), *result;
    struct thaw_trials_run counting = run_of(0, 1, report);
    const json_t *metrics, *metric;
    size_t i, counted = 0;

    (void)state;
    counting.counting = true;
    add(trials, counting);
    json_decref(report);
    result = result_of(trials);
    metrics = json_object_get(json_array_get(json_object_get(result, "commands"), 0), "metrics");
    json_array_foreach(metrics, i, metric)
    {
        assert_true(json_is_true(json_object_get(metric, "counting")));
        assert_string_not_equal(json_string_value(json_object_get(metric, "unit")), "ns");
        counted += json_is_object(json_object_get(metric, "value"));
    }
    assert_true(counted >= 4);
    json_decref(result);
}

static void what_no_run_tells_has_a_reason(void **state)
{
    struct thaw_trials *trials = make(1, 1);
    json_t *report = gate_fixture_start(
        "{'run':{'command':['host'],'started':null,'backend':'importtime','platform':null,"
        "'until':'exit','ended':'exit','exit_status':0,'cost':null}}");
    const json_t *failed;
    json_t *result;

    (void)state;
    add(trials, run_of(0, 1, report));
    json_decref(report);
    result = result_of(trials);
    failed = metric_of(result, 0, "failed_imports");
    assert_true(json_is_null(json_object_get(failed, "value")));
    assert_non_null(strstr(json_string_value(json_object_get(failed, "why")), "importtime"));
    json_decref(result);
}

/* --- two commands --- */

static void a_clear_difference_is_told(void **state)
{
    static const unsigned before[] = {100, 103, 98, 101, 99, 104, 102, 97};
    static const unsigned after[] = {151, 155, 149, 152, 150, 158, 153, 147};
    struct thaw_trials *trials = make(2, COUNT(before));
    const json_t *ratio;
    json_t *result;

    (void)state;
    add_times(trials, 0, before, COUNT(before));
    add_times(trials, 1, after, COUNT(after));
    result = result_of(trials);
    assert_verdict(result, "total_time", "higher");
    assert_verdict(result, "modules", "same");
    assert_verdict(result, "run_wall_time", "same");
    ratio = json_object_get(difference_of(result, "total_time"), "ratio");
    assert_true(json_number_value(json_object_get(ratio, "low")) > 1.4);
    assert_true(json_number_value(json_object_get(ratio, "high")) < 1.6);
    json_decref(result);
}

static void few_runs_tell_no_difference_of_times(void **state)
{
    static const unsigned before[] = {100, 103, 98}, after[] = {151, 155, 149};
    struct thaw_trials *trials = make(2, COUNT(before));
    json_t *result;

    (void)state;
    add_times(trials, 0, before, COUNT(before));
    add_times(trials, 1, after, COUNT(after));
    result = result_of(trials);
    assert_verdict(result, "total_time", "inconclusive"); /* 1 of 20 such triples is by chance */
    json_decref(result);
}

/* A count differs if all runs of one side are beyond all of the other. */
static void counts_are_compared_as_they_are(void **state)
{
    struct thaw_trials *trials = make(2, 2);
    json_t *with = start_of(100 * MS, false), *without = start_of(100 * MS, true), *result;

    (void)state;
    for (size_t number = 1; number <= 2; number++) {
        add(trials, run_of(0, number, with));
        add(trials, run_of(1, number, without));
    }
    json_decref(with);
    json_decref(without);
    result = result_of(trials);
    assert_verdict(result, "modules", "lower");
    json_decref(result);
}

/* Where a run is missing on one side, its partner has none. */
static void pairs_are_runs_of_the_same_number(void **state)
{
    struct thaw_trials *trials = make(2, 4);
    json_t *slow = start_of(200 * MS, false), *fast = start_of(100 * MS, false), *result;
    struct thaw_trials_run crashed = run_of(0, 2, NULL);
    const json_t *ratio;

    (void)state;
    crashed.end = THAW_TRIALS_CRASHED;
    crashed.reason = "the command ended with status 1";
    add(trials, run_of(0, 1, fast));
    add(trials, run_of(1, 1, slow));
    add(trials, run_of(1, 2, fast)); /* without a partner */
    add(trials, crashed);
    add(trials, run_of(0, 3, slow)); /* both are slow */
    add(trials, run_of(1, 3, slow));
    add(trials, run_of(0, 4, fast));
    add(trials, run_of(1, 4, slow));
    json_decref(slow);
    json_decref(fast);
    result = result_of(trials);
    assert_int_equal(
        json_integer_value(json_object_get(difference_of(result, "total_time"), "pairs")), 3);
    ratio = json_object_get(difference_of(result, "total_time"), "ratio");
    assert_float_equal(json_number_value(json_object_get(ratio, "middle")), 2, 0);
    json_decref(result);
}

/* --- outputs --- */

static char *written(const json_t *result, const char *format)
{
    const struct thaw_report_format *row = thaw_trials_formats();
    struct thaw_error error = {0};
    size_t length;
    char *text;
    FILE *stream = open_memstream(&text, &length);

    while (row->name && strcmp(row->name, format) != 0)
        row++;
    assert_non_null(row->name);
    assert_non_null(stream);
    assert_int_equal(row->write(result, NULL, stream, &error), 0);
    fclose(stream);
    return text;
}

/* Two commands with names and reasons that mean something to terminals, pages and spreadsheets. */
static json_t *hostile_result(void)
{
    static const unsigned ms[] = {100, 400, 101, 102, 99, 98, 103};
    struct thaw_trials *trials = make(2, COUNT(ms) + 1);
    const struct thaw_trials_cold cold = {
        .files = 10,
        .bytes = 1000000,
        .left_files = 2,
        .left_bytes = 100000,
        .unevictable_bytes = 50000,
        .unknown_files = 3,
        .unknown_bytes = 3000,
        .largest = "/lib/\x1b]0;x\a<script>|`.so",
        .cut = true,
        .too_much = true,
    };
    struct thaw_trials_run crashed = run_of(1, COUNT(ms) + 1, NULL);

    add_times(trials, 0, ms, COUNT(ms));
    add_times(trials, 1, ms, COUNT(ms));
    crashed.end = THAW_TRIALS_CRASHED;
    crashed.reason = "=cmd|' /C calc'!A0, \"x\"\n<img src=x> \xff\x1b[2J";
    crashed.cold = &cold;
    add(trials, crashed);
    return result_of(trials);
}

/* Code spans show what is in them as it is. */
static void assert_no_markup(const char *text)
{
    bool code = false;

    for (; *text; text++) {
        code = *text == '`' || (code && *text != '\n');
        assert_true(code || *text != '<');
    }
}

static void no_output_can_be_broken(void **state)
{
    json_t *result = hostile_result();
    char *text;

    (void)state;
    text = written(result, "summary");
    for (const char *at = text; *at; at++)
        assert_true((unsigned char)*at >= ' ' || *at == '\n');
    assert_non_null(strstr(text, "second: 8 cold runs of python3 new\\x1b[31m|<b>.py"));
    assert_non_null(strstr(text, "1 of 1 run not quite cold"));
    assert_non_null(strstr(text, "run 2 lies apart from the others"));
    free(text);
    text = written(result, "markdown");
    assert_no_markup(strchr(text, '\n')); /* behind the comment by which a job finds it again */
    assert_null(strchr(text, '\x1b'));
    free(text);
    json_decref(result);
}

/* Cells of a line of RFC 4180; *line moves behind it. */
static size_t count_cells(const char **line)
{
    bool quoted = false;
    size_t cells = 1;

    for (; **line && (quoted || **line != '\r'); ++*line) {
        quoted ^= **line == '"';
        cells += !quoted && **line == ',';
    }
    assert_false(quoted);
    assert_int_equal(strncmp(*line, "\r\n", 2), 0);
    *line += 2;
    return cells;
}

static void csv_has_a_row_for_each_run(void **state)
{
    json_t *result = hostile_result();
    char *text = written(result, "csv");
    const char *line = text;
    size_t cells = count_cells(&line), rows = 0;

    (void)state;
    assert_non_null(strstr(text, ",total_time,"));
    assert_non_null(strstr(text, ",phase_time:worker.imports,"));
    for (; *line; rows++)
        assert_int_equal(count_cells(&line), cells);
    assert_int_equal(rows, 15);
    assert_non_null(strstr(text, ",\"'=cmd|' /C calc'!A0, \"\"x\"\"")); /* no formula */
    free(text);
    json_decref(result);
}

/* --- memory --- */

static int make_all(json_t *report, json_t **ret, struct thaw_error *error)
{
    const struct thaw_trials_plan plan = {.commands = {{first_words, "first"},
                                                       {second_words, "second"}},
                                          .command_count = 2,
                                          .runs = 1,
                                          .tool_version = "0.1.0"};
    struct thaw_trials *trials = NULL;
    int code = thaw_trials_new(&plan, &trials, error);

    for (size_t command = 0; !code && command < 2; command++) {
        struct thaw_trials_run run = run_of(command, 1, report);

        code = thaw_trials_add(trials, &run, error);
    }
    if (!code)
        code = thaw_trials_json(trials, ret, error);
    thaw_trials_free(trials);
    return code;
}

static void short_memory_is_an_error(void **state)
{
    json_t *report = start_of(100 * MS, false);

    (void)state;
    if (!chaos_malloc_works())
        skip();
    for (chaos_malloc_begin(CHAOS_ALL); chaos_malloc_more();) {
        struct thaw_error error = {0};
        json_t *result = NULL;
        int code = make_all(report, &result, &error);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        json_decref(result);
    }
    json_decref(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_median_has_its_interval_and_outliers_are_named),
        cmocka_unit_test(noise_is_flagged),
        cmocka_unit_test(runs_that_do_not_count_are_kept_apart),
        cmocka_unit_test(an_interrupted_trial_is_not_complete),
        cmocka_unit_test(a_counting_run_gives_counts_alone),
        cmocka_unit_test(what_no_run_tells_has_a_reason),
        cmocka_unit_test(a_clear_difference_is_told),
        cmocka_unit_test(few_runs_tell_no_difference_of_times),
        cmocka_unit_test(counts_are_compared_as_they_are),
        cmocka_unit_test(pairs_are_runs_of_the_same_number),
        cmocka_unit_test(no_output_can_be_broken),
        cmocka_unit_test(csv_has_a_row_for_each_run),
        cmocka_unit_test(short_memory_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
