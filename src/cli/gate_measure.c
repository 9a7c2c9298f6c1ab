/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/gate_facts.h"
#include "cli/gate_plan.h"

/* As much of a command line as names it. */
#define NAME_BYTES_MOST 200

/* --- rights --- */

/* Nothing is left to do for which the one who called has no right. */
static int give_up(const struct thaw_gate_plan *plan, struct thaw_error *error)
{
    if (!plan->identity.differs || geteuid() == plan->identity.uid)
        return 0;
    return thaw_identity_become(&plan->identity, error);
}

/* --- what a side is called --- */

static const char *command_line(struct thaw_gate_plan *plan)
{
    const char *line = "";

    for (const char *const *word = plan->command; line && *word; word++) {
        size_t length = strnlen(*word, NAME_BYTES_MOST);

        line =
            thaw_arena_format(&plan->arena, "%s%s%.*s", line, *line ? " " : "", (int)length, *word);
    }
    return line ? thaw_arena_text(&plan->arena, line, strnlen(line, NAME_BYTES_MOST)) : NULL;
}

static const char *name_of(struct thaw_gate_plan *plan, const struct thaw_gate_subject *subject)
{
    const char *given = subject == &plan->base ? plan->values->bases.items[0] : NULL;

    if (given)
        return given;
    if (plan->command)
        return command_line(plan);
    return subject->runs ? subject->runs : subject->target_name;
}

/* --- what is known of it --- */

static bool is_folder(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int find_lock(struct thaw_gate_plan *plan, struct thaw_gate_subject *subject,
                     struct thaw_error *error)
{
    bool base = subject == &plan->base;
    const char *here = *plan->config_folder ? plan->config_folder : ".";
    const char *folders[] = {
        base ? (plan->base_is_checkout ? subject->directory : NULL) : here,
        subject->target,
    };
    struct thaw_gate_lock lock;
    int code = thaw_gate_lock_find(folders, sizeof(folders) / sizeof(folders[0]), &plan->arena,
                                   &lock, error);

    subject->input.lock_file = lock.name;
    subject->input.lock_digest = lock.digest;
    return code;
}

/* What is compared with in the same job is of another commit than the CI's, and recordings that
 * were given may be of any. */
static const char *find_commit(struct thaw_gate_plan *plan, struct thaw_gate_subject *subject)
{
    bool base = subject == &plan->base;
    const char *ci = thaw_gate_commit_of_ci();

    if (base ? !plan->base_is_checkout : !*ci && subject->runs && !subject->trials)
        return "";
    if (!base && *ci)
        return ci;
    return thaw_gate_commit(subject->target && !plan->command && is_folder(subject->target)
                                ? subject->target
                                : subject->directory,
                            &plan->arena);
}

static int finish(struct thaw_gate_plan *plan, struct thaw_gate_subject *subject,
                  struct thaw_error *error)
{
    struct thaw_gate_input *input = &subject->input;
    int code = find_lock(plan, subject, error);

    if (!code)
        code = thaw_gate_subject_name_owners(subject, error);
    if (code)
        return code;
    input->name = name_of(plan, subject);
    input->target_name = subject->target_name ? subject->target_name : "";
    input->target = subject->target_report;
    input->runs = subject->measured.items;
    input->run_count = subject->measured.count;
    input->instructions = subject->instructions.items;
    input->instruction_count = subject->instructions.count;
    input->instructions_why = subject->instructions_why;
    input->cpu_model = subject->trials ? thaw_gate_cpu_model(&plan->arena) : "";
    input->today = thaw_gate_today(&plan->arena);
    input->commit = find_commit(plan, subject);
    return input->name && input->cpu_model && input->commit && input->today
               ? 0
               : thaw_error_memory(error);
}

/* --- all of it --- */

static int make_trials(struct thaw_gate_plan *plan, struct thaw_error *error)
{
    struct thaw_gate_subject *subjects[] = {&plan->head, &plan->base};

    if (!plan->command)
        return 0;
    plan->trial.values = plan->values;
    plan->trial.budgets = &plan->configuration.budgets;
    plan->trial.identity = &plan->identity;
    plan->trial.command = plan->command;
    return thaw_gate_trial_make(&plan->trial, subjects, plan->base_is_checkout ? 2 : 1, error);
}

int thaw_gate_plan_measure(struct thaw_gate_plan *plan, struct thaw_error *error)
{
    struct thaw_gate_subject *sides[] = {&plan->head, &plan->base};
    size_t count = plan->has_base ? 2 : 1;
    int code = plan->command ? 0 : give_up(plan, error);

    for (size_t i = 0; i < count && !code; i++)
        code = thaw_gate_subject_read_target(sides[i], error);
    if (!code)
        code = make_trials(plan, error);
    if (code)
        return code;
    code = give_up(plan, error);
    for (size_t i = 0; i < count && !code; i++)
        code = thaw_gate_subject_read_runs(sides[i], error);
    for (size_t i = 0; i < count && !code; i++)
        code = finish(plan, sides[i], error);
    return code;
}

void thaw_gate_plan_free(struct thaw_gate_plan *plan)
{
    json_decref(plan->baseline);
    thaw_gate_subject_free(&plan->head);
    thaw_gate_subject_free(&plan->base);
    thaw_configuration_free(&plan->configuration);
    thaw_arena_free(&plan->arena);
}
