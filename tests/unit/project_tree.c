/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "project_tree.h"
#include "shipped_tree.h"

const char project_flex_template[] =
    "resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {\n  name: 'p'\n  sku: {\n"
    "    name: 'FC1'\n    tier: 'FlexConsumption'\n  }\n}\n"
    "resource app 'Microsoft.Web/sites@2024-04-01' = {\n  name: 'a'\n"
    "  kind: 'functionapp,linux'\n  properties: {\n    serverFarmId: plan.id\n"
    "    functionAppConfig: {\n      runtime: {\n        name: 'python'\n"
    "        version: '3.12'\n      }\n    }\n  }\n}\n";

struct thaw_project *project_read_as(const struct scratch *scratch,
                                     const struct thaw_project_options *given)
{
    struct thaw_project_options options = *given;
    struct thaw_project *project = NULL;
    struct thaw_error error = {0};

    options.path = options.path ? options.path : scratch->path;
    if (thaw_project_read(&options, &project, &error) < 0)
        fail_msg("%s", error.message);
    return project;
}

struct thaw_project *project_read(const struct scratch *scratch)
{
    return project_read_as(scratch, &(struct thaw_project_options){0});
}

/* Whether it was read, by the list of what was. */
bool project_was_read(const struct thaw_project *project, const char *file)
{
    return thaw_texts_hold(&project->read, file);
}

const struct thaw_problem *project_problem(const struct thaw_project *project, const char *file)
{
    for (size_t i = 0; i < project->problem_count; i++) {
        if (strcmp(project->problems[i].place.file, file) == 0)
            return &project->problems[i];
    }
    return NULL;
}

bool project_leaves_out(const struct thaw_project *project, const char *path)
{
    for (size_t i = 0; i < project->shipped->file_count; i++) {
        if (strcmp(project->shipped->files[i].path, path) == 0)
            return project->is_left_out[i];
    }
    fail_msg("there is no %s", path);
    return false;
}

void project_assert_problem(const struct thaw_project *project, const char *file,
                            enum thaw_problem_kind kind, const char *what)
{
    const struct thaw_problem *problem = project_problem(project, file);

    if (!problem)
        fail_msg("no problem with %s", file);
    assert_int_equal(problem->kind, kind);
    if (!strstr(problem->what, what))
        fail_msg("%s: %s", file, problem->what);
}

void project_write_environment(const struct scratch *scratch, const char *folder)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/pyvenv.cfg", folder);
    scratch_write_text(scratch, path, "home = /usr/bin\nversion = 3.11.2\n");
    snprintf(path, sizeof(path), "%s/lib/python3.11/site-packages/", folder);
    shipped_write(scratch,
                  &(struct shipped_wheel){path, "requests", "2.0", "", "requests.py", NULL, true});
}
