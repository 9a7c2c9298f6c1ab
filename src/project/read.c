/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "project/reading.h"

/* What is made of what: each step reads what those before it found. The interpreter is asked as
 * soon as it is known what to ask, and answers while the rest goes on. */
static const thaw_project_step steps[] = {
    thaw_project_tree,           /* which files there are, and what each is */
    thaw_project_oddities,       /* what is not as it should be among them */
    thaw_project_documents,      /* settings, functions, templates of the app's folder */
    thaw_project_named,          /* those that the user named */
    thaw_project_infer_python,   /* its version: markers of requirements ask for it */
    thaw_project_manifests,      /* what it asks to be installed */
    thaw_project_infer_platform, /* whose functions they are */
    thaw_project_ask,            /* of an interpreter, what the source says */
    thaw_project_infer_plan,     /* and the form of the package */
    thaw_project_left_out,       /* what is not deployed */
    thaw_project_kept,           /* what git has that it should not */
    thaw_project_foreign,        /* what the platform can't load */
    thaw_project_hear,           /* the interpreter's answer */
    thaw_project_bound_python,   /* what manifests in TOML allow */
    NULL,                        /* the last */
};

static int compare_texts(const void *one, const void *other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

/* Names of files that were read, each once. */
static int show_read(struct thaw_project_reading *reading)
{
    struct thaw_project *project = reading->project;
    struct thaw_texts *texts = &project->read;

    if (!reading->read.count)
        return 0;
    qsort(reading->read.items, reading->read.count, sizeof(*reading->read.items), compare_texts);
    texts->items =
        thaw_arena_allocate(&project->memory->arena, reading->read.count * sizeof(*texts->items));
    if (!texts->items)
        return -ENOMEM;
    for (size_t i = 0; i < reading->read.count; i++) {
        if (i == 0 || strcmp(reading->read.items[i - 1], reading->read.items[i]) != 0)
            texts->items[texts->count++] = reading->read.items[i];
    }
    return 0;
}

static void reading_end(struct thaw_project_reading *reading)
{
    struct thaw_error ignored;

    if (reading->source) /* a step failed while it ran */
        thaw_app_source_finish(reading->source, reading->project, &ignored);
    free(reading->places);
    free(reading->is_searched);
    thaw_array_free(&reading->files);
    thaw_array_free(&reading->read);
    thaw_arena_free(&reading->arena);
}

int thaw_project_read(const struct thaw_project_options *options, struct thaw_project **ret,
                      struct thaw_error *error)
{
    struct thaw_project_reading reading = {.options = options, .project = thaw_project_new()};
    int result = reading.project ? 0 : thaw_error_memory(error);

    for (size_t i = 0; result == 0 && steps[i]; i++)
        result = steps[i](&reading, error);
    if (result == 0 && (show_read(&reading) < 0 || thaw_project_show(reading.project) < 0))
        result = thaw_error_memory(error);
    reading_end(&reading);
    if (result < 0) {
        thaw_project_free(reading.project);
        return result;
    }
    *ret = reading.project;
    return 0;
}
