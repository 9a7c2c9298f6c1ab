/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "gate_fixture.h"
#include "gate_world.h"

/* Budgets held against what was measured: each rule from both of its sides. */

static int begin(void **state)
{
    static struct gate_world world;

    gate_world_begin(&world);
    *state = &world;
    return 0;
}

static int end(void **state)
{
    gate_world_end(*state);
    return 0;
}

static void assert_status(const json_t *check, const char *status)
{
    assert_string_equal(gate_text(check, "status"), status);
}

static void assert_verdict(const struct gate_world *world, const char *verdict, int code)
{
    assert_string_equal(gate_text(world->gate, "verdict"), verdict);
    assert_string_equal(thaw_gate_verdict_name(thaw_gate_verdict(world->gate)), verdict);
    assert_int_equal(json_integer_value(json_object_get(world->gate, "exit_code")), code);
}

static void assert_reason(const json_t *check, const char *part)
{
    if (!strstr(gate_text(check, "reason"), part))
        fail_msg("\"%s\" is not in: %s", part, gate_text(check, "reason"));
}

static const json_t *limit(const json_t *check, size_t i)
{
    return json_array_get(json_object_get(check, "limits"), i);
}

static bool is_broken(const json_t *check, size_t i)
{
    return json_is_true(json_object_get(limit(check, i), "broken"));
}

/* --- exact metrics --- */

static void maximum(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->head, 3, NULL);
    gate_world_budget(world, "modules")->max = GATE_LIMIT(6);
    check = gate_world_check(world, 0);
    assert_status(check, "pass");
    assert_verdict(world, "pass", 0);
    assert_reason(check, "modules loaded: 6; at most 6 are allowed");
    world->budgets[0].max = GATE_LIMIT(5);
    check = gate_world_check(world, 0);
    assert_status(check, "fail");
    assert_verdict(world, "fail", 1);
    assert_true(is_broken(check, 0));
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
    assert_status(check, "warn");
    assert_verdict(world, "warn", 0);
    assert_reason(check, "a warning begins above 5");
    world->budgets[0].warn = GATE_LIMIT(6);
    assert_status(gate_world_check(world, 0), "pass");
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
    assert_status(check, "pass");
    assert_true(
        gate_world_tells(world, "modules loaded: not the same in all runs of app (6 to 7)"));
    for (size_t i = 0; i < 3; i++)
        gate_world_module(&world->head, i, "further", NULL, "loaded");
    assert_status(gate_world_check(world, 0), "fail");
}

static void increase(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->base, 2, NULL);
    gate_world_runs(world, &world->head, 2, NULL);
    gate_world_budget(world, "modules")->max_increase = GATE_LIMIT(0);
    assert_status(gate_world_check(world, 0), "pass");
    for (size_t i = 0; i < 2; i++)
        gate_world_module(&world->head, i, "scipy", "SciPy", "loaded");
    check = gate_world_check(world, 0);
    assert_status(check, "fail");
    assert_reason(check, "modules loaded: 7, 1 more than before (6); no more are allowed");
    assert_int_equal(json_integer_value(json_object_get(check, "change")), 1);
    world->budgets[0].max_increase = GATE_LIMIT(1);
    assert_status(gate_world_check(world, 0), "pass");
    world->budgets[0].max_increase = GATE_SHARE(0.16);
    assert_status(gate_world_check(world, 0), "fail");
    world->budgets[0].max_increase = GATE_SHARE(0.17);
    assert_status(gate_world_check(world, 0), "pass");
    /* before, the most counts */
    world->budgets[0].max_increase = GATE_LIMIT(0);
    gate_world_module(&world->base, 1, "odd", NULL, "loaded");
    assert_status(gate_world_check(world, 0), "pass");
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
    assert_reason(gate_world_check(world, 0), "; at most 5 are allowed");
    world->budgets[0].max = GATE_LIMIT(6.5);
    assert_reason(gate_world_check(world, 0), "; no more are allowed");
    world->budgets[0].max_increase = GATE_LIMIT(1);
    assert_reason(gate_world_check(world, 0), "; at most 6 are allowed");
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
    assert_status(check, "pass"); /* twice the 10 that base varies */
    assert_string_equal(gate_text(json_object_get(check, "tolerance"), "from"),
                        "3 runs of ../base");
    for (size_t i = 0; i < 3; i++)
        gate_world_count(&world->head, i, "system_calls", 5021);
    check = gate_world_check(world, 0);
    assert_status(check, "fail");
    gate_world_count(&world->head, 2, "system_calls", 5020); /* the least of the runs */
    assert_status(gate_world_check(world, 0), "pass");
    /* what never varied is given one */
    gate_world_count(&world->base, 0, "system_calls", 5000);
    for (size_t i = 0; i < 3; i++)
        gate_world_count(&world->head, i, "system_calls", 5001);
    assert_status(gate_world_check(world, 0), "pass");
    for (size_t i = 0; i < 3; i++)
        gate_world_count(&world->head, i, "system_calls", 5002);
    assert_status(gate_world_check(world, 0), "fail");
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
    assert_status(check, "pass");
    assert_string_equal(gate_text(json_object_get(check, "tolerance"), "from"), "assumed");
    gate_world_count(&world->head, 0, "system_calls", 5251);
    assert_status(gate_world_check(world, 0), "fail");
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
    assert_status(gate_world_check(world, 0), "unmeasured");
    assert_reason(gate_world_check(world, 0), "threads follow the number of CPUs");
    world->budgets[0].max = GATE_LIMIT(0); /* a limit of its own needs no other machine */
    assert_status(gate_world_check(world, 0), "fail");
}

/* --- what is not measured --- */

static void unmeasured(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->head, 1, NULL);
    gate_world_budget(world, "shipped_bytes")->max = GATE_LIMIT(1);
    check = gate_world_check(world, 0);
    assert_status(check, "unmeasured");
    assert_reason(check, "bytes shipped: not measured: what is shipped was not looked at");
    assert_verdict(world, "unmeasured", 3);
    assert_true(json_is_true(json_object_get(check, "counts")));
    assert_int_equal(json_integer_value(json_object_get(world->gate, "unmeasured")), 1);
    world->all.settings.unmeasured_is_warning = true;
    check = gate_world_check(world, 0);
    assert_status(check, "unmeasured");
    assert_true(json_is_false(json_object_get(check, "counts")));
    assert_verdict(world, "warn", 0); /* never a pass */
}

static void nothing_to_compare_with(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->head, 1, NULL);
    gate_world_budget(world, "modules")->max_increase = GATE_LIMIT(100);
    check = gate_world_check(world, 0);
    assert_status(check, "unmeasured");
    assert_reason(check, "thaw gate --update");
    /* what is over its own limit is red whatever else is not known */
    world->budgets[0].max = GATE_LIMIT(1);
    assert_status(gate_world_check(world, 0), "fail");
    /* a warning that can't be given turns nothing red */
    world->budgets[0].max = GATE_LIMIT(100);
    world->budgets[0].max_increase.given = false;
    world->budgets[0].warn_increase = GATE_LIMIT(1);
    assert_status(gate_world_check(world, 0), "pass");
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
    assert_status(check, "unmeasured");
    assert_reason(check, "thaw-baseline.json has no value of it");
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
    assert_reason(gate_world_check(world, 0), "its command failed (exit status 1)");
    for (size_t i = 0; i < 3; i++)
        assert_status(gate_world_check(world, i), "unmeasured");
    assert_verdict(world, "unmeasured", 3);
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
    assert_verdict(world, "pass", 0);
    assert_true(gate_world_tells(world, "thaw.json has no budgets"));
    gate_world_budget(world, "moduls");
    assert_int_equal(gate_world_build(world), -EINVAL);
}

/* --- times --- */

static void too_few_runs(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->base, 9, NULL);
    gate_world_runs(world, &world->head, 5, NULL);
    gate_world_budget(world, "total_time")->max = GATE_LIMIT(1e9);
    check = gate_world_check(world, 0);
    assert_status(check, "inconclusive");
    assert_verdict(world, "inconclusive", 4);
    assert_reason(check, "5 runs are too few to tell: make more runs (--runs 15)");
    world->budgets[0].max = GATE_LIMIT(1.8e9); /* no run comes within half of it */
    assert_status(gate_world_check(world, 0), "pass");
    world->budgets[0].max = GATE_LIMIT(1e9);
    gate_world_runs(world, &world->head, 6, NULL);
    assert_status(gate_world_check(world, 0), "pass");
    world->budgets[0].max.given = false;
    world->budgets[0].max_increase = GATE_SHARE(0.1);
    gate_world_runs(world, &world->head, 12, NULL);
    assert_reason(gate_world_check(world, 0), "9 runs are too few to tell");
    gate_world_runs(world, &world->base, 10, NULL);
    assert_status(gate_world_check(world, 0), "pass");
}

static void absolute_time(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->head, 15, NULL);
    gate_world_times(&world->head, 900, 10); /* 900 to 1040, interval 930 to 1010 */
    gate_world_budget(world, "total_time")->max = GATE_LIMIT(1.01e9);
    check = gate_world_check(world, 0);
    assert_status(check, "pass");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(check, "value"), "high")),
                     1010000000);
    world->budgets[0].max = GATE_LIMIT(1.009e9);
    check = gate_world_check(world, 0);
    assert_status(check, "inconclusive");
    assert_reason(check, "whether it is above 1009.0 ms can't be told: make more runs (--runs 30)");
    world->budgets[0].max = GATE_LIMIT(0.93e9);
    assert_status(gate_world_check(world, 0), "inconclusive");
    world->budgets[0].max = GATE_LIMIT(0.929e9);
    assert_status(gate_world_check(world, 0), "fail");
    /* as many more budgets: one of them is red by chance more easily */
    for (size_t i = 0; i < 4; i++)
        gate_world_budget(world, "total_time")->max = GATE_LIMIT(2e9);
    assert_status(gate_world_check(world, 0), "inconclusive");
}

static void increase_of_time(void **state)
{
    struct gate_world *world = *state;
    const json_t *check, *test;

    gate_world_runs(world, &world->base, 15, NULL);
    gate_world_runs(world, &world->head, 15, NULL);
    gate_world_times(&world->base, 900, 10);
    gate_world_times(&world->head, 900, 10);
    gate_world_budget(world, "total_time")->max_increase = GATE_LIMIT(0);
    check = gate_world_check(world, 0);
    assert_status(check, "pass");
    gate_world_times(&world->head, 1200, 10);
    check = gate_world_check(world, 0);
    assert_status(check, "fail");
    assert_reason(check, "allowed is at most 1.05 times");
    test = json_object_get(limit(check, 0), "test");
    assert_true(json_is_true(json_object_get(test, "in_turns")));
    assert_string_equal(gate_text(test, "method"), "Mann-Whitney and Wilcoxon");
    /* at another time: the machine may have been another */
    gate_world_apart(&world->head);
    check = gate_world_check(world, 0);
    assert_status(check, "inconclusive");
    assert_reason(check, "made in turns");
    /* what is no increase is none then, too */
    gate_world_times(&world->head, 900, 10);
    assert_status(gate_world_check(world, 0), "pass");
}

static void warning_of_time(void **state)
{
    struct gate_world *world = *state;

    gate_world_runs(world, &world->base, 15, NULL);
    gate_world_runs(world, &world->head, 15, NULL);
    gate_world_times(&world->base, 900, 10);
    gate_world_times(&world->head, 1200, 10);
    gate_world_budget(world, "total_time")->max_increase = GATE_SHARE(1);
    world->budgets[0].warn_increase = GATE_SHARE(0.1);
    assert_status(gate_world_check(world, 0), "warn");
    gate_world_apart(&world->head); /* nobody knows: no warning */
    assert_status(gate_world_check(world, 0), "pass");
}

static void times_of_another_machine(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->base, 15, NULL);
    gate_world_runs(world, &world->head, 15, NULL);
    gate_world_times(&world->base, 900, 10);
    gate_world_times(&world->head, 900, 10);
    gate_world_budget(world, "total_time")->max_increase = GATE_SHARE(0.5);
    gate_world_baseline(world);
    assert_status(gate_world_check(world, 0), "pass");
    gate_world_times(&world->head, 1900, 10);
    check = gate_world_check(world, 0);
    assert_status(check, "inconclusive");
    assert_reason(check, "measure the merge base in the same job (--base)");
    world->head.input.cpu_model = "Intel Xeon";
    check = gate_world_check(world, 0);
    assert_status(check, "unmeasured");
    assert_reason(check, "was made on another machine (AMD EPYC 7763, 2 CPUs; here: Intel Xeon, "
                         "2 CPUs)");
    assert_true(gate_world_tells(world, "machine differs"));
}

static void noise_is_told(void **state)
{
    struct gate_world *world = *state;

    gate_world_runs(world, &world->head, 15, NULL);
    gate_world_budget(world, "modules")->max = GATE_LIMIT(100);
    gate_world_times(&world->head, 900, 1);
    assert_int_equal(gate_world_build(world), 0);
    assert_true(json_is_false(json_object_get(json_object_get(world->gate, "noise"), "too_noisy")));
    for (size_t i = 0; i < 15; i++)
        json_object_set_new(json_array_get(json_object_get(world->head.reports[i], "tracks"), 0),
                            "total_ns", json_integer(i % 2 ? 500000000 : 900000000));
    assert_int_equal(gate_world_build(world), 0);
    assert_true(json_is_true(json_object_get(json_object_get(world->gate, "noise"), "too_noisy")));
    assert_true(gate_world_tells(world, "times vary by"));
}

/* --- keys --- */

static void keys(void **state)
{
    struct gate_world *world = *state;

    gate_world_runs(world, &world->base, 1, NULL);
    gate_world_runs(world, &world->head, 1, NULL);
    gate_world_budget(world, "modules")->max_increase = GATE_LIMIT(0);
    gate_world_baseline(world);
    world->head.input.lock_digest = "00";
    assert_int_equal(gate_world_build(world), -EXDEV);
    assert_string_equal(
        world->error.message,
        "lock_file differs: requirements.txt:00 here, "
        "requirements.txt:9f86d081884c7d659a2feaa0c55ad015 in thaw-baseline.json; compare "
        "nevertheless with --across lock_file (or \"across\" in thaw.json), or renew the baseline "
        "with --update");
    world->question.across = THAW_GATE_KEY_LOCK_FILE;
    assert_int_equal(gate_world_build(world), 0);
    assert_string_equal(json_string_value(
                            json_array_get(json_object_get(world->gate, "differing_keys"), 0)),
                        "lock_file");
    assert_true(gate_world_tells(world, "lock_file differs: requirements.txt:00 here"));
    world->question.across = 0;
    world->all.settings.across = THAW_GATE_KEY_LOCK_FILE;
    assert_int_equal(gate_world_build(world), 0);
    world->all.settings.across = 0;
    world->head.input.lock_digest = ""; /* what is not known differs from nothing */
    assert_int_equal(gate_world_build(world), 0);
}

static void keys_of_one_job(void **state)
{
    struct gate_world *world = *state;

    gate_world_runs(world, &world->base, 1, NULL);
    gate_world_runs(world, &world->head, 1, NULL);
    gate_world_budget(world, "modules")->max_increase = GATE_LIMIT(0);
    world->head.input.lock_digest = "00"; /* what a change is about */
    assert_int_equal(gate_world_build(world), 0);
    json_object_set_new(json_object_get(world->head.reports[0], "run"), "backend",
                        json_string("importtime"));
    assert_int_equal(gate_world_build(world), -EXDEV);
    assert_non_null(strstr(world->error.message, "backend differs: importtime here, ebpf in"));
}

static void entries(void **state)
{
    struct gate_world *world = *state;
    json_t *process;

    gate_world_runs(world, &world->base, 1, NULL);
    gate_world_runs(world, &world->head, 1, NULL);
    gate_world_budget(world, "modules")->max_increase = GATE_LIMIT(0);
    gate_world_baseline(world);
    process = json_array_get(json_object_get(world->head.reports[0], "processes"), 1);
    json_object_set_new(process, "python", json_string("3.12.1"));
    assert_int_equal(gate_world_build(world), -ENODATA);
    assert_string_equal(world->error.message, "thaw-baseline.json has nothing of CPython 3.12 on "
                                              "x86_64: add it with thaw gate --update");
    world->question.across = THAW_GATE_KEY_INTERPRETER;
    assert_int_equal(gate_world_build(world), 0);
}

/* --- allowances --- */

static void allowance(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->head, 1, NULL);
    gate_world_budget(world, "modules")->max = GATE_LIMIT(1);
    gate_world_allow(world, "modules", "until it is split", "2026-11-29"); /* its last day */
    check = gate_world_check(world, 0);
    assert_status(check, "allowed");
    assert_verdict(world, "pass", 0);
    assert_true(is_broken(check, 0));
    world->question.today = "2026-11-30";
    check = gate_world_check(world, 0);
    assert_status(check, "fail");
    assert_true(json_is_true(json_object_get(json_object_get(check, "allowed"), "expired")));
    assert_true(gate_world_tells(world, "thaw.json:40: what allows modules expired on 2026-11-29"));
    world->allowed[0].until = "";
    assert_status(gate_world_check(world, 0), "allowed");
    world->allowed[0].part.distribution = "pandas"; /* of another budget */
    assert_status(gate_world_check(world, 0), "fail");
    assert_true(gate_world_tells(world, "what allows modules of pandas was not needed"));
}

/* --- the worst counts --- */

static void verdicts(void **state)
{
    struct gate_world *world = *state;

    gate_world_runs(world, &world->head, 5, NULL);
    gate_world_budget(world, "modules")->warn = GATE_LIMIT(1);
    assert_int_equal(gate_world_build(world), 0);
    assert_verdict(world, "warn", 0);
    gate_world_budget(world, "total_time")->max = GATE_LIMIT(1e9);
    assert_int_equal(gate_world_build(world), 0);
    assert_verdict(world, "inconclusive", 4);
    gate_world_budget(world, "shipped_bytes")->max = GATE_LIMIT(1e9);
    assert_int_equal(gate_world_build(world), 0);
    assert_verdict(world, "unmeasured", 3);
    gate_world_budget(world, "modules")->max = GATE_LIMIT(1);
    assert_int_equal(gate_world_build(world), 0);
    assert_verdict(world, "fail", 1);
    assert_int_equal(thaw_gate_verdict(NULL), THAW_GATE_UNMEASURED);
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE(maximum),
        RULE(warning),
        RULE(odd_run),
        RULE(increase),
        RULE(strictest_limit),
        RULE(tolerance_is_learnt),
        RULE(tolerance_is_assumed),
        RULE(threads_follow_the_cpus),
        RULE(unmeasured),
        RULE(nothing_to_compare_with),
        RULE(not_in_the_baseline),
        RULE(no_usable_run),
        RULE(no_budgets),
        RULE(too_few_runs),
        RULE(absolute_time),
        RULE(increase_of_time),
        RULE(warning_of_time),
        RULE(times_of_another_machine),
        RULE(noise_is_told),
        RULE(keys),
        RULE(keys_of_one_job),
        RULE(entries),
        RULE(allowance),
        RULE(verdicts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
