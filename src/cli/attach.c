/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "capture/selection.h"
#include "cli/commands.h"
#include "cli/recording.h"

#define NAME "attach"
#define PROCESS_MOST 4194304 /* PID_MAX_LIMIT of 64-bit Linux */

struct attach_options {
    struct thaw_recording_options recording;
    int64_t pid;
    const char *cgroup;
    const char *container;
    bool all;
};

static const struct attach_options defaults = {.recording = {THAW_RECORDING_DEFAULTS}};

static const struct thaw_option options[] = {
    {THAW_NUMBER(struct attach_options, pid), .name = "pid", .letter = 'p', .argument = "PID",
     .minimum = 1, .maximum = PROCESS_MOST, .offer = &thaw_offer_processes,
     .help = "a process, and all below it: a Functions host, or one of its workers"},
    {THAW_TEXT(struct attach_options, cgroup), .name = "cgroup", .argument = "PATH",
     .offer = &thaw_offer_folders,
     .help = "all processes of a control group, below /sys/fs/cgroup"},
    {THAW_TEXT(struct attach_options, container), .name = "container", .argument = "ID",
     .help = "all processes of a container: the first 12 digits of its id, or all of it"},
    {THAW_FLAG(struct attach_options, all), .name = "all", .letter = 'a',
     .help = "every process of the machine"},
    THAW_RECORDING_ROWS(struct attach_options, recording),
    {0},
};

static int select_processes(const struct attach_options *values, struct thaw_selection *selection,
                            struct thaw_error *error)
{
    int code = 0;

    if (values->pid)
        code = thaw_selection_process(selection, (pid_t)values->pid, error);
    if (!code && values->cgroup)
        code = thaw_selection_cgroup(selection, values->cgroup, error);
    if (!code && values->container)
        code = thaw_selection_container(selection, values->container, error);
    if (!code && values->all)
        code = thaw_selection_all(selection, error);
    return code;
}

static int run_attach(const void *all_values, int count, char **operands)
{
    static const char *const no_command[] = {NULL};
    const struct attach_options *values = all_values;
    struct thaw_selection selection = {0};
    struct thaw_error error = {0};
    int code;

    (void)count;
    (void)operands;
    if (!values->pid && !values->cgroup && !values->container && !values->all) {
        thaw_complain(NAME, "say what to attach to: --pid, --cgroup, --container or --all");
        return THAW_EXIT_USAGE;
    }
    code = select_processes(values, &selection, &error);
    code = code ? thaw_fail(NAME, &error, THAW_EXIT_USAGE)
                : thaw_recording_run(NAME, &values->recording, no_command, selection.items,
                                     selection.count);
    thaw_array_free(&selection);
    return code;
}

const struct thaw_command thaw_command_attach = {
    .name = NAME,
    .summary = "record processes that run already, and what they start",
    .operands = "",
    .details =
        "Workers that a host starts from now on are seen from their beginning. Of what ran before, "
        "only the rest is seen, and the report says so. Nothing is stopped, and nothing ends when "
        "the recording does (first reply, --until, or Ctrl-C).",
    .examples = "sudo thaw attach --pid $(pgrep -o -f Microsoft.Azure.WebJobs.Script.WebHost)\n"
                "sudo thaw attach --container 3f4e5d6c7b8a --until 60s\n",
    .options = options,
    .files = thaw_recording_files,
    .size = sizeof(struct attach_options),
    .defaults = &defaults,
    .run = run_attach,
};
