/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "gate_world.h"

/* Budgets of what is counted, held against what was measured: each rule from both of its sides. */

/* --- exact metrics --- */

static void maximum(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->head, 3, NULL);
    gate_world_budget(world, "modules")->max = GATE_LIMIT(6);
    check = gate_world_check(world, 0);
    gate_assert_status(check, "pass");
    gate_assert_verdict(world, "pass", 0);
    gate_assert_reason(check, "modules loaded: 6; at most 6 are allowed");
    world->budgets[0].max = GATE_LIMIT(5);
    check = gate_world_check(world, 0);
    gate_assert_status(check, "fail");
    gate_assert_verdict(world, "fail", 1);
    assert_true(gate_is_broken(check, 0));
    assert_string_equal(gate_text(check, "id"), "budget:modules");
}

static void warning(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->head, 1, NULL);
    gate_world_budget(world, "modules")->max = GATE_LIMIT(7);
    world->budgets[0].warn = GATE_LIMIT(5);
    check = gate_world_check(world, 0);
    gate_assert_status(check, "warn");
    gate_assert_verdict(world, "warn", 0);
    gate_assert_reason(check, "a warning begins above 5");
    world->budgets[0].warn = GATE_LIMIT(6);
    gate_assert_status(gate_world_check(world, 0), "pass");
}

/* One odd run never turns an exact metric red, and is told. */
static void odd_run(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->head, 3, NULL);
    gate_world_module(&world->head, 1, "extra", NULL, "loaded");
    gate_world_budget(world, "modules")->max = GATE_LIMIT(6);
    check = gate_world_check(world, 0);
    gate_assert_status(check, "pass");
    assert_true(
        gate_world_tells(world, "modules loaded: not the same in all runs of app (6 to 7)"));
    for (size_t i = 0; i < 3; i++)
        gate_world_module(&world->head, i, "further", NULL, "loaded");
    gate_assert_status(gate_world_check(world, 0), "fail");
}

static void increase(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->base, 2, NULL);
    gate_world_runs(world, &world->head, 2, NULL);
    gate_world_budget(world, "modules")->max_increase = GATE_LIMIT(0);
    gate_assert_status(gate_world_check(world, 0), "pass");
    for (size_t i = 0; i < 2; i++)
        gate_world_module(&world->head, i, "scipy", "SciPy", "loaded");
    check = gate_world_check(world, 0);
    gate_assert_status(check, "fail");
    gate_assert_reason(check, "modules loaded: 7, 1 more than before (6); no more are allowed");
    assert_int_equal(json_integer_value(json_object_get(check, "change")), 1);
    world->budgets[0].max_increase = GATE_LIMIT(1);
    gate_assert_status(gate_world_check(world, 0), "pass");
    world->budgets[0].max_increase = GATE_SHARE(0.16);
    gate_assert_status(gate_world_check(world, 0), "fail");
    world->budgets[0].max_increase = GATE_SHARE(0.17);
    gate_assert_status(gate_world_check(world, 0), "pass");
    /* before, the most counts */
    world->budgets[0].max_increase = GATE_LIMIT(0);
    gate_world_module(&world->base, 1, "odd", NULL, "loaded");
    gate_assert_status(gate_world_check(world, 0), "pass");
}

/* Of several limits that are broken, the reason has the strictest. */
static void strictest_limit(void **state)
{
    struct gate_world *world = *state;

    gate_world_runs(world, &world->base, 1, NULL);
    gate_world_runs(world, &world->head, 1, NULL);
    gate_world_module(&world->head, 0, "scipy", "SciPy", "loaded");
    gate_world_budget(world, "modules")->max = GATE_LIMIT(5);
    world->budgets[0].max_increase = GATE_LIMIT(0);
    gate_assert_reason(gate_world_check(world, 0), "; at most 5 are allowed");
    world->budgets[0].max = GATE_LIMIT(6.5);
    gate_assert_reason(gate_world_check(world, 0), "; no more are allowed");
    world->budgets[0].max_increase = GATE_LIMIT(1);
    gate_assert_reason(gate_world_check(world, 0), "; at most 6 are allowed");
}

/* --- counted metrics --- */

static void tolerance_is_learnt(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->base, 3, NULL);
    gate_world_runs(world, &world->head, 3, NULL);
    gate_world_count(&world->base, 0, "system_calls", 4990);
    gate_world_budget(world, "system_calls")->max_increase = GATE_LIMIT(0);
    for (size_t i = 0; i < 3; i++)
        gate_world_count(&world->head, i, "system_calls", 5020);
    check = gate_world_check(world, 0);
    gate_assert_status(check, "pass"); /* twice the 10 that base varies */
    assert_string_equal(gate_text(json_object_get(check, "tolerance"), "from"),
                        "3 runs of ../base");
    for (size_t i = 0; i < 3; i++)
        gate_world_count(&world->head, i, "system_calls", 5021);
    check = gate_world_check(world, 0);
    gate_assert_status(check, "fail");
    gate_world_count(&world->head, 2, "system_calls", 5020); /* the least of the runs */
    gate_assert_status(gate_world_check(world, 0), "pass");
    /* what never varied is given one */
    gate_world_count(&world->base, 0, "system_calls", 5000);
    for (size_t i = 0; i < 3; i++)
        gate_world_count(&world->head, i, "system_calls", 5001);
    gate_assert_status(gate_world_check(world, 0), "pass");
    for (size_t i = 0; i < 3; i++)
        gate_world_count(&world->head, i, "system_calls", 5002);
    gate_assert_status(gate_world_check(world, 0), "fail");
}

/* Else one run that met something rare would open the gate for good. */
static void an_odd_run_teaches_nothing(void **state)
{
    struct gate_world *world = *state;

    gate_world_runs(world, &world->base, 5, NULL);
    gate_world_runs(world, &world->head, 1, NULL);
    gate_world_count(&world->base, 2, "system_calls", 9000);
    gate_world_budget(world, "system_calls")->max_increase = GATE_LIMIT(0);
    gate_world_count(&world->head, 0, "system_calls", 5001);
    gate_assert_status(gate_world_check(world, 0), "pass");
    gate_world_count(&world->head, 0, "system_calls", 5100);
    gate_assert_status(gate_world_check(world, 0), "fail");
}

static void tolerance_is_assumed(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->base, 2, NULL);
    gate_world_runs(world, &world->head, 1, NULL);
    gate_world_budget(world, "system_calls")->max_increase = GATE_LIMIT(0);
    gate_world_count(&world->head, 0, "system_calls", 5250);
    check = gate_world_check(world, 0);
    gate_assert_status(check, "pass");
    assert_string_equal(gate_text(json_object_get(check, "tolerance"), "from"), "assumed");
    gate_world_count(&world->head, 0, "system_calls", 5251);
    gate_assert_status(gate_world_check(world, 0), "fail");
}

static void threads_follow_the_cpus(void **state)
{
    struct gate_world *world = *state;

    gate_world_runs(world, &world->base, 1, NULL);
    gate_world_runs(world, &world->head, 1,
                    "{'machine':{'kernel':'6.18.0','arch':'x86_64',"
                    "'cpus':4}}");
    gate_world_budget(world, "threads")->max_increase = GATE_LIMIT(0);
    gate_world_baseline(world);
    gate_assert_status(gate_world_check(world, 0), "unmeasured");
    gate_assert_reason(gate_world_check(world, 0), "threads follow the number of CPUs");
    world->budgets[0].max = GATE_LIMIT(0); /* a limit of its own needs no other machine */
    gate_assert_status(gate_world_check(world, 0), "fail");
}

/* --- what is not measured --- */

static void unmeasured(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->head, 1, NULL);
    gate_world_budget(world, "shipped_bytes")->max = GATE_LIMIT(1);
    check = gate_world_check(world, 0);
    gate_assert_status(check, "unmeasured");
    gate_assert_reason(check, "bytes shipped: not measured: what is shipped was not looked at");
    gate_assert_verdict(world, "unmeasured", 3);
    assert_true(json_is_true(json_object_get(check, "counts")));
    assert_int_equal(json_integer_value(json_object_get(world->gate, "unmeasured")), 1);
    world->all.settings.unmeasured_is_warning = true;
    check = gate_world_check(world, 0);
    gate_assert_status(check, "unmeasured");
    assert_true(json_is_false(json_object_get(check, "counts")));
    gate_assert_verdict(world, "warn", 0); /* never a pass */
}

static void nothing_to_compare_with(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->head, 1, NULL);
    gate_world_budget(world, "modules")->max_increase = GATE_LIMIT(100);
    check = gate_world_check(world, 0);
    gate_assert_status(check, "unmeasured");
    gate_assert_reason(check, "thaw gate --update");
    /* what is over its own limit is red whatever else is not known */
    world->budgets[0].max = GATE_LIMIT(1);
    gate_assert_status(gate_world_check(world, 0), "fail");
    /* a warning that can't be given turns nothing red */
    world->budgets[0].max = GATE_LIMIT(100);
    world->budgets[0].max_increase.given = false;
    world->budgets[0].warn_increase = GATE_LIMIT(1);
    gate_assert_status(gate_world_check(world, 0), "pass");
}

static void not_in_the_baseline(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->base, 1, NULL);
    gate_world_budget(world, "modules")->max_increase = GATE_LIMIT(0);
    gate_world_baseline(world);
    gate_world_runs(world, &world->head, 1, NULL);
    world->budgets[0].part.distribution = "pandas";
    check = gate_world_check(world, 0);
    gate_assert_status(check, "unmeasured");
    gate_assert_reason(check, "thaw-baseline.json has no value of it");
}

static void no_usable_run(void **state)
{
    struct gate_world *world = *state;

    gate_world_runs(world, &world->head, 7,
                    "{'run':{'command':['host'],'started':null,'backend':'ebpf','platform':null,"
                    "'until':'exit','ended':'exit','exit_status':1,'cost':null},'tracks':[]}");
    gate_world_budget(world, "modules")->max = GATE_LIMIT(100);
    gate_world_budget(world, "total_time")->max = GATE_LIMIT(1e12);
    gate_world_forbid(world, "matplotlib");
    gate_assert_reason(gate_world_check(world, 0), "its command failed (exit status 1)");
    for (size_t i = 0; i < 3; i++)
        gate_assert_status(gate_world_check(world, i), "unmeasured");
    gate_assert_verdict(world, "unmeasured", 3);
    assert_true(gate_world_tells(world, "run 001.thaw of app is left out: its command failed"));
    assert_true(gate_world_tells(world, "2 more runs of app are left out"));
    assert_int_equal(json_integer_value(
                         json_object_get(json_object_get(world->gate, "head"), "failed_runs")),
                     7);
}

static void no_budgets(void **state)
{
    struct gate_world *world = *state;

    gate_world_runs(world, &world->head, 1, NULL);
    assert_int_equal(gate_world_build(world), 0);
    gate_assert_verdict(world, "pass", 0);
    assert_true(gate_world_tells(world, "thaw.json has no budgets"));
    gate_world_budget(world, "moduls");
    assert_int_equal(gate_world_build(world), -EINVAL);
}

/* --- the worst counts --- */

static void verdicts(void **state)
{
    struct gate_world *world = *state;

    gate_world_runs(world, &world->head, 5, NULL);
    gate_world_budget(world, "modules")->warn = GATE_LIMIT(1);
    assert_int_equal(gate_world_build(world), 0);
    gate_assert_verdict(world, "warn", 0);
    gate_world_budget(world, "total_time")->max = GATE_LIMIT(1e9);
    assert_int_equal(gate_world_build(world), 0);
    gate_assert_verdict(world, "inconclusive", 4);
    gate_world_budget(world, "shipped_bytes")->max = GATE_LIMIT(1e9);
    assert_int_equal(gate_world_build(world), 0);
    gate_assert_verdict(world, "unmeasured", 3);
    gate_world_budget(world, "modules")->max = GATE_LIMIT(1);
    assert_int_equal(gate_world_build(world), 0);
    gate_assert_verdict(world, "fail", 1);
    assert_int_equal(thaw_gate_verdict(NULL), THAW_GATE_UNMEASURED);
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, gate_world_setup, gate_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE(maximum),
        RULE(warning),
        RULE(odd_run),
        RULE(increase),
        RULE(strictest_limit),
        RULE(tolerance_is_learnt),
        RULE(an_odd_run_teaches_nothing),
        RULE(tolerance_is_assumed),
        RULE(threads_follow_the_cpus),
        RULE(unmeasured),
        RULE(nothing_to_compare_with),
        RULE(not_in_the_baseline),
        RULE(no_usable_run),
        RULE(no_budgets),
        RULE(verdicts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
