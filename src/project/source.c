/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/path_table.h"
#include "project/inference.h"

/* What an interpreter is asked about the app's Python files, while the rest is read (build.h). */

#define HANDLERS_MAX 4000

struct asking {
    struct thaw_project_reading *reading;
    THAW_ARRAY(struct thaw_project_input) inputs;
    THAW_ARRAY(const char *) handlers; /* NULL-terminated */
    struct thaw_path_table known;      /* of handlers */
};

static int add_inputs(struct asking *asking, enum thaw_project_role role)
{
    size_t count;
    struct thaw_project_file *files = thaw_reading_files(asking->reading, role, &count);

    for (size_t i = 0; i < count; i++) {
        int result = thaw_reading_whole(asking->reading, &files[i]);
        struct thaw_project_input *input;

        if (result < 0)
            return result;
        if (result == 0)
            continue;
        input = thaw_array_add(&asking->inputs);
        if (!input)
            return -ENOMEM;
        *input = (struct thaw_project_input){files[i].name, files[i].bytes, files[i].length};
    }
    return 0;
}

static int add_handler(struct asking *asking, const char *handler)
{
    const char **slot;
    int result;

    if (!handler)
        return -ENOMEM;
    if (!*handler || asking->handlers.count >= HANDLERS_MAX)
        return 0;
    result =
        thaw_path_table_add(&asking->known, &asking->reading->arena, handler, strlen(handler), 0);
    if (result <= 0)
        return result;
    slot = thaw_array_add(&asking->handlers);
    if (!slot)
        return -ENOMEM;
    *slot = handler;
    return 0;
}

/* Lambda's handlers as templates name them, and those of function.json as FILE:NAME. Where there
 * are none, the reader looks for those of the usual name. */
static int add_handlers(struct asking *asking)
{
    struct thaw_project_reading *reading = asking->reading;
    const struct thaw_project_memory *memory = reading->project->memory;
    const struct thaw_project_fact *fact;
    int result = 0;

    for (size_t at = 0; result == 0 && (fact = thaw_infer_fact(reading, THAW_FACT_HANDLER, &at));)
        result = add_handler(asking, fact->value);
    for (size_t i = 0; result == 0 && i < memory->functions.count; i++) {
        const struct thaw_app_function *function = &memory->functions.items[i];

        if (function->model == THAW_FUNCTION_V1 && function->script && *function->script &&
            function->handler && *function->handler)
            result = add_handler(asking, thaw_arena_format(&reading->arena, "%s:%s",
                                                           function->script, function->handler));
    }
    return result;
}

/* The file that the host indexes: function_app.py, unless a setting says otherwise. */
static const char *entry_of(const struct thaw_project_reading *reading)
{
    const struct thaw_project_memory *memory = reading->project->memory;

    for (size_t i = 0; i < memory->settings.count; i++) {
        const struct thaw_setting *setting = &memory->settings.items[i];

        if (strcmp(setting->name, "PYTHON_SCRIPT_FILE_NAME") == 0 && setting->value &&
            thaw_reading_top(reading, setting->value))
            return setting->value;
    }
    return "function_app.py";
}

static int ask(struct asking *asking, struct thaw_error *error)
{
    struct thaw_project_reading *reading = asking->reading;
    const char **end = thaw_array_add(&asking->handlers);
    struct thaw_app_source_question question = {
        .entry = entry_of(reading),
        .handlers = asking->handlers.items,
        .files = asking->inputs.items,
        .count = asking->inputs.count,
    };

    /* An interpreter that is not there is a problem that the answer has. */
    return end ? thaw_app_source_ask(reading->source, &question, error) : thaw_error_memory(error);
}

int thaw_project_wake(struct thaw_project_reading *reading, struct thaw_error *error)
{
    return thaw_app_source_wake(reading->options->executable, &reading->source, error);
}

int thaw_project_ask(struct thaw_project_reading *reading, struct thaw_error *error)
{
    struct asking asking = {.reading = reading};
    int result = add_inputs(&asking, THAW_ROLE_SOURCE);

    if (result == 0)
        result = add_inputs(&asking, THAW_ROLE_TOML);
    if (result == 0 && asking.inputs.count)
        result = add_handlers(&asking);
    if (result < 0) {
        result = thaw_error_memory(error);
    } else if (asking.inputs.count) {
        result = ask(&asking, error);
    } else {
        thaw_app_source_give_up(reading->source);
        reading->source = NULL;
    }
    thaw_array_free(&asking.inputs);
    thaw_array_free(&asking.handlers);
    thaw_path_table_clear(&asking.known);
    return result;
}

int thaw_project_hear(struct thaw_project_reading *reading, struct thaw_error *error)
{
    struct thaw_app_source *source = reading->source;

    reading->source = NULL;
    return source ? thaw_app_source_finish(source, reading->project, error) : 0;
}
