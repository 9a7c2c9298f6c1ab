/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "capture/record.h"
#include "cli/closest.h"
#include "cli/commands.h"
#include "cli/render.h"
#include "platform/platform.h"
#include "thaw/version.h"

#define NAME "record"
#define DEFAULT_OUTPUT "recording.thaw"

struct record_options {
    const char *output;
    const char *until;
    uint64_t limit_ns;
    int backend;
    const char *platform;
    bool keep_running;
    bool json;
    bool quiet;
    int color;
    int64_t width;
};

static const char *const backends[] = {"auto", "ebpf", "importtime", NULL};

static const struct record_options defaults = {.output = DEFAULT_OUTPUT, .platform = "auto"};

static const struct thaw_option options[] = {
    {THAW_TEXT(struct record_options, output), .name = "output", .letter = 'o', .argument = "FILE",
     .help = "where the recording goes (default: " DEFAULT_OUTPUT ")"},
    {THAW_TEXT(struct record_options, until), .name = "until", .letter = 'u', .argument = "END",
     .help = "first-reply, exit, or a duration such as 30s (default: the first reply of a "
             "recognised platform, else the command's exit)"},
    {THAW_DURATION(struct record_options, limit_ns), .name = "limit", .argument = "DURATION",
     .help = "end the recording after so long in any case"},
    {THAW_CHOICE(struct record_options, backend), .name = "backend", .choices = backends,
     .help = "how to observe: eBPF where it is allowed (auto), ebpf or nothing, or CPython's own "
             "import report, which needs no privilege (importtime)"},
    {THAW_TEXT(struct record_options, platform), .name = "platform", .argument = "NAME",
     .help = "take this platform instead of recognising it"},
    {THAW_FLAG(struct record_options, keep_running), .name = "keep-running",
     .help = "leave the command running when the recording ends before it"},
    {THAW_FLAG(struct record_options, json), .name = "json",
     .help = "write the report as JSON to standard output"},
    {THAW_FLAG(struct record_options, quiet), .name = "quiet", .letter = 'q',
     .help = "no summary at the end"},
    THAW_COLOR_OPTION(struct record_options, color),
    THAW_WIDTH_OPTION(struct record_options, width),
    {0},
};

static void say(void *context, const char *line)
{
    (void)context;
    thaw_complain(NAME, "%s", line);
}

/* "first-reply", "exit" or a duration; 0, or an exit code after complaining. */
static int parse_until(const char *text, struct thaw_record_options *ret)
{
    if (!text)
        return 0;
    if (strcmp(text, "first-reply") == 0) {
        ret->until = THAW_UNTIL_FIRST_REPLY;
    } else if (strcmp(text, "exit") == 0) {
        ret->until = THAW_UNTIL_EXIT;
    } else if (thaw_options_duration(text, &ret->duration_ns) == 0 && ret->duration_ns) {
        ret->until = THAW_UNTIL_DURATION;
    } else {
        thaw_complain(NAME, "--until takes first-reply, exit or a duration such as 30s, not '%s'",
                      text);
        return THAW_EXIT_USAGE;
    }
    return 0;
}

static int check_platform(const char *name)
{
    struct thaw_closest closest = {.typed = name};
    size_t count;
    const struct thaw_platform *const *platforms = thaw_platforms_all(&count);

    if (strcmp(name, "auto") == 0 || thaw_platforms_find(name))
        return 0;
    for (size_t i = 0; i < count; i++)
        thaw_closest_offer(&closest, platforms[i]->name);
    if (closest.name)
        thaw_complain(NAME, "unknown platform '%s' (did you mean '%s'?)", name, closest.name);
    else
        thaw_complain(NAME,
                      "unknown platform '%s'; --platform takes auto or one of those in "
                      "`thaw help record`",
                      name);
    return THAW_EXIT_USAGE;
}

static int fill_options(const struct record_options *values, char **operands,
                        struct thaw_record_options *ret)
{
    int code = parse_until(values->until, ret);

    if (code)
        return code;
    if (values->limit_ns && (!ret->duration_ns || values->limit_ns < ret->duration_ns))
        ret->duration_ns = values->limit_ns;
    ret->command = (const char *const *)operands;
    ret->output = values->output;
    ret->backend = (enum thaw_backend)values->backend;
    ret->platform = values->platform;
    ret->keep_running = values->keep_running;
    ret->tool_version = THAW_VERSION;
    ret->say = say;
    return check_platform(values->platform);
}

/* The command's own status; thaw's when the command could not run or recording failed. */
static int exit_code(int failure, const struct thaw_record_result *result,
                     const struct thaw_error *error)
{
    if (failure) {
        thaw_fail(NAME, error, THAW_EXIT_FAILED);
        if (result->not_executed)
            return failure == -ENOENT ? THAW_EXIT_NOT_FOUND : THAW_EXIT_NOT_EXECUTABLE;
        return THAW_EXIT_FAILED;
    }
    return result->exited ? result->exit_status : THAW_EXIT_OK;
}

static int show(const struct record_options *values)
{
    struct thaw_error error = {0};
    FILE *stream = values->json ? stdout : stderr;
    struct thaw_report_options style = thaw_output_style(values->color, values->width, stream);
    const struct thaw_report_format *format = thaw_render_format(values->json ? "json" : "summary");
    int code;

    if (values->quiet && !values->json)
        return 0;
    code = thaw_render_file(values->output, format, &style, stream, &error);
    return code ? thaw_fail(NAME, &error, THAW_EXIT_FAILED) : 0;
}

static int run_record(const void *all_values, int count, char **operands)
{
    const struct record_options *values = all_values;
    struct thaw_record_options record = {0};
    struct thaw_record_result result;
    struct thaw_error error = {0};
    int code = fill_options(values, operands, &record);
    int failure, shown;

    (void)count;
    if (code)
        return code;
    failure = thaw_record(&record, &result, &error);
    code = exit_code(failure, &result, &error);
    if (failure && !result.started)
        return code;
    shown = show(values);
    if (!values->quiet)
        thaw_complain(NAME, "recording: %s", values->output);
    return code ? code : shown;
}

const struct thaw_command thaw_command_record = {
    .name = NAME,
    .summary = "record a cold start from before its first instruction",
    .operands = "-- COMMAND [ARGUMENT...]",
    .details =
        "The command runs with your terminal, and thaw exits with its status (0 when thaw ended "
        "it because the recording was over). Under sudo only the recording is privileged: the "
        "command runs as you, and the recording is yours.\n"
        "\n"
        "Examples:\n"
        "  sudo thaw record -- func start\n"
        "  sudo thaw record -o run.thaw --until exit -- python3 -c 'import pandas'\n"
        "  thaw record --backend importtime -- python3 app.py",
    .options = options,
    .size = sizeof(struct record_options),
    .defaults = &defaults,
    .minimum_operands = 1,
    .maximum_operands = -1,
    .options_first = true,
    .run = run_record,
};
