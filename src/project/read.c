/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "project/reading.h"

/* What is made of what: each step reads what those before it found. The interpreter starts while
 * folders are looked through, is asked as soon as it is known what to ask, and answers while the
 * rest goes on, and what the caller has to do. */
static const thaw_project_step first_steps[] = {
    thaw_project_wake,           /* an interpreter, to be asked */
    thaw_project_tree,           /* which files there are, and what each is */
    thaw_project_oddities,       /* what is not as it should be among them */
    thaw_project_documents,      /* settings, functions, templates of the app's folder */
    thaw_project_named,          /* those that the user named */
    thaw_project_infer_python,   /* its version: markers of requirements ask for it */
    thaw_project_manifests,      /* what it asks to be installed */
    thaw_project_infer_platform, /* whose functions they are */
    thaw_project_ask,            /* of the interpreter, what the source says */
    NULL,                        /* the last */
};

static const thaw_project_step last_steps[] = {
    thaw_project_infer_plan,   /* and the form of the package */
    thaw_project_left_out,     /* what is not deployed */
    thaw_project_kept,         /* what git has that it should not */
    thaw_project_foreign,      /* what the platform can't load */
    thaw_project_hear,         /* the interpreter's answer */
    thaw_project_bound_python, /* what manifests in TOML allow */
    NULL,                      /* the last */
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

void thaw_project_give_up(struct thaw_project_reading *reading)
{
    if (!reading)
        return;
    thaw_app_source_give_up(reading->source);
    thaw_project_free(reading->project);
    free(reading->places);
    free(reading->is_searched);
    thaw_array_free(&reading->files);
    thaw_array_free(&reading->read);
    thaw_arena_free(&reading->arena);
    free(reading);
}

static int take(struct thaw_project_reading *reading, const thaw_project_step *steps,
                struct thaw_error *error)
{
    int result = 0;

    for (size_t i = 0; result == 0 && steps[i]; i++)
        result = steps[i](reading, error);
    return result;
}

int thaw_project_begin(const struct thaw_project_options *options,
                       struct thaw_project_reading **ret, struct thaw_error *error)
{
    struct thaw_project_reading *reading = calloc(1, sizeof(*reading));
    int result;

    if (!reading)
        return thaw_error_memory(error);
    reading->options = options;
    reading->project = thaw_project_new();
    result = reading->project ? take(reading, first_steps, error) : thaw_error_memory(error);
    if (result < 0)
        thaw_project_give_up(reading);
    else
        *ret = reading;
    return result;
}

int thaw_project_end(struct thaw_project_reading *reading, struct thaw_project **ret,
                     struct thaw_error *error)
{
    int result = take(reading, last_steps, error);

    if (result == 0 && (show_read(reading) < 0 || thaw_project_show(reading->project) < 0))
        result = thaw_error_memory(error);
    if (result == 0) {
        *ret = reading->project;
        reading->project = NULL;
    }
    thaw_project_give_up(reading);
    return result;
}

int thaw_project_read(const struct thaw_project_options *options, struct thaw_project **ret,
                      struct thaw_error *error)
{
    struct thaw_project_reading *reading;
    int result = thaw_project_begin(options, &reading, error);

    return result < 0 ? result : thaw_project_end(reading, ret, error);
}
