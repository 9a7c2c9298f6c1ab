/* SPDX-License-Identifier: Apache-2.0 */
#include "project/git_index.h"
#include "project/reading.h"

int thaw_project_kept(struct thaw_project_reading *reading, struct thaw_error *error)
{
    static const char name[] = "local.settings.json";
    struct thaw_project *project = reading->project;
    int kept = project->is_zip || !thaw_reading_top(reading, name)
                   ? 0
                   : thaw_git_keeps(reading->options->path, name);

    project->is_local_settings_kept = kept > 0;
    return kept < 0 ? thaw_error_memory(error) : 0;
}
