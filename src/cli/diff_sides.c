/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/diff_sides.h"

#include <stdlib.h>

#include "cli/diff_trials.h"
#include "report/read_report.h"

int thaw_diff_operand_look(const char *command, const char *word, bool trials,
                           struct thaw_diff_operand *ret, struct thaw_error *error)
{
    int code;

    ret->word = word;
    ret->target.target.options = (struct thaw_shipped_options){.root = "", .library_path = ""};
    if (thaw_report_is_file(word))
        return thaw_report_read_file(word, &ret->target.report, error);
    ret->is_recording = thaw_deps_is_recording(word);
    if (ret->is_recording)
        return 0;
    code = thaw_diff_trials(command, word, trials, ret, error);
    return code < 0 ? code : 0;
}

static bool is_cold_start(const struct thaw_diff_operand *operand)
{
    return operand->is_recording || operand->runs.count ||
           (operand->target.report && thaw_diff_is_recording(operand->target.report));
}

/* A recording beside a target is joined with what is installed where it was made. */
static int read_rest(const char *command, bool beside_cold_start, struct thaw_diff_operand *ret,
                     struct thaw_error *error)
{
    if (ret->target.report || ret->runs.count)
        return 0;
    if (ret->is_recording && beside_cold_start)
        return thaw_diff_recording(ret->word, &ret->target.report, error);
    return thaw_target_report_load(command, ret->word, 0, NULL, &ret->target, error);
}

int thaw_diff_operands_load(const char *command, char *const *words, bool trials,
                            struct thaw_diff_operand ret[static 2], struct thaw_error *error)
{
    int code = 0;

    for (int side = 0; side < 2 && !code; side++)
        code = thaw_diff_operand_look(command, words[side], trials, &ret[side], error);
    for (int side = 0; side < 2 && !code; side++)
        code = read_rest(command, is_cold_start(&ret[!side]), &ret[side], error);
    for (int side = 0; side < 2 && !code; side++)
        ret[side].side = (struct thaw_diff_side){
            .name = words[side],
            .report =
                ret[side].runs.count ? ret[side].runs.items[0].report : ret[side].target.report,
            .runs = ret[side].runs.items,
            .run_count = ret[side].runs.count,
        };
    return code;
}

void thaw_diff_operand_free(struct thaw_diff_operand *operand)
{
    for (size_t i = 0; i < operand->runs.count; i++) {
        free((char *)operand->runs.items[i].name);
        json_decref((json_t *)operand->runs.items[i].report);
    }
    thaw_array_free(&operand->runs);
    thaw_target_report_free(&operand->target);
}

void thaw_diff_operands_free(struct thaw_diff_operand operands[static 2])
{
    for (int side = 0; side < 2; side++)
        thaw_diff_operand_free(&operands[side]);
}
