/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "trial/prove_private.h"

static const char *const names[THAW_SIDES] = {"the app as it is", "the changed app"};

/* What a run told; run_check() was fine with it. */
static int read_report(struct thaw_prove_trial *trial, int side, const struct thaw_run *run,
                       struct thaw_probe_report *ret, struct thaw_error *error)
{
    if (run->report_cut)
        return thaw_error_set(error, -E2BIG, "%s told more than %zu bytes of its import",
                              names[side], THAW_RUN_REPORT_MAX);
    if (!run->told || !run->report_length)
        return thaw_error_set(error, -ECHILD, "%s ended itself while it was imported", names[side]);
    return thaw_probe_report_read(run->report, run->report_length, trial->arena, ret, error);
}

static struct thaw_run_options run_options(const struct thaw_prove_trial *trial, int side,
                                           const char *const *command)
{
    return (struct thaw_run_options){
        .sandbox = &trial->sandboxes[side],
        .command = command,
        .environment = trial->options->environment,
        .timeout_ns = trial->options->timeout_ns,
        .stop = trial->options->stop,
    };
}

int thaw_prove_probe(struct thaw_prove_trial *trial, int side, struct thaw_probe_task *task,
                     struct thaw_probe_report *ret, struct thaw_error *error)
{
    struct thaw_run_options options;
    const char *const *command;
    struct thaw_run run;
    int code;

    task->app = trial->options->app;
    task->sandbox = &trial->sandboxes[side];
    command = thaw_probe_command(task, trial->arena);
    if (!command)
        return thaw_error_memory(error);
    options = run_options(trial, side, command);
    code = thaw_run(&options, &run, error);
    if (code)
        return code;
    if (run.end == THAW_RUN_STOPPED)
        code = 1;
    else
        code = thaw_run_check(&run, names[side], error);
    if (!code)
        code = read_report(trial, side, &run, ret, error);
    thaw_run_free(&run);
    return code;
}

static bool add_time(struct thaw_prove_trial *trial, int side,
                     const struct thaw_probe_report *report)
{
    double *cpu = thaw_array_add(&trial->cpu[side]), *wall = thaw_array_add(&trial->wall[side]);

    if (!cpu || !wall)
        return false;
    *cpu = (double)report->cpu_ns;
    *wall = (double)report->wall_ns;
    trial->modules_vary |= report->modules.count != trial->first[side].modules.count;
    trial->files_vary |= report->module_files != trial->first[side].module_files;
    return true;
}

static void tell_pair(const struct thaw_prove_trial *trial, size_t done, uint64_t left_ns)
{
    size_t least = trial->rule->least_pairs, most = trial->rule->most_pairs;
    char text[80];

    if (least < most)
        snprintf(text, sizeof(text), "pair %zu of %zu to %zu", done, least, most);
    else
        snprintf(text, sizeof(text), "pair %zu of %zu", done, most);
    thaw_prove_tell(trial, text, left_ns);
}

static int weigh(struct thaw_prove_trial *trial, struct thaw_error *error)
{
    struct thaw_interval ratio;
    int code =
        thaw_statistics_pair_ratios(trial->cpu[THAW_ORIGINAL].items, trial->cpu[THAW_CHANGED].items,
                                    trial->cpu[THAW_ORIGINAL].count, &ratio);

    if (code)
        return thaw_error_system(error, code, "the times of the runs");
    trial->saving = thaw_proof_saving(&ratio);
    return 0;
}

static int pair_done(void *context, const struct thaw_pair *pair,
                     const struct thaw_pairs_progress *progress, struct thaw_error *error)
{
    struct thaw_prove_trial *trial = context;
    int code = 0;

    for (int side = 0; !code && side < THAW_SIDES; side++) {
        struct thaw_probe_report report;
        struct thaw_arena arena = {0}, *kept = trial->arena;

        trial->arena = &arena; /* only its numbers are needed */
        code = read_report(trial, side, &pair->sides[side], &report, error);
        trial->arena = kept;
        if (!code && !add_time(trial, side, &report))
            code = thaw_error_memory(error);
        thaw_arena_free(&arena);
    }
    if (!code)
        code = weigh(trial, error);
    if (code)
        return code;
    tell_pair(trial, progress->done, progress->left_ns);
    return !thaw_proof_wants_more(&trial->saving, progress->done, trial->rule);
}

int thaw_prove_pairs(struct thaw_prove_trial *trial, struct thaw_error *error)
{
    struct thaw_pairs_options pairs = {.most = trial->rule->most_pairs,
                                       .done = pair_done,
                                       .context = trial};

    for (int side = 0; side < THAW_SIDES; side++) {
        const struct thaw_probe_task task = {.app = trial->options->app,
                                             .sandbox = &trial->sandboxes[side]};
        const char *const *command = thaw_probe_command(&task, trial->arena);

        if (!command)
            return thaw_error_memory(error);
        pairs.sides[side] = run_options(trial, side, command);
    }
    tell_pair(trial, 0, 0);
    return thaw_trial_pairs(&pairs, error);
}
