/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "python/rewrite.h"

/* Contents and differences come as latin-1 in JSON: up to six characters for a byte. */
#define LINE_BYTES_MAX ((size_t)32 << 20)
#define TEXT_BYTES_MAX 8192
#define FUNCTIONS_MAX 1000
#define NUMBER_MAX 0xffffffff
#define LATIN_1_MAX 0xff

struct reading {
    const struct thaw_rewrite_file *files;
    size_t count;
    struct thaw_rewrite_result *results;
    struct thaw_arena *arena;
    bool whole;
    bool memory; /* it was short */
};

/* One line while it is looked at; a value that isn't as expected makes it broken. */
struct line {
    struct reading *reading;
    const json_t *values;
    size_t next;
    bool broken;
};

static const json_t *line_value(struct line *line)
{
    return json_array_get(line->values, line->next++);
}

static uint64_t line_number(struct line *line)
{
    const json_t *value = line_value(line);
    json_int_t number = json_integer_value(value);

    if (json_is_integer(value) && number >= 0 && number <= NUMBER_MAX)
        return (uint64_t)number;
    line->broken = true;
    return 0;
}

static const char *text_of(struct line *line, const json_t *value)
{
    const char *kept;

    if (!json_is_string(value) || json_string_length(value) > TEXT_BYTES_MAX) {
        line->broken = true;
        return "";
    }
    kept = thaw_arena_string(line->reading->arena, json_string_value(value));
    line->reading->memory |= !kept;
    return kept ? kept : "";
}

static const char *line_text(struct line *line)
{
    return text_of(line, line_value(line));
}

static struct thaw_texts line_texts(struct line *line)
{
    const json_t *list = line_value(line);
    struct thaw_texts texts = {0};

    if (!json_is_array(list) || json_array_size(list) > FUNCTIONS_MAX) {
        line->broken = true;
        return texts;
    }
    texts.items = thaw_arena_allocate(line->reading->arena,
                                      (json_array_size(list) + 1) * sizeof(*texts.items));
    line->reading->memory |= !texts.items;
    for (size_t i = 0; texts.items && i < json_array_size(list); i++)
        texts.items[texts.count++] = text_of(line, json_array_get(list, i));
    return texts;
}

/* Bytes that were sent as the characters of their numbers; none of them is NUL. */
static const char *line_bytes(struct line *line, size_t *length)
{
    const json_t *value = line_value(line);
    const char *from = json_string_value(value);
    size_t left = json_string_length(value);
    char *bytes;

    *length = 0;
    if (!from) {
        line->broken = true;
        return NULL;
    }
    bytes = thaw_arena_bytes(line->reading->arena, left + 1);
    line->reading->memory |= !bytes;
    while (bytes && left && !line->broken) {
        uint32_t character;
        size_t step = thaw_text_decode(from, left, &character);

        line->broken = !step || !character || character > LATIN_1_MAX;
        bytes[(*length)++] = (char)character;
        from += step;
        left -= step;
    }
    if (bytes)
        bytes[*length] = '\0';
    return bytes;
}

/* The file that the line is about; counts as broken where there is none. */
static size_t line_file(struct line *line)
{
    uint64_t file = line_number(line);

    if (file >= line->reading->count)
        line->broken = true;
    return line->broken ? 0 : (size_t)file;
}

/* The verdict on the import that the line is about, NULL for one that was not asked about. */
static struct thaw_rewrite_verdict *line_verdict(struct line *line)
{
    const struct reading *reading = line->reading;
    size_t file = line_file(line);
    uint64_t number = line_number(line);
    const char *name = line_text(line);

    for (size_t i = 0; !line->broken && i < reading->files[file].import_count; i++) {
        const struct thaw_rewrite_import *import = &reading->files[file].imports[i];

        if (import->line == number && strcmp(import->name, name) == 0)
            return &reading->results[file].verdicts[i];
    }
    return NULL;
}

static void read_moved(struct line *line)
{
    struct thaw_rewrite_verdict *verdict = line_verdict(line), read = {0};

    read.form = line_text(line);
    read.functions = line_texts(line);
    read.note = line_text(line);
    read.kind = read.detail = read.getter = "";
    if (verdict && !line->broken && *read.form)
        *verdict = read;
}

static void read_refused(struct line *line)
{
    struct thaw_rewrite_verdict *verdict = line_verdict(line), read = {0};

    read.form = read.note = read.getter = "";
    read.kind = line_text(line);
    read.detail = line_text(line);
    read.detail_line = line_number(line);
    if (verdict && !line->broken && *read.kind)
        *verdict = read;
}

static void read_getter(struct line *line)
{
    struct thaw_rewrite_verdict *verdict = line_verdict(line);
    const char *text = line_text(line);

    if (verdict && !line->broken)
        verdict->getter = text;
}

static void read_changed(struct line *line)
{
    size_t file = line_file(line), length, difference_length;
    const char *bytes = line_bytes(line, &length);
    const char *difference = line_bytes(line, &difference_length);
    struct thaw_rewrite_result *result = &line->reading->results[file];

    if (line->broken || !bytes || !difference || !difference_length || result->bytes)
        return;
    result->bytes = bytes;
    result->length = length;
    result->difference = difference;
    result->difference_length = difference_length;
}

static void read_line(struct reading *reading, const char *bytes, size_t length)
{
    static const struct {
        const char *word;
        void (*read)(struct line *);
    } kinds[] = {
        {"moved", read_moved},
        {"refused", read_refused},
        {"getter", read_getter},
        {"changed", read_changed},
    };
    struct line line = {.reading = reading};
    json_t *values;
    const char *word;

    if (!length || length > LINE_BYTES_MAX)
        return;
    values = json_loadb(bytes, length, 0, NULL);
    line.values = values;
    word = json_string_value(line_value(&line));
    for (size_t i = 0; word && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].word, word) == 0)
            kinds[i].read(&line);
    }
    reading->whole |= word && strcmp(word, "end") == 0;
    json_decref(values);
}

static bool prepare(struct reading *reading)
{
    reading->results =
        thaw_arena_allocate(reading->arena, (reading->count + 1) * sizeof(*reading->results));
    for (size_t i = 0; reading->results && i < reading->count; i++) {
        size_t count = reading->files[i].import_count;
        struct thaw_rewrite_verdict *verdicts =
            thaw_arena_allocate(reading->arena, (count + 1) * sizeof(*verdicts));

        if (!verdicts)
            return false;
        for (size_t j = 0; j < count; j++)
            verdicts[j] = (struct thaw_rewrite_verdict){.form = "",
                                                        .note = "",
                                                        .kind = "no-answer",
                                                        .detail = "nothing was said of it",
                                                        .getter = ""};
        reading->results[i].verdicts = verdicts;
    }
    return reading->results;
}

/* A file changes only with an import that moved, and only when all was said. */
static void drop_changes(const struct reading *reading)
{
    for (size_t i = 0; i < reading->count; i++) {
        struct thaw_rewrite_result *result = &reading->results[i];
        bool moved = false;

        for (size_t j = 0; j < reading->files[i].import_count; j++)
            moved |= *result->verdicts[j].form != '\0';
        if (!moved || !reading->whole)
            *result = (struct thaw_rewrite_result){.verdicts = result->verdicts};
    }
}

int thaw_rewrite_answer_read(const char *bytes, size_t length,
                             const struct thaw_rewrite_file *files, size_t count,
                             struct thaw_arena *arena, struct thaw_rewrite_result **ret,
                             bool *ret_whole)
{
    struct reading reading = {.files = files, .count = count, .arena = arena};
    const char *line = length ? bytes : "", *end = line + length, *next;

    if (!prepare(&reading))
        return -ENOMEM;
    while (!reading.memory && line < end && (next = memchr(line, '\n', (size_t)(end - line)))) {
        read_line(&reading, line, (size_t)(next - line));
        line = next + 1;
    }
    drop_changes(&reading);
    *ret = reading.results;
    *ret_whole = reading.whole;
    return reading.memory ? -ENOMEM : 0;
}
