/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "project/reading.h"

/* The app's settings, functions and templates: each file given to its reader (build.h). */

#define BEGINNING_BYTES ((size_t)64 << 10) /* by which a template is told */
#define BEGINNINGS_BYTES_MAX ((size_t)256 << 20)

typedef int (*reader)(struct thaw_project *project, const struct thaw_project_input *input);

/* Templates have another way of saying no. */
static const struct {
    enum thaw_project_role role;
    reader read;
} readers[] = {
    {THAW_ROLE_HOST, thaw_read_host},
    {THAW_ROLE_LOCAL_SETTINGS, thaw_read_local_settings},
    {THAW_ROLE_FUNCTION, thaw_read_function_json},
};

static struct thaw_project_input input_of(const struct thaw_project_file *file)
{
    return (struct thaw_project_input){file->name, file->bytes, file->length};
}

static int read_role(struct thaw_project_reading *reading, enum thaw_project_role role, reader read)
{
    size_t count;
    struct thaw_project_file *files = thaw_reading_files(reading, role, &count);
    int result = 0;

    for (size_t i = 0; result >= 0 && i < count; i++) {
        result = thaw_reading_whole(reading, &files[i]);
        if (result > 0) {
            const struct thaw_project_input input = input_of(&files[i]);

            result = read(reading->project, &input);
        }
    }
    return result < 0 ? result : 0;
}

/* Does it begin like a template? 1, 0, -ENOMEM. Its bytes are not kept: there may be very many such
 * files, and few are one. */
static int begins_like_one(struct thaw_project_reading *reading,
                           const struct thaw_project_file *file, size_t *looked_at)
{
    struct thaw_arena kept = reading->arena;
    const char *beginning;
    size_t length;
    int result;

    reading->arena = (struct thaw_arena){0};
    result = thaw_reading_beginning(reading, file, BEGINNING_BYTES, &beginning, &length);
    if (result > 0) {
        *looked_at += length;
        result = thaw_template_may_be(file->name, beginning, length);
    }
    thaw_arena_free(&reading->arena);
    reading->arena = kept;
    return result;
}

static int complain_of_cut(struct thaw_project_reading *reading,
                           const struct thaw_project_file *file)
{
    return thaw_project_complain(
        reading->project, THAW_PROBLEM_CUT, &(struct thaw_project_place){.file = file->name},
        "more than %zu MiB of beginnings of files that may be templates by "
        "their names: from this one on they are not looked at; give the "
        "app's own folder alone",
        BEGINNINGS_BYTES_MAX >> 20);
}

/* Many files may be one by their name: those that do not begin like one are nobody's matter. */
static int read_template(struct thaw_project_reading *reading, struct thaw_project_file *file,
                         size_t *looked_at)
{
    int result = begins_like_one(reading, file, looked_at);

    if (result > 0)
        result = thaw_reading_whole(reading, file);
    if (result > 0) {
        const struct thaw_project_input input = input_of(file);
        struct thaw_error ignored;

        result = thaw_read_template(reading->project, &input, &ignored);
    }
    return result == -EINVAL ? 0 : result;
}

/* The bytes of a module that a template names: one of the app's own files, read by then or now. */
static int include(void *context, const char *name, const char **bytes, size_t *length)
{
    struct thaw_project_reading *reading = context;
    size_t count;
    struct thaw_project_file *files = thaw_reading_files(reading, THAW_ROLE_TEMPLATE, &count);
    int result;

    for (size_t i = 0; i < count; i++) {
        if (strcmp(files[i].name, name) != 0)
            continue;
        result = thaw_reading_whole(reading, &files[i]);
        if (result <= 0)
            return result < 0 ? result : -EIO;
        *bytes = files[i].bytes;
        *length = files[i].length;
        return 0;
    }
    return -ENOENT;
}

int thaw_project_documents(struct thaw_project_reading *reading, struct thaw_error *error)
{
    const struct thaw_template_source source = {include, reading};
    size_t count, looked_at = 0, at = 0;
    struct thaw_project_file *files = thaw_reading_files(reading, THAW_ROLE_TEMPLATE, &count);
    int result = 0;

    for (size_t i = 0; result == 0 && i < sizeof(readers) / sizeof(readers[0]); i++)
        result = read_role(reading, readers[i].role, readers[i].read);
    reading->project->memory->template_source = &source;
    for (; result >= 0 && at < count && looked_at < BEGINNINGS_BYTES_MAX; at++)
        result = read_template(reading, &files[at], &looked_at);
    if (result >= 0 && at < count)
        result = complain_of_cut(reading, &files[at]);
    reading->project->memory->template_source = NULL;
    return result < 0 ? thaw_error_memory(error) : 0;
}
