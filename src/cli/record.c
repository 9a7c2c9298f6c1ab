/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"
#include "cli/record_trials.h"

#define NAME "record"

/* The common options stand in a struct of their own, so that the rows fit both commands. */
struct record_options {
    struct thaw_recording_options recording;
    struct thaw_record_trials_options trials;
};

static const char *const backends[] = {"auto", "ebpf", "importtime", NULL};

static const struct record_options defaults = {.recording = {THAW_RECORDING_DEFAULTS}};

static const struct thaw_option options[] = {
    THAW_RECORDING_ROWS(struct record_options, recording),
    {THAW_CHOICE(struct record_options, recording.backend), .name = "backend", .choices = backends,
     .help = "how to observe: eBPF where it is allowed (auto), ebpf or nothing, or CPython's own "
             "import report, which needs no privilege (importtime)"},
    {THAW_FLAG(struct record_options, recording.count), .name = "count",
     .help = "without eBPF, which counts in any case: run the command under ptrace to count its "
             "processes' system calls, files opened, failed lookups, bytes read and threads; its "
             "times are no measure then"},
    {THAW_FLAG(struct record_options, recording.keep_running), .name = "keep-running",
     .help = "leave the command running when the recording ends before it"},
    THAW_RECORD_TRIALS_ROWS(struct record_options, trials),
    {0},
};

static int run_record(const void *all_values, int count, char **operands)
{
    const struct record_options *values = all_values;
    const char *output = values->recording.output;
    int code;

    (void)count;
    if (values->trials.runs)
        return thaw_record_trials(NAME, &values->recording, &values->trials,
                                  output == defaults.recording.output ? THAW_RECORD_TRIALS_FOLDER
                                                                      : output,
                                  operands);
    code = thaw_record_trials_unused(NAME, &values->trials);
    if (code)
        return code;
    return thaw_recording_run(NAME, &values->recording, (const char *const *)operands, NULL, 0);
}

const struct thaw_command thaw_command_record = {
    .name = NAME,
    .summary = "record a cold start from before its first instruction",
    .operands = "-- COMMAND [ARGUMENT...] [" THAW_RECORD_TRIALS_BETWEEN " COMMAND...]",
    .details =
        "The command runs with your terminal. Under sudo only the recording is privileged: the "
        "command runs as you, and the recording is yours.\n"
        "With --runs the start is repeated, each run recorded into a file of its own: 001.thaw, "
        "002.thaw ... in a folder that must be new or empty, with trials.json, which tells what "
        "they come to: of each metric the median, an interval of it, runs that lie apart (they "
        "are kept), and whether the machine was too noisy. Two commands take turns (COMMAND "
        "" THAW_RECORD_TRIALS_BETWEEN " COMMAND): theirs are in the folders first and second, "
        "which `thaw diff` compares. What repeated commands print is not shown. Ctrl-C ends the "
        "run that is under way; what was made stays.",
    .examples = "sudo thaw record -- func start\n"
                "sudo thaw record -o run.thaw --until exit -- python3 -c 'import pandas'\n"
                "thaw record --backend importtime -- python3 app.py\n"
                "thaw record --runs 10 --warmup 1 -o before -- python3 app.py\n"
                "thaw record --runs 15 --cold -o both -- python3 old.py " THAW_RECORD_TRIALS_BETWEEN
                " python3 new.py\n",
    .options = options,
    .exits =
        "That of the command, 0 when thaw ended it because the recording was over. Of repeated "
        "runs: 0 when all were made and ended well, that of the command when its first run "
        "fails, 3 when another one fails, was not done in time, or all was stopped, 2 when "
        "what prepares a run does not end well.",
    .files = thaw_recording_files,
    .operand_offer = &thaw_offer_command_line,
    .size = sizeof(struct record_options),
    .defaults = &defaults,
    .minimum_operands = 1,
    .maximum_operands = -1,
    .options_first = true,
    .run = run_record,
};
