/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "capture/watch.h"
#include "cli/command.h"
#include "cli/diff_trials.h"
#include "cli/record_folders.h"
#include "cli/record_trials.h"
#include "cli/rows.h"
#include "gate/trials.h"
#include "thaw/version.h"
#include "trial/cold.h"
#include "trial/repeat.h"

#define CLEAR_LINE "\r\033[K"
#define NS_PER_SECOND 1e9

struct session {
    const char *name;
    const struct thaw_recording_options *recording;
    const struct thaw_record_trials_options *options;
    struct thaw_repeat_options repeat;
    struct thaw_record_folders folders;
    struct thaw_trials *trials;
    struct thaw_repeat_run failed; /* the first one that failed, if had_failed */
    bool had_failed;
    size_t made, kept;
};

/* --- the commands --- */

int thaw_record_trials_unused(const char *name, const struct thaw_record_trials_options *trials)
{
    const struct {
        bool given;
        const char *option;
    } given[] = {
        {trials->warmups > 0, "--warmup"},      {trials->cold, "--cold"},
        {trials->prepare != NULL, "--prepare"}, {trials->json != NULL, "--export-json"},
        {trials->csv != NULL, "--export-csv"},  {trials->markdown != NULL, "--export-markdown"},
    };

    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
        if (given[i].given) {
            thaw_complain(name, "%s is about repeated runs; say how many with --runs",
                          given[i].option);
            return THAW_EXIT_USAGE;
        }
    }
    return THAW_EXIT_OK;
}

/* Cuts the words at what stands between two commands. */
static int split(struct session *session, char **words)
{
    struct thaw_repeat_options *repeat = &session->repeat;
    char **begin = words;

    for (char **word = words;; word++) {
        bool last = !*word;

        if (!last && strcmp(*word, THAW_RECORD_TRIALS_BETWEEN) != 0)
            continue;
        if (word == begin || repeat->command_count == THAW_REPEAT_COMMANDS_MAX) {
            thaw_complain(session->name,
                          word == begin
                              ? "there is no command on one side of " THAW_RECORD_TRIALS_BETWEEN
                              : "at most two commands can take turns");
            return THAW_EXIT_USAGE;
        }
        *word = NULL;
        repeat->commands[repeat->command_count++].command = (const char *const *)begin;
        begin = word + 1;
        if (last)
            return THAW_EXIT_OK;
    }
}

static int check(const struct session *session)
{
    const struct thaw_recording_options *recording = session->recording;

    if (recording->keep_running) {
        thaw_complain(session->name, "--keep-running and --runs don't go together: each run has to "
                                     "end before the next one");
        return THAW_EXIT_USAGE;
    }
    if (recording->mark_console || recording->boot) {
        thaw_complain(session->name, "%s is about one start of a machine, not about repeated runs",
                      recording->boot ? "--boot" : "--mark-console");
        return THAW_EXIT_USAGE;
    }
    return THAW_EXIT_OK;
}

/* --- each run --- */

static enum thaw_trials_end end_of(const struct thaw_repeat_run *run)
{
    if (run->interrupted)
        return THAW_TRIALS_INTERRUPTED;
    if (run->failure)
        return THAW_TRIALS_NOT_RECORDED;
    if (run->timed_out)
        return THAW_TRIALS_TIMED_OUT;
    return run->failed ? THAW_TRIALS_CRASHED : THAW_TRIALS_OK;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static struct thaw_trials_cold cold_of(const struct thaw_repeat_cold *cold)
{
    return (struct thaw_trials_cold){
        .files = cold->files,
        .bytes = cold->bytes,
        .left_files = cold->left_files,
        .left_bytes = cold->left_bytes,
        .unevictable_bytes = cold->unevictable_bytes,
        .unknown_files = cold->unknown_files,
        .unknown_bytes = cold->unknown_bytes,
        .largest = cold->largest,
        .cut = cold->cut,
        .too_much = (double)cold->left_bytes > THAW_COLD_LEFT_MOST * (double)cold->bytes,
    };
}

static int add_run(struct session *session, const struct thaw_repeat_run *run,
                   struct thaw_error *error)
{
    struct thaw_trials_cold cold = cold_of(&run->cold);
    struct thaw_trials_run added = {
        .command = run->command,
        .number = run->number,
        .warmup = run->warmup,
        .counting = run->counting,
        .file = "",
        .end = end_of(run),
        .exit_status = run->result.exited ? run->result.exit_status : -1,
        .reason = run->reason,
        .wall_ns = run->wall_ns,
        .cpu_ns = run->cpu_ns,
        .cold = run->cold.controlled ? &cold : NULL,
    };
    json_t *report = NULL;
    int code;

    if (!run->warmup && access(run->path, F_OK) == 0) {
        added.file = last_part(run->path);
        session->kept++;
        if (thaw_diff_recording(run->path, &report, error))
            thaw_complain(session->name, "%s", error->message); /* the others still count */
    }
    added.report = report;
    added.complete = json_is_true(json_object_get(report, "complete"));
    code = thaw_trials_add(session->trials, &added, error);
    json_decref(report);
    return code;
}

static int write_json(const struct session *session, const char *path, const char *format,
                      struct thaw_error *error)
{
    json_t *report = NULL;
    int code = thaw_trials_json(session->trials, &report, error);
    const struct thaw_output_content content = {
        .path = path,
        .write = thaw_rows_find(thaw_trials_formats(), format)->write,
        .report = report,
        .color = THAW_COLOR_NEVER,
    };

    if (!code)
        code = thaw_output_write(&content, 1, error);
    json_decref(report);
    return code;
}

/* "warm-up 1", "run 2 of the second command". */
static void name_run(const struct session *session, const struct thaw_repeat_run *run, char *text,
                     size_t size)
{
    static const char *const which[] = {" of the first command", " of the second command"};

    snprintf(text, size, "%s %zu%s",
             run->warmup     ? "warm-up"
             : run->counting ? "counting run"
                             : "run",
             run->number, session->repeat.command_count > 1 ? which[run->command] : "");
}

static void show_run(struct session *session, const struct thaw_repeat_run *run)
{
    bool terminal = isatty(STDERR_FILENO) && !session->recording->quiet;
    char name[64];

    name_run(session, run, name, sizeof(name));
    if (terminal)
        fputs(CLEAR_LINE, stderr);
    if (run->failed)
        thaw_complain(session->name, "%s: %s", name, run->reason);
    else if (terminal)
        fprintf(stderr, "thaw %s: %s took %.2f s (%zu of %zu)", session->name, name,
                (double)run->wall_ns / NS_PER_SECOND, session->made,
                session->repeat.runs * session->repeat.command_count);
    fflush(stderr);
}

static int done(void *context, const struct thaw_repeat_run *run, struct thaw_error *error)
{
    struct session *session = context;
    int code;

    session->made += !run->warmup && !run->counting && !run->interrupted;
    if (run->failed && !session->had_failed) {
        session->failed = *run;
        session->had_failed = true;
    }
    show_run(session, run);
    code = add_run(session, run, error);
    return code ? code : write_json(session, session->folders.results, "json", error);
}

/* --- what comes of them --- */

/* As of a single recording, of the first run that failed. */
static int exit_of_failed(const struct thaw_repeat_run *run)
{
    if (run->failure == -ENOENT && run->result.not_executed)
        return THAW_EXIT_NOT_FOUND;
    if (run->failure)
        return run->result.not_executed ? THAW_EXIT_NOT_EXECUTABLE : THAW_EXIT_FAILED;
    return run->timed_out ? THAW_EXIT_INCOMPLETE : run->result.exit_status;
}

static int judge(const struct session *session, int code, const struct thaw_error *error)
{
    switch (code) {
    case 0:
        return session->had_failed ? THAW_EXIT_INCOMPLETE : THAW_EXIT_OK;
    case 1:
        thaw_complain(session->name, "stopped: %zu of %zu runs are done", session->made,
                      session->repeat.runs * session->repeat.command_count);
        return THAW_EXIT_INCOMPLETE;
    case -ECHILD:
        if (session->had_failed) /* its line was said */
            return exit_of_failed(&session->failed);
        return thaw_fail(session->name, error, THAW_EXIT_FAILED);
    case -ECANCELED:
        return thaw_fail(session->name, error, THAW_EXIT_USAGE);
    }
    return thaw_fail(session->name, error, THAW_EXIT_FAILED);
}

static int show(const struct session *session)
{
    const struct thaw_recording_options *recording = session->recording;
    FILE *stream = recording->json ? stdout : stderr;
    struct thaw_report_options style =
        thaw_output_style(recording->color, recording->width, stream);
    struct thaw_error error = {0};
    json_t *report = NULL;
    int code;

    if (recording->quiet && !recording->json)
        return 0;
    code = thaw_trials_json(session->trials, &report, &error);
    if (!code)
        code = thaw_rows_find(thaw_trials_formats(), recording->json ? "json" : "summary")
                   ->write(report, &style, stream, &error);
    json_decref(report);
    return code ? thaw_fail(session->name, &error, THAW_EXIT_FAILED) : 0;
}

static int export(const struct session *session)
{
    const struct {
        const char *path, *format;
    } files[] = {{session->options->json, "json"},
                 {session->options->csv, "csv"},
                 {session->options->markdown, "markdown"}};
    struct thaw_error error = {0};
    int failed = 0;

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (files[i].path && write_json(session, files[i].path, files[i].format, &error))
            failed = thaw_fail(session->name, &error, THAW_EXIT_FAILED);
    return failed;
}

static int finish(struct session *session, int code, const struct thaw_error *error)
{
    int exit_code, shown, exported;

    if (isatty(STDERR_FILENO) && !session->recording->quiet)
        fputs(CLEAR_LINE, stderr);
    exit_code = judge(session, code, error);
    if (!session->kept) { /* so that the same can be tried again */
        thaw_record_folders_remove(&session->folders);
        return exit_code;
    }
    shown = show(session);
    exported = export(session);
    if (!session->recording->quiet)
        thaw_complain(session->name, "recordings: %s", session->folders.all);
    return exit_code ? exit_code : shown ? shown : exported;
}

static int plan(struct session *session, struct thaw_error *error)
{
    const struct thaw_repeat_options *repeat = &session->repeat;
    struct thaw_trials_plan plan = {
        .command_count = repeat->command_count,
        .runs = repeat->runs,
        .warmups = repeat->cold && !repeat->warmups ? 1 : repeat->warmups,
        .cold = repeat->cold,
        .prepare = repeat->prepare,
        .limit_ns = session->recording->limit_ns,
        .tool_version = THAW_VERSION,
    };

    for (size_t i = 0; i < repeat->command_count; i++) {
        plan.commands[i].words = repeat->commands[i].command;
        plan.commands[i].folder = repeat->command_count > 1 ? thaw_record_folder_names[i] : "";
    }
    return thaw_trials_new(&plan, &session->trials, error);
}

static int run(struct session *session)
{
    struct thaw_error error = {0};
    int code = plan(session, &error);

    if (!code) {
        session->repeat.stop = thaw_watch_signals(&error);
        code = session->repeat.stop < 0 ? session->repeat.stop : 0;
    }
    if (!code)
        code = thaw_repeat(&session->repeat, &error);
    if (session->repeat.stop >= 0)
        close(session->repeat.stop);
    code = session->trials ? finish(session, code, &error)
                           : thaw_fail(session->name, &error, THAW_EXIT_FAILED);
    thaw_trials_free(session->trials);
    return code;
}

int thaw_record_trials(const char *name, const struct thaw_recording_options *recording,
                       const struct thaw_record_trials_options *trials, const char *folder,
                       char **words)
{
    struct session session = {
        .name = name,
        .recording = recording,
        .options = trials,
        .repeat = {.runs = (size_t)trials->runs,
                   .warmups = (size_t)trials->warmups,
                   .cold = trials->cold,
                   .prepare = trials->prepare,
                   .stop = -1,
                   .done = done,
                   .context = &session},
    };
    struct thaw_error error = {0};
    int code = split(&session, words);

    if (!code)
        code = check(&session);
    if (!code)
        code = thaw_recording_fill(name, recording, &session.repeat.record);
    session.repeat.counting = session.repeat.record.counting; /* in a run of its own */
    if (code)
        return code;
    code = thaw_record_folders_make(folder, session.repeat.command_count, &session.folders, &error);
    if (code)
        return thaw_fail(name, &error, THAW_EXIT_USAGE);
    for (size_t i = 0; i < session.repeat.command_count; i++)
        session.repeat.commands[i].folder = session.folders.each[i];
    return run(&session);
}
