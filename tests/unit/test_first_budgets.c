/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "configuration/configuration.h"
#include "gate/gate.h"

#define TARGET "tests/golden/full_report.json"
#define RUN "tests/golden/plain-script/expected.json"

enum { RUNS = 12 };

static json_t *target, *run, *counting;
static struct thaw_gate_run runs[RUNS];
static json_t *made;
static struct thaw_error error;

static const char *const command[] = {"python3", "-c", "import x", NULL};

static int begin(void **state)
{
    (void)state;
    target = json_load_file(TARGET, 0, NULL);
    run = json_load_file(RUN, 0, NULL);
    counting = json_deep_copy(run);
    for (size_t i = 0; i < RUNS; i++)
        runs[i] = (struct thaw_gate_run){"r.thaw", run};
    return json_object_set_new(json_object_get(counting, "run"), "counting", json_true());
}

static int end(void **state)
{
    (void)state;
    json_decref(target);
    json_decref(run);
    json_decref(counting);
    return 0;
}

static int forget(void **state)
{
    (void)state;
    json_decref(made);
    made = NULL;
    return 0;
}

static struct thaw_gate_input input_of(json_t *of_target, size_t run_count)
{
    return (struct thaw_gate_input){
        .name = ".",
        .target_name = of_target ? ".venv" : "",
        .target = of_target,
        .runs = runs,
        .run_count = run_count,
        .lock_file = "",
        .lock_digest = "",
        .cpu_model = "",
        .commit = "",
        .today = "",
    };
}

static int make(const struct thaw_gate_input *input, const char *const *of_command)
{
    forget(NULL);
    return thaw_gate_first_budgets(input, of_command, &made, &error);
}

/* By the reader of thaw.json, which has nothing to complain of. */
static void assert_readable(size_t budgets)
{
    struct thaw_configuration configuration;
    char *text = json_dumps(made, JSON_INDENT(2));

    assert_non_null(text);
    if (thaw_configuration_parse(text, strlen(text), "t", &configuration, &error))
        fail_msg("%s", error.message);
    assert_int_equal(configuration.budgets.budget_count, budgets);
    thaw_configuration_free(&configuration);
    free(text);
}

static void assert_made(const char *key, const char *expected)
{
    char *text = json_dumps(json_object_get(made, key), 0);

    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static void all_that_was_measured_gets_a_budget(void **state)
{
    struct thaw_gate_input input = input_of(target, RUNS);

    (void)state;
    assert_int_equal(make(&input, command), 0);
    assert_made("gate", "{\"target\": \".venv\", \"command\": [\"python3\", \"-c\", \"import x\"], "
                        "\"runs\": 12, \"warmup\": 1, \"baseline\": \"thaw-baseline.json\", "
                        "\"unmeasured\": \"error\", \"across\": [\"lock_file\", \"kernel\"]}");
    assert_made("budgets", "[{\"metric\": \"shipped_disk_bytes\", \"max\": \"220MB\", "
                           "\"max_increase\": \"5%\"}, "
                           "{\"metric\": \"distributions\", \"max\": 2, \"warn_increase\": 0}, "
                           "{\"metric\": \"conflicts\", \"max\": 1}, "
                           "{\"metric\": \"bytecode_stale\", \"warn_increase\": 0}, "
                           "{\"metric\": \"modules\", \"max\": 5, \"max_increase\": 1, "
                           "\"warn_increase\": 0}, "
                           "{\"metric\": \"total_time\", \"max\": \"90ms\", \"warn\": \"45ms\"}]");
    assert_string_equal(json_object_iter_key(json_object_iter(made)), "$schema");
    assert_readable(6);
}

static void times_need_runs(void **state)
{
    struct thaw_gate_input input = input_of(NULL, 10);

    (void)state;
    assert_int_equal(make(&input, command), 0);
    assert_readable(2);
    input.run_count = 9;
    assert_int_equal(make(&input, command), 0);
    assert_readable(1);
    assert_made("gate", "{\"command\": [\"python3\", \"-c\", \"import x\"], \"runs\": 9, "
                        "\"warmup\": 1, \"baseline\": \"thaw-baseline.json\", "
                        "\"unmeasured\": \"error\", \"across\": [\"lock_file\", \"kernel\"]}");
    input.run_count = 10;
    runs[9].report = counting;
    assert_int_equal(make(&input, command), 0);
    runs[9].report = run;
    assert_int_equal(json_integer_value(json_object_get(json_object_get(made, "gate"), "runs")), 9);
    assert_readable(1);
}

static void what_json_cannot_say_is_left_out(void **state)
{
    static const char *const commands[][3] = {
        {"python3", "\xFF"},
        {"\xFF"},
        {" ", "x"},
        {NULL},
    };
    struct thaw_gate_input input = input_of(target, 0);

    (void)state;
    input.target_name = "a\xFF";
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        assert_int_equal(make(&input, i == 3 ? NULL : commands[i]), 0);
        assert_made("gate", "{\"baseline\": \"thaw-baseline.json\", \"unmeasured\": \"error\", "
                            "\"across\": [\"lock_file\", \"kernel\"]}");
        assert_readable(4);
    }
    input.target_name = "a";
    assert_int_equal(make(&input, (const char *const[]){"a", "", "\"\n", NULL}), 0);
    assert_made("gate", "{\"target\": \"a\", \"command\": [\"a\", \"\", \"\\\"\\n\"], "
                        "\"warmup\": 1, \"baseline\": \"thaw-baseline.json\", "
                        "\"unmeasured\": \"error\", \"across\": [\"lock_file\", \"kernel\"]}");
    assert_readable(4);
}

static void without_anything_measured_there_is_none(void **state)
{
    struct thaw_gate_input input = input_of(NULL, 0);

    (void)state;
    assert_int_equal(make(&input, command), -ENODATA);
    assert_string_equal(error.message, ". has nothing that a first budget could be about");
}

static void limits_are_pleasant_numbers(void **state)
{
    static const struct {
        json_int_t bytes;
        const char *max, *increase;
    } rows[] = {
        {0, "\"1MB\"", "\"1MB\""},          {4, "\"1.1MB\"", "\"1MB\""},
        {2400000, "\"3.5MB\"", "\"1MB\""},  {10000000, "\"11MB\"", "\"1MB\""},
        {20000000, "\"22MB\"", "\"5%\""},   {80000000, "\"90MB\"", "\"5%\""},
        {120000000, "\"140MB\"", "\"5%\""}, {311000000, "\"350MB\"", "\"5%\""},
        {891000000, "\"1GB\"", "\"5%\""},   {910000000, "\"1.1GB\"", "\"5%\""},
        {INT64_MAX, "null", "\"5%\""}, /* more than can be said */
    };
    json_t *copy = json_deep_copy(target);
    json_t *totals = json_object_get(copy, "totals");
    struct thaw_gate_input input = input_of(copy, 0);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *first;
        char *text;

        json_object_set_new(totals, "disk_bytes", json_integer(rows[i].bytes));
        assert_int_equal(make(&input, NULL), 0);
        assert_readable(4);
        first = json_array_get(json_object_get(made, "budgets"), 0);
        text = json_dumps(json_object_get(first, "max"), JSON_ENCODE_ANY);
        assert_string_equal(text ? text : "null", rows[i].max);
        free(text);
        text = json_dumps(json_object_get(first, "max_increase"), JSON_ENCODE_ANY);
        assert_string_equal(text, rows[i].increase);
        free(text);
    }
    json_decref(copy);
}

static void without_memory_it_says_so(void **state)
{
    struct thaw_gate_input input = input_of(target, 2);

    (void)state;
    assert_true(chaos_malloc_works());
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        int result = make(&input, command);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(all_that_was_measured_gets_a_budget, forget),
        cmocka_unit_test_teardown(times_need_runs, forget),
        cmocka_unit_test_teardown(what_json_cannot_say_is_left_out, forget),
        cmocka_unit_test_teardown(without_anything_measured_there_is_none, forget),
        cmocka_unit_test_teardown(limits_are_pleasant_numbers, forget),
        cmocka_unit_test_teardown(without_memory_it_says_so, forget),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
