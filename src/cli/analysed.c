/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/analysed.h"

int thaw_analysed_load(const char *path, struct thaw_analysed *ret, struct thaw_error *error)
{
    int code = thaw_recording_load(path, &ret->recording, error);

    if (!code)
        code = thaw_timeline_build(ret->recording, &ret->timeline, error);
    if (!code)
        code = thaw_analysis_build(ret->timeline, &ret->analysis, error);
    return code;
}

void thaw_analysed_free(struct thaw_analysed *analysed)
{
    thaw_analysis_free(analysed->analysis);
    thaw_timeline_free(analysed->timeline);
    thaw_recording_free(analysed->recording);
}
