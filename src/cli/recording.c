/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "cli/command.h"
#include "cli/recording.h"
#include "cli/render.h"
#include "platform/platform.h"
#include "thaw/version.h"

const char *const thaw_recording_observed[] = {"all", "imports", NULL};

#define UNTIL_FIRST_REPLY "first-reply"
#define UNTIL_EXIT "exit"
#define ANY_PLATFORM "auto"

const struct thaw_offer thaw_recording_ends = {
    .words = (const struct thaw_word[]){{UNTIL_FIRST_REPLY,
                                         "the first reply of a platform or server", NULL},
                                        {UNTIL_EXIT, "the exit of what is recorded", NULL},
                                        {0}}};

static bool platform_word(size_t index, struct thaw_word *ret)
{
    size_t count;
    const struct thaw_platform *const *platforms = thaw_platforms_all(&count);

    if (index <= count)
        ret->word = index ? platforms[index - 1]->name : ANY_PLATFORM;
    return index <= count;
}

const struct thaw_offer thaw_recording_platforms = {.word = platform_word};

const struct thaw_word thaw_recording_files[] = {
    {THAW_RECORDING_OUTPUT, "the recording, unless -o names another file", NULL},
    {0},
};

static void say(void *context, const char *line)
{
    thaw_complain(context, "%s", line);
}

int thaw_recording_until(const char *name, const char *text, struct thaw_record_options *ret)
{
    if (!text)
        return 0;
    if (strcmp(text, UNTIL_FIRST_REPLY) == 0) {
        ret->until = THAW_UNTIL_FIRST_REPLY;
    } else if (strcmp(text, UNTIL_EXIT) == 0) {
        ret->until = THAW_UNTIL_EXIT;
    } else if (thaw_options_duration(text, &ret->duration_ns) == 0 && ret->duration_ns) {
        ret->until = THAW_UNTIL_DURATION;
    } else {
        thaw_complain(name, "--until takes first-reply, exit or a duration such as 30s, not '%s'",
                      text);
        return THAW_EXIT_USAGE;
    }
    return 0;
}

/* "auto" or a platform's name; 0, or an exit code after complaining. */
static int check_platform(const char *name, const char *text)
{
    struct thaw_arena arena = {0};
    const char *names = ANY_PLATFORM;
    struct thaw_word word;

    if (!strcmp(text, ANY_PLATFORM) || thaw_platforms_find(text))
        return 0;
    for (size_t i = 1; names && thaw_offer_word(&thaw_recording_platforms, i, &word); i++)
        names = thaw_arena_format(&arena, "%s, %s", names, word.word);
    thaw_complain(name, "--platform takes one of %s, not '%s'", names ? names : ANY_PLATFORM, text);
    thaw_arena_free(&arena);
    return THAW_EXIT_USAGE;
}

int thaw_recording_fill(const char *name, const struct thaw_recording_options *values,
                        struct thaw_record_options *ret)
{
    int code = thaw_recording_until(name, values->until, ret);

    if (!code)
        code = check_platform(name, values->platform);
    if (code)
        return code;
    if (values->watch_ns && values->until && strcmp(values->until, UNTIL_FIRST_REPLY) != 0) {
        thaw_complain(name,
                      "--watch goes on after the first reply: it can't be had with --until %s",
                      values->until);
        return THAW_EXIT_USAGE;
    }
    if (values->watch_ns)
        ret->until = THAW_UNTIL_FIRST_REPLY;
    ret->watch_ns = values->watch_ns;
    if (values->limit_ns && (!ret->duration_ns || values->limit_ns < ret->duration_ns))
        ret->duration_ns = values->limit_ns;
    ret->output = values->output;
    ret->backend = (enum thaw_backend)values->backend;
    ret->platform = values->platform;
    ret->observe = (enum thaw_observe)values->observe;
    ret->pythons = values->pythons.items;
    ret->mark_console = values->mark_console;
    ret->stacks = values->stacks;
    ret->hold = values->hold;
    ret->keep_running = values->keep_running;
    ret->boot = values->boot;
    ret->counting = values->count;
    ret->tool_version = THAW_VERSION;
    ret->say = say;
    ret->context = (void *)(uintptr_t)name;
    return 0;
}

/* The command's own status; thaw's when the command could not run or recording failed. */
static int exit_code(const char *name, int failure, const struct thaw_record_result *result,
                     const struct thaw_error *error)
{
    if (failure) {
        thaw_fail(name, error, THAW_EXIT_FAILED);
        if (result->not_executed)
            return failure == -ENOENT ? THAW_EXIT_NOT_FOUND : THAW_EXIT_NOT_EXECUTABLE;
        return THAW_EXIT_FAILED;
    }
    return result->exited ? result->exit_status : THAW_EXIT_OK;
}

static int show(const char *name, const struct thaw_recording_options *values)
{
    struct thaw_error error = {0};
    FILE *stream = values->json ? stdout : stderr;
    struct thaw_report_options style = thaw_output_style(values->color, values->width, stream);
    const struct thaw_report_format *format = thaw_render_format(values->json ? "json" : "summary");
    int code;

    if (values->quiet && !values->json)
        return 0;
    code = thaw_render_file(values->output, format, &style, stream, &error);
    return code ? thaw_fail(name, &error, THAW_EXIT_FAILED) : 0;
}

int thaw_recording_run(const char *name, const struct thaw_recording_options *options,
                       const char *const *command, const pid_t *processes, size_t process_count)
{
    struct thaw_record_options record = {
        .command = command,
        .processes = processes,
        .process_count = process_count,
    };
    struct thaw_record_result result;
    struct thaw_error error = {0};
    int code = thaw_recording_fill(name, options, &record);
    int failure, shown;

    if (code)
        return code;
    failure = thaw_record(&record, &result, &error);
    code = exit_code(name, failure, &result, &error);
    if (failure && !result.started)
        return code;
    shown = show(name, options);
    if (!options->quiet)
        thaw_complain(name, "recording: %s", options->output);
    return code ? code : shown;
}
