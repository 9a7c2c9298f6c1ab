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
#include "report/report_schema.h"

void gate_world_begin(struct gate_world *world)
{
    *world = (struct gate_world){0};
    world->all = (struct thaw_budgets){.budgets = world->budgets,
                                       .forbidden = world->forbidden,
                                       .allowed = world->allowed,
                                       .settings = {.target = "", .baseline = "", .until = ""}};
    world->question = (struct thaw_gate_question){.budgets = &world->all,
                                                  .budgets_name = "thaw.json",
                                                  .today = "2026-11-29"};
    world->head.input = gate_fixture_input(NULL, world->head.runs, 0);
    world->base.input = gate_fixture_input(NULL, world->base.runs, 0);
    world->base.input.name = "../base";
    world->head.input.instructions = world->head.instructions;
    world->base.input.instructions = world->base.instructions;
}

static void end_side(struct gate_side *side)
{
    for (size_t i = 0; i < GATE_WORLD_RUNS; i++)
        json_decref(side->reports[i]);
    json_decref(side->target);
}

void gate_world_end(struct gate_world *world)
{
    end_side(&world->head);
    end_side(&world->base);
    json_decref(world->baseline);
    json_decref(world->gate);
}

static json_t *path(json_t *report, const char *list, size_t index)
{
    return json_array_get(json_object_get(report, list), index);
}

static void set_started(json_t *report, size_t second)
{
    char text[64];

    snprintf(text, sizeof(text), "2026-11-29T00:%02zu:%02zu.000Z", second / 60, second % 60);
    json_object_set_new(json_object_get(report, "run"), "started", json_string(text));
}

void gate_world_runs(struct gate_world *world, struct gate_side *side, size_t count,
                     const char *changes)
{
    if (side == &world->base)
        world->question.base = &side->input;
    for (size_t i = side->input.run_count; i < count; i++) {
        snprintf(side->names[i], sizeof(side->names[i]), "%03zu.thaw", i + 1);
        side->reports[i] = gate_fixture_start(changes);
        set_started(side->reports[i], 2 * i + (side == &world->head));
        side->runs[i] = (struct thaw_gate_run){side->names[i], side->reports[i]};
    }
    side->input.run_count = count;
}

void gate_world_target(struct gate_world *world, struct gate_side *side, const char *changes)
{
    if (side == &world->base)
        world->question.base = &side->input;
    side->target = gate_fixture_target(changes);
    side->input.target = side->target;
}

void gate_world_times(struct gate_side *side, double from, double step)
{
    for (size_t i = 0; i < side->input.run_count; i++)
        json_object_set_new(path(side->reports[i], "tracks", 0), "total_ns",
                            json_integer((json_int_t)(1e6 * (from + step * (double)i))));
}

void gate_world_apart(struct gate_side *side)
{
    for (size_t i = 0; i < side->input.run_count; i++)
        set_started(side->reports[i], 1000 + i);
}

void gate_world_count(struct gate_side *side, size_t run, const char *key, int value)
{
    json_object_set_new(json_object_get(path(side->reports[run], "processes", 1), "counts"), key,
                        json_integer(value));
}

void gate_world_module(struct gate_side *side, size_t run, const char *name,
                       const char *distribution, const char *status)
{
    json_t *modules = json_object_get(side->reports[run], "modules");
    json_t *module = gate_fixture_json(
        "{'parent':3,'kind':'source','via':'statement','file':'f.py','owner':'package',"
        "'statement':{'file':'function_app.py','line':9},'process':2,'tid':2,'timed':true,"
        "'start_ns':750000000,'total_ns':1000000,'self_ns':1000000}");

    json_object_set_new(module, "id", json_integer((json_int_t)json_array_size(modules) + 1));
    json_object_set_new(module, "name", json_string(name));
    json_object_set_new(module, "status", json_string(status));
    json_object_set_new(module, "distribution",
                        distribution ? json_string(distribution) : json_null());
    json_array_append_new(modules, module);
}

void gate_world_baseline(struct gate_world *world)
{
    struct thaw_error error;
    char *text;
    json_t *built = NULL;

    if (thaw_gate_baseline_build(&world->base.input, &world->all, NULL, &built, &error))
        fail_msg("%s", error.message);
    text = json_dumps(built, 0);
    json_decref(built);
    assert_non_null(text);
    if (thaw_gate_baseline_parse(text, strlen(text), "thaw-baseline.json", &world->baseline,
                                 &error))
        fail_msg("%s", error.message);
    free(text);
    world->question.base = NULL;
    world->question.baseline = world->baseline;
    world->question.baseline_name = "thaw-baseline.json";
}

static const struct thaw_budget_part nothing = {"", "", ""};

struct thaw_budget *gate_world_budget(struct gate_world *world, const char *metric)
{
    struct thaw_budget *budget = &world->budgets[world->all.budget_count++];

    *budget = (struct thaw_budget){
        .metric = metric,
        .part = nothing,
        .place = {10 + (uint32_t)world->all.budget_count, 5},
    };
    return budget;
}

struct thaw_forbidden *gate_world_forbid(struct gate_world *world, const char *module)
{
    struct thaw_forbidden *forbidden = &world->forbidden[world->all.forbidden_count++];

    *forbidden = (struct thaw_forbidden){
        .module = module, .distribution = "", .reason = "", .place = {30, 3}};
    return forbidden;
}

struct thaw_allowance *gate_world_allow(struct gate_world *world, const char *metric,
                                        const char *reason, const char *until)
{
    struct thaw_allowance *allowance = &world->allowed[world->all.allowed_count++];

    *allowance = (struct thaw_allowance){
        .metric = metric, .part = nothing, .reason = reason, .until = until, .place = {40, 3}};
    return allowance;
}

static void check_schema(const json_t *gate)
{
    size_t length;
    const char *text = thaw_gate_schema(&length);
    json_t *schema = json_loadb(text, length, 0, NULL);
    struct thaw_error error;

    assert_non_null(schema);
    if (thaw_report_check_by(schema, "gate", gate, &error))
        fail_msg("%s", error.message);
    json_decref(schema);
}

int gate_world_build(struct gate_world *world)
{
    int code;

    json_decref(world->gate);
    world->gate = NULL;
    world->question.head = world->head.input;
    code = thaw_gate_build(&world->question, &world->gate, &world->error);
    if (!code)
        check_schema(world->gate);
    return code;
}

const json_t *gate_world_check(struct gate_world *world, size_t i)
{
    const json_t *check;

    if (gate_world_build(world))
        fail_msg("%s", world->error.message);
    check = json_array_get(json_object_get(world->gate, "checks"), i);
    assert_non_null(check);
    print_message("%s\n", gate_text(check, "reason"));
    return check;
}

const char *gate_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

bool gate_world_tells(const struct gate_world *world, const char *text)
{
    const json_t *problem;
    size_t i;

    json_array_foreach(json_object_get(world->gate, "problems"), i, problem)
    {
        if (strstr(gate_text(problem, "what"), text))
            return true;
    }
    return false;
}

void gate_assert_status(const json_t *check, const char *status)
{
    assert_string_equal(gate_text(check, "status"), status);
}

void gate_assert_verdict(const struct gate_world *world, const char *verdict, int code)
{
    assert_string_equal(gate_text(world->gate, "verdict"), verdict);
    assert_string_equal(thaw_gate_verdict_name(thaw_gate_verdict(world->gate)), verdict);
    assert_int_equal(json_integer_value(json_object_get(world->gate, "exit_code")), code);
}

void gate_assert_reason(const json_t *check, const char *part)
{
    if (!strstr(gate_text(check, "reason"), part))
        fail_msg("\"%s\" is not in: %s", part, gate_text(check, "reason"));
}

const json_t *gate_limit(const json_t *check, size_t i)
{
    return json_array_get(json_object_get(check, "limits"), i);
}

bool gate_is_broken(const json_t *check, size_t i)
{
    return json_is_true(json_object_get(gate_limit(check, i), "broken"));
}

int gate_world_setup(void **state)
{
    static struct gate_world world;

    gate_world_begin(&world);
    *state = &world;
    return 0;
}

int gate_world_teardown(void **state)
{
    gate_world_end(*state);
    return 0;
}
