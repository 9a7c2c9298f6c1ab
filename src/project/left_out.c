/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "project/ignore_file.h"
#include "project/reading.h"
#include "shipped/tree.h"

/*
 * What of the folder is not deployed. `func azure functionapp publish` leaves out by itself what is
 * in the two lists below, at any depth and in any case; what .funcignore names; and then adds
 * .python_packages, whatever .funcignore says of it. It does not leave out a virtual environment:
 * only `func init` once adds the active one to .funcignore. Source, read 2026-11-29:
 * github.com/Azure/azure-functions-core-tools, src/Cli/func/Common/FileSystemHelpers.cs
 * (GetLocalFiles), src/Cli/func/Helpers/PythonHelpers.cs.
 */
static const char *const tool_folders[] = {".git", ".vscode"};
static const char *const tool_files[] = {".funcignore", ".gitignore", "local.settings.json",
                                         "project.lock.json"};
static const char packages[] = ".python_packages";

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct leaving {
    struct thaw_project_reading *reading;
    struct thaw_ignore *ignore; /* NULL: there is no .funcignore */
    const char *ignore_name;
    /* Of each folder. */
    bool *is_left_out;
    bool *is_named;       /* by .funcignore, or it lies in one that is */
    bool *is_of_tools;    /* Azure's tools leave it out by themselves */
    bool *is_environment; /* itself, not what lies in it */
    uint32_t *environment;
    THAW_ARRAY(struct thaw_project_environment) environments;
};

/* Others' tools (`sam build`) know none of it. */
static bool is_of_azure(const struct thaw_project *project)
{
    return strcmp(project->platform.value, "aws_lambda") != 0;
}

static bool is_one_of(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(name, list[i]) == 0)
            return true;
    }
    return false;
}

static bool is_in_packages(const char *folder)
{
    return strncmp(folder, packages, sizeof(packages) - 1) == 0 &&
           (folder[sizeof(packages) - 1] == '/' || folder[sizeof(packages) - 1] == '\0');
}

static void add_amount(struct thaw_amount *sum, const struct thaw_shipped_file *file)
{
    sum->files += !file->again;
    sum->bytes += file->bytes;
    sum->disk_bytes += file->disk_bytes;
}

/* Virtual environments, and conda's; not the app's own folder. */
static void find_environments(struct leaving *leaving)
{
    static const char mark[] = "pyvenv.cfg";
    const struct thaw_shipped *shipped = leaving->reading->project->shipped;

    for (uint32_t i = 0; i < shipped->folder_count; i++) {
        const struct thaw_shipped_folder *folder = &shipped->folders[i];

        if (folder->parent == THAW_SHIPPED_NONE)
            continue;
        leaving->is_environment[i] |=
            thaw_tree_find_file(shipped, i, mark, sizeof(mark) - 1, 0) != THAW_SHIPPED_NONE;
        if (shipped->folders[folder->parent].parent != THAW_SHIPPED_NONE &&
            strcmp(thaw_tree_name(folder->path), "conda-meta") == 0)
            leaving->is_environment[folder->parent] = true;
    }
}

static int add_environment(struct leaving *leaving, uint32_t folder)
{
    struct thaw_project *project = leaving->reading->project;
    struct thaw_project_environment *environment = thaw_array_add(&leaving->environments);

    if (!environment)
        return -ENOMEM;
    leaving->environment[folder] = (uint32_t)leaving->environments.count - 1;
    *environment = (struct thaw_project_environment){
        .folder =
            thaw_text_for_json(&project->memory->arena, project->shipped->folders[folder].path),
        .is_ignored = leaving->is_named[folder],
    };
    return environment->folder ? 0 : -ENOMEM;
}

/* Folders come after their parents: what holds of those holds of them. */
static int judge_folder(struct leaving *leaving, uint32_t folder)
{
    const struct thaw_shipped *shipped = leaving->reading->project->shipped;
    const struct thaw_shipped_folder *self = &shipped->folders[folder];

    leaving->environment[folder] = THAW_SHIPPED_NONE;
    if (self->parent == THAW_SHIPPED_NONE)
        return 0;
    leaving->is_left_out[folder] = leaving->is_left_out[self->parent];
    leaving->is_named[folder] = leaving->is_named[self->parent];
    leaving->environment[folder] = leaving->environment[self->parent];
    if (!leaving->is_named[folder] && !is_in_packages(self->path))
        leaving->is_named[folder] =
            leaving->ignore && thaw_ignore_covers(leaving->ignore, self->path, true);
    leaving->is_of_tools[folder] =
        leaving->is_of_tools[self->parent] ||
        (is_of_azure(leaving->reading->project) &&
         is_one_of(thaw_tree_name(self->path), tool_folders, COUNT(tool_folders)));
    leaving->is_left_out[folder] =
        leaving->is_left_out[folder] || leaving->is_named[folder] || leaving->is_of_tools[folder];
    if (leaving->environment[folder] != THAW_SHIPPED_NONE || !leaving->is_environment[folder])
        return 0;
    leaving->is_left_out[folder] = true;
    return add_environment(leaving, folder);
}

static bool is_left_out(const struct leaving *leaving, const struct thaw_shipped_file *file)
{
    const struct thaw_shipped *shipped = leaving->reading->project->shipped;

    if (leaving->is_left_out[file->folder])
        return true;
    if (!is_of_azure(leaving->reading->project) ||
        is_in_packages(shipped->folders[file->folder].path))
        return false;
    return is_one_of(thaw_tree_file_name(file), tool_files, COUNT(tool_files)) ||
           (leaving->ignore && thaw_ignore_covers(leaving->ignore, file->path, false));
}

/* Of a file that is left out: is that by .funcignore, and only as git reads it? */
static bool is_in_vain(const struct leaving *leaving, const struct thaw_shipped_file *file)
{
    const char *name = thaw_tree_file_name(file);
    bool is_of_tools =
        leaving->is_of_tools[file->folder] || is_one_of(name, tool_files, COUNT(tool_files));

    if (!leaving->ignore || is_of_tools)
        return false;
    if (leaving->environment[file->folder] != THAW_SHIPPED_NONE &&
        (!leaving->is_named[file->folder] || strcmp(name, "pyvenv.cfg") != 0))
        return false;
    return !thaw_ignore_tools_cover(leaving->ignore, file->path);
}

static int note_vain(struct leaving *leaving, const struct thaw_shipped_file *file)
{
    struct thaw_project *project = leaving->reading->project;

    if (project->ignored_in_vain++)
        return 0;
    project->ignored_in_vain_path = thaw_text_for_json(&project->memory->arena, file->path);
    return project->ignored_in_vain_path ? 0 : -ENOMEM;
}

static int leave_out(struct leaving *leaving)
{
    struct thaw_project *project = leaving->reading->project;
    const struct thaw_shipped *shipped = project->shipped;
    bool *left_out =
        thaw_arena_allocate(&project->memory->arena, (shipped->file_count + 1) * sizeof(*left_out));
    int result = left_out ? 0 : -ENOMEM;

    find_environments(leaving);
    for (uint32_t i = 0; result == 0 && i < shipped->folder_count; i++)
        result = judge_folder(leaving, i);
    for (uint32_t i = 0; result == 0 && i < shipped->file_count; i++) {
        const struct thaw_shipped_file *file = &shipped->files[i];
        uint32_t environment = leaving->environment[file->folder];

        left_out[i] = is_left_out(leaving, file);
        if (!left_out[i])
            add_amount(&project->deployed, file);
        else if (is_in_vain(leaving, file))
            result = note_vain(leaving, file);
        if (environment != THAW_SHIPPED_NONE)
            add_amount(&leaving->environments.items[environment].amount, file);
    }
    project->is_left_out = left_out;
    return result;
}

static int keep_environments(struct leaving *leaving)
{
    struct thaw_project *project = leaving->reading->project;
    size_t size = leaving->environments.count * sizeof(*project->environments);

    if (!size)
        return 0;
    project->environments = thaw_arena_allocate(&project->memory->arena, size);
    if (!project->environments)
        return -ENOMEM;
    memcpy(project->environments, leaving->environments.items, size);
    project->environment_count = leaving->environments.count;
    return 0;
}

static int read_ignore_file(struct leaving *leaving)
{
    struct thaw_project_reading *reading = leaving->reading;
    size_t count;
    struct thaw_project_file *file = thaw_reading_files(reading, THAW_ROLE_IGNORE, &count);
    int result = count ? thaw_reading_whole(reading, file) : 0;

    reading->project->has_funcignore = count > 0;
    if (result <= 0 || !is_of_azure(reading->project))
        return result < 0 ? result : 0;
    leaving->ignore_name = file->name;
    return thaw_ignore_read(file->bytes, file->length, &reading->arena, &leaving->ignore);
}

/* Known when all was asked. */
static int check_ignore_file(const struct leaving *leaving)
{
    if (!leaving->ignore || !thaw_ignore_is_cut(leaving->ignore))
        return 0;
    return thaw_project_complain(leaving->reading->project, THAW_PROBLEM_CUT,
                                 &(struct thaw_project_place){.file = leaving->ignore_name},
                                 "more than %d patterns, or too many for so many files: not all of "
                                 "them are looked at",
                                 THAW_IGNORE_PATTERNS_MAX);
}

int thaw_project_left_out(struct thaw_project_reading *reading, struct thaw_error *error)
{
    struct thaw_project *project = reading->project;
    struct leaving leaving = {.reading = reading};
    size_t folders = project->shipped->folder_count + 1;
    int result = 0;

    if (project->is_zip) { /* what is in it was chosen already */
        project->is_left_out =
            thaw_arena_allocate(&project->memory->arena, project->shipped->file_count + 1);
        project->deployed = project->shipped->total;
        return project->is_left_out ? 0 : thaw_error_memory(error);
    }
    leaving.is_left_out = calloc(folders, sizeof(*leaving.is_left_out));
    leaving.is_named = calloc(folders, sizeof(*leaving.is_named));
    leaving.is_of_tools = calloc(folders, sizeof(*leaving.is_of_tools));
    leaving.is_environment = calloc(folders, sizeof(*leaving.is_environment));
    leaving.environment = calloc(folders, sizeof(*leaving.environment));
    if (!leaving.is_left_out || !leaving.is_named || !leaving.is_of_tools ||
        !leaving.is_environment || !leaving.environment)
        result = -ENOMEM;
    if (result == 0)
        result = read_ignore_file(&leaving);
    if (result == 0)
        result = leave_out(&leaving);
    if (result == 0)
        result = check_ignore_file(&leaving);
    if (result == 0)
        result = keep_environments(&leaving);
    free(leaving.is_left_out);
    free(leaving.is_named);
    free(leaving.is_of_tools);
    free(leaving.is_environment);
    free(leaving.environment);
    thaw_array_free(&leaving.environments);
    return result < 0 ? thaw_error_memory(error) : 0;
}
