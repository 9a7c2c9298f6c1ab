/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "packaging/marker.h"
#include "packaging/metadata.h"
#include "packaging/name.h"
#include "packaging/record.h"
#include "packaging/requirement.h"
#include "packaging/requirements_file.h"
#include "packaging/tags.h"
#include "packaging/version.h"
#include "packaging/version_parts.h"

/*
 * Answers questions about texts by src/packaging: each line of standard input is a JSON array, the
 * name of the question first; each answer is a line of JSON. Built by test_packaging_oracle.py.
 */
static const char *argument(const json_t *question, size_t index)
{
    const char *text = json_string_value(json_array_get(question, index));

    if (!text) {
        fprintf(stderr, "a question lacks argument %zu\n", index);
        exit(1);
    }
    return text;
}

static json_t *texts_json(const struct thaw_texts *texts)
{
    json_t *array = json_array();

    for (uint64_t i = 0; i < texts->count; i++)
        json_array_append_new(array, json_string(texts->items[i]));
    return array;
}

static json_t *answer_valid(const json_t *question, struct thaw_arena *arena)
{
    const char *text = argument(question, 1);
    struct thaw_version_parts parts;

    (void)arena;
    return json_boolean(
        thaw_version_read((struct thaw_span){text, strnlen(text, THAW_VERSION_BYTES_MAX)}, &parts));
}

static json_t *answer_compare(const json_t *question, struct thaw_arena *arena)
{
    int order = thaw_version_compare(argument(question, 1), argument(question, 2));

    (void)arena;
    return json_integer((order > 0) - (order < 0));
}

static json_t *answer_fits(const json_t *question, struct thaw_arena *arena)
{
    const char *specifiers = argument(question, 2);
    int result = thaw_version_fits(argument(question, 1), specifiers, strlen(specifiers));

    (void)arena;
    return result < 0 ? json_null() : json_boolean(result);
}

static json_t *answer_normalise(const json_t *question, struct thaw_arena *arena)
{
    const char *name = argument(question, 1);

    return json_string(thaw_name_normalise(arena, name, strlen(name)));
}

static json_t *answer_same(const json_t *question, struct thaw_arena *arena)
{
    (void)arena;
    return json_boolean(thaw_name_is_same(argument(question, 1), argument(question, 2)));
}

/* ["marker", MARKER, VERSION, FULL VERSION, MACHINE, EXTRA …] */
static json_t *answer_marker(const json_t *question, struct thaw_arena *arena)
{
    struct thaw_marker_environment environment =
        thaw_marker_environment_of(argument(question, 2), argument(question, 3),
                                   argument(question, 4));
    struct thaw_texts extras = {.count = json_array_size(question) - 5};
    int result;

    extras.items = thaw_arena_allocate(arena, (extras.count + 1) * sizeof(*extras.items));
    for (uint64_t i = 0; i < extras.count; i++)
        extras.items[i] = argument(question, i + 5);
    result = thaw_marker_holds(argument(question, 1), &environment, &extras);
    return result < 0 ? json_null() : json_boolean(result);
}

static json_t *answer_requirement(const json_t *question, struct thaw_arena *arena)
{
    const char *text = argument(question, 1);
    struct thaw_dependency_specifier requirement;

    if (thaw_requirement_parse(text, strlen(text), arena, &requirement) < 0)
        return json_null();
    return json_pack("{ss so ss ss ss}", "name", requirement.name, "extras",
                     texts_json(&requirement.extras), "specifiers", requirement.specifiers, "url",
                     requirement.url, "marker", requirement.marker);
}

static json_t *answer_tag(const json_t *question, struct thaw_arena *arena)
{
    static const struct {
        const char *name;
        enum thaw_c_library_kind kind;
    } kinds[] = {{"glibc ", THAW_C_LIBRARY_GLIBC}, {"musl ", THAW_C_LIBRARY_MUSL}};
    struct thaw_tags_target target = {argument(question, 2), argument(question, 3), {0}};
    const char *c_library = argument(question, 4);

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t length = strlen(kinds[i].name);

        if (strncmp(c_library, kinds[i].name, length) == 0 &&
            sscanf(c_library + length, "%u.%u", &target.c_library.major, &target.c_library.minor) ==
                2)
            target.c_library.kind = kinds[i].kind;
    }

    return json_boolean(!*thaw_tags_misfit(argument(question, 1), &target, arena));
}

static json_t *answer_file(const json_t *question, struct thaw_arena *arena)
{
    static const char *const kinds[] = {"requirement", "file", "constraints",
                                        "editable",    "path", "option"};
    const char *text = argument(question, 1);
    struct thaw_requirements_reader reader;
    struct thaw_requirements_line line;
    json_t *array = json_array();

    thaw_requirements_begin(&reader, text, strlen(text));
    while (thaw_requirements_next(&reader, arena, &line) > 0)
        json_array_append_new(array, json_pack("[s I s b]", kinds[line.kind], (json_int_t)line.line,
                                               line.text, line.has_hash));
    return array;
}

static json_t *answer_metadata(const json_t *question, struct thaw_arena *arena)
{
    const char *text = argument(question, 1);
    struct thaw_metadata metadata;

    if (thaw_metadata_parse(text, strlen(text), arena, &metadata, NULL) < 0)
        return NULL;
    return json_pack("[s s s s o o]", metadata.name, metadata.version, metadata.license,
                     metadata.requires_python, texts_json(&metadata.requires),
                     texts_json(&metadata.extras));
}

static json_t *answer_egg(const json_t *question, struct thaw_arena *arena)
{
    const char *text = argument(question, 1);
    struct thaw_metadata metadata = {.name = ""};

    if (thaw_metadata_parse_requires(text, strlen(text), arena, &metadata, NULL) < 0)
        return NULL;
    return texts_json(&metadata.requires);
}

/* A size that is not known is null. */
static json_t *answer_record(const json_t *question, struct thaw_arena *arena)
{
    char *text = strdup(argument(question, 1)), *path;
    struct thaw_record_reader reader = {text, text + strlen(text)};
    json_t *array = json_array();
    size_t length;
    uint64_t size;

    (void)arena;
    while (thaw_record_next_sized(&reader, &path, &length, &size))
        json_array_append_new(
            array, json_pack("[o o]", json_stringn(path, length),
                             size == UINT64_MAX ? json_null() : json_integer((json_int_t)size)));
    free(text);
    return array;
}

static const struct {
    const char *name;
    json_t *(*answer)(const json_t *question, struct thaw_arena *arena);
} questions[] = {
    {"valid", answer_valid},
    {"compare", answer_compare},
    {"fits", answer_fits},
    {"normalise", answer_normalise},
    {"same", answer_same},
    {"marker", answer_marker},
    {"requirement", answer_requirement},
    {"tag", answer_tag},
    {"file", answer_file},
    {"metadata", answer_metadata},
    {"egg", answer_egg},
    {"record", answer_record},
};

static json_t *answer_of(const json_t *question, struct thaw_arena *arena)
{
    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
        if (strcmp(argument(question, 0), questions[i].name) == 0)
            return questions[i].answer(question, arena);
    }
    fprintf(stderr, "%s: no such question\n", argument(question, 0));
    exit(1);
}

int main(void)
{
    char *line = NULL;
    size_t capacity = 0;

    while (getline(&line, &capacity, stdin) > 0) {
        struct thaw_arena arena = {0};
        json_t *question = json_loads(line, 0, NULL);
        json_t *answer = question ? answer_of(question, &arena) : NULL;

        if (!answer) {
            fprintf(stderr, "%s: no answer\n", line);
            return 1;
        }
        json_dumpf(answer, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
        putchar('\n');
        json_decref(answer);
        json_decref(question);
        thaw_arena_free(&arena);
    }
    free(line);
    return 0;
}
