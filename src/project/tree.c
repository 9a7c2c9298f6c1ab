/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "project/reading.h"
#include "shipped/content.h"
#include "shipped/tree.h"

#define ANY_DEPTH UINT32_MAX

/* How deep below the app's folder a file of that name is read as what. */
static const struct role_name {
    const char *pattern; /* of fnmatch(3) */
    uint32_t least, most;
    enum thaw_project_role role;
} role_names[] = {
    {"host.json", 0, 0, THAW_ROLE_HOST},
    {"local.settings.json", 0, 0, THAW_ROLE_LOCAL_SETTINGS},
    {"function.json", 1, 1, THAW_ROLE_FUNCTION}, /* the host looks no deeper */
    {".funcignore", 0, 0, THAW_ROLE_IGNORE},
    {"requirements.txt", 0, 3, THAW_ROLE_REQUIREMENTS},
    {"pyproject.toml", 0, 0, THAW_ROLE_TOML},
    {"uv.lock", 0, 0, THAW_ROLE_TOML},
    {"poetry.lock", 0, 0, THAW_ROLE_TOML},
    {"pdm.lock", 0, 0, THAW_ROLE_TOML},
    {"pylock*.toml", 0, 0, THAW_ROLE_TOML},
    {"Pipfile", 0, 0, THAW_ROLE_TOML},
    {"Pipfile.lock", 0, 0, THAW_ROLE_PIPFILE_LOCK},
    {"environment.y*ml", 0, 0, THAW_ROLE_CONDA},
    {".python-version", 0, 0, THAW_ROLE_PYTHON_VERSION},
    {"runtime.txt", 0, 0, THAW_ROLE_PYTHON_VERSION},
    {"*.py", 0, ANY_DEPTH, THAW_ROLE_SOURCE},
    {"*.bicep", 0, ANY_DEPTH, THAW_ROLE_TEMPLATE},
    {"*.json", 0, ANY_DEPTH, THAW_ROLE_TEMPLATE},
    {"*.tf", 0, ANY_DEPTH, THAW_ROLE_TEMPLATE},
    {"*.yaml", 0, ANY_DEPTH, THAW_ROLE_TEMPLATE},
    {"*.yml", 0, ANY_DEPTH, THAW_ROLE_TEMPLATE},
    {"*.jsonc", 0, ANY_DEPTH, THAW_ROLE_TEMPLATE},
    {"*.template", 0, ANY_DEPTH, THAW_ROLE_TEMPLATE},
    {"*dockerfile*", 0, ANY_DEPTH, THAW_ROLE_TEMPLATE},
    {"Containerfile", 0, ANY_DEPTH, THAW_ROLE_TEMPLATE},
};

/* Names that fit a pattern above, but are something else wherever they stand. */
static const char *const other_files[] = {
    "host.json",         "local.settings.json", "function.json",    "package.json",
    "package-lock.json", "environment.yml",     "environment.yaml",
};

/* Folders that hold what others wrote, or what is made anew: not searched, as hidden ones. */
static const char *const unsearched[] = {"node_modules", "__pycache__", "__pypackages__",
                                         "__blobstorage__", "__queuestorage__"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* How many files of a role are read, how large each and all may be. */
static const struct share {
    size_t files, file_bytes, all_bytes;
} shares[THAW_ROLES] = {
    [THAW_ROLE_HOST] = {1, THAW_PROJECT_JSON_BYTES_MAX, THAW_PROJECT_JSON_BYTES_MAX},
    [THAW_ROLE_LOCAL_SETTINGS] = {1, THAW_PROJECT_JSON_BYTES_MAX, THAW_PROJECT_JSON_BYTES_MAX},
    [THAW_ROLE_FUNCTION] = {2000, (size_t)1 << 20, (size_t)32 << 20},
    [THAW_ROLE_IGNORE] = {1, (size_t)1 << 20, (size_t)1 << 20},
    [THAW_ROLE_REQUIREMENTS] = {64, (size_t)4 << 20, (size_t)16 << 20},
    [THAW_ROLE_TOML] = {16, (size_t)16 << 20, (size_t)32 << 20},
    [THAW_ROLE_PIPFILE_LOCK] = {1, (size_t)16 << 20, (size_t)16 << 20},
    [THAW_ROLE_CONDA] = {2, (size_t)1 << 20, (size_t)2 << 20},
    [THAW_ROLE_PYTHON_VERSION] = {2, (size_t)64 << 10, (size_t)128 << 10},
    [THAW_ROLE_TEMPLATE] = {500, THAW_PROJECT_JSON_BYTES_MAX, (size_t)64 << 20},
    [THAW_ROLE_SOURCE] = {2000, (size_t)4 << 20, (size_t)64 << 20},
};

static bool is_one_of(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, list[i]) == 0)
            return true;
    }
    return false;
}

static uint32_t depth_of(const char *path)
{
    uint32_t depth = 0;

    for (; *path; path++)
        depth += *path == '/';
    return depth;
}

/* -1: it is not read. */
static int role_of(const char *path)
{
    const char *name = thaw_tree_name(path);
    uint32_t depth = depth_of(path);

    for (size_t i = 0; i < COUNT(role_names); i++) {
        const struct role_name *row = &role_names[i];

        if (depth < row->least || depth > row->most ||
            fnmatch(row->pattern, name, row->role == THAW_ROLE_TEMPLATE ? FNM_CASEFOLD : 0) != 0)
            continue;
        return row->role == THAW_ROLE_TEMPLATE && is_one_of(name, other_files, COUNT(other_files))
                   ? -1
                   : (int)row->role;
    }
    return -1;
}

/* Is a folder the app's own, where host.json is? Below it, one with a host.json is another app. */
static void leave_out_other_apps(struct thaw_project_reading *reading)
{
    const struct thaw_shipped *shipped = reading->project->shipped;
    bool is_here = false;

    for (uint32_t i = 0; i < shipped->file_count && !is_here; i++)
        is_here = strcmp(shipped->files[i].path, "host.json") == 0;
    for (uint32_t i = 0; is_here && i < shipped->file_count; i++) {
        uint32_t folder = shipped->files[i].folder;

        if (strcmp(thaw_tree_name(shipped->files[i].path), "host.json") == 0 &&
            shipped->folders[folder].parent != THAW_SHIPPED_NONE)
            reading->is_searched[folder] = false;
    }
}

static bool find_searched(struct thaw_project_reading *reading)
{
    const struct thaw_shipped *shipped = reading->project->shipped;

    reading->places = thaw_app_places(shipped);
    reading->is_searched = calloc(shipped->folder_count + 1, sizeof(*reading->is_searched));
    if (!reading->places || !reading->is_searched)
        return false;
    for (uint32_t i = 0; i < shipped->folder_count; i++)
        reading->is_searched[i] = true;
    leave_out_other_apps(reading);
    for (uint32_t i = 0; i < shipped->folder_count; i++) {
        const struct thaw_shipped_folder *folder = &shipped->folders[i];
        const char *name = thaw_tree_name(folder->path);

        if (folder->parent != THAW_SHIPPED_NONE) /* the top, whatever it is called */
            reading->is_searched[i] = reading->is_searched[i] &&
                                      reading->is_searched[folder->parent] &&
                                      reading->places[i] != THAW_APP_OUTSIDE && *name != '.' &&
                                      !is_one_of(name, unsearched, COUNT(unsearched));
    }
    return true;
}

static int add_file(struct thaw_project_reading *reading, uint32_t number,
                    enum thaw_project_role role)
{
    const char *path = reading->project->shipped->files[number].path;
    struct thaw_project_file *file = thaw_array_add(&reading->files);

    if (!file)
        return -ENOMEM;
    *file = (struct thaw_project_file){
        .file = number,
        .role = role,
        .name = thaw_text_for_json(&reading->project->memory->arena, path),
    };
    return file->name ? 0 : -ENOMEM;
}

/* Tests stand behind the rest of a role: it is them that a bound leaves out. */
static int find_files(struct thaw_project_reading *reading)
{
    const struct thaw_shipped *shipped = reading->project->shipped;
    int *roles = malloc((shipped->file_count + 1) * sizeof(*roles));
    int result = roles ? 0 : -ENOMEM;

    for (uint32_t i = 0; roles && i < shipped->file_count; i++)
        roles[i] = reading->is_searched[shipped->files[i].folder] &&
                           shipped->files[i].distribution == THAW_SHIPPED_NONE
                       ? role_of(shipped->files[i].path)
                       : -1;
    for (int role = 0; result == 0 && role < THAW_ROLES; role++) {
        reading->first[role] = reading->files.count;
        for (int is_test = 0; result == 0 && is_test < 2; is_test++) {
            for (uint32_t i = 0; result == 0 && i < shipped->file_count; i++) {
                if (roles[i] == role &&
                    (shipped->files[i].kind == THAW_FILE_TESTS) == (is_test == 1))
                    result = add_file(reading, i, (enum thaw_project_role)role);
            }
        }
    }
    reading->first[THAW_ROLES] = reading->files.count;
    free(roles);
    return result;
}

int thaw_project_tree(struct thaw_project_reading *reading, struct thaw_error *error)
{
    struct thaw_project *project = reading->project;
    struct thaw_shipped_options options = {
        .target = reading->options->path,
        .kind = "app",
        .python_version = reading->options->python_version,
        .without_libraries = true,
        .without_reasons = true,
    };
    int result = thaw_shipped_read(&options, &project->memory->shipped, error);

    if (result == -ENOTSUP)
        return thaw_error_set(error, result,
                              "%s: neither a folder nor a zip that can be read: give the app's "
                              "folder, or the zip that is deployed",
                              reading->options->path);
    if (result < 0)
        return result;
    project->shipped = project->memory->shipped;
    project->is_zip = project->shipped->memory->content->archive != NULL;
    project->path = thaw_arena_string(&project->memory->arena, reading->options->path);
    if (!project->path || !find_searched(reading) || find_files(reading) < 0)
        return thaw_error_memory(error);
    return 0;
}

struct thaw_project_file *thaw_reading_files(const struct thaw_project_reading *reading,
                                             enum thaw_project_role role, size_t *ret_count)
{
    *ret_count = reading->first[role + 1] - reading->first[role];
    return *ret_count ? &reading->files.items[reading->first[role]] : NULL;
}

struct thaw_project_file *thaw_reading_top(const struct thaw_project_reading *reading,
                                           const char *name)
{
    for (size_t i = 0; i < reading->files.count; i++) {
        if (strcmp(reading->files.items[i].name, name) == 0)
            return &reading->files.items[i];
    }
    return NULL;
}

static int cut(struct thaw_project_reading *reading, const struct thaw_project_file *file)
{
    const struct share *share = &shares[file->role];

    if (reading->is_cut[file->role])
        return 0;
    reading->is_cut[file->role] = true;
    return thaw_project_complain(reading->project, THAW_PROBLEM_CUT,
                                 &(struct thaw_project_place){.file = file->name},
                                 "more than %zu files of its kind, or %zu MiB of them: from this "
                                 "one on they are not read; give the app's own folder alone",
                                 share->files, share->all_bytes >> 20);
}

static int read_fault(struct thaw_project_reading *reading, const struct thaw_project_file *file,
                      int code)
{
    const struct thaw_project_place place = {.file = file->name};

    if (code == -EACCES && reading->project->is_zip)
        return thaw_project_complain(reading->project, THAW_PROBLEM_UNREADABLE, &place,
                                     "encrypted, and not read: make the zip without a password");
    return thaw_project_complain(reading->project, THAW_PROBLEM_UNREADABLE, &place,
                                 "can't be read: %s; %s", strerror(abs(code)),
                                 code == -EACCES ? "give yourself the right to (chmod u+r)"
                                 : code == -EBADMSG
                                     ? "the zip is damaged here: make it again"
                                     : "put a file in its place that can be, or take it out");
}

int thaw_reading_beginning(struct thaw_project_reading *reading,
                           const struct thaw_project_file *file, size_t limit, const char **ret,
                           size_t *ret_length)
{
    char *bytes = NULL;
    int result = thaw_tree_read(reading->project->shipped, file->file, limit, &reading->arena,
                                &bytes, ret_length);

    *ret = bytes;
    return result == 0 ? 1 : result == -ENOMEM ? result : 0;
}

static uint64_t size_of(const struct thaw_project_reading *reading,
                        const struct thaw_project_file *file)
{
    const struct thaw_shipped_file *entry = &reading->project->shipped->files[file->file];

    return entry->again ? reading->project->shipped->files[entry->first].bytes : entry->bytes;
}

int thaw_reading_whole(struct thaw_project_reading *reading, struct thaw_project_file *file)
{
    const struct share *share = &shares[file->role];
    size_t number = (size_t)(file - reading->files.items) - reading->first[file->role];
    const char **slot;
    char *bytes;
    int result;

    if (file->bytes)
        return 1;
    if (size_of(reading, file) > share->file_bytes)
        return thaw_project_complain(reading->project, THAW_PROBLEM_TOO_LARGE,
                                     &(struct thaw_project_place){.file = file->name},
                                     "larger than %zu MiB: not read; is it what its name says?",
                                     share->file_bytes >> 20);
    if (number >= share->files || reading->bytes[file->role] >= share->all_bytes)
        return cut(reading, file);
    result = thaw_tree_read(reading->project->shipped, file->file, share->file_bytes,
                            &reading->arena, &bytes, &file->length);
    if (result == -ENOMEM)
        return result;
    if (result < 0)
        return read_fault(reading, file, result);
    slot = thaw_array_add(&reading->read);
    if (!slot)
        return -ENOMEM;
    *slot = file->name;
    reading->bytes[file->role] += file->length;
    file->bytes = bytes;
    return 1;
}

const char *thaw_reading_place(struct thaw_project_reading *reading,
                               const struct thaw_project_place *place)
{
    struct thaw_arena *arena = &reading->project->memory->arena;

    return place->line ? thaw_arena_format(arena, "%s:%u", place->file, place->line)
                       : thaw_arena_string(arena, place->file);
}
