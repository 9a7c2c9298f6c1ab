/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gate/gate_parts.h"
#include "gate/side_parts.h"
#include "report/keys.h"

static const char *const verdicts[] = {
    [THAW_GATE_PASS] = "pass",
    [THAW_GATE_WARN] = "warn",
    [THAW_GATE_INCONCLUSIVE] = "inconclusive",
    [THAW_GATE_UNMEASURED] = "unmeasured",
    [THAW_GATE_FAIL] = "fail",
};

const char *thaw_gate_verdict_name(enum thaw_gate_verdict verdict)
{
    return verdicts[verdict];
}

/* What is none of them is no pass. */
enum thaw_gate_verdict thaw_gate_verdict(const json_t *gate)
{
    const char *name = thaw_key_string(gate, "verdict");

    for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
        if (!strcmp(name, verdicts[i]))
            return (enum thaw_gate_verdict)i;
    return THAW_GATE_UNMEASURED;
}

void thaw_gate_problem(struct thaw_gate_judge *judge, const char *level, const char *text)
{
    json_t *object = thaw_values_object(&judge->values);

    thaw_values_set_text(&judge->values, object, "what", text);
    thaw_values_set_text(&judge->values, object, "level", level);
    thaw_values_append(&judge->values, judge->problems, object);
}

/* Both sides, and whether they may be compared. */
static int open_sides(struct thaw_gate_judge *judge, struct thaw_error *error)
{
    const struct thaw_gate_question *question = judge->question;
    const json_t *entry = NULL;
    int code = thaw_gate_side_measured(&question->head, &judge->head, error);

    if (code)
        return code;
    judge->has_before = question->base || question->baseline;
    judge->same_job = question->base != NULL;
    if (question->base) {
        code = thaw_gate_side_measured(question->base, &judge->before, error);
    } else if (question->baseline) {
        code = thaw_gate_choose_entry(judge, &entry, error);
        if (!code)
            code = thaw_gate_side_of_entry(entry, question->baseline_name, &judge->before, error);
    }
    if (!code && judge->has_before)
        code = thaw_gate_compare_keys(judge, error);
    return code;
}

static void open_old_modules(struct thaw_gate_judge *judge)
{
    const json_t *run = judge->same_job ? thaw_gate_first_run(&judge->before) : NULL, *module;
    size_t i;

    if (!run)
        return;
    judge->old_modules = thaw_values_object(&judge->values);
    json_array_foreach(json_object_get(run, "modules"), i, module)
        thaw_values_set(&judge->values, judge->old_modules, thaw_key_string(module, "name"),
                        json_true());
}

static void open_reports(struct thaw_gate_judge *judge)
{
    const json_t *run = thaw_gate_first_run(&judge->head);
    const json_t *target = judge->question->head.target;

    thaw_gate_find_turns(judge);
    open_old_modules(judge);
    if (run)
        thaw_gate_use_run(judge, run);
    if (!target)
        return;
    thaw_summary_begin(&judge->target_summary, target, NULL, NULL);
    judge->target_places = thaw_places_begin(&judge->target_summary);
}

static bool open_checks(struct thaw_gate_judge *judge)
{
    const struct thaw_budgets *budgets = judge->question->budgets;
    size_t count = budgets->budget_count + budgets->forbidden_count;

    judge->problems = json_array();
    judge->checks = calloc(count + 1, sizeof(*judge->checks));
    judge->allowance_used = calloc(budgets->allowed_count + 1, sizeof(*judge->allowance_used));
    if (!judge->problems || !judge->checks || !judge->allowance_used)
        return false;
    for (size_t i = 0; i < budgets->budget_count; i++) {
        struct thaw_gate_check *check = &judge->checks[judge->check_count++];

        check->budget = &budgets->budgets[i];
        check->metric = thaw_gate_metric_find(check->budget->metric);
    }
    for (size_t i = 0; i < budgets->forbidden_count; i++)
        judge->checks[judge->check_count++].forbidden = &budgets->forbidden[i];
    return true;
}

static void hold_all(struct thaw_gate_judge *judge)
{
    size_t budgets = judge->question->budgets->budget_count;

    for (size_t i = 0; i < budgets && !thaw_gate_failed(judge); i++)
        thaw_gate_hold_budget(judge, &judge->checks[i]);
    if (!thaw_gate_failed(judge))
        thaw_gate_answer_times(judge);
    for (size_t i = 0; i < judge->check_count && !thaw_gate_failed(judge); i++) {
        struct thaw_gate_check *check = &judge->checks[i];

        thaw_gate_set_title(judge, check);
        if (check->forbidden) {
            thaw_gate_hold_forbidden(judge, check);
            continue;
        }
        thaw_gate_set_status(judge, check);
        thaw_gate_set_reason(judge, check);
        thaw_gate_allow_budget(judge, check);
        thaw_gate_add_offenders(judge, check);
    }
    if (!thaw_gate_failed(judge))
        thaw_gate_tell_problems(judge);
}

static void close_judge(struct thaw_gate_judge *judge)
{
    for (size_t i = 0; i < judge->check_count; i++)
        json_decref(judge->checks[i].offenders);
    free(judge->checks);
    free(judge->allowance_used);
    json_decref(judge->problems);
    json_decref(judge->old_modules);
    thaw_places_free(judge->run_places);
    thaw_places_free(judge->target_places);
    thaw_import_tree_free(&judge->tree);
    thaw_arena_free(&judge->run_summary.arena);
    thaw_arena_free(&judge->target_summary.arena);
    thaw_arena_free(&judge->words.arena);
    thaw_gate_side_free(&judge->head);
    thaw_gate_side_free(&judge->before);
}

/* A metric that this program does not know is the caller's to refuse, with line and column. */
static int check_metrics(const struct thaw_gate_question *question, struct thaw_error *error)
{
    const struct thaw_budgets *budgets = question->budgets;

    for (size_t i = 0; i < budgets->budget_count; i++)
        if (!thaw_gate_metric_find(budgets->budgets[i].metric))
            return thaw_error_set(error, -EINVAL, "%s:%u: there is no metric \"%s\"",
                                  question->budgets_name, budgets->budgets[i].place.line,
                                  budgets->budgets[i].metric);
    return 0;
}

int thaw_gate_build(const struct thaw_gate_question *question, json_t **ret,
                    struct thaw_error *error)
{
    struct thaw_gate_judge judge = {.question = question};
    int code = check_metrics(question, error);

    if (code)
        return code;
    thaw_summary_begin(&judge.words, NULL, NULL, NULL);
    code = open_sides(&judge, error);
    if (!code) {
        json_t *gate = NULL;

        open_reports(&judge);
        if (open_checks(&judge)) {
            hold_all(&judge);
            gate = thaw_gate_failed(&judge) ? NULL : thaw_gate_json(&judge);
        }
        code = gate ? 0 : thaw_error_memory(error);
        if (gate)
            *ret = gate;
    }
    close_judge(&judge);
    return code;
}
