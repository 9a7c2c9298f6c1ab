/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/target_report.h"

int thaw_target_report_load(const char *command, const char *word, int64_t pid,
                            const char *const *recordings, struct thaw_target_report *ret,
                            struct thaw_error *error)
{
    struct thaw_report_target parts = {0};
    const char *itself[] = {NULL, NULL};
    int code;

    ret->target.command = command;
    code = thaw_deps_target(word, pid, &ret->target, error);
    ret->target.options.read_ahead = true;
    if (!code)
        code = thaw_shipped_read(&ret->target.options, &ret->shipped, error);
    itself[0] = ret->target.recording;
    if (itself[0] && !(recordings && *recordings))
        recordings = itself;
    if (!code && recordings)
        code = thaw_deps_use(command, ret->shipped, ret->target.directory, recordings, &ret->use,
                             error);
    if (code)
        return code;
    parts.shipped = ret->shipped;
    parts.use = ret->use.use;
    parts.sections = ret->sections;
    if (ret->use.sources.count)
        parts.analysis = ret->use.sources.items[0].analysis;
    return thaw_report_target_json(&parts, &ret->report, error);
}

void thaw_target_report_free(struct thaw_target_report *loaded)
{
    json_decref(loaded->report);
    thaw_deps_use_free(&loaded->use);
    thaw_shipped_free(loaded->shipped);
    thaw_deps_target_free(&loaded->target);
}
