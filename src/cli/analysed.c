/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/analysed.h"

#include "cli/command.h"

int thaw_analysed_load(const char *path, struct thaw_analysed *ret, struct thaw_error *error)
{
    int code = thaw_recording_load(path, &ret->recording, error);

    if (!code)
        code = thaw_timeline_build(ret->recording, &ret->timeline, error);
    if (!code)
        code = thaw_analysis_build(ret->timeline, &ret->analysis, error);
    return code;
}

int thaw_analysed_open(const char *command, const char *path, struct thaw_analysed *ret)
{
    struct thaw_error error = {0};

    if (thaw_analysed_load(path, ret, &error))
        return thaw_fail(command, &error, THAW_EXIT_USAGE);
    if (ret->analysis->has_edges)
        return THAW_EXIT_OK;
    thaw_complain(command, "%s doesn't say what the modules import: nothing can be suggested",
                  path);
    return THAW_EXIT_INCOMPLETE;
}

void thaw_analysed_free(struct thaw_analysed *analysed)
{
    thaw_analysis_free(analysed->analysis);
    thaw_timeline_free(analysed->timeline);
    thaw_recording_free(analysed->recording);
}
