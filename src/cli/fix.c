/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/analysed.h"
#include "cli/commands.h"
#include "cli/fix_files.h"
#include "cli/fix_words.h"
#include "cli/joined_proofs.h"
#include "cli/output.h"

#define NAME "fix"

struct fix_options {
    bool apply;
    bool json;
    struct thaw_option_texts only;
    int form;
    const char *root;
    const char *output;
};

static const struct thaw_option options[] = {
    {THAW_FLAG(struct fix_options, apply), .name = "apply",
     .help = "change the files instead of writing the diff; all of them or none"},
    {THAW_TEXTS(struct fix_options, only), .name = "only", .argument = "WHAT",
     .help = "take this suggestion alone: FILE:LINE, or a module or package by its name"},
    THAW_FIX_FORM_OPTION(struct fix_options, form),
    {THAW_TEXT(struct fix_options, root), .name = "root", .argument = "DIR",
     .offer = &thaw_offer_folders,
     .help = "the app's folder, outside of which nothing changes (default: as recorded)"},
    {THAW_TEXT(struct fix_options, output), .name = "output", .letter = 'o', .argument = "FILE",
     .offer = &thaw_offer_files, .help = "write the diff to FILE instead of standard output"},
    {THAW_FLAG(struct fix_options, json), .name = "json",
     .help = "write to standard output as JSON what moves, and why the rest stays"},
    {0},
};

static int write_diff(const struct thaw_fix *fix, const char *path, struct thaw_error *error)
{
    struct thaw_output output;
    int code = thaw_output_open(path, &output, error), closed;

    if (code)
        return code;
    for (size_t i = 0; i < fix->files.count; i++) {
        const struct thaw_rewrite_result *result = &fix->files.items[i].result;

        if (result->difference)
            fwrite(result->difference, 1, result->difference_length, output.stream);
    }
    closed = thaw_output_close(&output, true, error);
    return code ? code : closed;
}

/* Writes and applies what was made; words last, so that they speak of what was done. */
static int deliver(const struct fix_options *values, const struct thaw_fix *fix)
{
    struct thaw_error error = {0};
    bool writes = values->output || (!values->apply && !values->json);
    int code = THAW_EXIT_OK;

    thaw_fix_tell(NAME, fix);
    if (writes && write_diff(fix, values->output, &error))
        return thaw_fail(NAME, &error, THAW_EXIT_FAILED);
    if (values->apply && thaw_fix_apply(fix, &error))
        return thaw_fail(NAME, &error, THAW_EXIT_FAILED);
    if (values->json)
        code = thaw_fix_print_json(fix, values->apply && thaw_fix_moved(fix));
    for (size_t i = 0; !code && i < fix->files.count; i++)
        code = fix->files.items[i].refusal ? THAW_EXIT_USAGE : THAW_EXIT_OK;
    return code;
}

static int fix_chosen(const struct fix_options *values, const struct thaw_analysis *analysis,
                      struct thaw_fix *fix)
{
    struct thaw_error error = {0};

    if (thaw_fix_choose(analysis, &values->only, values->root, fix, &error))
        return thaw_fail(NAME, &error, THAW_EXIT_USAGE);
    if (!fix->files.count && !fix->passed_over.count)
        thaw_complain(NAME, "the recording suggests no import that could wait");
    else if (fix->files.count &&
             thaw_fix_rewrite(analysis, thaw_fix_forms[values->form], fix, &error))
        return thaw_fail(NAME, &error, THAW_EXIT_USAGE);
    return deliver(values, fix);
}

static int run_fix(const void *all_values, int count, char **operands)
{
    const struct fix_options *values = all_values;
    struct thaw_error error = {0};
    struct thaw_fix fix = {.root_fd = -1};
    struct thaw_analysed loaded = {0};
    struct thaw_proofs proofs = {0};
    int code;

    (void)count;
    code = thaw_analysed_open(NAME, operands[0], &loaded);
    if (!code && thaw_join_proofs(NAME, operands[0], NULL, loaded.analysis, &proofs, &error))
        code = thaw_fail(NAME, &error, THAW_EXIT_FAILED);
    if (!code)
        code = fix_chosen(values, loaded.analysis, &fix);
    thaw_fix_free(&fix);
    thaw_analysed_free(&loaded);
    thaw_proofs_free(&proofs);
    return code;
}

const struct thaw_command thaw_command_fix = {
    .name = NAME,
    .summary = "write the suggested lazy imports as a diff, or apply them",
    .operands = "RECORDING",
    .details = "The diff is for `git apply` or `patch -p1` in the app's folder. An import moves "
               "only where nothing else changes; for each one that stays the reason is told, and "
               "what needs a look is moved only when --only names it. Code of the app is neither "
               "imported nor executed.",
    .examples = "thaw fix recording.thaw\n"
                "thaw fix recording.thaw --only pandas -o lazy.diff\n"
                "thaw fix recording.thaw --only function_app.py:4 --apply\n",
    .options = options,
    .operand_offer = &thaw_offer_files,
    .size = sizeof(struct fix_options),
    .minimum_operands = 1,
    .maximum_operands = 1,
    .run = run_fix,
};
