/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "gate_fixture.h"
#include "gate_world.h"

/* A verdict with all that can be in one, as tests/golden/gate_verdict.json has it (which is judged
 * by the schema and an independent validator there). */

#define EXPECTED "tests/golden/gate_verdict.json"

static void fill_runs(struct gate_world *world)
{
    gate_world_runs(world, &world->base, 12, NULL);
    gate_world_runs(world, &world->head, 12, NULL);
    gate_world_target(world, &world->base, NULL);
    gate_world_target(world, &world->head,
                      "{'totals':{'bytes':90001000,'disk_bytes':90004096,'files':51,"
                      "'directories':3}}");
    gate_world_times(&world->base, 900, 4);
    gate_world_times(&world->head, 1200, 4);
    for (size_t i = 0; i < 12; i++) {
        gate_world_module(&world->head, i, "matplotlib", "matplotlib", "loaded");
        gate_world_module(&world->head, i, "matplotlib.pyplot", "matplotlib", "loaded");
        gate_world_count(&world->base, i, "system_calls", 5000 + (int)i);
        json_object_set_new(json_array_get(json_object_get(world->head.reports[i], "modules"), 2),
                            "path", json_string("/srv/shop/api/function_app.py"));
    }
    gate_world_module(&world->head, 3, "odd", NULL, "loaded");
    json_object_set_new(world->head.reports[5], "complete", json_false());
    json_object_set_new(json_object_get(world->head.reports[7], "run"), "ended",
                        json_string("interrupted"));
    json_object_set_new(json_array_get(json_object_get(world->head.reports[7], "tracks"), 0),
                        "answered", json_false());
}

static void fill_budgets(struct gate_world *world)
{
    gate_world_budget(world, "shipped_disk_bytes")->max = GATE_LIMIT(80e6);
    world->budgets[0].warn = GATE_LIMIT(60e6);
    gate_world_budget(world, "modules")->max_increase = GATE_SHARE(0.05);
    world->budgets[1].warn_increase = GATE_LIMIT(0);
    gate_world_budget(world, "modules")->max = GATE_LIMIT(5);
    world->budgets[2].part.distribution = "pandas";
    gate_world_budget(world, "system_calls")->max_increase = GATE_LIMIT(100);
    gate_world_budget(world, "total_time")->max = GATE_LIMIT(1.22e9);
    gate_world_budget(world, "total_time")->max_increase = GATE_SHARE(0.1);
    gate_world_budget(world, "phase_time")->max_increase = GATE_SHARE(0.1);
    world->budgets[6].part.phase = "import";
    gate_world_budget(world, "instructions")->max = GATE_LIMIT(1e9);
    gate_world_budget(world, "failed_imports")->max = GATE_LIMIT(0);
    gate_world_budget(world, "libraries")->warn = GATE_LIMIT(1);
    gate_world_forbid(world, "matplotlib")->reason = "only one endpoint draws";
    gate_world_forbid(world, "torch");
    gate_world_allow(world, "failed_imports", "the SDK tries three parsers", "2027-01-31");
    gate_world_allow(world, "shipped_disk_bytes", "torch is being replaced", "2026-11-28");
    gate_world_allow(world, "threads", "not needed any more", "");
}

static void as_expected(void **state)
{
    static struct gate_world world;
    json_t *expected = json_load_file(EXPECTED, JSON_REJECT_DUPLICATES, NULL);

    (void)state;
    gate_world_begin(&world);
    fill_runs(&world);
    fill_budgets(&world);
    world.question.directory = "/srv/shop";
    if (gate_world_build(&world))
        fail_msg("%s", world.error.message);
    json_object_set_new(json_object_get(world.gate, "tool"), "version", json_string("0.1.0"));
    if (!json_equal(world.gate, expected)) {
        json_dumpf(world.gate, stderr, JSON_INDENT(1));
        fail_msg("%s", EXPECTED " is not what was made, see above");
    }
    json_decref(expected);
    gate_world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_expected)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
