/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "store/history.h"

/*
 * history_add FILE: adds an entry for each line of standard input, a JSON object with the members
 * of struct thaw_history_entry, and says "added" once it is kept. Texts are Latin-1 in JSON's
 * escapes below U+0100, so that any bytes can be given.
 */
static const char *text(struct thaw_arena *arena, const json_t *object, const char *key)
{
    const char *utf8 = json_string_value(json_object_get(object, key));
    char *bytes = thaw_arena_allocate(arena, utf8 ? strlen(utf8) + 1 : 1);
    size_t used = 0;

    for (const unsigned char *at = (const unsigned char *)utf8; at && *at; at++) {
        if (*at >= 0xC2 && *at <= 0xC3)
            bytes[used++] = (char)((*at & 3) << 6 | (at[1] & 0x3F)), at++;
        else
            bytes[used++] = (char)*at;
    }
    return bytes;
}

static void fill(struct thaw_arena *arena, const json_t *object, struct thaw_history_value *ret)
{
    const json_t *samples = json_object_get(object, "samples");
    double *numbers = thaw_arena_allocate(arena, (json_array_size(samples) + 1) * sizeof(double));

    for (size_t i = 0; i < json_array_size(samples); i++)
        numbers[i] = json_number_value(json_array_get(samples, i));
    *ret = (struct thaw_history_value){
        .metric = text(arena, object, "metric"),
        .module = text(arena, object, "module"),
        .distribution = text(arena, object, "distribution"),
        .phase = text(arena, object, "phase"),
        .class = text(arena, object, "class"),
        .unit = text(arena, object, "unit"),
        .samples = numbers,
        .count = json_array_size(samples),
    };
}

static int add(struct thaw_database *database, const json_t *object, struct thaw_error *error)
{
    const json_t *list = json_object_get(object, "values");
    struct thaw_arena arena = {0};
    struct thaw_history_value *values =
        thaw_arena_allocate(&arena, (json_array_size(list) + 1) * sizeof(*values));
    struct thaw_history_entry entry = {
        .time_ns = json_integer_value(json_object_get(object, "time_ns")),
        .name = text(&arena, object, "name"),
        .commit = text(&arena, object, "commit"),
        .branch = text(&arena, object, "branch"),
        .key = text(&arena, object, "key"),
        .verdict = text(&arena, object, "verdict"),
        .values = values,
        .value_count = json_array_size(list),
    };
    int code;

    for (size_t i = 0; i < json_array_size(list); i++)
        fill(&arena, json_array_get(list, i), &values[i]);
    code = thaw_history_add(database, &entry, error);
    thaw_arena_free(&arena);
    return code;
}

int main(int argc, char **argv)
{
    struct thaw_database *database = NULL;
    struct thaw_error error = {0};
    char *line = NULL;
    size_t size = 0;
    int code;

    if (argc != 2)
        return 2;
    code = thaw_database_open(argv[1], true, &database, &error);
    while (!code && getline(&line, &size, stdin) > 0) {
        json_t *object = json_loads(line, 0, NULL);

        code = object ? add(database, object, &error) : -EINVAL;
        json_decref(object);
        if (!code)
            puts("added");
        fflush(stdout);
    }
    free(line);
    thaw_database_close(database);
    if (code)
        fprintf(stderr, "%s\n", error.message);
    return code ? 1 : 0;
}
