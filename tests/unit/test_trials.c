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
#include "gate_fixture.h"
#include "trials_fixture.h"

#define COUNT(values) (sizeof(values) / sizeof((values)[0]))

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
    struct thaw_trials *trials = trials_fixture_make(1, COUNT(ms));
    const json_t *total, *modules;
    json_t *result;

    (void)state;
    trials_fixture_add_times(trials, 0, ms, COUNT(ms));
    result = trials_fixture_result(trials);
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
    struct thaw_trials *trials = trials_fixture_make(2, COUNT(quiet));
    const json_t *noise;
    json_t *result;

    (void)state;
    trials_fixture_add_times(trials, 0, quiet, COUNT(quiet));
    trials_fixture_add_times(trials, 1, loud, COUNT(loud));
    result = trials_fixture_result(trials);
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
    struct thaw_trials *trials = trials_fixture_make(1, 3);
    json_t *report = trials_fixture_start(9000 * TRIALS_FIXTURE_MS, false), *result;
    struct thaw_trials_run crashed = trials_fixture_run(0, 3, report),
                           warmup = trials_fixture_run(0, 1, report);
    const json_t *runs;

    (void)state;
    warmup.warmup = true;
    warmup.file = "";
    crashed.end = THAW_TRIALS_CRASHED;
    crashed.exit_status = 139;
    crashed.reason = "the command was ended by signal 11";
    trials_fixture_add(trials, warmup);
    trials_fixture_add_times(trials, 0, ms, COUNT(ms));
    trials_fixture_add(trials, crashed);
    json_decref(report);
    result = trials_fixture_result(trials);
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
    struct thaw_trials *trials = trials_fixture_make(1, 3);
    struct thaw_trials_run interrupted = trials_fixture_run(0, 3, NULL);
    json_t *result;

    (void)state;
    trials_fixture_add_times(trials, 0, ms, COUNT(ms));
    interrupted.end = THAW_TRIALS_INTERRUPTED;
    trials_fixture_add(trials, interrupted);
    result = trials_fixture_result(trials);
    assert_true(json_is_false(json_object_get(result, "complete")));
    json_decref(result);
}

/* A counting run has counts and no times, the others times, and counts where they have them. */
static void a_counting_run_gives_counts_alone(void **state)
{
    struct thaw_trials *trials = trials_fixture_make(1, 1);
    json_t *report = trials_fixture_start(100 * TRIALS_FIXTURE_MS, false), *result;
    struct thaw_trials_run counting = trials_fixture_run(0, 1, report);
    const json_t *metrics, *metric;
    size_t i, counted = 0;

    (void)state;
    counting.counting = true;
    trials_fixture_add(trials, counting);
    json_decref(report);
    result = trials_fixture_result(trials);
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
    struct thaw_trials *trials = trials_fixture_make(1, 1);
    json_t *report = gate_fixture_start(
        "{'run':{'command':['host'],'started':null,'backend':'importtime','platform':null,"
        "'until':'exit','ended':'exit','exit_status':0,'cost':null}}");
    const json_t *failed;
    json_t *result;

    (void)state;
    trials_fixture_add(trials, trials_fixture_run(0, 1, report));
    json_decref(report);
    result = trials_fixture_result(trials);
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
    struct thaw_trials *trials = trials_fixture_make(2, COUNT(before));
    const json_t *ratio;
    json_t *result;

    (void)state;
    trials_fixture_add_times(trials, 0, before, COUNT(before));
    trials_fixture_add_times(trials, 1, after, COUNT(after));
    result = trials_fixture_result(trials);
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
    struct thaw_trials *trials = trials_fixture_make(2, COUNT(before));
    json_t *result;

    (void)state;
    trials_fixture_add_times(trials, 0, before, COUNT(before));
    trials_fixture_add_times(trials, 1, after, COUNT(after));
    result = trials_fixture_result(trials);
    assert_verdict(result, "total_time", "inconclusive"); /* 1 of 20 such triples is by chance */
    json_decref(result);
}

/* A count differs if all runs of one side are beyond all of the other. */
static void counts_are_compared_as_they_are(void **state)
{
    struct thaw_trials *trials = trials_fixture_make(2, 2);
    json_t *with = trials_fixture_start(100 * TRIALS_FIXTURE_MS, false),
           *without = trials_fixture_start(100 * TRIALS_FIXTURE_MS, true), *result;

    (void)state;
    for (size_t number = 1; number <= 2; number++) {
        trials_fixture_add(trials, trials_fixture_run(0, number, with));
        trials_fixture_add(trials, trials_fixture_run(1, number, without));
    }
    json_decref(with);
    json_decref(without);
    result = trials_fixture_result(trials);
    assert_verdict(result, "modules", "lower");
    json_decref(result);
}

/* Where a run is missing on one side, its partner has none. */
static void pairs_are_runs_of_the_same_number(void **state)
{
    struct thaw_trials *trials = trials_fixture_make(2, 4);
    json_t *slow = trials_fixture_start(200 * TRIALS_FIXTURE_MS, false),
           *fast = trials_fixture_start(100 * TRIALS_FIXTURE_MS, false), *result;
    struct thaw_trials_run crashed = trials_fixture_run(0, 2, NULL);
    const json_t *ratio;

    (void)state;
    crashed.end = THAW_TRIALS_CRASHED;
    crashed.reason = "the command ended with status 1";
    trials_fixture_add(trials, trials_fixture_run(0, 1, fast));
    trials_fixture_add(trials, trials_fixture_run(1, 1, slow));
    trials_fixture_add(trials, trials_fixture_run(1, 2, fast)); /* without a partner */
    trials_fixture_add(trials, crashed);
    trials_fixture_add(trials, trials_fixture_run(0, 3, slow)); /* both are slow */
    trials_fixture_add(trials, trials_fixture_run(1, 3, slow));
    trials_fixture_add(trials, trials_fixture_run(0, 4, fast));
    trials_fixture_add(trials, trials_fixture_run(1, 4, slow));
    json_decref(slow);
    json_decref(fast);
    result = trials_fixture_result(trials);
    assert_int_equal(
        json_integer_value(json_object_get(difference_of(result, "total_time"), "pairs")), 3);
    ratio = json_object_get(difference_of(result, "total_time"), "ratio");
    assert_float_equal(json_number_value(json_object_get(ratio, "middle")), 2, 0);
    json_decref(result);
}

/* --- memory --- */

static int make_all(json_t *report, json_t **ret, struct thaw_error *error)
{
    const struct thaw_trials_plan plan = {.commands = {{trials_fixture_first, "first"},
                                                       {trials_fixture_second, "second"}},
                                          .command_count = 2,
                                          .runs = 1,
                                          .tool_version = "0.1.0"};
    struct thaw_trials *trials = NULL;
    int code = thaw_trials_new(&plan, &trials, error);

    for (size_t command = 0; !code && command < 2; command++) {
        struct thaw_trials_run run = trials_fixture_run(command, 1, report);

        code = thaw_trials_add(trials, &run, error);
    }
    if (!code)
        code = thaw_trials_json(trials, ret, error);
    thaw_trials_free(trials);
    return code;
}

static void short_memory_is_an_error(void **state)
{
    json_t *report = trials_fixture_start(100 * TRIALS_FIXTURE_MS, false);

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
        cmocka_unit_test(short_memory_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
