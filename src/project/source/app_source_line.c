/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "project/source/app_source_line.h"

#define TEXT_BYTES_MAX 4096
#define TEXTS_MAX 64

const json_t *thaw_line_next(struct thaw_source_line *line)
{
    return json_array_get(line->values, line->next++);
}

int64_t thaw_line_integer(struct thaw_source_line *line, const json_t *value, int64_t least,
                          int64_t most)
{
    json_int_t number = json_integer_value(value);

    if (!json_is_integer(value) || number < least || number > most) {
        line->broken = true;
        return least;
    }
    return number;
}

uint32_t thaw_line_number(struct thaw_source_line *line, uint32_t most)
{
    return (uint32_t)thaw_line_integer(line, thaw_line_next(line), 0, most);
}

bool thaw_line_flag(struct thaw_source_line *line)
{
    return thaw_line_number(line, 1) == 1;
}

static void *keep(struct thaw_source_line *line, const void *kept)
{
    if (!kept)
        line->broken = line->reading->memory = true;
    return (void *)kept;
}

static const char *text_of(struct thaw_source_line *line, const json_t *value)
{
    size_t length = json_string_length(value);

    if (!json_is_string(value) || length > TEXT_BYTES_MAX)
        line->broken = true;
    if (line->broken || !length)
        return "";
    return keep(line, thaw_arena_text(line->reading->arena, json_string_value(value), length));
}

const char *thaw_line_path(struct thaw_source_line *line)
{
    return text_of(line, thaw_line_next(line));
}

const char *thaw_line_text(struct thaw_source_line *line)
{
    return thaw_setting_name_shown(text_of(line, thaw_line_next(line)));
}

const char *thaw_line_text_or_null(struct thaw_source_line *line)
{
    const json_t *value = thaw_line_next(line);

    return json_is_null(value) ? NULL : thaw_setting_name_shown(text_of(line, value));
}

struct thaw_texts thaw_line_texts(struct thaw_source_line *line)
{
    const json_t *list = thaw_line_next(line);
    struct thaw_texts found = {0};

    if (!json_is_array(list) || json_array_size(list) > TEXTS_MAX)
        line->broken = true;
    for (size_t i = 0; !line->broken && i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);

        const char *text = thaw_setting_name_shown(json_string_value(item));

        if (!text || json_string_length(item) > TEXT_BYTES_MAX)
            line->broken = true;
        else if (thaw_arena_add_text(line->reading->arena, &found, TEXTS_MAX, text, strlen(text)) <
                 0)
            line->broken = line->reading->memory = true;
    }
    return found;
}

const char *thaw_line_file(struct thaw_source_line *line)
{
    uint32_t index = thaw_line_number(line, THAW_SOURCE_NUMBER_MAX);

    if (line->broken || index >= line->reading->file_names.count) {
        line->broken = true;
        return "";
    }
    return line->reading->file_names.items[index];
}

struct thaw_project_place thaw_line_place(struct thaw_source_line *line)
{
    struct thaw_project_place place = {.file = thaw_line_file(line)};

    place.line = thaw_line_number(line, THAW_SOURCE_NUMBER_MAX);
    place.column = thaw_line_number(line, THAW_SOURCE_NUMBER_MAX);
    return place;
}

struct thaw_project_place thaw_line_place_in(struct thaw_source_line *line, const char *name)
{
    struct thaw_project_place place = {.file = name};

    place.line = thaw_line_number(line, THAW_SOURCE_NUMBER_MAX);
    place.column = thaw_line_number(line, THAW_SOURCE_NUMBER_MAX);
    return place;
}
