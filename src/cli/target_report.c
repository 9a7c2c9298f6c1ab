/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/target_report.h"

int thaw_target_report_load(const char *word, int64_t pid, const char *recording,
                            struct thaw_target_report *ret, struct thaw_error *error)
{
    struct thaw_report_target parts = {0};
    int code = thaw_deps_target(word, pid, &ret->target, error);

    if (!code)
        code = thaw_shipped_read(&ret->target.options, &ret->shipped, error);
    if (ret->target.recording)
        recording = ret->target.recording;
    if (!code && recording)
        code = thaw_rendering_load(recording, &ret->recorded, error);
    if (code)
        return code;
    parts.shipped = ret->shipped;
    parts.directory = ret->target.directory;
    parts.analysis = ret->recorded.analysis;
    return thaw_report_target_json(&parts, &ret->report, error);
}

void thaw_target_report_free(struct thaw_target_report *loaded)
{
    json_decref(loaded->report);
    thaw_rendering_free(&loaded->recorded);
    thaw_shipped_free(loaded->shipped);
    thaw_deps_target_free(&loaded->target);
}
