/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/gate_trial.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/watch.h"
#include "cli/command.h"
#include "cli/recording.h"
#include "thaw/version.h"
#include "trial/instructions.h"
#include "trial/repeat.h"

#define NAME THAW_GATE_COMMAND
#define CLEAR_LINE "\r\033[K"
#define DEFAULT_LIMIT_NS ((uint64_t)120 * 1000000000)
#define INSTRUCTION_RUNS ((size_t)3)
#define INSTRUCTION_SLOWNESS 60 /* of a run under callgrind, 50 as a rule */

/* --- folders --- */

/* Makes a folder that is the caller's; path of a temporary one is completed. */
static int make_folder(const struct thaw_identity *identity, char *path, bool temporary,
                       struct thaw_error *error)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();
    int failed;

    if (identity->differs && (setegid(identity->gid) || seteuid(identity->uid)))
        return thaw_error_system(error, -errno, "becoming user %u", (unsigned)identity->uid);
    failed = temporary ? (mkdtemp(path) ? 0 : -errno) : (mkdir(path, 0777) ? -errno : 0);
    if (identity->differs && (seteuid(uid) || setegid(gid)))
        return thaw_error_system(error, -errno, "returning to user %u", (unsigned)uid);
    return failed && (temporary || failed != -EEXIST)
               ? thaw_error_system(error, failed, "%s can't be made", path)
               : 0;
}

static bool is_empty(const char *path)
{
    DIR *folder = opendir(path);
    int entries = 0;

    while (folder && readdir(folder) && entries <= 2)
        entries++;
    if (folder)
        closedir(folder);
    return entries <= 2;
}

static int make_main_folder(struct thaw_gate_trial *trial, struct thaw_error *error)
{
    const char *given = trial->values->keep, *temporary = getenv("TMPDIR");
    const char *path = given ? thaw_arena_string(&trial->arena, given)
                             : thaw_arena_format(&trial->arena, "%s/thaw-gate-XXXXXX",
                                                 temporary && *temporary ? temporary : "/tmp");
    int code =
        path ? make_folder(trial->identity, (char *)path, !given, error) : thaw_error_memory(error);

    trial->is_temporary = !given;
    trial->folder = code ? NULL : path;
    return code;
}

/* One inside of it, for the recordings of a subject. */
static int make_subfolder(struct thaw_gate_trial *trial, const char *name,
                          struct thaw_gate_subject *subject, struct thaw_error *error)
{
    const char *path = thaw_arena_format(&trial->arena, "%s/%s", trial->folder, name);
    int code =
        path ? make_folder(trial->identity, (char *)path, false, error) : thaw_error_memory(error);

    if (!code && !is_empty(path))
        code = thaw_error_set(error, -EEXIST,
                              "%s is not empty: give --keep another folder, or gate its recordings "
                              "by `thaw gate %s`",
                              path, path);
    subject->runs = path;
    subject->trials = true;
    return code;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    remove(path);
    return 0;
}

void thaw_gate_trial_end(struct thaw_gate_trial *trial, bool keep)
{
    if (trial->folder && trial->is_temporary && !(keep && trial->recordings))
        nftw(trial->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    else if (trial->folder && trial->recordings && keep)
        thaw_complain(NAME, "%zu recording%s kept in %s", trial->recordings,
                      trial->recordings == 1 ? " is" : "s are", trial->folder);
    thaw_arena_free(&trial->arena);
}

/* --- the runs --- */

static void show_progress(const struct thaw_gate_trial *trial)
{
    if (isatty(STDERR_FILENO) && trial->made < trial->wanted)
        fprintf(stderr, CLEAR_LINE "thaw " NAME ": run %zu of %zu", trial->made + 1, trial->wanted);
    fflush(stderr);
}

static void clear_progress(void)
{
    if (isatty(STDERR_FILENO))
        fputs(CLEAR_LINE, stderr);
}

/* Lines of the recording's: cleared of what stands in theirs. */
static void say(void *context, const char *line)
{
    clear_progress();
    thaw_complain(NAME, "%s", line);
    show_progress(context);
}

static void note_cold(struct thaw_gate_trial *trial, const struct thaw_repeat_run *run)
{
    const struct thaw_repeat_cold *cold = &run->cold;

    if (!cold->controlled || run->warmup || cold->left_bytes <= trial->left_bytes)
        return;
    trial->left_bytes = cold->left_bytes;
    trial->left_in = thaw_arena_string(&trial->arena, cold->largest);
}

/* What is said of the end of a run, NULL nothing. */
static const char *until_of(const struct thaw_gate_trial *trial)
{
    const char *setting = trial->budgets->settings.until;

    return trial->values->until ? trial->values->until : *setting ? setting : NULL;
}

/* A server never ends by itself, and its first reply is seen by eBPF alone. */
static const char *hint(const struct thaw_gate_trial *trial, const struct thaw_repeat_run *run)
{
    return run->timed_out && !until_of(trial) && run->result.backend == THAW_BACKEND_IMPORTTIME
               ? "; the importtime backend sees no replies: with --until 5s, say, a server's start "
                 "is recorded so long"
               : "";
}

/* A run that fails is told at once, and others go on; one that never ends costs too much time. */
static int take(void *context, const struct thaw_repeat_run *run, struct thaw_error *error)
{
    struct thaw_gate_trial *trial = context;
    bool first = !trial->made_of[run->command]++, elsewhere = run->command > 0;
    const char *place = elsewhere ? trial->subjects[run->command]->directory : "";
    int code = run->timed_out                             ? -ETIME
               : run->failure && run->result.not_executed ? -ENOENT
               : run->failed && first                     ? -ECHILD
                                                          : 0;

    trial->made += !run->counting;
    trial->endless |= !run->warmup && !run->failed && run->result.end != THAW_END_EXIT;
    if (run->interrupted)
        return 0; /* thaw_repeat() says so */
    if (code)
        return thaw_error_set(error, code, "%s%s%s%s", place, elsewhere ? ": " : "", run->reason,
                              hint(trial, run));
    trial->recordings += !run->warmup && !run->failure;
    if (run->failed) {
        clear_progress();
        if (run->counting)
            thaw_complain(NAME, "the counting run failed: %s%s%s", place, elsewhere ? ": " : "",
                          run->reason);
        else
            thaw_complain(NAME, "run %zu of %zu failed: %s%s%s", trial->made, trial->wanted, place,
                          elsewhere ? ": " : "", run->reason);
    }
    note_cold(trial, run);
    show_progress(trial);
    return 0;
}

/* --- instructions --- */

static bool wants_instructions(const struct thaw_budgets *budgets)
{
    for (size_t i = 0; i < budgets->budget_count; i++) {
        const struct thaw_gate_metric *metric = thaw_gate_metric_find(budgets->budgets[i].metric);

        if (metric && metric->source == THAW_GATE_INSTRUCTIONS)
            return true;
    }
    return false;
}

static int do_without(struct thaw_gate_trial *trial, struct thaw_gate_subject *const *subjects,
                      size_t count, const char *why, struct thaw_error *error)
{
    for (size_t i = 0; i < count; i++) {
        subjects[i]->instructions_why = thaw_arena_string(&subjects[i]->arena, why);
        if (!subjects[i]->instructions_why)
            return thaw_error_memory(error);
    }
    if (!wants_instructions(trial->budgets)) /* else the verdict says so */
        thaw_complain(NAME, "instructions are not measured: %s", why);
    return 0;
}

/* How many a run of each takes. Where valgrind is not there or fails, a budget of them could not be
 * measured: no other one is spoilt by that. */
static int count_instructions(struct thaw_gate_trial *trial, size_t count, int stop,
                              struct thaw_error *error)
{
    if (trial->endless)
        return do_without(trial, trial->subjects, count,
                          "the command does not end by itself, as it has to under valgrind", error);
    for (size_t i = 0; i < INSTRUCTION_RUNS * count; i++) {
        struct thaw_gate_subject *subject = trial->subjects[i % count];
        const struct thaw_instructions_options options = {
            .command = trial->command,
            .directory = subject->directory,
            .timeout_ns = INSTRUCTION_SLOWNESS * trial->limit_ns,
            .stop = stop,
        };
        uint64_t instructions;
        double *value;
        int code;

        if (isatty(STDERR_FILENO))
            fprintf(stderr, CLEAR_LINE "thaw " NAME ": run %zu of %zu under valgrind", i + 1,
                    INSTRUCTION_RUNS * count);
        code = thaw_instructions(&options, &instructions, error);
        clear_progress();
        if (code == -EINTR)
            return 1;
        if (code && code != -ENOMEM)
            return do_without(trial, &subject, 1, error->message, error);
        value = code ? NULL : thaw_array_add(&subject->instructions);
        if (!value)
            return thaw_error_memory(error);
        *value = (double)instructions;
    }
    return 0;
}

/* --- all of it --- */

static size_t or_default(uint64_t said, uint64_t usual)
{
    return (size_t)(said ? said : usual);
}

static bool has_times(const struct thaw_budgets *budgets)
{
    for (size_t i = 0; i < budgets->budget_count; i++) {
        const struct thaw_gate_metric *metric = thaw_gate_metric_find(budgets->budgets[i].metric);

        if (metric && metric->class == THAW_GATE_TIMED)
            return true;
    }
    return false;
}

/* Counts need no more than a few; a test of times does. */
static size_t usual_runs(const struct thaw_budgets *budgets)
{
    return has_times(budgets) ? 15 : 5;
}

static void fill_options(struct thaw_gate_trial *trial, struct thaw_repeat_options *ret)
{
    const struct thaw_gate_values *values = trial->values;
    const struct thaw_gate_settings *settings = &trial->budgets->settings;

    ret->runs =
        or_default((uint64_t)values->runs, or_default(settings->runs, usual_runs(trial->budgets)));
    ret->warmups = values->warmup >= 0    ? (size_t)values->warmup
                   : settings->has_warmup ? settings->warmup
                                          : 1;
    ret->cold = values->cold || settings->cold;
    ret->counting = true;
    ret->prepare = values->prepare;
    ret->record.backend = (enum thaw_backend)values->backend;
    ret->record.platform = "auto";
    ret->record.tool_version = THAW_VERSION;
    ret->record.say = say;
    ret->record.context = trial;
    ret->done = take;
    ret->context = trial;
    trial->limit_ns = values->limit_ns ? values->limit_ns : DEFAULT_LIMIT_NS;
    if (!ret->record.duration_ns || trial->limit_ns < ret->record.duration_ns)
        ret->record.duration_ns = trial->limit_ns;
    trial->instructions = values->instructions || wants_instructions(trial->budgets);
    trial->wanted = (ret->runs + ret->warmups) * ret->command_count;
}

/* Waiting for it ends with a signal meanwhile; 1: it did. */
static int run_all(struct thaw_gate_trial *trial, struct thaw_repeat_options *options,
                   struct thaw_error *error)
{
    sigset_t before;
    int code;

    sigprocmask(SIG_SETMASK, NULL, &before);
    options->stop = thaw_watch_signals(error);
    if (options->stop < 0)
        return options->stop;
    show_progress(trial);
    code = thaw_repeat(options, error);
    clear_progress();
    if (!code && trial->instructions)
        code = count_instructions(trial, options->command_count, options->stop, error);
    trial->stopped = code == 1;
    close(options->stop);
    if (!trial->stopped) /* a second signal must not end what is left to be said */
        sigprocmask(SIG_SETMASK, &before, NULL);
    return code;
}

int thaw_gate_trial_make(struct thaw_gate_trial *trial, struct thaw_gate_subject *const *subjects,
                         size_t count, struct thaw_error *error)
{
    static const char *const names[THAW_REPEAT_COMMANDS_MAX] = {"head", "base"};
    struct thaw_repeat_options options = {.command_count = count};
    int code = 0;

    thaw_recording_until(NAME, until_of(trial), &options.record);
    code = make_main_folder(trial, error);
    for (size_t i = 0; i < count && !code; i++) {
        code = make_subfolder(trial, names[i], subjects[i], error);
        options.commands[i] =
            (struct thaw_repeat_command){trial->command, subjects[i]->directory, subjects[i]->runs};
    }
    if (code)
        return code;
    trial->subjects = subjects;
    fill_options(trial, &options);
    code = run_all(trial, &options, error);
    if (!code && trial->left_bytes)
        thaw_complain(NAME, "cold: up to %.1f MB of what a run reads stayed in memory, most of %s",
                      (double)trial->left_bytes / 1e6,
                      trial->left_in && *trial->left_in ? trial->left_in : "one file");
    return code;
}
