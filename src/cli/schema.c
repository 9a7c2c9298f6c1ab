/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "thaw/report.h"

static int run_schema(const void *options, int count, char **operands)
{
    (void)options, (void)count, (void)operands;
    size_t length;
    const char *text = thaw_report_schema(&length);
    if (fwrite(text, 1, length, stdout) != length) {
        thaw_complain("schema", "standard output can't be written: %s", strerror(errno));
        return THAW_EXIT_FAILED;
    }
    return THAW_EXIT_OK;
}

const struct thaw_command thaw_command_schema = {
    .name = "schema",
    .summary = "print the JSON Schema of the report",
    .operands = "",
    .run = run_schema,
};
