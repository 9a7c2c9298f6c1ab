/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/commands.h"
#include "cli/render.h"
#include "cli/rows.h"
#include "cli/what_if.h"

#define NAME "report"
#define SUMMARY_FORMAT "summary"
#define TEXT_FORMAT "text"
#define TEXT_DESCRIPTION "the recording itself, one event a line, for bug reports"

struct report_options {
    bool json;
    bool strict;
    const char *format;
    const char *output;
    const char *what_if;
    const char *view;
    const char *guest;
    const char *config;
    const char *proof;
    int color;
    int64_t width;
};

static const struct thaw_option options[] = {
    {THAW_TEXT(struct report_options, format), .name = "format", .letter = 'f',
     .argument = "FORMAT", .help = "form of the output, `-f list` names them (default: summary)"},
    {THAW_FLAG(struct report_options, json), .name = "json", .help = "the same as -f json"},
    {THAW_TEXT(struct report_options, output), .name = "output", .letter = 'o', .argument = "FILE",
     .help = "write to FILE instead of standard output; it is replaced only when all went well"},
    {THAW_TEXT(struct report_options, view), .name = "view", .argument = "VIEW",
     .help = "what the summary is about, `--view list` names them (default: summary)"},
    THAW_COLOR_OPTION(struct report_options, color),
    THAW_WIDTH_OPTION(struct report_options, width),
    {THAW_TEXT(struct report_options, what_if), .name = "what-if", .argument = "lazy=NAME,...",
     .help = "predict instead what the cold start would save if the app's own imports of these "
             "modules, or those at FILE:LINE, were deferred; drop=NAME,...: if modules or "
             "distributions were gone; both may be combined"},
    {THAW_TEXT(struct report_options, guest), .name = "guest", .argument = "RECORDING",
     .help = "lay a recording made in a virtual machine (with --mark-console) under this one of "
             "the machine around it, on one time axis"},
    {THAW_TEXT(struct report_options, config), .name = "config", .argument = "FILE",
     .help = "what to suppress, instead of the thaw.json beside the app (see thaw explain --help)"},
    {THAW_TEXT(struct report_options, proof), .name = "proof", .argument = "FILE",
     .help = "what `thaw prove` found out, instead of RECORDING" THAW_PROOF_FILE_ENDING},
    {THAW_FLAG(struct report_options, strict), .name = "strict",
     .help = "exit with 3 when the measurement is incomplete (it is said in either case)"},
    {0},
};

static int list_formats(void)
{
    thaw_rows_list(thaw_report_formats(), NULL);
    printf("%-12s %s\n", TEXT_FORMAT, TEXT_DESCRIPTION);
    return THAW_EXIT_OK;
}

static int list_views(void)
{
    thaw_rows_list(thaw_report_views(), NULL);
    return THAW_EXIT_OK;
}

static const struct thaw_report_format *find_format(const char *name)
{
    const struct thaw_report_format *row = thaw_rows_find(thaw_report_formats(), name);
    if (!row)
        thaw_rows_complain(NAME, thaw_report_formats(), TEXT_FORMAT, name, "format", "-f");
    return row;
}

static const struct thaw_report_format *find_view(const char *name)
{
    const struct thaw_report_format *row = thaw_rows_find(thaw_report_views(), name);
    if (!row)
        thaw_rows_complain(NAME, thaw_report_views(), NULL, name, "view", "--view");
    return row;
}

/* Loads as much as the format (NULL: the recording's text form) and --strict need. */
static int load(const char *path, const struct thaw_report_format *format,
                const struct report_options *values, struct thaw_rendering *ret,
                struct thaw_error *error)
{
    if (format)
        return thaw_rendering_load_guest(path, values->guest, ret, error);
    int code = thaw_recording_load(path, &ret->recording, error);
    return code || !values->strict ? code
                                   : thaw_timeline_build(ret->recording, &ret->timeline, error);
}

static int write_report(const struct report_options *values,
                        const struct thaw_report_format *format, const char *path)
{
    struct thaw_rendering loaded = {.configuration_path = values->config,
                                    .proofs_path = values->proof,
                                    .without_modules =
                                        format && format->flags & THAW_REPORT_MAKES_MODULES,
                                    .name = NAME};
    struct thaw_error error = {0};
    struct thaw_output_content content = {.path = values->output,
                                          .color = values->color,
                                          .width = values->width,
                                          .write = format ? format->write : NULL};
    int code = THAW_EXIT_OK, written = 0;
    if (load(path, format, values, &loaded, &error) != 0)
        code = thaw_fail(NAME, &error, THAW_EXIT_USAGE);
    content.report = loaded.report;
    content.modules_of = loaded.without_modules ? loaded.analysis : NULL;
    content.recording = loaded.recording;
    if (!code)
        written = thaw_output_write(&content, &error);
    if (written)
        code = thaw_fail(NAME, &error, thaw_output_exit(written));
    else if (!code && values->strict && !loaded.timeline->complete)
        code = THAW_EXIT_INCOMPLETE;
    if (code == THAW_EXIT_INCOMPLETE)
        thaw_complain(NAME, "%s: the measurement is incomplete; the report says what is missing",
                      path);
    thaw_rendering_free(&loaded);
    return code;
}

static int predict(const struct report_options *values, const char *path)
{
    struct thaw_rendering loaded = {0};
    struct thaw_error error = {0};
    int code = thaw_recording_load(path, &loaded.recording, &error);
    if (!code)
        code = thaw_timeline_build(loaded.recording, &loaded.timeline, &error);
    code = code ? thaw_fail(NAME, &error, THAW_EXIT_USAGE)
                : thaw_what_if(NAME, values->what_if, loaded.timeline, values->json);
    thaw_rendering_free(&loaded);
    return code;
}

/* What to write; NULL: the recording's text form. False after a complaint. */
static bool choose(const struct report_options *values, const char *name,
                   const struct thaw_report_format **ret)
{
    *ret = NULL;
    if (values->json && strcmp(name, "json") != 0) {
        thaw_complain(NAME, "--json and -f %s exclude each other", name);
        return false;
    }
    if (values->view && strcmp(name, SUMMARY_FORMAT) != 0) {
        thaw_complain(NAME, "--view is for the terminal: it excludes -f %s", name);
        return false;
    }
    if (values->guest && values->what_if) {
        thaw_complain(NAME, "--what-if and --guest exclude each other");
        return false;
    }
    if (values->guest && strcmp(name, TEXT_FORMAT) == 0) {
        thaw_complain(NAME, "-f text writes one recording: it excludes --guest");
        return false;
    }
    if (values->view)
        *ret = find_view(values->view);
    else if (strcmp(name, TEXT_FORMAT) != 0)
        *ret = find_format(name);
    else
        return true;
    return *ret != NULL;
}

static int run_report(const void *all_values, int count, char **operands)
{
    const struct report_options *values = all_values;
    const char *name = values->format ? values->format : values->json ? "json" : SUMMARY_FORMAT;
    const struct thaw_report_format *format;
    if (strcmp(name, "list") == 0)
        return list_formats();
    if (values->view && strcmp(values->view, "list") == 0)
        return list_views();
    if (!choose(values, name, &format))
        return THAW_EXIT_USAGE;
    if (count == 0) {
        thaw_complain(NAME, "no recording given; usage: thaw report [OPTION...] RECORDING");
        return THAW_EXIT_USAGE;
    }
    return values->what_if ? predict(values, operands[0])
                           : write_report(values, format, operands[0]);
}

const struct thaw_command thaw_command_report = {
    .name = NAME,
    .summary = "show what a recording holds",
    .operands = "RECORDING",
    .details = "RECORDING is what `thaw record` wrote, or its text form. A recording that was cut "
               "short or lost events still gives a report, which says so.\n"
               "\n"
               "Examples:\n"
               "  thaw report recording.thaw\n"
               "  thaw report recording.thaw --view list\n"
               "  thaw report recording.thaw --json | jq '.tracks[0].total_ns'\n"
               "  thaw report recording.thaw -f text -o events.txt\n"
               "  thaw report host.thaw --guest guest.thaw",
    .options = options,
    .size = sizeof(struct report_options),
    .maximum_operands = 1,
    .run = run_report,
};
