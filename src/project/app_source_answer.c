/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "project/app_source.h"

/* What the script never exceeds; jansson needs up to 50 times the length of a line. */
#define LINE_BYTES_MAX ((size_t)1 << 17)
#define TEXT_BYTES_MAX 4096
#define TEXTS_MAX 64
#define NUMBER_MAX 0xffffffff

/* Of a function's row that no function of the project came of: its rows count for nothing. */
#define DROPPED UINT32_MAX

#define FLAG_ASYNC 1
#define FLAG_GENERATOR 2
#define FLAG_REGISTERED 4
#define FLAG_TRIGGER 1
#define FLAG_OUTPUT 2

struct reading {
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
struct line {
    struct reading *reading;
    const json_t *values;
    size_t next;
    bool broken;
};

static const json_t *next(struct line *line)
{
    return json_array_get(line->values, line->next++);
}

static int64_t integer_of(struct line *line, const json_t *value, int64_t least, int64_t most)
{
    json_int_t number = json_integer_value(value);

    if (!json_is_integer(value) || number < least || number > most) {
        line->broken = true;
        return least;
    }
    return number;
}

static uint32_t number(struct line *line, uint32_t most)
{
    return (uint32_t)integer_of(line, next(line), 0, most);
}

static bool flag(struct line *line)
{
    return number(line, 1) == 1;
}

static void *keep(struct line *line, const void *kept)
{
    if (!kept)
        line->broken = line->reading->memory = true;
    return (void *)kept;
}

static const char *text_of(struct line *line, const json_t *value)
{
    size_t length = json_string_length(value);

    if (!json_is_string(value) || length > TEXT_BYTES_MAX)
        line->broken = true;
    if (line->broken || !length)
        return "";
    return keep(line, thaw_arena_text(line->reading->arena, json_string_value(value), length));
}

static const char *text(struct line *line)
{
    return text_of(line, next(line));
}

/* NULL: given, but not known. */
static const char *text_or_null(struct line *line)
{
    const json_t *value = next(line);

    return json_is_null(value) ? NULL : text_of(line, value);
}

static struct thaw_texts texts(struct line *line)
{
    const json_t *list = next(line);
    struct thaw_texts found = {0};

    if (!json_is_array(list) || json_array_size(list) > TEXTS_MAX)
        line->broken = true;
    for (size_t i = 0; !line->broken && i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);

        if (!json_is_string(item) || json_string_length(item) > TEXT_BYTES_MAX)
            line->broken = true;
        else if (thaw_arena_add_text(line->reading->arena, &found, TEXTS_MAX,
                                     json_string_value(item), json_string_length(item)) < 0)
            line->broken = line->reading->memory = true;
    }
    return found;
}

static const char *file(struct line *line)
{
    uint32_t index = number(line, NUMBER_MAX);

    if (line->broken || index >= line->reading->file_names.count) {
        line->broken = true;
        return "";
    }
    return line->reading->file_names.items[index];
}

/* A file, its line and column. */
static struct thaw_project_place place(struct line *line)
{
    struct thaw_project_place place = {.file = file(line)};

    place.line = number(line, NUMBER_MAX);
    place.column = number(line, NUMBER_MAX);
    return place;
}

/* A line and column in a file that is known. */
static struct thaw_project_place place_in(struct line *line, const char *name)
{
    struct thaw_project_place place = {.file = name};

    place.line = number(line, NUMBER_MAX);
    place.column = number(line, NUMBER_MAX);
    return place;
}

/* A copy of what a row says in one of the project's arrays. */
#define ADD(line, array, value)                                                                    \
    do {                                                                                           \
        __typeof__((array)->items) added = (line)->broken ? NULL : thaw_array_add(array);          \
                                                                                                   \
        if (added)                                                                                 \
            *added = (value);                                                                      \
        else if (!(line)->broken)                                                                  \
            (line)->broken = (line)->reading->memory = true;                                       \
    } while (0)

/* --- functions -------------------------------------------------------------------------------- */

static void *copy_of(struct reading *reading, const void *items, size_t size)
{
    void *copy = size ? thaw_arena_allocate(reading->arena, size) : NULL;

    if (copy)
        memcpy(copy, items, size);
    else if (size)
        reading->memory = true;
    return copy;
}

/* Gives the last function its bindings and parameters. */
static void close_function(struct reading *reading)
{
    uint32_t index =
        reading->is_open ? reading->functions.items[reading->functions.count - 1] : DROPPED;
    struct thaw_app_function *function;

    reading->is_open = false;
    if (index == DROPPED)
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
static uint32_t join_declared(struct reading *reading, const struct thaw_app_function *said)
{
    struct thaw_project_memory *memory = reading->project->memory;
    uint32_t first = DROPPED;

    for (size_t i = 0; i < memory->functions.count; i++) {
        struct thaw_app_function *function = &memory->functions.items[i];

        if (function->model != THAW_FUNCTION_V1 || strcmp(function->script, said->script) != 0 ||
            strcmp(function->handler, said->handler) != 0)
            continue;
        function->is_async = said->is_async;
        function->is_generator = said->is_generator;
        if (function->kind == THAW_FUNCTION_PLAIN)
            function->kind = said->kind;
        first = first == DROPPED ? (uint32_t)i : first;
    }
    return first;
}

static void add_function(struct line *line, const struct thaw_app_function *said)
{
    struct reading *reading = line->reading;
    uint32_t index = DROPPED;

    if (line->broken)
        return;
    if (said->model == THAW_FUNCTION_V1) {
        index = join_declared(reading, said);
    } else {
        index = (uint32_t)reading->project->memory->functions.count;
        ADD(line, &reading->project->memory->functions, *said);
    }
    ADD(line, &reading->functions, index);
    reading->is_open = !line->broken;
}

static void read_function(struct line *line)
{
    struct thaw_app_function said = {0};
    const json_t *most;
    uint32_t flags;

    close_function(line->reading);
    line->reading->bindings.count = line->reading->parameters.count = 0;
    said.place = place(line);
    said.name = text(line);
    said.model = number(line, THAW_FUNCTION_LAMBDA);
    said.kind = number(line, THAW_FUNCTION_ASGI);
    said.app = text(line);
    flags = number(line, FLAG_ASYNC | FLAG_GENERATOR | FLAG_REGISTERED);
    said.is_async = flags & FLAG_ASYNC;
    said.is_generator = flags & FLAG_GENERATOR;
    said.is_registered = flags & FLAG_REGISTERED;
    said.handler = text(line);
    said.script = file(line);
    said.retry_strategy = text_or_null(line);
    most = next(line);
    said.retry_most = json_is_null(most) ? INT64_MIN : integer_of(line, most, -1, INT64_MAX);
    said.retry_place = place_in(line, said.place.file);
    add_function(line, &said);
    if (line->broken) { /* so that numbers of those behind it stay what they are */
        struct line dropped = {.reading = line->reading};

        ADD(&dropped, &line->reading->functions, DROPPED);
    }
}

/* The file of the function that a row belongs to; NULL: there is none. */
static const char *function_file(struct line *line)
{
    struct reading *reading = line->reading;
    uint32_t index =
        reading->is_open ? reading->functions.items[reading->functions.count - 1] : DROPPED;

    if (index == DROPPED)
        line->broken = true;
    return line->broken ? NULL : reading->project->memory->functions.items[index].script;
}

static void read_binding(struct line *line)
{
    struct thaw_app_binding said = {.place.file = function_file(line)};
    uint32_t flags;

    said.place = place_in(line, said.place.file);
    said.place.last_line = number(line, NUMBER_MAX);
    said.type = text_or_null(line);
    flags = number(line, FLAG_TRIGGER | FLAG_OUTPUT);
    said.is_trigger = flags & FLAG_TRIGGER;
    said.is_output = flags & FLAG_OUTPUT;
    said.parameter = text_or_null(line);
    said.connection = text_or_null(line);
    said.route = text_or_null(line);
    said.methods = texts(line);
    said.auth_level = text_or_null(line);
    said.schedule = text_or_null(line);
    said.path = text_or_null(line);
    ADD(line, &line->reading->bindings, said);
}

static void read_parameter(struct line *line)
{
    struct thaw_app_parameter said = {.place.file = function_file(line)};

    said.place = place_in(line, said.place.file);
    said.name = text(line);
    said.annotation = text(line);
    said.rejected = text(line);
    ADD(line, &line->reading->parameters, said);
}

/* --- the rest --------------------------------------------------------------------------------- */

/* Whose a call is; broken: a function's that is none of the project. */
static uint32_t caller(struct line *line)
{
    const struct reading *reading = line->reading;
    int64_t told = integer_of(line, next(line), -1, NUMBER_MAX);

    if (told < 0)
        return THAW_PROJECT_NONE;
    if ((uint64_t)told >= reading->functions.count || reading->functions.items[told] == DROPPED) {
        line->broken = true;
        return THAW_PROJECT_NONE;
    }
    return reading->functions.items[told];
}

static void read_call(struct line *line)
{
    struct thaw_app_call said = {.place = place(line)};
    const json_t *seconds;

    said.name = text(line);
    said.function = caller(line);
    said.via = text(line);
    said.flags = number(line, 2 * THAW_CALL_IN_WITH - 1);
    seconds = next(line);
    if (!json_is_null(seconds) && !json_is_number(seconds))
        line->broken = true;
    said.seconds = json_is_number(seconds) ? json_number_value(seconds) : NAN;
    said.text_bytes = number(line, NUMBER_MAX);
    ADD(line, &line->reading->project->memory->calls, said);
}

static void read_app(struct line *line)
{
    struct thaw_app_variable said = {.place = place(line)};

    said.variable = text(line);
    said.type = text(line);
    said.auth_level = text_or_null(line);
    said.is_registered = flag(line);
    ADD(line, &line->reading->project->memory->apps, said);
}

static void read_import(struct line *line)
{
    struct thaw_project_import said = {.place = place(line)};

    said.module = text(line);
    said.in_function = flag(line);
    ADD(line, &line->reading->project->memory->imports, said);
}

static void read_literal(struct line *line)
{
    static const struct {
        const char *word;
        enum thaw_setting_shape shape;
    } shapes[] = {
        {"storage-key", THAW_SHAPE_STORAGE_KEY},
        {"shared-key", THAW_SHAPE_SHARED_KEY},
        {"signed-url", THAW_SHAPE_SIGNED_URL},
        {"password", THAW_SHAPE_PASSWORD},
        {"token", THAW_SHAPE_TOKEN},
    };
    struct thaw_app_literal said = {.place = place(line)};
    const char *word = json_string_value(next(line));

    for (size_t i = 0; word && i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        if (strcmp(shapes[i].word, word) == 0)
            said.shape = shapes[i].shape;
    }
    if (said.shape == THAW_SHAPE_UNKNOWN)
        line->broken = true;
    said.name = text(line);
    ADD(line, &line->reading->project->memory->literals, said);
}

static void read_manifest(struct line *line)
{
    struct thaw_manifest said = {.file = file(line)};

    said.is_lock = flag(line);
    said.requires_python = text(line);
    said.requirements = number(line, NUMBER_MAX);
    ADD(line, &line->reading->project->memory->manifests, said);
}

static void read_problem(struct line *line)
{
    static const struct {
        const char *word;
        enum thaw_problem_kind kind;
    } kinds[] = {
        {"malformed", THAW_PROBLEM_MALFORMED},
        {"syntax", THAW_PROBLEM_SYNTAX},
        {"cut", THAW_PROBLEM_CUT},
    };
    const char *name = file(line), *word = json_string_value(next(line)), *what;
    struct thaw_project_place where = place_in(line, name);

    what = text(line);
    for (size_t i = 0; !line->broken && word && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].word, word) == 0 &&
            thaw_project_complain(line->reading->project, kinds[i].kind, &where, "%s", what) < 0)
            line->reading->memory = true;
    }
}

static void read_file(struct line *line)
{
    const char *name = text(line);

    ADD(line, &line->reading->file_names, name);
}

static void read_end(struct line *line)
{
    line->reading->whole = true;
}

static void take_row(struct reading *reading, const json_t *values)
{
    static const struct {
        const char *word;
        void (*read)(struct line *);
    } kinds[] = {
        {"call", read_call},         {"parameter", read_parameter},
        {"binding", read_binding},   {"function", read_function},
        {"import", read_import},     {"file", read_file},
        {"app", read_app},           {"literal", read_literal},
        {"manifest", read_manifest}, {"problem", read_problem},
        {"end", read_end},
    };
    struct line line = {.reading = reading, .values = values};
    const char *word = json_string_value(next(&line));

    for (size_t i = 0; word && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].word, word) == 0) {
            kinds[i].read(&line);
            return;
        }
    }
}

static void take_line(struct reading *reading, const char *bytes, size_t length)
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
static void complain_unfinished(struct reading *reading)
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
    struct reading reading = {.project = project, .arena = &project->memory->arena};
    const char *line = length ? bytes : "", *end = line + length, *stop;
    size_t rows = 0;

    while (!reading.memory && line < end && rows++ < THAW_APP_SOURCE_ROWS_MAX &&
           (stop = memchr(line, '\n', (size_t)(end - line)))) {
        take_line(&reading, line, (size_t)(stop - line));
        line = stop + 1;
    }
    close_function(&reading);
    if (!reading.whole && !reading.memory)
        complain_unfinished(&reading);
    project->has_source = reading.whole;
    thaw_array_free(&reading.file_names);
    thaw_array_free(&reading.functions);
    thaw_array_free(&reading.bindings);
    thaw_array_free(&reading.parameters);
    return reading.memory ? -ENOMEM : 0;
}
