/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "project/inference.h"

/* Which platform the app is for. */

static const char azure[] = "azure_functions";
static const char lambda[] = "aws_lambda";

static int say_file(struct thaw_project_reading *reading, struct thaw_statements *statements,
                    const char *platform, const char *file)
{
    return thaw_infer_say(reading, statements, platform, &(struct thaw_project_place){.file = file},
                          "%s", "");
}

/* What the Functions host looks for. Not seen through a nested one: that folder is another app. */
static int by_host_files(struct thaw_project_reading *reading, struct thaw_statements *statements)
{
    static const char *const names[] = {"host.json", "function_app.py"};
    size_t count;
    const struct thaw_project_file *functions =
        thaw_reading_files(reading, THAW_ROLE_FUNCTION, &count);

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (thaw_reading_top(reading, names[i]))
            return say_file(reading, statements, azure, names[i]);
    }
    return count && !reading->is_elsewhere ? say_file(reading, statements, azure, functions[0].name)
                                           : 0;
}

static const struct {
    enum thaw_fact_kind kind;
    const char *platform;
    const char *what;
} facts[] = {
    {THAW_FACT_FUNCTION, lambda, "a Lambda function"},
    {THAW_FACT_LAMBDA_RUNTIME, lambda, "a Lambda function's runtime"},
    {THAW_FACT_RUNTIME, azure, "functionAppConfig"},
    {THAW_FACT_DEPLOYMENT_STORAGE, azure, "functionAppConfig"},
    {THAW_FACT_STACK, azure, "linuxFxVersion"},
};

/* Forms of templates that only one platform has. */
static const struct {
    const char *form;
    const char *platform;
} forms[] = {{"Bicep", azure}, {"ARM", azure}, {"Azure CLI", azure}, {"SAM", lambda}};

static int say_images(struct thaw_project_reading *reading, struct thaw_statements *statements)
{
    const struct thaw_project_fact *fact;
    int result = 0;

    for (size_t at = 0;
         result == 0 && (fact = thaw_infer_fact(reading, THAW_FACT_BASE_IMAGE, &at));) {
        const char *platform = thaw_infer_image_platform(fact->value);

        if (*platform)
            result = thaw_infer_say(reading, statements, platform, &fact->place, "image %.100s",
                                    fact->value);
    }
    return result;
}

static int by_templates(struct thaw_project_reading *reading, struct thaw_statements *statements)
{
    const struct thaw_project_memory *memory = reading->project->memory;
    const struct thaw_project_fact *fact;
    int result = 0;

    for (size_t i = 0; result == 0 && i < sizeof(facts) / sizeof(facts[0]); i++) {
        for (size_t at = 0; result == 0 && (fact = thaw_infer_fact(reading, facts[i].kind, &at));)
            result = thaw_infer_say(reading, statements, facts[i].platform, &fact->place, "%s",
                                    facts[i].what);
    }
    for (size_t i = 0; result == 0 && i < memory->templates.count; i++) {
        const struct thaw_project_template *template = &memory->templates.items[i];

        for (size_t j = 0; result == 0 && j < sizeof(forms) / sizeof(forms[0]); j++) {
            if (template->has_app && strcmp(template->form, forms[j].form) == 0)
                result =
                    thaw_infer_say(reading, statements, forms[j].platform,
                                   &(struct thaw_project_place){.file = template->file,
                                                                .is_named = template->is_named},
                                   "%s of a function app", template->form);
        }
    }
    return result == 0 ? say_images(reading, statements) : result;
}

/* Settings without which no function app starts. */
static int by_settings(struct thaw_project_reading *reading, struct thaw_statements *statements)
{
    static const char *const names[] = {"FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_EXTENSION_VERSION"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t at = 0;
        const struct thaw_setting *setting = thaw_infer_setting(reading, names[i], &at);

        if (setting)
            return thaw_infer_say(reading, statements, azure, &setting->place, "%s", names[i]);
    }
    return 0;
}

static const struct {
    const char *name;
    const char *platform;
} packages[] = {{"azure-functions", azure}, {"awslambdaric", lambda}};

static int by_requirements(struct thaw_project_reading *reading, struct thaw_statements *statements)
{
    int result = 0;

    for (size_t i = 0; result == 0 && i < sizeof(packages) / sizeof(packages[0]); i++) {
        const struct thaw_requirement *found = thaw_infer_requirement(reading, packages[i].name);

        if (found)
            result = thaw_infer_say(reading, statements, packages[i].platform, &found->place,
                                    "asks for %s", packages[i].name);
    }
    return result;
}

#define BEGINNING_BYTES ((size_t)32 << 10)
#define LOOKED_AT_MAX 2000

static bool has_word(const char *bytes, size_t length, const char *word)
{
    return bytes && memmem(bytes, length, word, strlen(word));
}

/* Lambda's own example has it so, and most handlers' names are made after it. */
static const char definition[] = "def lambda_handler(";

/* What handlers of other names have: too little to tell a platform by, but it may be one. */
static const char *const forms_of_handlers[] = {
    "lambda_handler", "(event, context", "(event,context", "(event: dict",    "def handler(event",
    "LambdaContext",  "Mangum(",         "from chalice",   "azure.functions", "awslambdaric"};

static bool may_be_handler(const char *bytes, size_t length)
{
    for (size_t i = 0; i < sizeof(forms_of_handlers) / sizeof(forms_of_handlers[0]); i++) {
        if (has_word(bytes, length, forms_of_handlers[i]))
            return true;
    }
    return false;
}

/* Of files below the top, where a template elsewhere may name a handler. */
static int look_below(struct thaw_project_reading *reading, const struct thaw_project_file *file)
{
    const char *bytes = NULL;
    size_t length = 0;
    int result = reading->project->may_be_handler
                     ? 0
                     : thaw_reading_beginning(reading, file, BEGINNING_BYTES, &bytes, &length);

    if (result > 0)
        reading->project->may_be_handler = may_be_handler(bytes, length);
    return result < 0 ? result : 0;
}

static int by_handler(struct thaw_project_reading *reading, struct thaw_statements *statements)
{
    size_t count;
    struct thaw_project_file *files = thaw_reading_files(reading, THAW_ROLE_SOURCE, &count);

    if (thaw_reading_top(reading, "local.settings.json"))
        return say_file(reading, statements, azure, "local.settings.json");
    for (size_t i = 0; i < count; i++) {
        int result = strchr(files[i].name, '/') ? 0 : thaw_reading_whole(reading, &files[i]);

        if (result < 0)
            return result;
        if (result > 0 && has_word(files[i].bytes, files[i].length, definition))
            return thaw_infer_say(reading, statements, lambda,
                                  &(struct thaw_project_place){.file = files[i].name},
                                  "defines lambda_handler");
        if (result > 0 && may_be_handler(files[i].bytes, files[i].length))
            reading->project->may_be_handler = true;
    }
    for (size_t i = 0; i < count && i < LOOKED_AT_MAX; i++) {
        int result = strchr(files[i].name, '/') ? look_below(reading, &files[i]) : 0;

        if (result < 0)
            return result;
    }
    return 0;
}

static const thaw_evidence kinds[] = {by_host_files,   by_templates, by_settings,
                                      by_requirements, by_handler,   NULL};

int thaw_project_infer_platform(struct thaw_project_reading *reading, struct thaw_error *error)
{
    struct thaw_inferred *platform = &reading->project->platform;
    int result = thaw_infer(reading, kinds, "nothing tells it", platform);

    /* A template above it may tell of the app, but what its host would read is not here. */
    if (result == 0 && reading->is_elsewhere && strcmp(platform->value, azure) == 0) {
        platform->value = "";
        platform->reason = reading->project->is_zip
                               ? "host.json is not at the top of the zip, but in a folder of it"
                               : "host.json is not in this folder, but in one below it";
    }
    return result < 0 ? thaw_error_memory(error) : 0;
}
