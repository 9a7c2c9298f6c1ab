/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "gate_fixture.h"
#include "report/report_schema.h"
#include "trials_fixture.h"

const char *const trials_fixture_first[] = {"python3", "app.py", NULL};
const char *const trials_fixture_second[] = {"python3", "new\x1b[31m|<b>.py", NULL};

struct thaw_trials *trials_fixture_make(size_t commands, size_t runs)
{
    const struct thaw_trials_plan plan = {
        .commands = {{trials_fixture_first, commands > 1 ? "first" : ""},
                     {trials_fixture_second, "second"}},
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
json_t *trials_fixture_start(uint64_t total_ns, bool without_numpy)
{
    json_t *report = gate_fixture_start(NULL);
    json_t *track = json_array_get(json_object_get(report, "tracks"), 0);

    json_object_set_new(track, "total_ns", json_integer((json_int_t)total_ns));
    if (without_numpy)
        json_array_remove(json_object_get(report, "modules"), 4);
    return report;
}

struct thaw_trials_run trials_fixture_run(size_t command, size_t number, const json_t *report)
{
    return (struct thaw_trials_run){
        .command = command,
        .number = number,
        .file = "001.thaw",
        .report = report,
        .complete = true,
        .exit_status = -1,
        .reason = "",
        .wall_ns = 1000 * TRIALS_FIXTURE_MS,
        .cpu_ns = 500 * TRIALS_FIXTURE_MS,
    };
}

void trials_fixture_add(struct thaw_trials *trials, struct thaw_trials_run run)
{
    struct thaw_error error;

    assert_int_equal(thaw_trials_add(trials, &run, &error), 0);
}

/* Runs of a command that took so many ms. */
void trials_fixture_add_times(struct thaw_trials *trials, size_t command, const unsigned *ms,
                              size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_t *report = trials_fixture_start(ms[i] * TRIALS_FIXTURE_MS, false);

        trials_fixture_add(trials, trials_fixture_run(command, i + 1, report));
        json_decref(report);
    }
}

/* What comes of them, which its schema allows. */
json_t *trials_fixture_result(struct thaw_trials *trials)
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
