/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/commands.h"
#include "cli/render.h"
#include "cli/report_input.h"
#include "cli/requests.h"
#include "cli/rows.h"
#include "cli/what_if.h"

#define NAME "report"
#define SUMMARY_FORMAT "summary"
#define TEXT_FORMAT "text"
#define TEXT_DESCRIPTION "the recording itself, one event a line, for bug reports"

struct report_options {
    bool json;
    bool strict;
    struct thaw_option_texts formats;
    struct thaw_option_texts outputs;
    const char *what_if;
    const char *view;
    const char *guest;
    const char *config;
    const char *proof;
    int from;
    const char *sort;
    int64_t depth;
    int64_t top;
    int color;
    int64_t width;
};

static bool format_word(size_t index, struct thaw_word *ret)
{
    const struct thaw_report_format *rows = thaw_report_formats();
    size_t count = thaw_rows_count(rows);

    if (index == count)
        *ret = (struct thaw_word){.word = TEXT_FORMAT, .description = TEXT_DESCRIPTION};
    return index == count || thaw_rows_word(rows, index, ret);
}

static bool view_word(size_t index, struct thaw_word *ret)
{
    return thaw_rows_word(thaw_report_views(), index, ret);
}

/* Those of a target come first: both tables have a summary, as their first row. */
static bool target_view_word(size_t index, struct thaw_word *ret)
{
    size_t count = thaw_rows_count(thaw_report_target_views());

    return index < count ? thaw_rows_word(thaw_report_target_views(), index, ret)
                         : thaw_rows_word(thaw_report_views() + 1, index - count, ret);
}

static bool target_sort_word(size_t index, struct thaw_word *ret)
{
    return thaw_sorts_word(thaw_report_sorts(), index, ret);
}

static bool sort_word(size_t index, struct thaw_word *ret)
{
    return thaw_sorts_word(thaw_report_import_sorts(), index, ret);
}

static const struct thaw_offer sort_offer = {.word = sort_word};
static const struct thaw_offer format_offer = {.word = format_word};
static const struct thaw_offer view_offer = {.word = view_word};
static const struct thaw_offer target_view_offer = {.word = target_view_word};
static const struct thaw_offer target_sort_offer = {.word = target_sort_word};

static const struct thaw_option options[] = {
    {THAW_CHOICE(struct report_options, from), .name = "from", .choices = thaw_report_from_choices,
     .help = "what the file is: told by what is in it (auto), or what `python -X importtime` wrote "
             "to standard error (importtime), of which - is standard input"},
    {THAW_TEXTS(struct report_options, formats), .name = "format", .letter = 'f',
     .argument = "FORMAT", .offer = &format_offer,
     .help = "form of the output, `-f list` names them (default: summary); several at once, each "
             "with an -o of its own, read the recording but once"},
    {THAW_FLAG(struct report_options, json), .name = "json", .help = "the same as -f json"},
    {THAW_TEXTS(struct report_options, outputs), .name = "output", .letter = 'o',
     .argument = "FILE", .offer = &thaw_offer_files,
     .help = "write to FILE instead of standard output; it is replaced only when all went well"},
    {THAW_TEXT(struct report_options, view), .name = "view", .argument = "VIEW",
     .offer = &view_offer,
     .help = "what the summary is about, `--view list` names them (default: summary)"},
    THAW_DEPTH_OPTION(struct report_options, depth),
    THAW_TOP_OPTION(struct report_options, top),
    {THAW_TEXT(struct report_options, sort), .name = "sort", .argument = "BY", .offer = &sort_offer,
     .help = "order of imports in --view tree and blame, `--sort list` names them"},
    THAW_COLOR_OPTION(struct report_options, color),
    THAW_WIDTH_OPTION(struct report_options, width),
    {THAW_TEXT(struct report_options, what_if), .name = "what-if", .argument = "lazy=NAME,...",
     .help = "predict instead what the cold start would save if the app's own imports of these "
             "modules, or those at FILE:LINE, were deferred; drop=NAME,...: if modules or "
             "distributions were gone; both may be combined"},
    {THAW_TEXT(struct report_options, guest), .name = "guest", .argument = "RECORDING",
     .offer = &thaw_offer_files,
     .help = "lay a recording made in a virtual machine (with --mark-console) under this one of "
             "the machine around it, on one time axis"},
    {THAW_TEXT(struct report_options, config), .name = "config", .argument = "FILE",
     .offer = &thaw_offer_files,
     .help = "what to suppress, instead of the thaw.json beside the app (see thaw explain --help)"},
    {THAW_TEXT(struct report_options, proof), .name = "proof", .argument = "FILE",
     .offer = &thaw_offer_files,
     .help = "what `thaw prove` found out, instead of RECORDING" THAW_PROOF_FILE_ENDING},
    {THAW_FLAG(struct report_options, strict), .name = "strict",
     .help = "exit with 3 when the measurement is incomplete (it is said in either case)"},
    {0},
};

static const struct thaw_word files[] = {
    {THAW_CONFIGURATION_NAME, "beside the app: what to suppress (see `thaw explain`)", NULL},
    {"RECORDING" THAW_PROOF_FILE_ENDING, "what `thaw prove` found out, if it is there", NULL},
    {0},
};

static const struct thaw_offer *sorts_of(const struct thaw_report_input *input)
{
    return thaw_report_input_has_target(input) ? &target_sort_offer : &sort_offer;
}

/* The list that was asked for instead of anything else, NULL: none was. */
static const struct thaw_offer *list_of(const struct report_options *values,
                                        const struct thaw_report_input *input)
{
    bool target = thaw_report_input_has_target(input);
    if (thaw_option_texts_have(&values->formats, "list"))
        return &format_offer;
    if (values->view && !strcmp(values->view, "list"))
        return target ? &target_view_offer : &view_offer;
    return values->sort && !strcmp(values->sort, "list") ? sorts_of(input) : NULL;
}

static const struct thaw_report_format *find_format(const char *name)
{
    const struct thaw_report_format *row = thaw_rows_find(thaw_report_formats(), name);
    if (!row)
        thaw_rows_complain(NAME, thaw_report_formats(), TEXT_FORMAT, name, "format", "-f");
    return row;
}

static const struct thaw_report_format *find_view(const struct thaw_report_input *input,
                                                  const char *name)
{
    const struct thaw_report_format *row = NULL;
    if (thaw_report_input_has_target(input))
        row = thaw_rows_find(thaw_report_target_views(), name);
    if (row && (!strcmp(name, "why") || !strcmp(name, "reverse"))) {
        thaw_complain(NAME, "--view %s needs a name: thaw deps TARGET --%s NAME", name, name);
        return NULL;
    }
    if (!row)
        row = thaw_rows_find(thaw_report_views(), name);
    if (!row)
        thaw_rows_complain(NAME, thaw_report_views(), NULL, name, "view", "--view");
    return row;
}

/* What is to be written, and how. */
struct writing {
    struct thaw_requests requests;
    const struct thaw_report_format
        *formats[THAW_OPTION_TEXTS_MOST]; /* NULL: the recording's text form */
};

/* Loads as much as the formats and --strict need. */
static int load(const struct thaw_report_input *input, const struct writing *writing,
                const struct report_options *values, struct thaw_rendering *ret,
                struct thaw_error *error)
{
    bool text_only = true;
    ret->without_modules = true;
    for (size_t i = 0; i < writing->requests.count; i++) {
        const struct thaw_report_format *format = writing->formats[i];
        text_only &= !format;
        ret->without_modules &= !format || format->flags & THAW_REPORT_MAKES_MODULES;
    }
    if (!text_only)
        return thaw_report_input_load(input, values->guest, ret, error);
    int code = thaw_report_input_load_recording(input, ret, error);
    return code || !values->strict ? code
                                   : thaw_timeline_build(ret->recording, &ret->timeline, error);
}

static bool is_complete(const struct thaw_rendering *loaded)
{
    return loaded->report ? json_is_true(json_object_get(loaded->report, "complete"))
                          : loaded->timeline->complete;
}

static int write_all(const struct report_options *values, const struct writing *writing,
                     const struct thaw_rendering *loaded, struct thaw_error *error)
{
    struct thaw_output_content contents[THAW_OPTION_TEXTS_MOST];
    for (size_t i = 0; i < writing->requests.count; i++) {
        const struct thaw_report_format *format = writing->formats[i];
        contents[i] = (struct thaw_output_content){
            .path = writing->requests.items[i].path,
            .color = values->color,
            .width = values->width,
            .view = {.depth = (size_t)values->depth,
                     .top = (size_t)values->top,
                     .sort = values->sort},
            .write = format ? format->write : NULL,
            .report = loaded->report,
            .modules = loaded->without_modules && loaded->analysis ? &loaded->modules : NULL,
            .recording = loaded->recording};
    }
    return thaw_output_write(contents, writing->requests.count, error);
}

static int write_report(const struct report_options *values, const struct writing *writing,
                        const struct thaw_report_input *input)
{
    struct thaw_rendering loaded = {.configuration_path = values->config,
                                    .proofs_path = values->proof,
                                    .name = NAME};
    struct thaw_error error = {0};
    int code = THAW_EXIT_OK, written = 0;
    if (load(input, writing, values, &loaded, &error) != 0)
        code = thaw_fail(NAME, &error, THAW_EXIT_USAGE);
    if (!code)
        written = write_all(values, writing, &loaded, &error);
    if (written)
        code = thaw_fail(NAME, &error, thaw_output_exit(written));
    if (!code && values->strict && !is_complete(&loaded))
        code = THAW_EXIT_INCOMPLETE;
    if (code == THAW_EXIT_INCOMPLETE)
        thaw_complain(NAME, "%s: the measurement is incomplete; the report says what is missing",
                      input->path);
    thaw_rendering_free(&loaded);
    return code;
}

static int predict(const struct report_options *values, const struct thaw_report_input *input)
{
    struct thaw_rendering loaded = {0};
    struct thaw_error error = {0};
    int code = thaw_report_input_load_recording(input, &loaded, &error);
    if (!code)
        code = thaw_timeline_build(loaded.recording, &loaded.timeline, &error);
    code = code ? thaw_fail(NAME, &error, THAW_EXIT_USAGE)
                : thaw_what_if(NAME, values->what_if, loaded.timeline, values->json);
    thaw_rendering_free(&loaded);
    return code;
}

/* Of what only a recording has the rest, or what only it can be joined with. */
static bool are_options_for(const struct report_options *values, const char *format,
                            const struct thaw_report_input *input)
{
    const struct {
        const char *option;
        bool given;
    } options_of_recordings[] = {
        {"--what-if", values->what_if},
        {"--guest", values->guest},
        {"--proof", values->proof},
        {"--config", input->written && values->config},
        {"-f " TEXT_FORMAT, input->written && strcmp(format, TEXT_FORMAT) == 0},
    };
    const char *what = thaw_report_input_is(input);
    for (size_t i = 0; what && i < sizeof(options_of_recordings) / sizeof(*options_of_recordings);
         i++) {
        if (!options_of_recordings[i].given)
            continue;
        thaw_complain(NAME, "%s needs a recording: %s is %s", options_of_recordings[i].option,
                      input->path, what);
        return false;
    }
    return true;
}

/* What to write; NULL: the recording's text form. False after a complaint. */
static bool choose(const struct report_options *values, const char *name,
                   const struct thaw_report_input *input, const struct thaw_report_format **ret)
{
    *ret = NULL;
    if (values->view && strcmp(name, SUMMARY_FORMAT) != 0) {
        thaw_complain(NAME, "--view is for the terminal: it excludes -f %s", name);
        return false;
    }
    if (values->sort && !thaw_offer_has(sorts_of(input), values->sort)) {
        thaw_complain(NAME, "nothing can be sorted by '%s'; `thaw report --sort list` says by what",
                      values->sort);
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
    if (!are_options_for(values, name, input))
        return false;
    if (strcmp(name, SUMMARY_FORMAT) == 0)
        *ret = find_view(input, values->view ? values->view : SUMMARY_FORMAT);
    else if (strcmp(name, TEXT_FORMAT) != 0)
        *ret = find_format(name);
    else
        return true;
    return *ret != NULL;
}

/* Which files get what. False after a complaint. */
static bool choose_all(const struct report_options *values, const struct thaw_report_input *input,
                       struct writing *ret)
{
    const char *const read[] = {input->path, values->guest, values->proof};
    if (!thaw_requests_pair(NAME, &values->formats, &values->outputs, values->json, SUMMARY_FORMAT,
                            &ret->requests))
        return false;
    for (size_t i = 0; i < ret->requests.count; i++) {
        if (!choose(values, ret->requests.items[i].format, input, &ret->formats[i]))
            return false;
    }
    return thaw_requests_are_apart(NAME, &ret->requests, read, sizeof(read) / sizeof(read[0]));
}

/* A prediction is text, or JSON, on standard output. False after a complaint. */
static bool is_prediction_alone(const struct report_options *values)
{
    if (!values->formats.count && !values->outputs.count && !values->view)
        return true;
    thaw_complain(NAME,
                  "--what-if writes text, or JSON with --json, to standard output: it excludes "
                  "-f, -o and --view");
    return false;
}

static int answer(const struct report_options *values, const struct thaw_report_input *input)
{
    struct writing writing = {0};
    if (list_of(values, input)) {
        thaw_offer_list(list_of(values, input));
        return THAW_EXIT_OK;
    }
    if (!choose_all(values, input, &writing) || (values->what_if && !is_prediction_alone(values)))
        return THAW_EXIT_USAGE;
    if (!input->path) {
        thaw_complain(NAME, "no recording given; usage: thaw report [OPTION...] RECORDING");
        return THAW_EXIT_USAGE;
    }
    return values->what_if ? predict(values, input) : write_report(values, &writing, input);
}

static int run_report(const void *all_values, int count, char **operands)
{
    const struct report_options *values = all_values;
    struct thaw_report_input input = {0};
    struct thaw_error error = {0};
    int code;
    if (count && thaw_report_input_open(operands[0], values->from, &input, &error) != 0)
        return thaw_fail(NAME, &error, THAW_EXIT_USAGE);
    code = answer(values, &input);
    thaw_report_input_free(&input);
    return code;
}

const struct thaw_command thaw_command_report = {
    .name = NAME,
    .summary = "show what a recording holds",
    .operands = "RECORDING",
    .details = "RECORDING is what `thaw record` wrote, or its text form. A recording that was cut "
               "short or lost events still gives a report, which says so.\n"
               "\n"
               "It may also be a report that was written as JSON before, by `thaw report` or `thaw "
               "deps`: it is shown again in any form; of what a target ships, `--view list FILE` "
               "names the views. With --from importtime it is what `python -X importtime` (or "
               "PYTHONPROFILEIMPORTTIME) wrote, whatever else stands in that log: names and times "
               "of imports, where they agree with each other.",
    .examples = "thaw report recording.thaw\n"
                "thaw report recording.thaw --view list\n"
                "thaw report recording.thaw --json | jq '.tracks[0].total_ns'\n"
                "thaw report recording.thaw -f json -o report.json -f html -o report.html\n"
                "thaw report recording.thaw -f text -o events.txt\n"
                "thaw report host.thaw --guest guest.thaw\n"
                "thaw report report.json -f html -o report.html\n"
                "python3 -X importtime app.py 2>&1 >/dev/null | thaw report --from importtime -\n",
    .options = options,
    .files = files,
    .operand_offer = &thaw_offer_files,
    .size = sizeof(struct report_options),
    .maximum_operands = 1,
    .run = run_report,
};
