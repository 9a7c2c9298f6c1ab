/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json_places.h"
#include "project/document.h"

/*
 * Any bytes as each of the JSON files of an app; the first byte chooses which. What is shown has
 * places within the file, no value that is not open, and no text that is NULL but where that means
 * something.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int holds)
{
    if (!holds)
        abort();
}

static void check_place(const struct thaw_project_place *place, uint32_t lines)
{
    demand(place->file != NULL);
    demand(place->line <= lines && place->last_line <= lines);
    demand(!place->last_line || place->last_line >= place->line);
    demand((place->line == 0) == (place->column == 0));
}

static void check_document(struct thaw_project *project, const struct thaw_project_input *input)
{
    struct thaw_project_document *document;
    uint32_t at;

    demand(thaw_document_read(project, input, &document) == 0);
    if (!document)
        return;
    demand(thaw_document_find(document, "", &at) == document->root && at == 0);
    if (!document->again)
        demand(json_places_match(&document->positions, 0, document->root));
    if (thaw_document_find(document, "version", &at))
        demand(thaw_document_place(document, at).line != 0);
    thaw_document_find(document, "logging.logLevel.Host.Results", &at);
    thaw_document_free(document);
}

static void check_functions(const struct thaw_project *project, uint32_t lines)
{
    for (size_t i = 0; i < project->function_count; i++) {
        const struct thaw_app_function *function = &project->functions[i];

        demand(function->name && function->script && function->handler && function->app);
        check_place(&function->place, lines);
        check_place(&function->retry_place, lines);
        for (size_t k = 0; k < function->binding_count; k++)
            check_place(&function->bindings[k].place, lines);
    }
}

static void check(struct thaw_project *project, uint32_t lines)
{
    demand(thaw_project_show(project) == 0);
    demand(project->problem_count <= THAW_PROJECT_PROBLEMS_MAX + 1);
    for (size_t i = 0; i < project->problem_count; i++)
        check_place(&project->problems[i].place, lines);
    for (size_t i = 0; i < project->fact_count; i++)
        check_place(&project->facts[i].place, lines);
    for (size_t i = 0; i < project->setting_count; i++) {
        const struct thaw_setting *setting = &project->settings[i];

        check_place(&setting->place, lines);
        demand(setting->name && setting->resource && setting->detail);
        demand(!setting->value || thaw_setting_is_open(setting->name));
        demand(!setting->value || !thaw_setting_shape_is_secret(setting->shape));
    }
    check_functions(project, lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_project *project = thaw_project_new();
    size_t choice = size ? 1 : 0; /* bytes of it */
    struct thaw_project_input input = {.file = "Orders/function.json",
                                       .bytes = (const char *)data + choice,
                                       .length = size - choice};
    struct thaw_error error;
    uint32_t lines = 1;
    int code = 0;

    demand(project != NULL);
    for (size_t i = choice; i < size; i++)
        lines += data[i] == '\n';
    switch (size ? data[0] % 5 : 5) {
    case 0:
        code = thaw_read_host(project, &input);
        break;
    case 1:
        code = thaw_read_local_settings(project, &input);
        break;
    case 2:
        code = thaw_read_exported_settings(project, &input, &error);
        demand(code == 0 || code == -EINVAL);
        code = 0;
        break;
    case 3:
        code = thaw_read_function_json(project, &input);
        break;
    case 4:
        check_document(project, &input);
        break;
    default:
        break;
    }
    demand(code == 0);
    check(project, lines);
    thaw_project_free(project);
    return 0;
}
