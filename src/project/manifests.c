/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "project/document.h"
#include "project/inference.h"
#include "shipped/content.h"

/* Requirements files and manifests in JSON and YAML; those in TOML an interpreter reads. */

#define INCLUDED_BYTES_MAX ((size_t)4 << 20)

static int note_read(struct thaw_project_reading *reading, const char *name)
{
    const char **slot;

    name = thaw_text_for_json(&reading->project->memory->arena, name);
    slot = name ? thaw_array_add(&reading->read) : NULL;
    if (!slot)
        return -ENOMEM;
    *slot = name;
    return 0;
}

/* A file that requirements.txt includes, as a rule not among those that are read by their name. */
static int include(void *context, const char *file, const char **bytes, size_t *length)
{
    struct thaw_project_reading *reading = context;
    const struct thaw_shipped *shipped = reading->project->shipped;
    uint32_t found = thaw_content_find(shipped, file);
    const struct thaw_project_file included = {.file = found, .role = THAW_ROLE_REQUIREMENTS};
    int result;

    if (found == THAW_SHIPPED_NONE)
        return -ENOENT;
    if (shipped->files[found].bytes > INCLUDED_BYTES_MAX)
        return -EFBIG;
    result = thaw_reading_beginning(reading, &included, INCLUDED_BYTES_MAX, bytes, length);
    if (result <= 0)
        return result == 0 ? -EACCES : result;
    return note_read(reading, file);
}

/* The host's build takes requirements.txt of the top folder alone; elsewhere (SAM's CodeUri) each
 * function's folder may have its own. */
static int read_requirements(struct thaw_project_reading *reading)
{
    const struct thaw_requirements_source source = {
        .include = include,
        .context = reading,
        .python_version = *reading->project->python.value ? reading->project->python.value : NULL,
    };
    bool is_top_only =
        thaw_reading_top(reading, "requirements.txt") || thaw_reading_top(reading, "host.json");
    size_t count;
    struct thaw_project_file *files = thaw_reading_files(reading, THAW_ROLE_REQUIREMENTS, &count);
    int result = 0;

    for (size_t i = 0; result >= 0 && i < count; i++) {
        if (is_top_only && strchr(files[i].name, '/'))
            continue;
        result = thaw_reading_whole(reading, &files[i]);
        if (result > 0) {
            const struct thaw_project_input input = {files[i].name, files[i].bytes,
                                                     files[i].length};

            result = thaw_read_requirements(reading->project, &input, &source);
        }
    }
    return result < 0 ? result : 0;
}

/* python: "3.11", "" none is named. */
static int add_manifest(struct thaw_project_reading *reading, const char *file, bool is_lock,
                        const char *python, uint64_t requirements)
{
    struct thaw_manifest *manifest = thaw_array_add(&reading->project->memory->manifests);
    char minor[16], range[32] = "";

    if (!manifest)
        return -ENOMEM;
    if (thaw_infer_minor(python, minor))
        snprintf(range, sizeof(range), "==%s.*", minor);
    *manifest = (struct thaw_manifest){
        .file = file,
        .is_lock = is_lock,
        .requires_python = thaw_arena_string(&reading->project->memory->arena, range),
        .requirements = requirements,
    };
    return manifest->requires_python ? 0 : -ENOMEM;
}

static int read_pipfile_lock(struct thaw_project_reading *reading,
                             const struct thaw_project_file *file)
{
    const struct thaw_project_input input = {file->name, file->bytes, file->length};
    struct thaw_project_document *document;
    const char *python;
    int result = thaw_document_read_object(reading->project, &input, &document);

    if (result < 0 || !document)
        return result;
    python = json_string_value(json_object_get(
        json_object_get(json_object_get(document->root, "_meta"), "requires"), "python_version"));
    result = add_manifest(reading, file->name, true, python ? python : "",
                          json_object_size(json_object_get(document->root, "default")));
    thaw_document_free(document);
    return result;
}

/* Items of the list "dependencies", by their lines: as conda writes them, one a line. */
static int read_conda(struct thaw_project_reading *reading, const struct thaw_project_file *file)
{
    const char *python = "";
    uint64_t requirements = 0;
    bool is_inside = false;

    for (const char *at = file->bytes; *at;) {
        size_t length = strcspn(at, "\n"), indent = strspn(at, " ");
        const char *text = at + indent;

        if (*text != '-' && *text != '#' && indent == 0 && length)
            is_inside = strncmp(text, "dependencies:", 13) == 0;
        if (is_inside && strncmp(text, "- ", 2) == 0) {
            requirements++;
            if (strncmp(text, "- python=", 9) == 0)
                python = thaw_arena_text(&reading->arena, text, length - indent);
        }
        if (!python)
            return -ENOMEM;
        at += length + (at[length] == '\n');
    }
    return add_manifest(reading, file->name, false, python, requirements);
}

static int read_others(struct thaw_project_reading *reading, enum thaw_project_role role,
                       int (*read)(struct thaw_project_reading *, const struct thaw_project_file *))
{
    size_t count;
    struct thaw_project_file *files = thaw_reading_files(reading, role, &count);
    int result = 0;

    for (size_t i = 0; result >= 0 && i < count; i++) {
        result = thaw_reading_whole(reading, &files[i]);
        if (result > 0)
            result = read(reading, &files[i]);
    }
    return result < 0 ? result : 0;
}

int thaw_project_manifests(struct thaw_project_reading *reading, struct thaw_error *error)
{
    int result = read_requirements(reading);

    if (result == 0)
        result = read_others(reading, THAW_ROLE_PIPFILE_LOCK, read_pipfile_lock);
    if (result == 0)
        result = read_others(reading, THAW_ROLE_CONDA, read_conda);
    return result < 0 ? thaw_error_memory(error) : 0;
}
