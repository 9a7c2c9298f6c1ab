/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "project/source/app_source_line.h"
#include "project/settings/setting_parts.h"

#define FLAG_ASYNC 1
#define FLAG_GENERATOR 2
#define FLAG_REGISTERED 4
#define FLAG_TRIGGER 1
#define FLAG_OUTPUT 2
#define FLAG_AT_STARTUP 4

static void *copy_of(struct thaw_source_reading *reading, const void *items, size_t size)
{
    void *copy = size ? thaw_arena_allocate(reading->arena, size) : NULL;

    if (copy)
        memcpy(copy, items, size);
    else if (size)
        reading->memory = true;
    return copy;
}

void thaw_source_close_function(struct thaw_source_reading *reading)
{
    uint32_t index = reading->is_open ? reading->functions.items[reading->functions.count - 1]
                                      : THAW_SOURCE_DROPPED;
    struct thaw_app_function *function;

    reading->is_open = false;
    if (index == THAW_SOURCE_DROPPED)
        return;
    function = &reading->project->memory->functions.items[index];
    function->parameters = copy_of(reading, reading->parameters.items,
                                   reading->parameters.count * sizeof(*function->parameters));
    function->parameter_count = function->parameters ? reading->parameters.count : 0;
    if (function->model == THAW_FUNCTION_V1)
        return;
    function->bindings = copy_of(reading, reading->bindings.items,
                                 reading->bindings.count * sizeof(*function->bindings));
    function->binding_count = function->bindings ? reading->bindings.count : 0;
}

/* What the source says of functions that function.json declared: all that have this handler. The
 * first of them is the one that calls belong to. */
static uint32_t join_declared(struct thaw_source_reading *reading,
                              const struct thaw_app_function *said)
{
    struct thaw_project_memory *memory = reading->project->memory;
    uint32_t first = THAW_SOURCE_DROPPED;

    for (size_t i = 0; i < memory->functions.count; i++) {
        struct thaw_app_function *function = &memory->functions.items[i];

        if (function->model != THAW_FUNCTION_V1 || strcmp(function->script, said->script) != 0 ||
            strcmp(function->handler, said->handler) != 0)
            continue;
        function->is_async = said->is_async;
        function->is_generator = said->is_generator;
        if (function->kind == THAW_FUNCTION_PLAIN)
            function->kind = said->kind;
        first = first == THAW_SOURCE_DROPPED ? (uint32_t)i : first;
    }
    return first;
}

static void add_function(struct thaw_source_line *line, const struct thaw_app_function *said)
{
    struct thaw_source_reading *reading = line->reading;
    uint32_t index = THAW_SOURCE_DROPPED;

    if (line->broken)
        return;
    if (said->model == THAW_FUNCTION_V1) {
        index = join_declared(reading, said);
    } else {
        index = (uint32_t)reading->project->memory->functions.count;
        THAW_SOURCE_ADD(line, &reading->project->memory->functions, *said);
    }
    THAW_SOURCE_ADD(line, &reading->functions, index);
    reading->is_open = !line->broken;
}

void thaw_source_read_function(struct thaw_source_line *line)
{
    struct thaw_app_function said = {0};
    const json_t *most;
    uint32_t flags;

    thaw_source_close_function(line->reading);
    line->reading->bindings.count = line->reading->parameters.count = 0;
    said.place = thaw_line_place(line);
    said.name = thaw_line_text(line);
    said.model = thaw_line_number(line, THAW_FUNCTION_LAMBDA);
    said.kind = thaw_line_number(line, THAW_FUNCTION_ASGI);
    said.app = thaw_line_text(line);
    flags = thaw_line_number(line, FLAG_ASYNC | FLAG_GENERATOR | FLAG_REGISTERED);
    said.is_async = flags & FLAG_ASYNC;
    said.is_generator = flags & FLAG_GENERATOR;
    said.is_registered = flags & FLAG_REGISTERED;
    said.handler = thaw_line_text(line);
    said.script = thaw_line_file(line);
    said.retry_strategy = thaw_line_text_or_null(line);
    most = thaw_line_next(line);
    said.retry_most = json_is_null(most) ? INT64_MIN : thaw_line_integer(line, most, -1, INT64_MAX);
    said.retry_place = thaw_line_place_in(line, said.place.file);
    add_function(line, &said);
    if (line->broken) { /* so that numbers of those behind it stay what they are */
        struct thaw_source_line dropped = {.reading = line->reading};

        THAW_SOURCE_ADD(&dropped, &line->reading->functions, THAW_SOURCE_DROPPED);
    }
}

/* The file of the function that a row belongs to; NULL: there is none. */
static const char *function_file(struct thaw_source_line *line)
{
    struct thaw_source_reading *reading = line->reading;
    uint32_t index = reading->is_open ? reading->functions.items[reading->functions.count - 1]
                                      : THAW_SOURCE_DROPPED;

    if (index == THAW_SOURCE_DROPPED)
        line->broken = true;
    return line->broken ? NULL : reading->project->memory->functions.items[index].script;
}

void thaw_source_read_binding(struct thaw_source_line *line)
{
    struct thaw_app_binding said = {.place.file = function_file(line)};
    uint32_t flags;

    said.place = thaw_line_place_in(line, said.place.file);
    said.place.last_line = thaw_line_number(line, THAW_SOURCE_NUMBER_MAX);
    said.type = thaw_line_text_or_null(line);
    flags = thaw_line_number(line, FLAG_TRIGGER | FLAG_OUTPUT | FLAG_AT_STARTUP);
    said.is_trigger = flags & FLAG_TRIGGER;
    said.is_output = flags & FLAG_OUTPUT;
    said.at_startup = flags & FLAG_AT_STARTUP;
    said.parameter = thaw_line_text_or_null(line);
    said.connection = thaw_setting_name_only(thaw_line_text_or_null(line));
    said.route = thaw_line_text_or_null(line);
    said.methods = thaw_line_texts(line);
    said.auth_level = thaw_line_text_or_null(line);
    said.schedule = thaw_line_text_or_null(line);
    said.path = thaw_line_text_or_null(line);
    THAW_SOURCE_ADD(line, &line->reading->bindings, said);
}

void thaw_source_read_parameter(struct thaw_source_line *line)
{
    struct thaw_app_parameter said = {.place.file = function_file(line)};

    said.place = thaw_line_place_in(line, said.place.file);
    said.name = thaw_line_text(line);
    said.annotation = thaw_line_text(line);
    said.rejected = thaw_line_text(line);
    THAW_SOURCE_ADD(line, &line->reading->parameters, said);
}
