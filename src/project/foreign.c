/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "project/reading.h"
#include "shipped/build.h"

/*
 * What a folder ships is told from the folder: where all of it is for another machine, nothing of
 * it looks foreign. Azure's instances are x86-64: that the host and its images have arm64, too, is
 * asked for in github.com/Azure/azure-functions-host/issues/8437 (open, read 2026-11-29).
 */
#define MACHINE "x86_64"

int thaw_project_foreign(struct thaw_project_reading *reading, struct thaw_error *error)
{
    const struct thaw_project *project = reading->project;

    if (strcmp(project->platform.value, "azure_functions") != 0 ||
        strcmp(project->packaging.value, "container") == 0)
        return 0;
    return thaw_shipped_judge_for(project->memory->shipped, project->python.value, MACHINE,
                                  project->is_left_out, error);
}
