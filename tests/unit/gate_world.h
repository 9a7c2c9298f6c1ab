/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TESTS_GATE_WORLD_H
#define THAW_TESTS_GATE_WORLD_H

#include "gate/gate.h"

/* What a gate is asked, for its tests: runs of gate_fixture.h that are made in turns, one each
 * second, base's first. */

enum { GATE_WORLD_RUNS = 40, GATE_WORLD_ROWS = 12 };

struct gate_side {
    json_t *reports[GATE_WORLD_RUNS], *target;
    struct thaw_gate_run runs[GATE_WORLD_RUNS];
    char names[GATE_WORLD_RUNS][32];
    double instructions[GATE_WORLD_RUNS];
    struct thaw_gate_input input;
};

struct gate_world {
    struct gate_side head, base;
    json_t *baseline;
    struct thaw_budget budgets[GATE_WORLD_ROWS];
    struct thaw_forbidden forbidden[GATE_WORLD_ROWS];
    struct thaw_allowance allowed[GATE_WORLD_ROWS];
    struct thaw_budgets all;
    struct thaw_gate_question question;
    json_t *gate;
    struct thaw_error error;
};

/* Nothing is in it but head without runs. */
void gate_world_begin(struct gate_world *world);
void gate_world_end(struct gate_world *world);

/* Runs with these changes (gate_fixture.h). base becomes the question's. */
void gate_world_runs(struct gate_world *world, struct gate_side *side, size_t count,
                     const char *changes);
void gate_world_target(struct gate_world *world, struct gate_side *side, const char *changes);

/* The cold start of run i takes from + i times step ms. */
void gate_world_times(struct gate_side *side, double from, double step);

/* Made after those of base, not in turns with them. */
void gate_world_apart(struct gate_side *side);

/* A number of a process' counts, of one run. */
void gate_world_count(struct gate_side *side, size_t run, const char *key, int value);

/* Adds a module that function_app's line 9 imports, of a distribution (NULL none) to one run. */
void gate_world_module(struct gate_side *side, size_t run, const char *name,
                       const char *distribution, const char *status);

/* base's baseline, read back, in the place of base. */
void gate_world_baseline(struct gate_world *world);

struct thaw_budget *gate_world_budget(struct gate_world *world, const char *metric);
struct thaw_forbidden *gate_world_forbid(struct gate_world *world, const char *module);
struct thaw_allowance *gate_world_allow(struct gate_world *world, const char *metric,
                                        const char *reason, const char *until);

#define GATE_LIMIT(number) ((struct thaw_budget_limit){.given = true, .value = (number)})
#define GATE_SHARE(number)                                                                         \
    ((struct thaw_budget_limit){.given = true, .share = true, .value = (number)})

/* Builds the verdict, which is by its schema, and stays until the next one. */
int gate_world_build(struct gate_world *world);

/* The same, which must succeed: its check number i. */
const json_t *gate_world_check(struct gate_world *world, size_t i);

const char *gate_text(const json_t *object, const char *key);

void gate_assert_status(const json_t *check, const char *status);
void gate_assert_verdict(const struct gate_world *world, const char *verdict, int code);
void gate_assert_reason(const json_t *check, const char *part);
const json_t *gate_limit(const json_t *check, size_t i);
bool gate_is_broken(const json_t *check, size_t i);

/* cmocka's set-up and tear-down: *state is a world. */
int gate_world_setup(void **state);
int gate_world_teardown(void **state);

/* Is a text in one of the problems? */
bool gate_world_tells(const struct gate_world *world, const char *text);

#endif
