/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "project/source/app_source.h"

/* An answer of any content: what it says of is there, and has all its texts. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    if (!text || strlen(text) > 4096)
        abort();
}

static void check_or_null(const char *text)
{
    if (text)
        check_text(text);
}

static void check_function(const struct thaw_app_function *function)
{
    check_text(function->name);
    check_text(function->app);
    check_text(function->handler);
    check_text(function->script);
    check_text(function->place.file);
    check_or_null(function->retry_strategy);
    for (size_t i = 0; i < function->binding_count; i++) {
        const struct thaw_app_binding *binding = &function->bindings[i];

        check_or_null(binding->type);
        check_or_null(binding->parameter);
        check_text(binding->place.file);
        for (uint64_t k = 0; k < binding->methods.count; k++)
            check_text(binding->methods.items[k]);
    }
    for (size_t i = 0; i < function->parameter_count; i++) {
        check_text(function->parameters[i].name);
        check_text(function->parameters[i].rejected);
        check_text(function->parameters[i].place.file);
    }
}

static void check_rest(const struct thaw_project_memory *memory)
{
    for (size_t i = 0; i < memory->calls.count; i++) {
        const struct thaw_app_call *call = &memory->calls.items[i];

        check_text(call->name);
        check_text(call->via);
        check_text(call->place.file);
        if (call->function != THAW_PROJECT_NONE && call->function >= memory->functions.count)
            abort();
    }
    for (size_t i = 0; i < memory->literals.count; i++) {
        check_text(memory->literals.items[i].name);
        if (memory->literals.items[i].shape >= THAW_SHAPES)
            abort();
    }
    for (size_t i = 0; i < memory->imports.count; i++)
        check_text(memory->imports.items[i].module);
    for (size_t i = 0; i < memory->manifests.count; i++)
        check_text(memory->manifests.items[i].requires_python);
    for (size_t i = 0; i < memory->problems.count; i++)
        check_text(memory->problems.items[i].place.file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_project *project = thaw_project_new();
    struct thaw_app_function *declared;

    if (!project)
        return 0;
    declared = thaw_array_add(&project->memory->functions);
    if (declared)
        *declared = (struct thaw_app_function){.name = "hello",
                                               .model = THAW_FUNCTION_V1,
                                               .app = "",
                                               .handler = "main",
                                               .script = "hello/__init__.py",
                                               .retry_strategy = "",
                                               .place.file = "hello/function.json"};
    if (thaw_app_source_read(project, (const char *)data, size) < 0)
        abort();
    if (!project->has_source && !project->memory->problems.count)
        abort();
    for (size_t i = 0; i < project->memory->functions.count; i++)
        check_function(&project->memory->functions.items[i]);
    check_rest(project->memory);
    thaw_project_free(project);
    return 0;
}
