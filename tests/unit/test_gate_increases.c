/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "gate_world.h"

/* Budgets of times, what may be compared with what, and allowances: each rule from both sides. */

/* --- times --- */

static void too_few_runs(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->base, 9, NULL);
    gate_world_runs(world, &world->head, 5, NULL);
    gate_world_budget(world, "total_time")->max = GATE_LIMIT(1e9);
    check = gate_world_check(world, 0);
    gate_assert_status(check, "inconclusive");
    gate_assert_verdict(world, "inconclusive", 4);
    gate_assert_reason(check, "5 runs are too few to tell: make more runs (--runs 15)");
    world->budgets[0].max = GATE_LIMIT(1.8e9); /* no run comes within half of it */
    gate_assert_status(gate_world_check(world, 0), "pass");
    world->budgets[0].max = GATE_LIMIT(1e9);
    gate_world_runs(world, &world->head, 6, NULL);
    gate_assert_status(gate_world_check(world, 0), "pass");
    world->budgets[0].max.given = false;
    world->budgets[0].max_increase = GATE_SHARE(0.1);
    gate_world_runs(world, &world->head, 12, NULL);
    gate_assert_reason(gate_world_check(world, 0), "9 runs are too few to tell");
    gate_world_runs(world, &world->base, 10, NULL);
    gate_assert_status(gate_world_check(world, 0), "pass");
}

static void absolute_time(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->head, 15, NULL);
    gate_world_times(&world->head, 900, 10); /* 900 to 1040, interval 930 to 1010 */
    gate_world_budget(world, "total_time")->max = GATE_LIMIT(1.01e9);
    check = gate_world_check(world, 0);
    gate_assert_status(check, "pass");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(check, "value"), "high")),
                     1010000000);
    world->budgets[0].max = GATE_LIMIT(1.009e9);
    check = gate_world_check(world, 0);
    gate_assert_status(check, "inconclusive");
    gate_assert_reason(check,
                       "whether it is above 1009.0 ms can't be told: make more runs (--runs 30)");
    world->budgets[0].max = GATE_LIMIT(0.93e9);
    gate_assert_status(gate_world_check(world, 0), "inconclusive");
    world->budgets[0].max = GATE_LIMIT(0.929e9);
    gate_assert_status(gate_world_check(world, 0), "fail");
    /* as many more budgets: one of them is red by chance more easily */
    for (size_t i = 0; i < 4; i++)
        gate_world_budget(world, "total_time")->max = GATE_LIMIT(2e9);
    gate_assert_status(gate_world_check(world, 0), "inconclusive");
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
    gate_assert_status(check, "pass");
    gate_world_times(&world->head, 1200, 10);
    check = gate_world_check(world, 0);
    gate_assert_status(check, "fail");
    gate_assert_reason(check, "allowed is at most 1.05 times");
    test = json_object_get(gate_limit(check, 0), "test");
    assert_true(json_is_true(json_object_get(test, "in_turns")));
    assert_string_equal(gate_text(test, "method"), "Mann-Whitney and Wilcoxon");
    /* at another time: the machine may have been another */
    gate_world_apart(&world->head);
    check = gate_world_check(world, 0);
    gate_assert_status(check, "inconclusive");
    gate_assert_reason(check, "made in turns");
    /* what is no increase is none then, too */
    gate_world_times(&world->head, 900, 10);
    gate_assert_status(gate_world_check(world, 0), "pass");
}

static void more_noise_than_can_be_told(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->base, 15, NULL);
    gate_world_runs(world, &world->head, 15, NULL);
    gate_world_times(&world->base, 500, 100); /* 0.5 to 1.9 s */
    gate_world_times(&world->head, 900, 100);
    for (size_t i = 0; i < 15; i += 2) { /* slow and fast ones in turns, not in pairs */
        json_t *track = json_array_get(json_object_get(world->head.reports[i], "tracks"), 0);

        json_object_set_new(track, "total_ns", json_integer(600000000));
    }
    gate_world_budget(world, "total_time")->max_increase = GATE_SHARE(0.1);
    check = gate_world_check(world, 0);
    gate_assert_status(check, "pass");
    gate_assert_reason(check,
                       "it is not shown to be above the 1.10 times that are allowed; what is "
                       "below");
    gate_world_times(&world->head, 1100, 100);
    for (size_t i = 0; i < 15; i += 4) {
        json_t *track = json_array_get(json_object_get(world->head.reports[i], "tracks"), 0);

        json_object_set_new(track, "total_ns", json_integer(600000000));
    }
    check = gate_world_check(world, 0);
    gate_assert_status(check, "inconclusive");
    gate_assert_reason(check, "can't be told: make more runs (--runs 30), or limit cpu_time");
}

/* A pair of which one half failed is none: then both series are compared as a whole. */
static void pairs_that_lack_a_half(void **state)
{
    struct gate_world *world = *state;
    json_t *run;
    const json_t *check, *test;

    gate_world_runs(world, &world->base, 12, NULL);
    gate_world_runs(world, &world->head, 12, NULL);
    gate_world_times(&world->base, 900, 10);
    gate_world_times(&world->head, 1300, 10);
    run = json_object_get(world->head.reports[4], "run");
    json_object_set_new(run, "exit_status", json_integer(1));
    json_object_set_new(json_array_get(json_object_get(world->head.reports[4], "tracks"), 0),
                        "answered", json_false());
    gate_world_budget(world, "total_time")->max_increase = GATE_SHARE(0.1);
    check = gate_world_check(world, 0);
    gate_assert_status(check, "fail");
    test = json_object_get(gate_limit(check, 0), "test");
    assert_string_equal(gate_text(test, "method"), "Mann-Whitney");
    assert_true(json_is_true(json_object_get(test, "in_turns")));
    /* when nobody knows when they began, they were not made in turns */
    json_object_set_new(run, "exit_status", json_null());
    json_object_set_new(json_array_get(json_object_get(world->head.reports[4], "tracks"), 0),
                        "answered", json_true());
    json_object_set_new(run, "started", json_null());
    gate_assert_status(gate_world_check(world, 0), "inconclusive");
}

/* Within each second pair the second one goes first. */
static void pairs_in_either_order(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->base, 12, NULL);
    gate_world_runs(world, &world->head, 12, NULL);
    for (size_t i = 1; i < 12; i += 2) {
        json_t *base = json_object_get(world->base.reports[i], "run");
        json_t *head = json_object_get(world->head.reports[i], "run");
        json_t *started = json_incref(json_object_get(base, "started"));

        json_object_set(base, "started", json_object_get(head, "started"));
        json_object_set_new(head, "started", started);
    }
    gate_world_budget(world, "total_time")->max_increase = GATE_SHARE(0.1);
    check = gate_world_check(world, 0);
    assert_string_equal(gate_text(json_object_get(gate_limit(check, 0), "test"), "method"),
                        "Mann-Whitney and Wilcoxon");
}

static void warning_of_time(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->base, 15, NULL);
    gate_world_runs(world, &world->head, 15, NULL);
    gate_world_times(&world->base, 900, 10);
    gate_world_times(&world->head, 1200, 10);
    gate_world_budget(world, "total_time")->max_increase = GATE_SHARE(1);
    world->budgets[0].warn_increase = GATE_SHARE(0.1);
    gate_assert_status(gate_world_check(world, 0), "warn");
    gate_world_apart(&world->head); /* nobody knows: no warning */
    gate_assert_status(gate_world_check(world, 0), "pass");
    gate_assert_reason(gate_world_check(world, 0), "allowed is up to 2.00 times");
    world->budgets[0].max_increase.given = false; /* that is all: no pass */
    check = gate_world_check(world, 0);
    gate_assert_status(check, "inconclusive");
    assert_true(json_is_false(json_object_get(check, "counts")));
    gate_assert_verdict(world, "warn", 0);
    gate_assert_reason(check, "where a warning begins, can't be told");
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
    gate_assert_status(gate_world_check(world, 0), "pass");
    gate_world_times(&world->head, 1900, 10);
    check = gate_world_check(world, 0);
    gate_assert_status(check, "inconclusive");
    gate_assert_reason(check, "measure the merge base in the same job (--base)");
    world->head.input.cpu_model = "Intel Xeon";
    check = gate_world_check(world, 0);
    gate_assert_status(check, "unmeasured");
    gate_assert_reason(check,
                       "was made on another machine (AMD EPYC 7763, 2 CPUs; here: Intel Xeon, "
                       "2 CPUs)");
    assert_true(gate_world_tells(world, "machine differs"));
    /* recordings know the number of CPUs, not their model */
    world->head.input.cpu_model = "";
    check = gate_world_check(world, 0);
    gate_assert_status(check, "unmeasured");
    gate_assert_reason(check, "was made on what may be another machine (AMD EPYC 7763, 2 CPUs; "
                              "here: 2 CPUs)");
    assert_false(gate_world_tells(world, "machine differs"));
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
    gate_assert_status(check, "allowed");
    gate_assert_verdict(world, "pass", 0);
    assert_true(gate_is_broken(check, 0));
    world->question.today = "2026-11-30";
    check = gate_world_check(world, 0);
    gate_assert_status(check, "fail");
    assert_true(json_is_true(json_object_get(json_object_get(check, "allowed"), "expired")));
    assert_true(gate_world_tells(world, "thaw.json:40: what allows modules expired on 2026-11-29"));
    world->allowed[0].until = "";
    gate_assert_status(gate_world_check(world, 0), "allowed");
    world->allowed[0].part.distribution = "pandas"; /* of another budget */
    gate_assert_status(gate_world_check(world, 0), "fail");
    assert_true(gate_world_tells(world, "what allows modules of pandas was not needed"));
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, gate_world_setup, gate_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE(too_few_runs),
        RULE(absolute_time),
        RULE(increase_of_time),
        RULE(more_noise_than_can_be_told),
        RULE(pairs_that_lack_a_half),
        RULE(pairs_in_either_order),
        RULE(warning_of_time),
        RULE(times_of_another_machine),
        RULE(noise_is_told),
        RULE(keys),
        RULE(keys_of_one_job),
        RULE(entries),
        RULE(allowance),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
