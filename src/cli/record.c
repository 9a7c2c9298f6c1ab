/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"
#include "cli/recording.h"

#define NAME "record"

/* The common options stand in a struct of their own, so that the rows fit both commands. */
struct record_options {
    struct thaw_recording_options recording;
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
    {0},
};

static int run_record(const void *all_values, int count, char **operands)
{
    const struct record_options *values = all_values;

    (void)count;
    return thaw_recording_run(NAME, &values->recording, (const char *const *)operands, NULL, 0);
}

const struct thaw_command thaw_command_record = {
    .name = NAME,
    .summary = "record a cold start from before its first instruction",
    .operands = "-- COMMAND [ARGUMENT...]",
    .details =
        "The command runs with your terminal. Under sudo only the recording is privileged: the "
        "command runs as you, and the recording is yours.",
    .examples = "sudo thaw record -- func start\n"
                "sudo thaw record -o run.thaw --until exit -- python3 -c 'import pandas'\n"
                "thaw record --backend importtime -- python3 app.py\n",
    .options = options,
    .exits = "That of the command, 0 when thaw ended it because the recording was over.",
    .files = thaw_recording_files,
    .operand_offer = &thaw_offer_command_line,
    .size = sizeof(struct record_options),
    .defaults = &defaults,
    .minimum_operands = 1,
    .maximum_operands = -1,
    .options_first = true,
    .run = run_record,
};
