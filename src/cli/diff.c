/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/target_report.h"
#include "report/diff.h"
#include "report/read_report.h"
#include "report/writers.h"

#define NAME "diff"

struct diff_options {
    bool json;
    const char *output;
    int64_t top;
    int color;
    int64_t width;
};

static const struct thaw_option options[] = {
    {THAW_FLAG(struct diff_options, json), .name = "json",
     .help = "write all of it as JSON; `thaw schema diff` prints its schema"},
    {THAW_TEXT(struct diff_options, output), .name = "output", .letter = 'o', .argument = "FILE",
     .offer = &thaw_offer_files,
     .help = "write to FILE instead of standard output; it is replaced only when all went well"},
    {THAW_NUMBER(struct diff_options, top), .name = "top", .argument = "N", .minimum = 1,
     .maximum = 1000000, .help = "rows of each list to show (default: 15); JSON has all"},
    THAW_COLOR_OPTION(struct diff_options, color),
    THAW_WIDTH_OPTION(struct diff_options, width),
    {0},
};

/* One of the two: a report that was written to a file, or that of a target. */
static int load(const char *name, struct thaw_target_report *ret, struct thaw_error *error)
{
    if (thaw_report_is_file(name))
        return thaw_report_read_file(name, &ret->report, error);
    ret->target.options = (struct thaw_shipped_options){.root = "", .library_path = ""};
    return thaw_target_report_load(NAME, name, 0, NULL, ret, error);
}

static int compare(const struct diff_options *values, char **names,
                   const struct thaw_target_report *loaded, struct thaw_error *error)
{
    struct thaw_diff_side before = {names[0], loaded[0].report};
    struct thaw_diff_side after = {names[1], loaded[1].report};
    json_t *diff = NULL;
    int code = thaw_diff_build(&before, &after, &diff, error);

    if (!code)
        code = thaw_output_write(
            &(struct thaw_output_content){.path = values->output,
                                          .color = values->color,
                                          .width = values->width,
                                          .view.top = (size_t)values->top,
                                          .write = values->json ? thaw_write_json : thaw_write_diff,
                                          .report = diff},
            error);
    json_decref(diff);
    return code;
}

static int run_diff(const void *all_values, int count, char **operands)
{
    struct thaw_target_report loaded[2] = {0};
    struct thaw_error error = {0};
    int code = 0;

    (void)count;
    for (int side = 0; side < 2 && !code; side++)
        code = load(operands[side], &loaded[side], &error);
    if (code)
        code = thaw_fail(NAME, &error, THAW_EXIT_USAGE);
    else if (compare(all_values, operands, loaded, &error) != 0)
        code = thaw_fail(NAME, &error, THAW_EXIT_FAILED);
    thaw_target_report_free(&loaded[0]);
    thaw_target_report_free(&loaded[1]);
    return code;
}

const struct thaw_command thaw_command_diff = {
    .name = NAME,
    .summary = "compare what two apps ship: what came, went, grew, and what brought it",
    .operands = "BEFORE AFTER",
    .details = "BEFORE and AFTER are targets as `thaw deps` takes them, or files that `thaw deps "
               "TARGET --json -o FILE` wrote. "
               "Distributions are the same by their names, wherever they are installed.",
    .exits = "0 whatever the difference, unless something went wrong.",
    .examples = "thaw diff old/.venv new/.venv\n"
                "thaw deps .venv --json -o before.json; pip install ...\n"
                "thaw diff before.json .venv\n"
                "thaw diff before.json function.zip --json | jq '.distributions[].name'\n",
    .options = options,
    .operand_offer = &thaw_offer_files,
    .size = sizeof(struct diff_options),
    .minimum_operands = 2,
    .maximum_operands = 2,
    .run = run_diff,
};
