/* SPDX-License-Identifier: Apache-2.0 */
#include "thaw/version.h"

#include <jansson.h>

#include "cli/commands.h"
#include "thaw/recording.h"
#include "thaw/report.h"

struct version_options {
    bool json;
};

static const struct thaw_option options[] = {
    {THAW_FLAG(struct version_options, json), .name = "json", .help = "write JSON"},
    {0},
};

static int run_version(const void *values, int count, char **operands)
{
    (void)count, (void)operands;
    if (!((const struct version_options *)values)->json) {
        printf("thaw %s\n", THAW_VERSION);
        return THAW_EXIT_OK;
    }
    json_t *version = json_pack("{ss si ss}", "version", THAW_VERSION, "recording",
                                THAW_RECORDING_VERSION, "report", THAW_REPORT_SCHEMA);
    if (!version) {
        thaw_complain("version", "out of memory");
        return THAW_EXIT_FAILED;
    }
    json_dumpf(version, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(version);
    return THAW_EXIT_OK;
}

const struct thaw_command thaw_command_version = {
    .name = "version",
    .summary = "print the version of thaw and of the forms it writes",
    .operands = "",
    .options = options,
    .size = sizeof(struct version_options),
    .run = run_version,
};
