/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/deps_check.h"
#include "cli/output.h"
#include "cli/rows.h"
#include "cli/target_report.h"
#include "packaging/machine.h"
#include "report/keys.h"

#define NAME "deps"
#define SUMMARY "summary"
#define KEPT_BYTES (32 << 20)

struct deps_options {
    bool json;
    bool strict;
    bool check;
    bool no_libraries;
    const char *format;
    const char *output;
    const char *view;
    const char *sort;
    const char *why;
    const char *reverse;
    const char *python_version;
    const char *machine;
    const char *library_path;
    struct thaw_option_texts recordings;
    int64_t pid;
    int64_t depth;
    int64_t top;
    int color;
    int64_t width;
};

/* The row "summary" of the table is about recordings. */
static bool format_word(size_t index, struct thaw_word *ret)
{
    bool found = thaw_rows_word(thaw_report_formats(), index, ret);

    if (found && !strcmp(ret->word, SUMMARY))
        ret->description = "for a terminal: `--view list` names what it can be about";
    return found;
}

static bool view_word(size_t index, struct thaw_word *ret)
{
    return thaw_rows_word(thaw_report_target_views(), index, ret);
}

static bool sort_word(size_t index, struct thaw_word *ret)
{
    return thaw_sorts_word(thaw_report_sorts(), index, ret);
}

static bool machine_word(size_t index, struct thaw_word *ret)
{
    ret->word = thaw_machine_at(index);
    return ret->word;
}

static const struct thaw_offer format_offer = {.word = format_word};
static const struct thaw_offer view_offer = {.word = view_word};
static const struct thaw_offer sort_offer = {.word = sort_word};
static const struct thaw_offer machine_offer = {.word = machine_word};

static const struct thaw_option options[] = {
    {THAW_TEXT(struct deps_options, format), .name = "format", .letter = 'f', .argument = "FORMAT",
     .offer = &format_offer, .help = "form of the output, `-f list` names them (default: summary)"},
    {THAW_FLAG(struct deps_options, json), .name = "json", .help = "the same as -f json"},
    {THAW_TEXT(struct deps_options, output), .name = "output", .letter = 'o', .argument = "FILE",
     .offer = &thaw_offer_files,
     .help = "write to FILE instead of standard output; it is replaced only when all went well"},
    {THAW_TEXT(struct deps_options, view), .name = "view", .argument = "VIEW", .offer = &view_offer,
     .help = "what to show on a terminal, `--view list` names them (default: summary)"},
    {THAW_TEXT(struct deps_options, why), .name = "why", .argument = "NAME",
     .help = "show who asks for a package, or wants a shared object"},
    {THAW_TEXT(struct deps_options, reverse), .name = "reverse", .argument = "NAME",
     .help = "the same as a tree, up to the requirements"},
    THAW_DEPTH_OPTION(struct deps_options, depth),
    THAW_TOP_OPTION(struct deps_options, top),
    {THAW_TEXT(struct deps_options, sort), .name = "sort", .argument = "BY", .offer = &sort_offer,
     .help = "order of packages, `--sort list` names them (default: disk)"},
    {THAW_TEXTS(struct deps_options, recordings), .name = "recording", .argument = "RECORDING",
     .offer = &thaw_offer_files,
     .help = "tell what of it was used in this recording, too; may be given several times"},
    {THAW_NUMBER(struct deps_options, pid), .name = "pid", .argument = "PID", .minimum = 1,
     .maximum = INT32_MAX, .offer = &thaw_offer_processes,
     .help = "the target is this running process"},
    {THAW_TEXT(struct deps_options, python_version), .name = "python-version", .argument = "X.Y",
     .help = "Python that it is for (default: told from the target)"},
    {THAW_TEXT(struct deps_options, machine), .name = "machine", .argument = "NAME",
     .offer = &machine_offer,
     .help = "machine that it is for, such as x86_64 or aarch64 (default: told from the target)"},
    {THAW_TEXT(struct deps_options, library_path), .name = "library-path", .argument = "FOLDERS",
     .offer = &thaw_offer_folders,
     .help =
         "LD_LIBRARY_PATH that it will run with; relative folders are of the working directory"},
    {THAW_FLAG(struct deps_options, no_libraries), .name = "no-libraries",
     .help = "do not look into shared objects"},
    {THAW_FLAG(struct deps_options, check), .name = "check",
     .help = "exit with 1 when something keeps it from working or from being deployed, and say "
             "what, a line each"},
    {THAW_FLAG(struct deps_options, strict), .name = "strict",
     .help = "exit with 3 when something of it could not be read, or a recording is incomplete"},
    THAW_COLOR_OPTION(struct deps_options, color),
    THAW_WIDTH_OPTION(struct deps_options, width),
    {0},
};

static bool is_version(const char *text)
{
    size_t major = strspn(text, "0123456789");
    size_t minor = text[major] == '.' ? strspn(text + major + 1, "0123456789") : 0;

    return major && minor && major + 1 + minor == strlen(text) && strlen(text) < 8;
}

/* False after a complaint. */
static bool are_values_good(const struct deps_options *values)
{
    if (values->json && values->format && strcmp(values->format, "json") != 0)
        thaw_complain(NAME, "--json and -f %s exclude each other", values->format);
    else if (!!values->view + !!values->why + !!values->reverse > 1)
        thaw_complain(NAME, "--view, --why and --reverse exclude each other");
    else if ((values->view || values->why || values->reverse) &&
             (values->json || (values->format && strcmp(values->format, SUMMARY) != 0)))
        thaw_complain(NAME, "--view, --why and --reverse are for the terminal: they exclude -f %s",
                      values->json ? "json" : values->format);
    else if (values->view && (!strcmp(values->view, "why") || !strcmp(values->view, "reverse")))
        thaw_complain(NAME, "it needs a name: --%s NAME", values->view);
    else if (values->sort && !thaw_offer_has(&sort_offer, values->sort))
        thaw_complain(NAME,
                      "packages can't be sorted by '%s'; `thaw deps --sort list` names what "
                      "they can",
                      values->sort);
    else if (values->machine && !thaw_machine_tag(values->machine))
        thaw_complain(NAME, "'%s' is no machine that thaw knows: %s", values->machine,
                      thaw_machine_words());
    else if (values->python_version && !is_version(values->python_version))
        thaw_complain(NAME, "'%s' is no version of Python such as 3.11", values->python_version);
    else if (values->library_path && strchr(values->library_path, '$'))
        thaw_complain(NAME, "--library-path takes folders as they are, without '$': '%s'",
                      values->library_path);
    else
        return true;
    return false;
}

/* NULL after a complaint. */
static const struct thaw_report_format *choose(const struct deps_options *values)
{
    const char *format = values->format ? values->format : values->json ? "json" : SUMMARY;
    const char *view = values->why       ? "why"
                       : values->reverse ? "reverse"
                       : values->view    ? values->view
                                         : SUMMARY;
    bool is_view = !strcmp(format, SUMMARY);
    const struct thaw_report_format *rows =
        is_view ? thaw_report_target_views() : thaw_report_formats();
    const char *name = is_view ? view : format;
    const struct thaw_report_format *row = thaw_rows_find(rows, name);

    if (!row)
        thaw_rows_complain(NAME, rows, NULL, name, is_view ? "view" : "format",
                           is_view ? "--view" : "-f");
    return row;
}

/* The list that was asked for instead of anything else, NULL: none was. */
static const struct thaw_offer *list_of(const struct deps_options *values)
{
    if (values->format && !strcmp(values->format, "list"))
        return &format_offer;
    if (values->view && !strcmp(values->view, "list"))
        return &view_offer;
    return values->sort && !strcmp(values->sort, "list") ? &sort_offer : NULL;
}

/* Relative folders, as the loader would take them if it began here; NULL: memory is short. */
static const char *whole_library_path(struct thaw_arena *arena, const char *list)
{
    const char *whole = "";

    for (size_t length; list && *list; list += length + (list[length] != '\0')) {
        const char *folder;
        char real[PATH_MAX];

        length = strcspn(list, ":;");
        folder = thaw_arena_text(arena, list, length);
        if (folder && *folder && *folder != '/' && realpath(folder, real))
            folder = thaw_arena_string(arena, real);
        whole = whole && folder
                    ? thaw_arena_format(arena, "%s%s%s", whole, *whole ? ":" : "", folder)
                    : NULL;
        if (!whole)
            return NULL;
    }
    return whole;
}

static int read_all(const struct deps_options *values, const char *word,
                    struct thaw_target_report *ret, struct thaw_error *error)
{
    const char *library_path = whole_library_path(&ret->target.arena, values->library_path);

    if (!library_path)
        return thaw_error_memory(error);
    ret->target.options = (struct thaw_shipped_options){
        .root = "",
        .python_version = values->python_version,
        .machine = values->machine,
        .library_path = library_path,
        .without_libraries = values->no_libraries,
    };
    return thaw_target_report_load(NAME, word, values->pid, values->recordings.items, ret, error);
}

static int write_report(const struct deps_options *values, const struct thaw_report_format *format,
                        const json_t *report, struct thaw_error *error)
{
    const struct thaw_output_content content = {
        .path = values->output,
        .color = values->color,
        .width = values->width,
        .view = {.depth = (size_t)values->depth,
                 .top = (size_t)values->top,
                 .sort = values->sort,
                 .name = values->why ? values->why : values->reverse},
        .write = format->write,
        .report = report,
    };

    return thaw_output_write(&content, 1, error);
}

/* The exit code of what was written. */
static int judge(const struct deps_options *values, const json_t *report)
{
    bool complete = json_is_true(json_object_get(report, "complete")) && !thaw_key_unread(report);

    if (values->check && thaw_deps_check(NAME, report))
        return THAW_EXIT_FINDING;
    if (!values->strict || complete)
        return THAW_EXIT_OK;
    thaw_complain(NAME, "not all could be read, or a recording is incomplete; the report says what "
                        "is missing");
    return THAW_EXIT_INCOMPLETE;
}

static int answer(const struct deps_options *values, const struct thaw_report_format *format,
                  const char *word)
{
    /* Not freed: the program ends, and of what it takes to answer that would be a twentieth. */
    static struct thaw_target_report loaded;
    struct thaw_error error = {0};
    int code, written;

    /* What is freed is used again soon: giving it back to the kernel costs 500 page faults. */
    mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
    mallopt(M_MMAP_THRESHOLD, KEPT_BYTES / 8);
    loaded.sections = format->flags & THAW_REPORT_SECTIONS;
    code = read_all(values, word, &loaded, &error);
    if (code) {
        code = thaw_fail(NAME, &error, THAW_EXIT_USAGE);
    } else {
        written = write_report(values, format, loaded.report, &error);
        code = written == -ESRCH && (values->why || values->reverse)
                   ? thaw_fail(NAME, &error, THAW_EXIT_USAGE)
               : written ? thaw_fail(NAME, &error, thaw_output_exit(written))
                         : judge(values, loaded.report);
    }
    return code;
}

static int run_deps(const void *all_values, int count, char **operands)
{
    const struct deps_options *values = all_values;
    const struct thaw_report_format *format;

    if (list_of(values)) {
        thaw_offer_list(list_of(values));
        return THAW_EXIT_OK;
    }
    if (!are_values_good(values))
        return THAW_EXIT_USAGE;
    format = choose(values);
    if (!format)
        return THAW_EXIT_USAGE;
    if (!count == !values->pid) {
        thaw_complain(NAME, count ? "--pid PID is a target itself: no other one can be given"
                                  : "no target given; usage: thaw deps [OPTION...] TARGET");
        return THAW_EXIT_USAGE;
    }
    return answer(values, format, operands[0]);
}

const struct thaw_command thaw_command_deps = {
    .name = NAME,
    .summary = "show what an app's dependencies weigh, and what of them is waste",
    .operands = "TARGET",
    .details =
        "TARGET is a virtual environment, an app's folder, a Lambda layer, a container's root "
        "folder, a zip of one of these, the pid of a running Python, or a recording. It is read, "
        "never executed, and nothing outside of it is opened but what the dynamic loader would.",
    .examples = "thaw deps .venv\n"
                "thaw deps build/function.zip --view tree --depth 2\n"
                "thaw deps .venv --why numpy\n"
                "thaw deps . --recording recording.thaw --view use\n"
                "thaw deps . --python-version 3.11 --machine aarch64 --check\n",
    .options = options,
    .operand_offer = &thaw_offer_files,
    .size = sizeof(struct deps_options),
    .maximum_operands = 1,
    .run = run_deps,
};
