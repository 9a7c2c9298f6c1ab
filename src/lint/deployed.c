/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/deployed.h"

#include <inttypes.h>
#include <stdlib.h>

#include "packaging/name.h"

bool thaw_lint_has_shipped(const struct thaw_lint *lint)
{
    return lint->project->shipped != NULL;
}

bool thaw_lint_file_is_deployed(const struct thaw_lint *lint, size_t file)
{
    return !lint->project->is_left_out || !lint->project->is_left_out[file];
}

uint64_t *thaw_lint_deployed_bytes(struct thaw_lint *lint)
{
    const struct thaw_shipped *shipped = lint->project->shipped;
    uint64_t *bytes;

    if (!shipped->distribution_count)
        return NULL;
    bytes = calloc(shipped->distribution_count, sizeof(*bytes));
    if (!bytes) {
        lint->failed = true;
        return NULL;
    }
    for (size_t i = 0; i < shipped->file_count; i++)
        if (shipped->files[i].distribution < shipped->distribution_count &&
            thaw_lint_file_is_deployed(lint, i))
            bytes[shipped->files[i].distribution] += shipped->files[i].bytes;
    return bytes;
}

bool thaw_lint_ships(const struct thaw_lint *lint, const char *name)
{
    const struct thaw_shipped *shipped = lint->project->shipped;

    for (size_t i = 0; shipped && i < shipped->distribution_count; i++)
        if (thaw_name_is_same(shipped->distributions[i].name, name))
            return true;
    return false;
}

const char *thaw_lint_size_text(struct thaw_lint *lint, uint64_t bytes)
{
    if (bytes < 1000)
        return thaw_lint_text(lint, "%" PRIu64 " bytes", bytes);
    if (bytes < 1000000)
        return thaw_lint_text(lint, "%.1f KB", (double)bytes / 1e3);
    return thaw_lint_text(lint, "%.1f MB", (double)bytes / 1e6);
}
