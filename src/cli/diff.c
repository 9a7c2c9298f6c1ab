/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/commands.h"
#include "cli/diff_sides.h"
#include "cli/output.h"
#include "cli/rows.h"

#define NAME "diff"
#define SUMMARY_FORMAT "summary"

struct diff_options {
    bool json;
    bool trials;
    const char *format;
    const char *output;
    int64_t top;
    int color;
    int64_t width;
};

static bool format_word(size_t index, struct thaw_word *ret)
{
    return thaw_rows_word(thaw_diff_formats(), index, ret);
}

static const struct thaw_offer format_offer = {.word = format_word};

static const struct thaw_option options[] = {
    {THAW_FLAG(struct diff_options, json), .name = "json",
     .help = "the same as -f json; `thaw schema diff` prints its schema"},
    {THAW_TEXT(struct diff_options, format), .name = "format", .letter = 'f', .argument = "FORMAT",
     .offer = &format_offer, .help = "form of the output, `-f list` names them (default: summary)"},
    {THAW_TEXT(struct diff_options, output), .name = "output", .letter = 'o', .argument = "FILE",
     .offer = &thaw_offer_files,
     .help = "write to FILE instead of standard output; it is replaced only when all went well"},
    {THAW_FLAG(struct diff_options, trials), .name = "trials",
     .help = "a folder is a set of recordings of one thing, whatever else is in it (without this, "
             "where it holds nothing but *.thaw and *.json)"},
    {THAW_NUMBER(struct diff_options, top), .name = "top", .argument = "N", .minimum = 1,
     .maximum = 1000000, .help = "rows of each list to show (default: 15); JSON has all"},
    THAW_COLOR_OPTION(struct diff_options, color),
    THAW_WIDTH_OPTION(struct diff_options, width),
    {0},
};

static int compare(const struct diff_options *values, const struct thaw_report_format *format,
                   const struct thaw_diff_operand *operands, struct thaw_error *error)
{
    json_t *diff = NULL;
    int code = thaw_diff_build(&operands[0].side, &operands[1].side, &diff, error);

    if (!code)
        code = thaw_output_write(&(struct thaw_output_content){.path = values->output,
                                                               .color = values->color,
                                                               .width = values->width,
                                                               .view.top = (size_t)values->top,
                                                               .write = format->write,
                                                               .report = diff},
                                 1, error);
    json_decref(diff);
    return code;
}

/* NULL after a complaint. */
static const struct thaw_report_format *choose(const struct diff_options *values, const char *name)
{
    const struct thaw_report_format *row = thaw_rows_find(thaw_diff_formats(), name);

    if (values->json && strcmp(name, "json") != 0) {
        thaw_complain(NAME, "--json and -f %s exclude each other", name);
        return NULL;
    }
    if (!row)
        thaw_rows_complain(NAME, thaw_diff_formats(), NULL, name, "format", "-f");
    return row;
}

static int run_diff(const void *all_values, int count, char **words)
{
    const struct diff_options *values = all_values;
    const char *name = values->format ? values->format : values->json ? "json" : SUMMARY_FORMAT;
    struct thaw_diff_operand operands[2] = {0};
    const struct thaw_report_format *format;
    struct thaw_error error = {0};
    int code = THAW_EXIT_OK;

    if (!strcmp(name, "list")) {
        thaw_offer_list(&format_offer);
        return THAW_EXIT_OK;
    }
    format = choose(values, name);
    if (!format)
        return THAW_EXIT_USAGE;
    if (count != 2) {
        thaw_complain(NAME, "it takes two things to compare; usage: thaw diff [OPTION...] BEFORE "
                            "AFTER");
        return THAW_EXIT_USAGE;
    }
    for (int side = 0; side < 2; side++) {
        if (!thaw_output_is_same(values->output, words[side]))
            continue;
        thaw_complain(NAME, "-o %s would overwrite what is compared; give it another name",
                      values->output);
        return THAW_EXIT_USAGE;
    }
    if (thaw_diff_operands_load(NAME, words, values->trials, operands, &error) != 0)
        code = thaw_fail(NAME, &error, THAW_EXIT_USAGE);
    else if (compare(values, format, operands, &error) != 0)
        code = thaw_fail(NAME, &error, THAW_EXIT_FAILED);
    thaw_diff_operands_free(operands);
    return code;
}

const struct thaw_command thaw_command_diff = {
    .name = NAME,
    .summary = "compare two cold starts, or what two apps ship: what changed, and what brought it",
    .operands = "BEFORE AFTER",
    .details =
        "BEFORE and AFTER are recordings, or reports of them (`thaw report RECORDING --json -o "
        "FILE`); folders of several recordings of the same thing, which tell a difference from "
        "noise; targets as `thaw deps` takes them, or reports of them. Of a recording and a target "
        "what both have is compared.\n"
        "Modules are the same by their names, distributions too, wherever they are installed. "
        "With one recording each the differences of times are shown, but it isn't known whether "
        "they are noise; from 4 recordings each it may be.",
    .exits = "0 whatever the difference, unless something went wrong.",
    .examples = "thaw diff before.thaw after.thaw\n"
                "thaw diff before/ after/ -f markdown   # folders of *.thaw\n"
                "thaw diff before/ after/ -f html -o diff.html\n"
                "thaw deps .venv --json -o before.json; pip install ...\n"
                "thaw diff before.json .venv\n"
                "thaw diff before.json function.zip --json | jq '.distributions[].name'\n",
    .options = options,
    .operand_offer = &thaw_offer_files,
    .size = sizeof(struct diff_options),
    .maximum_operands = 2,
    .run = run_diff,
};
