/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "store/starts.h"

/*
 * starts_add FILE [STARTS BYTES]: adds what each line of standard input has, a JSON object with the
 * members of struct thaw_start ("start"), thaw_arrivals or thaw_watched ("arrivals", "watched"). An
 * empty line ends a transaction, and says "kept" once it is there; then it trims to these bounds.
 */
static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));

    return value ? value : "";
}

static int64_t number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void fill_parts(struct thaw_arena *arena, const json_t *object, struct thaw_start *start)
{
    const json_t *phases = json_object_get(object, "phases"),
                 *imports = json_object_get(object, "imports"), *row;
    struct thaw_start_phase *phase =
        thaw_arena_allocate(arena, (json_array_size(phases) + 1) * sizeof(*phase));
    struct thaw_start_import *import =
        thaw_arena_allocate(arena, (json_array_size(imports) + 1) * sizeof(*import));
    size_t i;

    start->phases = phase;
    start->phase_count = json_array_size(phases);
    json_array_foreach(phases, i, row) *phase++ = (struct thaw_start_phase){
        json_string_value(json_array_get(row, 0)),
        (uint64_t)json_integer_value(json_array_get(row, 1)),
        (uint64_t)json_integer_value(json_array_get(row, 2)),
        json_is_true(json_array_get(row, 3)),
    };
    start->imports = import;
    start->import_count = json_array_size(imports);
    json_array_foreach(imports, i, row) *import++ = (struct thaw_start_import){
        json_string_value(json_array_get(row, 0)),
        (uint64_t)json_integer_value(json_array_get(row, 1)),
        (uint64_t)json_integer_value(json_array_get(row, 2)),
        (uint64_t)json_integer_value(json_array_get(row, 3)),
        (uint32_t)json_integer_value(json_array_get(row, 4)),
        json_is_true(json_array_get(row, 5)),
    };
}

static int add_start(struct thaw_database *database, const json_t *object, struct thaw_error *error)
{
    struct thaw_arena arena = {0};
    struct thaw_start start = {
        .identity = {.app = text(object, "app"),
                     .function = text(object, "function"),
                     .platform = text(object, "platform"),
                     .worker = text(object, "worker"),
                     .python = text(object, "python"),
                     .program = text(object, "program"),
                     .control_group = text(object, "control_group"),
                     .container = text(object, "container"),
                     .pod = text(object, "pod"),
                     .unit = text(object, "unit"),
                     .host_name = text(object, "host_name"),
                     .deployment = text(object, "deployment")},
        .process = (uint32_t)number(object, "process"),
        .begin_unix_ns = number(object, "begin_unix_ns"),
        .end_unix_ns = number(object, "end_unix_ns"),
        .total_ns = (uint64_t)number(object, "total_ns"),
        .unattributed_ns = (uint64_t)number(object, "unattributed_ns"),
        .answered = json_is_true(json_object_get(object, "answered")),
        .further = json_is_true(json_object_get(object, "further")),
        .complete = json_is_true(json_object_get(object, "complete")),
        .incomplete = text(object, "incomplete"),
        .ended = text(object, "ended"),
        .modules = (uint64_t)number(object, "modules"),
        .imports_ns = (uint64_t)number(object, "imports_ns"),
    };
    int code;

    snprintf(start.trace, sizeof(start.trace), "%s", text(object, "trace"));
    fill_parts(&arena, object, &start);
    code = thaw_starts_add(database, &start, error);
    thaw_arena_free(&arena);
    return code;
}

static int add_arrivals(struct thaw_database *database, const json_t *object,
                        struct thaw_error *error)
{
    const struct thaw_arrivals arrivals = {
        .app = text(object, "app"),
        .from_unix_ns = number(object, "from_unix_ns"),
        .requests = (uint64_t)number(object, "requests"),
        .cold = (uint64_t)number(object, "cold"),
        .busy_ns = (uint64_t)number(object, "busy_ns"),
        .most_at_once = (uint64_t)number(object, "most_at_once"),
        .most_all = (uint64_t)number(object, "most_all"),
        .processes = (uint64_t)number(object, "processes"),
        .limit_looks = (uint64_t)number(object, "limit_looks"),
        .at_limit = (uint64_t)number(object, "at_limit"),
        .measured = json_is_true(json_object_get(object, "measured")),
    };

    return thaw_arrivals_add(database, &arrivals, error);
}

static int add_watched(struct thaw_database *database, const json_t *object,
                       struct thaw_error *error)
{
    const struct thaw_watched watched = {number(object, "from_unix_ns"),
                                         number(object, "until_unix_ns"),
                                         (uint64_t)number(object, "lost")};

    return thaw_watched_add(database, &watched, error);
}

static int add(struct thaw_database *database, const json_t *line, struct thaw_error *error)
{
    const json_t *object = json_object_get(line, "start");

    if (object)
        return add_start(database, object, error);
    object = json_object_get(line, "arrivals");
    return object ? add_arrivals(database, object, error)
                  : add_watched(database, json_object_get(line, "watched"), error);
}

static int keep(struct thaw_database *database, const struct thaw_starts_bounds *bounds, int code,
                struct thaw_error *error)
{
    code = thaw_database_end(database, code, error);
    if (code)
        return code;
    puts("kept");
    fflush(stdout);
    return thaw_starts_trim(database, bounds, error);
}

static int add_all(struct thaw_database *database, const struct thaw_starts_bounds *bounds,
                   struct thaw_error *error)
{
    char *line = NULL;
    size_t size = 0;
    bool begun = false;
    int code = thaw_database_hold(database, error);

    while (!code && getline(&line, &size, stdin) > 0) {
        json_t *object = json_loads(line, 0, NULL);

        if (!begun)
            code = thaw_database_begin(database, error);
        begun = true;
        if (!code && object)
            code = add(database, object, error);
        if (!object || code) {
            code = keep(database, bounds, code, error);
            begun = false;
        }
        json_decref(object);
    }
    free(line);
    return begun ? keep(database, bounds, code, error) : code;
}

int main(int argc, char **argv)
{
    struct thaw_starts_bounds bounds = {0};
    struct thaw_database *database = NULL;
    struct thaw_error error = {0};
    int code;

    if (argc != 2 && argc != 4)
        return 2;
    if (argc == 4) {
        bounds.starts = strtoull(argv[2], NULL, 10);
        bounds.bytes = strtoull(argv[3], NULL, 10);
    }
    code = thaw_database_open(argv[1], true, &database, &error);
    if (!code)
        code = add_all(database, &bounds, &error);
    thaw_database_close(database);
    if (code)
        fprintf(stderr, "%s\n", error.message);
    return code != 0;
}
