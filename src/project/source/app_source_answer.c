/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "project/source/app_source_line.h"

/* What the script never exceeds; jansson needs up to 50 times the length of a line. */
#define LINE_BYTES_MAX ((size_t)1 << 17)

/* Whose a call is; broken: a function's that is none of the project. */
static uint32_t caller(struct thaw_source_line *line)
{
    const struct thaw_source_reading *reading = line->reading;
    int64_t told = thaw_line_integer(line, thaw_line_next(line), -1, THAW_SOURCE_NUMBER_MAX);

    if (told < 0)
        return THAW_PROJECT_NONE;
    if ((uint64_t)told >= reading->functions.count ||
        reading->functions.items[told] == THAW_SOURCE_DROPPED) {
        line->broken = true;
        return THAW_PROJECT_NONE;
    }
    return reading->functions.items[told];
}

static void read_call(struct thaw_source_line *line)
{
    struct thaw_app_call said = {.place = thaw_line_place(line)};
    const json_t *seconds;

    said.name = thaw_line_text(line);
    said.function = caller(line);
    said.via = thaw_line_text(line);
    said.flags = thaw_line_number(line, 2 * THAW_CALL_IN_HANDLER - 1);
    seconds = thaw_line_next(line);
    if (!json_is_null(seconds) && !json_is_number(seconds))
        line->broken = true;
    said.seconds = json_is_number(seconds) ? json_number_value(seconds) : NAN;
    said.text_bytes = thaw_line_number(line, THAW_SOURCE_NUMBER_MAX);
    THAW_SOURCE_ADD(line, &line->reading->project->memory->calls, said);
}

static void read_app(struct thaw_source_line *line)
{
    struct thaw_app_variable said = {.place = thaw_line_place(line)};

    said.variable = thaw_line_text(line);
    said.type = thaw_line_text(line);
    said.auth_level = thaw_line_text_or_null(line);
    said.is_registered = thaw_line_flag(line);
    THAW_SOURCE_ADD(line, &line->reading->project->memory->apps, said);
}

static void read_import(struct thaw_source_line *line)
{
    struct thaw_project_import said = {.place = thaw_line_place(line)};

    said.module = thaw_line_text(line);
    said.in_function = thaw_line_flag(line);
    THAW_SOURCE_ADD(line, &line->reading->project->memory->imports, said);
}

static void read_literal(struct thaw_source_line *line)
{
    static const struct {
        const char *word;
        enum thaw_setting_shape shape;
    } shapes[] = {
        {"storage-key", THAW_SHAPE_STORAGE_KEY}, {"cosmos-key", THAW_SHAPE_COSMOS_KEY},
        {"shared-key", THAW_SHAPE_SHARED_KEY},   {"signed-url", THAW_SHAPE_SIGNED_URL},
        {"password", THAW_SHAPE_PASSWORD},       {"token", THAW_SHAPE_TOKEN},
    };
    struct thaw_app_literal said = {.place = thaw_line_place(line)};
    const char *word = json_string_value(thaw_line_next(line));

    for (size_t i = 0; word && i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        if (strcmp(shapes[i].word, word) == 0)
            said.shape = shapes[i].shape;
    }
    if (said.shape == THAW_SHAPE_UNKNOWN)
        line->broken = true;
    said.name = thaw_line_text(line);
    THAW_SOURCE_ADD(line, &line->reading->project->memory->literals, said);
}

static void read_manifest(struct thaw_source_line *line)
{
    struct thaw_manifest said = {.file = thaw_line_file(line)};

    said.is_lock = thaw_line_flag(line);
    said.requires_python = thaw_line_text(line);
    said.requirements = thaw_line_number(line, THAW_SOURCE_NUMBER_MAX);
    THAW_SOURCE_ADD(line, &line->reading->project->memory->manifests, said);
}

static void read_problem(struct thaw_source_line *line)
{
    static const struct {
        const char *word;
        enum thaw_problem_kind kind;
    } kinds[] = {
        {"malformed", THAW_PROBLEM_MALFORMED},
        {"syntax", THAW_PROBLEM_SYNTAX},
        {"cut", THAW_PROBLEM_CUT},
    };
    const char *name = thaw_line_file(line), *word = json_string_value(thaw_line_next(line)), *what;
    struct thaw_project_place where = thaw_line_place_in(line, name);

    what = thaw_line_text(line);
    for (size_t i = 0; !line->broken && word && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].word, word) == 0 &&
            thaw_project_complain(line->reading->project, kinds[i].kind, &where, "%s", what) < 0)
            line->reading->memory = true;
    }
}

static void read_file(struct thaw_source_line *line)
{
    const char *name = thaw_line_path(line);

    THAW_SOURCE_ADD(line, &line->reading->file_names, name);
}

static void read_reader(struct thaw_source_line *line)
{
    const char *version = thaw_line_text(line);

    if (!line->broken)
        line->reading->project->reader = version;
}

static void read_end(struct thaw_source_line *line)
{
    line->reading->whole = true;
}

static void take_row(struct thaw_source_reading *reading, const json_t *values)
{
    static const struct {
        const char *word;
        void (*read)(struct thaw_source_line *);
    } kinds[] = {
        {"call", read_call},
        {"parameter", thaw_source_read_parameter},
        {"binding", thaw_source_read_binding},
        {"function", thaw_source_read_function},
        {"import", read_import},
        {"file", read_file},
        {"app", read_app},
        {"literal", read_literal},
        {"manifest", read_manifest},
        {"problem", read_problem},
        {"reader", read_reader},
        {"end", read_end},
    };
    struct thaw_source_line line = {.reading = reading, .values = values};
    const char *word = json_string_value(thaw_line_next(&line));

    for (size_t i = 0; word && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].word, word) == 0) {
            kinds[i].read(&line);
            return;
        }
    }
}

static void take_line(struct thaw_source_reading *reading, const char *bytes, size_t length)
{
    json_t *values;

    if (!length || length > LINE_BYTES_MAX)
        return;
    values = json_loadb(bytes, length, 0, NULL);
    if (json_is_array(values))
        take_row(reading, values);
    json_decref(values);
}

/* That the answer has no end: where the interpreter was, as far as it said. */
static void complain_unfinished(struct thaw_source_reading *reading)
{
    struct thaw_project_place where = {.file = ""};

    if (reading->file_names.count)
        where.file = reading->file_names.items[reading->file_names.count - 1];
    if (thaw_project_complain(reading->project, THAW_PROBLEM_CUT, &where,
                              "the Python that reads sources ended before it was done%s: functions "
                              "and calls are not known",
                              *where.file ? ", this is the last file it began" : "") < 0)
        reading->memory = true;
}

int thaw_app_source_read(struct thaw_project *project, const char *bytes, size_t length)
{
    struct thaw_source_reading reading = {.project = project, .arena = &project->memory->arena};
    const char *line = length ? bytes : "", *end = line + length, *stop;
    size_t rows = 0;

    while (!reading.memory && line < end && rows++ < THAW_APP_SOURCE_ROWS_MAX &&
           (stop = memchr(line, '\n', (size_t)(end - line)))) {
        take_line(&reading, line, (size_t)(stop - line));
        line = stop + 1;
    }
    thaw_source_close_function(&reading);
    if (!reading.whole && !reading.memory)
        complain_unfinished(&reading);
    project->has_source = reading.whole;
    thaw_array_free(&reading.file_names);
    thaw_array_free(&reading.functions);
    thaw_array_free(&reading.bindings);
    thaw_array_free(&reading.parameters);
    return reading.memory ? -ENOMEM : 0;
}
