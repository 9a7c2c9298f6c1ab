/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/read_whole.h"
#include "base/text.h"
#include "project/reading.h"

/* Files that the user named: settings as they are deployed, templates elsewhere. What is wrong with
 * one of them ends the reading: a typing error must not look like a clean app. */

typedef int (*reader)(struct thaw_project *project, const struct thaw_project_input *input,
                      struct thaw_error *error);

/* Not a pipe or a device, which reading may wait for; of a folder reading says what is wrong. */
static bool is_on_disk(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
}

/* A pipe is as good as a file where the user typed it: `--settings <(az functionapp config
 * appsettings list …)`. */
static int read_bytes(const char *path, bool typed, char **ret, size_t *length,
                      struct thaw_error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (typed ? 0 : O_NONBLOCK)), code;

    if (fd < 0)
        return thaw_error_system(error, -errno, "%s", path);
    if (!typed && !is_on_disk(fd)) {
        close(fd);
        return thaw_error_set(error, -EINVAL,
                              "%s: thaw.json names it, and it is no regular file: give pipes by "
                              "--settings or --template",
                              path);
    }
    code = thaw_read_at_most(fd, THAW_PROJECT_JSON_BYTES_MAX, ret, length);
    close(fd);
    if (code == 0 && *length > THAW_PROJECT_JSON_BYTES_MAX) {
        free(*ret);
        return thaw_error_set(error, -EINVAL, "%s: larger than %zu MiB: is it the right file?",
                              path, THAW_PROJECT_JSON_BYTES_MAX >> 20);
    }
    if (abs(code) == ENOMEM)
        return thaw_error_memory(error);
    return code == 0 ? 0 : thaw_error_system(error, -abs(code), "%s", path);
}

/* What an array has from a number on of a file is of one that the user named. */
#define MARK(array, begin, name)                                                                   \
    do {                                                                                           \
        for (size_t i = (begin); i < (array)->count; i++)                                          \
            if (!strcmp((array)->items[i].place.file, name))                                       \
                (array)->items[i].place.is_named = true;                                           \
    } while (0)

/* Reads it; what it says has places that no file of the app is taken for. */
static int read_marked(struct thaw_project *project, const struct thaw_project_input *input,
                       reader read, struct thaw_error *error)
{
    struct thaw_project_memory *memory = project->memory;
    size_t settings = memory->settings.count, facts = memory->facts.count;
    size_t problems = memory->problems.count, templates = memory->templates.count;
    int result = read(project, input, error);

    MARK(&memory->settings, settings, input->file);
    MARK(&memory->facts, facts, input->file);
    MARK(&memory->problems, problems, input->file);
    for (size_t i = templates; i < memory->templates.count; i++)
        memory->templates.items[i].is_named = true;
    return result;
}

static int read_named(struct thaw_project_reading *reading, const char *path, bool typed,
                      reader read, struct thaw_error *error)
{
    struct thaw_project *project = reading->project;
    struct thaw_project_input input = {.file = thaw_text_for_json(&project->memory->arena, path)};
    const char **slot = input.file ? thaw_array_add(&reading->read) : NULL;
    char *bytes = NULL;
    int result;

    if (!slot)
        return thaw_error_memory(error);
    *slot = input.file;
    result = read_bytes(path, typed, &bytes, &input.length, error);
    if (result < 0)
        return result;
    input.bytes = bytes;
    result = read_marked(project, &input, read, error);
    free(bytes);
    return result == -ENOMEM ? thaw_error_memory(error) : result;
}

/* Was it read already, as one of the app's own? */
static bool is_read(const struct thaw_project_reading *reading, const char *path)
{
    char folder[PATH_MAX], own[PATH_MAX];
    size_t length, count;
    const struct thaw_project_file *files = thaw_reading_files(reading, THAW_ROLE_TEMPLATE, &count);

    if (!realpath(reading->options->path, folder) || !realpath(path, own))
        return false;
    length = strlen(folder);
    if (strncmp(own, folder, length) != 0 || own[length] != '/')
        return false;
    for (size_t i = 0; i < count; i++) {
        if (files[i].bytes && strcmp(files[i].name, own + length + 1) == 0)
            return true;
    }
    return false;
}

int thaw_project_named(struct thaw_project_reading *reading, struct thaw_error *error)
{
    const struct thaw_project_options *options = reading->options;
    int result = 0;

    for (size_t i = 0; result == 0 && options->settings && options->settings[i]; i++) {
        result = read_named(reading, options->settings[i], i < options->settings_typed,
                            thaw_read_exported_settings, error);
        reading->project->has_exported_settings = true;
    }
    for (size_t i = 0; result == 0 && options->templates && options->templates[i]; i++) {
        if (!is_read(reading, options->templates[i]))
            result = read_named(reading, options->templates[i], i < options->templates_typed,
                                thaw_read_template, error);
    }
    return result;
}
