/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PROJECT_APP_SOURCE_LINE_H
#define THAW_PROJECT_APP_SOURCE_LINE_H

#include <jansson.h>

#include "project/source/app_source.h"

/* Values of a row of the answer (project/source/app_source.h), one after the other, each bounded.
 */

#define THAW_SOURCE_NUMBER_MAX 0xffffffff

/* Of a function's row that no function of the project came of: its rows count for nothing. */
#define THAW_SOURCE_DROPPED UINT32_MAX

struct thaw_source_reading {
    struct thaw_project *project;
    struct thaw_arena *arena;
    THAW_ARRAY(const char *) file_names; /* what files is made of */
    THAW_ARRAY(uint32_t) functions;      /* by their number in the answer: that in the project */
    THAW_ARRAY(struct thaw_app_binding) bindings; /* of the last function */
    THAW_ARRAY(struct thaw_app_parameter) parameters;
    bool is_open; /* there is a last function, rows of which may follow */
    bool whole;
    bool memory; /* … was short */
};

/* One line while it is looked at; a value that isn't as expected makes it broken. */
struct thaw_source_line {
    struct thaw_source_reading *reading;
    const json_t *values;
    size_t next;
    bool broken;
};

const json_t *thaw_line_next(struct thaw_source_line *line);
int64_t thaw_line_integer(struct thaw_source_line *line, const json_t *value, int64_t least,
                          int64_t most);
uint32_t thaw_line_number(struct thaw_source_line *line, uint32_t most);
bool thaw_line_flag(struct thaw_source_line *line);
/* Texts are the project's; "" when the line is broken. Names are as thaw_setting_name_shown() has
 * them, paths as they are. */
const char *thaw_line_path(struct thaw_source_line *line);
const char *thaw_line_text(struct thaw_source_line *line);
const char *thaw_line_text_or_null(struct thaw_source_line *line);
struct thaw_texts thaw_line_texts(struct thaw_source_line *line);
const char *thaw_line_file(struct thaw_source_line *line);
/* A file, its line and column; a line and column in a file that is known. */
struct thaw_project_place thaw_line_place(struct thaw_source_line *line);
struct thaw_project_place thaw_line_place_in(struct thaw_source_line *line, const char *file);

/* A copy of what a row says in one of the project's arrays. */
#define THAW_SOURCE_ADD(line, array, value)                                                        \
    do {                                                                                           \
        __typeof__((array)->items) added = (line)->broken ? NULL : thaw_array_add(array);          \
                                                                                                   \
        if (added)                                                                                 \
            *added = (value);                                                                      \
        else if (!(line)->broken)                                                                  \
            (line)->broken = (line)->reading->memory = true;                                       \
    } while (0)

/* Rows of functions, and of what belongs to one (app_source_functions.c). */
void thaw_source_read_function(struct thaw_source_line *line);
void thaw_source_read_binding(struct thaw_source_line *line);
void thaw_source_read_parameter(struct thaw_source_line *line);
/* Gives the last function its bindings and parameters. */
void thaw_source_close_function(struct thaw_source_reading *reading);

#endif
