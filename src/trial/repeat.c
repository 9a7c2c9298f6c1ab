/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trial/cold.h"
#include "trial/recorder.h"
#include "trial/repeat.h"

#define NS_PER_SECOND 1e9
#define PREPARE_END_MS 5000 /* for what prepares a run to end when the trial is stopped */
#define WARMUP_NAME ".warmup.thaw"
#define INTERRUPTED_NAME ".interrupted.thaw" /* so that nobody takes it for a run */

struct repeating {
    const struct thaw_repeat_options *options;
    struct thaw_recorder recorder;
    char folders[THAW_REPEAT_COMMANDS_MAX][PATH_MAX]; /* absolute */
    bool had[THAW_REPEAT_COMMANDS_MAX];               /* a run of this command was made */
    enum thaw_backend backend;                        /* of the last run */
};

/* What is to be run next. */
struct step {
    size_t command, number;
    bool warmup, counting;
    bool last_warmup;
};

static bool is_stopped(const struct repeating *repeating)
{
    struct pollfd stop = {.fd = repeating->options->stop, .events = POLLIN};

    return stop.fd >= 0 && poll(&stop, 1, 0) > 0;
}

/* --- before a run --- */

static _Noreturn void become_shell(const char *command)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGXFSZ, SIG_DFL);           /* thaw ignores it */
    dup2(STDERR_FILENO, STDOUT_FILENO); /* thaw's output may be data */
    execl("/bin/sh", "sh", "-c", command, NULL);
    _exit(127);
}

/* Its status, once it has ended; when the trial is stopped it is, too, however it takes that. */
static int wait_for(const struct repeating *repeating, pid_t child)
{
    int pidfd = (int)syscall(SYS_pidfd_open, child, 0), status;
    struct pollfd wait[] = {{.fd = pidfd, .events = POLLIN},
                            {.fd = repeating->options->stop, .events = POLLIN}};

    while (pidfd >= 0 && !wait[0].revents && !wait[1].revents)
        poll(wait, 2, -1);
    if (wait[1].revents) {
        kill(child, SIGTERM);
        if (pidfd < 0 || !poll(wait, 1, PREPARE_END_MS))
            kill(child, SIGKILL);
    }
    if (pidfd >= 0)
        close(pidfd);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static int prepare(const struct repeating *repeating, struct thaw_error *error)
{
    const char *command = repeating->options->prepare;
    pid_t child;
    int status;

    if (!command)
        return 0;
    child = fork();
    if (child == 0)
        become_shell(command);
    if (child < 0)
        return thaw_error_system(error, -errno, "starting what prepares a run");
    status = wait_for(repeating, child);
    if (status == 0 || is_stopped(repeating))
        return 0;
    if (WIFSIGNALED(status))
        return thaw_error_set(error, -ECANCELED, "what prepares a run was ended by signal %d",
                              WTERMSIG(status));
    return thaw_error_set(error, -ECANCELED, "what prepares a run ended with status %d",
                          WEXITSTATUS(status));
}

static int set_path(const char *folder, const char *name, char path[PATH_MAX],
                    struct thaw_error *error)
{
    if (snprintf(path, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
        return thaw_error_set(error, -ENAMETOOLONG, "%s: its path is too long", folder);
    return 0;
}

static int name_file(const struct step *step, const char *folder, char path[PATH_MAX],
                     struct thaw_error *error)
{
    char number[32];
    const char *name = step->warmup ? WARMUP_NAME : step->counting ? THAW_REPEAT_COUNTING : number;

    snprintf(number, sizeof(number), "%03zu.thaw", step->number);
    return set_path(folder, name, path, error);
}

/* --- after it --- */

static void tell_crash(const struct thaw_recorder_answer *answer, struct thaw_repeat_run *run)
{
    const char *before = *answer->last_line ? ": " : "";

    if (answer->result.exit_status > 128)
        snprintf(run->reason, sizeof(run->reason), "the command was ended by signal %d%s%s",
                 answer->result.exit_status - 128, before, answer->last_line);
    else
        snprintf(run->reason, sizeof(run->reason), "the command ended with status %d%s%s",
                 answer->result.exit_status, before, answer->last_line);
}

static void judge(const struct thaw_record_options *record,
                  const struct thaw_recorder_answer *answer, bool stopped,
                  struct thaw_repeat_run *run)
{
    const struct thaw_record_result *result = &answer->result;

    /* The command may have heard Ctrl-C first. */
    run->interrupted =
        result->end == THAW_END_INTERRUPTED || (stopped && result->exited && result->exit_status);
    run->timed_out = result->end == THAW_END_DURATION && record->until != THAW_UNTIL_DURATION &&
                     !record->watch_ns;
    if (run->interrupted)
        snprintf(run->reason, sizeof(run->reason), "it was interrupted");
    else if (answer->failure)
        snprintf(run->reason, sizeof(run->reason), "%s", answer->reason);
    else if (run->timed_out)
        snprintf(run->reason, sizeof(run->reason), "the command was not done after %g s (--limit)",
                 (double)record->duration_ns / NS_PER_SECOND);
    else if (result->exited && result->exit_status)
        tell_crash(answer, run);
    run->failed = *run->reason && !run->interrupted;
}

/* The last warm-up tells what there is to put out of memory. */
static int learn(struct repeating *repeating, const struct step *step, const char *path,
                 struct thaw_error *error)
{
    if (!repeating->options->cold || !step->last_warmup)
        return 0;
    return thaw_cold_list(path, repeating->recorder.listed, error);
}

/* What was interrupted is kept, but is no run. */
static int set_aside(const struct repeating *repeating, const char *path,
                     struct thaw_repeat_run *run, struct thaw_error *error)
{
    char aside[PATH_MAX];
    int code = set_path(repeating->folders[run->command], INTERRUPTED_NAME, aside, error);

    if (!code && rename(path, aside))
        return errno == ENOENT ? 0 : thaw_error_system(error, -errno, "%s", aside);
    return code ? code
                : set_path(repeating->options->commands[run->command].folder, INTERRUPTED_NAME,
                           run->path, error);
}

static int finish(struct repeating *repeating, const struct step *step, const char *path,
                  struct thaw_repeat_run *run, struct thaw_error *error)
{
    bool first = !repeating->had[step->command];
    int code = 0;

    if (run->interrupted) {
        code = set_aside(repeating, path, run, error);
    } else if (step->warmup) {
        code = run->failed ? 0 : learn(repeating, step, path, error);
        unlink(path);
    }
    repeating->had[step->command] = true;
    if (!code)
        code = repeating->options->done(repeating->options->context, run, error);
    if (!code && run->failed && first)
        code = thaw_error_set(error, -ECHILD, "%s", run->reason);
    return code;
}

/* --- runs --- */

/* 0, 1: stopped, or what ends the trial. */
static int make_run(struct repeating *repeating, const struct step *step, struct thaw_error *error)
{
    const struct thaw_repeat_options *options = repeating->options;
    struct thaw_recorder_order order = {.command = step->command,
                                        .number = step->warmup || step->counting ? 0 : step->number,
                                        .counting = step->counting,
                                        .look = options->cold && step->warmup,
                                        .evict = options->cold && !step->warmup && !step->counting};
    struct thaw_repeat_run run = {.command = step->command,
                                  .number = step->number,
                                  .warmup = step->warmup,
                                  .counting = step->counting};
    struct thaw_recorder_answer answer;
    int code = prepare(repeating, error), stopped;

    if (!code && is_stopped(repeating))
        return 1;
    if (!code)
        code = name_file(step, repeating->folders[step->command], order.path, error);
    if (!code)
        code = name_file(step, options->commands[step->command].folder, run.path, error);
    if (code)
        return code;
    stopped = thaw_recorder_record(&repeating->recorder, &order, &answer, error);
    if (stopped < 0)
        return stopped;
    run.failure = answer.failure;
    run.result = answer.result;
    repeating->backend = answer.result.backend;
    run.cold = answer.cold;
    run.wall_ns = answer.wall_ns;
    run.cpu_ns = answer.cpu_ns;
    judge(&options->record, &answer, stopped, &run);
    code = finish(repeating, step, order.path, &run, error);
    return code || !stopped ? code : 1;
}

/* A run of each command; in each second round the second one goes first. */
static int make_round(struct repeating *repeating, const struct step *step,
                      struct thaw_error *error)
{
    size_t count = repeating->options->command_count;
    int code = 0;

    for (size_t i = 0; !code && i < count; i++) {
        struct step next = *step;

        next.command = step->number % 2 ? i : count - 1 - i;
        code = is_stopped(repeating) ? 1 : make_run(repeating, &next, error);
    }
    return code;
}

static int make_rounds(struct repeating *repeating, struct thaw_error *error)
{
    const struct thaw_repeat_options *options = repeating->options;
    size_t warmups = options->cold && !options->warmups ? 1 : options->warmups;
    int code = 0;

    for (size_t i = 1; !code && i <= warmups; i++)
        code = make_round(repeating,
                          &(struct step){.number = i, .warmup = true, .last_warmup = i == warmups},
                          error);
    for (size_t i = 1; !code && i <= options->runs; i++)
        code = make_round(repeating, &(struct step){.number = i}, error);
    /* eBPF has counted in all of them. */
    if (!code && options->counting && repeating->backend == THAW_BACKEND_IMPORTTIME)
        code = make_round(repeating, &(struct step){.number = 1, .counting = true}, error);
    return code;
}

int thaw_repeat(const struct thaw_repeat_options *options, struct thaw_error *error)
{
    struct repeating repeating = {.options = options};
    int code;

    for (size_t i = 0; i < options->command_count; i++)
        if (!realpath(options->commands[i].folder, repeating.folders[i]))
            return thaw_error_system(error, -errno, "%s", options->commands[i].folder);
    code = thaw_recorder_start(options, &repeating.recorder, error);
    if (code)
        return code;
    code = make_rounds(&repeating, error);
    thaw_recorder_end(&repeating.recorder);
    return code;
}
