/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/commands.h"
#include "thaw/report.h"

static int run_schema(const void *options, int count, char **operands)
{
    (void)options, (void)count, (void)operands;
    size_t length;
    const char *text = thaw_report_schema(&length);
    fwrite(text, 1, length, stdout);
    return THAW_EXIT_OK; /* a failed write shows when stdout is closed */
}

const struct thaw_command thaw_command_schema = {
    .name = "schema",
    .summary = "print the JSON Schema of the report",
    .operands = "",
    .run = run_schema,
};
