/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "gate/trials_parts.h"

/* --- what is kept --- */

static const char *keep(struct thaw_trials *trials, const char *text)
{
    const char *kept = thaw_arena_string(&trials->arena, text);

    trials->failed |= !kept;
    return kept ? kept : "";
}

static const char *const *keep_words(struct thaw_trials *trials, const char *const *words)
{
    size_t count = 0;
    const char **kept;

    while (words[count])
        count++;
    kept = thaw_arena_allocate(&trials->arena, (count + 1) * sizeof(*kept));
    trials->failed |= !kept;
    for (size_t i = 0; kept && i < count; i++)
        kept[i] = keep(trials, words[i]);
    return kept;
}

int thaw_trials_new(const struct thaw_trials_plan *plan, struct thaw_trials **ret,
                    struct thaw_error *error)
{
    struct thaw_trials *trials = calloc(1, sizeof(*trials));

    if (!trials)
        return thaw_error_memory(error);
    trials->plan = *plan;
    for (size_t i = 0; i < plan->command_count; i++) {
        trials->plan.commands[i].words = keep_words(trials, plan->commands[i].words);
        trials->plan.commands[i].folder = keep(trials, plan->commands[i].folder);
    }
    trials->plan.prepare = plan->prepare ? keep(trials, plan->prepare) : NULL;
    trials->plan.tool_version = keep(trials, plan->tool_version);
    if (trials->failed) {
        thaw_trials_free(trials);
        return thaw_error_memory(error);
    }
    *ret = trials;
    return 0;
}

void thaw_trials_free(struct thaw_trials *trials)
{
    if (!trials)
        return;
    for (size_t i = 0; i < trials->series.count; i++)
        thaw_array_free(&trials->series.items[i].samples);
    thaw_array_free(&trials->series);
    thaw_array_free(&trials->runs);
    thaw_arena_free(&trials->arena);
    free(trials);
}

static const struct thaw_trials_cold *keep_cold(struct thaw_trials *trials,
                                                const struct thaw_trials_cold *cold)
{
    struct thaw_trials_cold *kept = thaw_arena_allocate(&trials->arena, sizeof(*kept));

    trials->failed |= !kept;
    if (!kept)
        return NULL;
    *kept = *cold;
    kept->largest = keep(trials, cold->largest);
    return kept;
}

int thaw_trials_add(struct thaw_trials *trials, const struct thaw_trials_run *run,
                    struct thaw_error *error)
{
    struct thaw_trials_run *kept = thaw_array_add(&trials->runs);

    if (!kept)
        return thaw_error_memory(error);
    *kept = *run;
    kept->report = NULL;
    kept->file = keep(trials, run->file);
    kept->reason = keep(trials, run->reason);
    if (run->cold)
        kept->cold = keep_cold(trials, run->cold);
    if (!run->warmup && run->end == THAW_TRIALS_OK)
        thaw_trials_take(trials, run);
    return trials->failed ? thaw_error_memory(error) : 0;
}

/* --- as JSON --- */

static const char *end_name(enum thaw_trials_end end)
{
    static const char *const names[] = {
        [THAW_TRIALS_OK] = "ok",
        [THAW_TRIALS_CRASHED] = "crashed",
        [THAW_TRIALS_TIMED_OUT] = "timed-out",
        [THAW_TRIALS_INTERRUPTED] = "interrupted",
        [THAW_TRIALS_NOT_RECORDED] = "not-recorded",
    };

    return names[end];
}

static json_t *cold_object(struct thaw_values *values, const struct thaw_trials_cold *cold)
{
    json_t *object;

    if (!cold)
        return json_null();
    object = thaw_values_object(values);
    thaw_values_set_number(values, object, "files", cold->files);
    thaw_values_set_number(values, object, "bytes", cold->bytes);
    thaw_values_set_number(values, object, "left_files", cold->left_files);
    thaw_values_set_number(values, object, "left_bytes", cold->left_bytes);
    thaw_values_set_number(values, object, "unevictable_bytes", cold->unevictable_bytes);
    thaw_values_set_number(values, object, "unknown_files", cold->unknown_files);
    thaw_values_set_number(values, object, "unknown_bytes", cold->unknown_bytes);
    thaw_values_set_name(values, object, "largest", cold->largest);
    thaw_values_set_boolean(values, object, "cut", cold->cut);
    thaw_values_set_boolean(values, object, "too_much", cold->too_much);
    return object;
}

static json_t *run_object(struct thaw_values *values, const struct thaw_trials_run *run)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_number(values, object, "number", run->number);
    thaw_values_set_boolean(values, object, "warmup", run->warmup);
    thaw_values_set_boolean(values, object, "counting", run->counting);
    thaw_values_set_name(values, object, "file", run->file);
    thaw_values_set_text(values, object, "end", end_name(run->end));
    thaw_values_set_boolean(values, object, "complete", run->complete);
    if (run->exit_status < 0)
        thaw_values_set_null(values, object, "exit_status");
    else
        thaw_values_set_signed(values, object, "exit_status", run->exit_status);
    thaw_values_set_name(values, object, "reason", run->reason);
    thaw_values_set_number(values, object, "wall_ns", run->wall_ns);
    thaw_values_set_number(values, object, "cpu_ns", run->cpu_ns);
    thaw_values_set(values, object, "cold", cold_object(values, run->cold));
    return object;
}

static json_t *command_object(struct thaw_values *values, const struct thaw_trials *trials,
                              size_t index)
{
    const struct thaw_trials_command *command = &trials->plan.commands[index];
    json_t *object = thaw_values_object(values), *runs = thaw_values_array(values);
    size_t count = 0;

    while (command->words[count])
        count++;
    thaw_values_set_texts(values, object, "command", command->words, count);
    thaw_values_set_name(values, object, "folder", command->folder);
    for (size_t i = 0; i < trials->runs.count; i++)
        if (trials->runs.items[i].command == index)
            thaw_values_append(values, runs, run_object(values, &trials->runs.items[i]));
    thaw_values_set(values, object, "runs", runs);
    thaw_values_set(values, object, "metrics", thaw_trials_metrics(values, trials, index));
    return object;
}

static json_t *plan_object(struct thaw_values *values, const struct thaw_trials_plan *plan)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_number(values, object, "runs", plan->runs);
    thaw_values_set_number(values, object, "warmups", plan->warmups);
    thaw_values_set_boolean(values, object, "cold", plan->cold);
    thaw_values_set_name(values, object, "prepare", plan->prepare);
    thaw_values_set_known(values, object, "limit_ns", plan->limit_ns);
    return object;
}

/* All that were to be made were, however they ended. */
static bool is_complete(const struct thaw_trials *trials)
{
    size_t made = 0;

    for (size_t i = 0; i < trials->runs.count; i++) {
        const struct thaw_trials_run *run = &trials->runs.items[i];

        made += !run->warmup && !run->counting && run->end != THAW_TRIALS_INTERRUPTED;
    }
    return made == trials->plan.runs * trials->plan.command_count;
}

int thaw_trials_json(const struct thaw_trials *trials, json_t **ret, struct thaw_error *error)
{
    struct thaw_values values = {0};
    json_t *all = thaw_values_object(&values), *tool = thaw_values_object(&values);
    json_t *commands = thaw_values_array(&values);

    thaw_values_set_text(&values, all, "schema", THAW_TRIALS_SCHEMA);
    thaw_values_set_text(&values, tool, "name", "thaw");
    thaw_values_set_text(&values, tool, "version", trials->plan.tool_version);
    thaw_values_set(&values, all, "tool", tool);
    thaw_values_set_boolean(&values, all, "complete", is_complete(trials));
    thaw_values_set(&values, all, "plan", plan_object(&values, &trials->plan));
    for (size_t i = 0; i < trials->plan.command_count; i++)
        thaw_values_append(&values, commands, command_object(&values, trials, i));
    thaw_values_set(&values, all, "commands", commands);
    thaw_values_set(&values, all, "comparison", thaw_trials_comparison(&values, trials));
    if (values.failed) {
        json_decref(all);
        return thaw_error_memory(error);
    }
    *ret = all;
    return 0;
}
