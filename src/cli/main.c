/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/help.h"

const struct thaw_command *const thaw_commands[] = {
    &thaw_command_record,
    &thaw_command_attach,
    &thaw_command_report,
    &thaw_command_deps,
    &thaw_command_diff,
    &thaw_command_explain,
    &thaw_command_fix,
    &thaw_command_prove,
    &thaw_command_gate,
    &thaw_command_lint,
    &thaw_command_history,
    &thaw_command_audit,
    &thaw_command_doctor,
    &thaw_command_schema,
    &thaw_command_version,
    &thaw_command_help,
    NULL,
};

/*
 * Opens what of 0, 1, 2 the caller closed, the wrong way round: a file opened later can't become
 * stdout by accident, and writing to it still fails.
 */
static int fill_standard_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
            return -1;
    }
    return 0;
}

/* `--help` and `--version` are spelt as options, as everyone expects. */
static const char *command_name(const char *word)
{
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return "help";
    return strcmp(word, "--version") == 0 ? "version" : word;
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "");
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is an error of the write, with its line */
    if (fill_standard_descriptors() != 0)
        return THAW_EXIT_FAILED;
    if (argc < 2) {
        thaw_help_overview(stderr);
        return THAW_EXIT_USAGE;
    }
    const struct thaw_command *command = thaw_command_find(command_name(argv[1]));
    return command ? thaw_command_run(command, argc - 1, argv + 1) : THAW_EXIT_USAGE;
}
