/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/prove.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "trial/prove_private.h"

#define PER_CENT 100

void thaw_prove_tell(const struct thaw_prove_trial *trial, const char *text, uint64_t left_ns)
{
    const struct thaw_prove_progress progress = {.text = text, .left_ns = left_ns};

    if (trial->options->progress)
        trial->options->progress(trial->options->context, &progress);
}

bool thaw_prove_is_moved(const struct thaw_prove_trial *trial, const char *file, uint64_t line)
{
    for (size_t i = 0; i < trial->options->file_count; i++) {
        const struct thaw_prove_file *one = &trial->options->files[i];

        for (size_t n = 0; strcmp(one->name, file) == 0 && n < one->import_count; n++) {
            if (one->imports[n].line == line && *one->result->verdicts[n].form)
                return true;
        }
    }
    return false;
}

/* --- sandboxes --- */

static int open_side(struct thaw_prove_trial *trial, int side, struct thaw_error *error)
{
    const struct thaw_prove_options *options = trial->options;
    struct thaw_sandbox_change *changes = calloc(options->file_count + 1, sizeof(*changes));
    struct thaw_sandbox_options sandbox = {
        .app = options->app->folder,
        .changes = changes,
        .identity = options->identity,
        .copy = options->copy,
    };
    int code;

    if (!changes)
        return thaw_error_memory(error);
    for (size_t i = 0; i < options->file_count; i++) {
        const struct thaw_rewrite_result *result = options->files[i].result;

        if (!result->bytes)
            continue;
        changes[sandbox.change_count++] = (struct thaw_sandbox_change){
            .path = options->files[i].relative,
            .bytes = side == THAW_CHANGED ? result->bytes : NULL,
            .length = side == THAW_CHANGED ? result->length : 0,
        };
    }
    code = sandbox.change_count
               ? thaw_sandbox_open(&sandbox, &trial->sandboxes[side], error)
               : thaw_error_set(error, -EINVAL, "no import moves: there is nothing to prove");
    free(changes);
    return code;
}

/* The first failure wins; what could not be removed is told when nothing else failed. */
static int close_sandboxes(struct thaw_prove_trial *trial, int code, struct thaw_error *error)
{
    for (int side = 0; side < THAW_SIDES; side++) {
        struct thaw_error mine = {0};
        int closed = thaw_sandbox_close(&trial->sandboxes[side], code < 0 ? &mine : error);

        code = code < 0 || !closed ? code : closed;
    }
    return code;
}

/* --- the proof's parts --- */

static int list_imports(struct thaw_prove_trial *trial)
{
    const struct thaw_prove_options *options = trial->options;
    struct thaw_proof *proof = trial->proof;
    size_t count = 0;

    for (size_t i = 0; i < options->file_count; i++)
        count += options->files[i].import_count;
    proof->imports = thaw_arena_allocate(trial->arena, (count + 1) * sizeof(*proof->imports));
    if (!proof->imports)
        return -ENOMEM;
    for (size_t i = 0; i < options->file_count; i++) {
        const struct thaw_prove_file *file = &options->files[i];

        for (size_t n = 0; n < file->import_count; n++) {
            if (*file->result->verdicts[n].form)
                proof->imports[proof->import_count++] =
                    (struct thaw_proof_import){file->name, file->imports[n].line,
                                               file->imports[n].module};
        }
    }
    return 0;
}

static int list_counts(struct thaw_prove_trial *trial)
{
    const struct thaw_probe_report *original = &trial->first[THAW_ORIGINAL];
    const struct thaw_probe_report *changed = &trial->first[THAW_CHANGED];
    struct thaw_proof_count *counts = thaw_arena_allocate(trial->arena, 2 * sizeof(*counts));

    if (!counts)
        return -ENOMEM;
    trial->proof->counts = counts;
    trial->proof->count_count = 0;
    if (!original->cpu_ns || !changed->cpu_ns) /* one of them was not run to its end */
        return 0;
    if (!trial->modules_vary)
        counts[trial->proof->count_count++] =
            (struct thaw_proof_count){"modules", original->modules.count, changed->modules.count};
    if (!trial->files_vary)
        counts[trial->proof->count_count++] =
            (struct thaw_proof_count){"module files", original->module_files,
                                      changed->module_files};
    return 0;
}

static struct thaw_proof_share share_of(const struct thaw_interval *interval)
{
    return (struct thaw_proof_share){interval->low, interval->middle, interval->high};
}

/* What the pairs so far have shown. */
static int list_times(struct thaw_prove_trial *trial)
{
    struct thaw_proof *proof = trial->proof;
    size_t count = trial->cpu[THAW_ORIGINAL].count;
    struct thaw_interval wall;
    double median;
    int code;

    proof->pairs = count;
    if (!count)
        return 0;
    code = thaw_statistics_median(trial->cpu[THAW_ORIGINAL].items, count, &median);
    if (!code)
        code = thaw_statistics_pair_ratios(trial->wall[THAW_ORIGINAL].items,
                                           trial->wall[THAW_CHANGED].items, count, &wall);
    if (code)
        return code;
    wall = thaw_proof_saving(&wall);
    proof->original_ns = (uint64_t)median;
    proof->share = share_of(&trial->saving);
    proof->wall = share_of(&wall);
    return 0;
}

/* --- verdict --- */

static int judge(struct thaw_prove_trial *trial, enum thaw_verdict verdict, const char *reason,
                 struct thaw_error *error)
{
    trial->proof->verdict = thaw_verdict_name(verdict);
    trial->proof->reason = reason ? reason : "";
    return reason ? 0 : thaw_error_memory(error);
}

static int judge_times(struct thaw_prove_trial *trial, struct thaw_error *error)
{
    const struct thaw_interval *saving = &trial->saving;
    size_t pairs = trial->cpu[THAW_ORIGINAL].count;
    enum thaw_verdict verdict = thaw_proof_verdict(saving, pairs, trial->rule);
    const char *words = "that may be nothing";

    if (pairs < trial->rule->least_pairs)
        words = "so few prove nothing";
    else if (verdict == THAW_VERDICT_PROVED)
        words = "the app is the same";
    else if (verdict == THAW_VERDICT_REFUTED)
        words = "that is less than was promised";
    return judge(trial, verdict,
                 thaw_arena_format(trial->arena,
                                   "%.1f %% of the import's CPU time is saved (%.1f to %.1f, %zu "
                                   "pairs of runs), and %s",
                                   saving->middle * PER_CENT, saving->low * PER_CENT,
                                   saving->high * PER_CENT, pairs, words),
                 error);
}

static int judge_stopped(struct thaw_prove_trial *trial, struct thaw_error *error)
{
    size_t pairs = trial->cpu[THAW_ORIGINAL].count;
    int code = judge(trial, THAW_VERDICT_INCONCLUSIVE,
                     thaw_arena_format(trial->arena, "it was stopped after %zu %s of runs", pairs,
                                       pairs == 1 ? "pair" : "pairs"),
                     error);

    return code ? code : 1;
}

/* --- the trial --- */

/* Both once, which leaves bytecode of both; *ret_over: the verdict is there. */
static int run_first(struct thaw_prove_trial *trial, bool *ret_over, struct thaw_error *error)
{
    struct thaw_probe_task task = {.describe = true};
    const struct thaw_probe_report *original = &trial->first[THAW_ORIGINAL];
    const struct thaw_probe_report *changed = &trial->first[THAW_CHANGED];
    int code;

    thaw_prove_tell(trial, "counts", 0);
    code = thaw_prove_probe(trial, THAW_ORIGINAL, &task, &trial->first[THAW_ORIGINAL], error);
    if (thaw_run_failed(code)) {
        struct thaw_error mine = *error;

        return thaw_error_set(
            error, code,
            "%s (its settings may be missing here: --env NAME=VALUE or --settings "
            "FILE gives them)",
            mine.message);
    }
    if (!code)
        code = thaw_prove_probe(trial, THAW_CHANGED, &task, &trial->first[THAW_CHANGED], error);
    *ret_over = thaw_run_failed(code);
    if (*ret_over)
        return judge(trial, THAW_VERDICT_REFUTED,
                     thaw_arena_format(trial->arena, "%s", error->message), error);
    if (!code && list_counts(trial))
        return thaw_error_memory(error);
    *ret_over = !code && changed->modules.count >= original->modules.count;
    if (!*ret_over)
        return code;
    return judge(trial, THAW_VERDICT_REFUTED,
                 thaw_arena_format(trial->arena,
                                   "nothing vanishes: the import loads %llu modules as the app is, "
                                   "and %llu when it is changed",
                                   (unsigned long long)original->modules.count,
                                   (unsigned long long)changed->modules.count),
                 error);
}

static int run_checks(struct thaw_prove_trial *trial, bool *ret_over, struct thaw_error *error)
{
    const struct thaw_proof_check *differs;
    int code = thaw_prove_check(trial, &differs, error);

    *ret_over = !code && differs;
    if (!*ret_over)
        return code;
    return judge(trial, THAW_VERDICT_REFUTED,
                 thaw_arena_format(trial->arena, "%s: %s", differs->name, differs->detail), error);
}

static int run_pairs(struct thaw_prove_trial *trial, struct thaw_error *error)
{
    const char *failed = "";
    int code = thaw_prove_pairs(trial, error);

    if (!code)
        code = judge_times(trial, error);
    if (!code)
        code = thaw_prove_calls(trial, &failed, error);
    if (!code && *failed)
        code = judge(trial, THAW_VERDICT_REFUTED, failed, error);
    return code;
}

static int run_all(struct thaw_prove_trial *trial, struct thaw_error *error)
{
    bool over = false;
    int code = run_first(trial, &over, error);

    if (!code && !over)
        code = run_checks(trial, &over, error);
    if (!code && !over)
        code = run_pairs(trial, error);
    if (code == 1)
        code = judge_stopped(trial, error);
    return code;
}

static int hand_over(struct thaw_prove_trial *trial)
{
    struct thaw_proof *proof = trial->proof;
    int code = list_times(trial);

    proof->checks =
        thaw_arena_allocate(trial->arena, (trial->checks.count + 1) * sizeof(*proof->checks));
    if (code || !proof->checks)
        return code ? code : -ENOMEM;
    if (trial->checks.count)
        memcpy(proof->checks, trial->checks.items, trial->checks.count * sizeof(*proof->checks));
    proof->check_count = trial->checks.count;
    return list_counts(trial);
}

static void free_trial(struct thaw_prove_trial *trial)
{
    thaw_array_free(&trial->checks);
    for (int side = 0; side < THAW_SIDES; side++) {
        thaw_array_free(&trial->cpu[side]);
        thaw_array_free(&trial->wall[side]);
    }
}

int thaw_prove(const struct thaw_prove_options *options, struct thaw_arena *arena,
               struct thaw_proof *ret, struct thaw_error *error)
{
    struct thaw_prove_trial trial = {
        .options = options,
        .rule = options->rule ? options->rule : &thaw_proof_rule,
        .arena = arena,
        .proof = ret,
    };
    int code;

    *ret = (struct thaw_proof){.verdict = thaw_verdict_name(THAW_VERDICT_INCONCLUSIVE),
                               .reason = "",
                               .way = "",
                               .made_at_ns = thaw_clock_realtime_ns()};
    code = list_imports(&trial) ? thaw_error_memory(error) : 0;
    for (int side = 0; !code && side < THAW_SIDES; side++)
        code = open_side(&trial, side, error);
    if (!code) {
        ret->way = thaw_sandbox_way_name(trial.sandboxes[THAW_CHANGED].way);
        code = run_all(&trial, error);
    }
    if (code >= 0 && hand_over(&trial))
        code = thaw_error_memory(error);
    code = close_sandboxes(&trial, code, error);
    free_trial(&trial);
    return code;
}
