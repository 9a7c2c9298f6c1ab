/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "python/source_inquiry.h"

/* What the helper never exceeds; jansson needs up to 50 times the length of a line. */
#define LINE_BYTES_MAX ((size_t)1 << 20)
#define TEXT_BYTES_MAX 4096
#define LISTS_MAX 3
#define NUMBER_MAX 0xffffffff

/* What is known of a file. */
#define SCANNED 1
#define READ 2
#define FAILED 4

struct reading {
    const struct thaw_source_file *files;
    size_t count;
    unsigned char *known; /* one per file */
    thaw_source_take take;
    void *context;
    struct thaw_source_summary *summary;
    struct thaw_error *error;
};

/* One line while it is looked at; a value that isn't as expected makes it broken. */
struct line {
    const json_t *values;
    size_t next;
    bool broken;
    bool memory; /* … because memory was short */
    const char **lists[LISTS_MAX];
    size_t list_count;
};

static uint64_t line_number(struct line *line)
{
    const json_t *value = json_array_get(line->values, line->next++);
    json_int_t number = json_integer_value(value);

    if (!json_is_integer(value) || number < 0 || number > NUMBER_MAX) {
        line->broken = true;
        return 0;
    }
    return (uint64_t)number;
}

static const char *text_of(struct line *line, const json_t *value)
{
    if (!json_is_string(value) || json_string_length(value) > TEXT_BYTES_MAX) {
        line->broken = true;
        return "";
    }
    return json_string_value(value); /* without a NUL in it: jansson refuses those */
}

static const char *line_text(struct line *line)
{
    return text_of(line, json_array_get(line->values, line->next++));
}

static struct thaw_texts line_texts(struct line *line)
{
    const json_t *list = json_array_get(line->values, line->next++);
    struct thaw_texts texts = {.count = json_array_size(list)};

    if (!json_is_array(list) || line->broken) {
        line->broken = true;
        return (struct thaw_texts){0};
    }
    texts.items = reallocarray(NULL, texts.count + 1, sizeof(*texts.items));
    if (!texts.items) {
        line->broken = line->memory = true;
        return (struct thaw_texts){0};
    }
    line->lists[line->list_count++] = texts.items;
    for (size_t i = 0; i < texts.count; i++)
        texts.items[i] = text_of(line, json_array_get(list, i));
    return texts;
}

static void line_free_lists(struct line *line)
{
    for (size_t i = 0; i < line->list_count; i++)
        free(line->lists[i]);
}

/* The index of a file, SIZE_MAX when there is none such. */
static size_t line_file(const struct reading *reading, struct line *line)
{
    size_t index = line_number(line);

    if (index < reading->count && !line->broken)
        return index;
    line->broken = true;
    return SIZE_MAX;
}

/* Values are read in the order in which they stand: each in a statement of its own. */
static void read_import(struct line *line, struct thaw_event *event)
{
    struct thaw_inventory_import *import = &event->inventory_import;

    event->kind = THAW_EVENT_INVENTORY_IMPORT;
    import->line = line_number(line);
    import->level = line_number(line);
    import->module = line_text(line);
    import->names = line_texts(line);
}

static void read_statement(struct line *line, struct thaw_event *event)
{
    struct thaw_inventory_statement *statement = &event->inventory_statement;

    event->kind = THAW_EVENT_INVENTORY_STATEMENT;
    statement->line = line_number(line);
    statement->end_line = line_number(line);
    statement->level = line_number(line);
    statement->module = line_text(line);
    statement->name = line_text(line);
    statement->bound = line_text(line);
    statement->use = line_text(line);
    statement->functions = line_texts(line);
    statement->detail = line_text(line);
    statement->attributes = line_texts(line);
}

static void read_definition(struct line *line, struct thaw_event *event)
{
    struct thaw_inventory_definition *definition = &event->inventory_definition;

    event->kind = THAW_EVENT_INVENTORY_DEFINITION;
    definition->line = line_number(line);
    definition->name = line_text(line);
    definition->kind = line_text(line);
    definition->references = line_texts(line);
    definition->decorators = line_texts(line);
    definition->dynamic = line_number(line);
    definition->bare = line_texts(line);
}

static void set_file(struct thaw_event *event, const char *name)
{
    if (event->kind == THAW_EVENT_INVENTORY_IMPORT)
        event->inventory_import.file = name;
    else if (event->kind == THAW_EVENT_INVENTORY_STATEMENT)
        event->inventory_statement.file = name;
    else
        event->inventory_definition.file = name;
}

static int take_event(const struct reading *reading, struct line *line,
                      void (*read)(struct line *, struct thaw_event *))
{
    size_t file = line_file(reading, line);
    struct thaw_event event = {0};
    int result = 0;

    if (!line->broken)
        read(line, &event);
    if (!line->broken) {
        set_file(&event, reading->files[file].name);
        result = reading->take(reading->context, &event, reading->error);
    }
    line_free_lists(line);
    return line->memory ? thaw_error_memory(reading->error) : result;
}

static void note_first(const struct reading *reading, size_t file, const char *why)
{
    struct thaw_source_summary *summary = reading->summary;
    const char *name = reading->files[file].name;
    size_t length;

    if (*summary->first)
        return;
    thaw_text_escape_terminal(summary->first, sizeof(summary->first) - 100, name, strlen(name));
    length = strlen(summary->first);
    summary->first[length++] = ':';
    summary->first[length++] = ' ';
    thaw_text_escape_terminal(summary->first + length, sizeof(summary->first) - length, why,
                              strlen(why));
}

static void take_mark(const struct reading *reading, struct line *line, unsigned char mark)
{
    size_t file = line_file(reading, line);
    const char *why = mark == FAILED && !line->broken ? line_text(line) : "";

    if (line->broken)
        return;
    reading->known[file] |= mark;
    if (mark == FAILED)
        note_first(reading, file, why);
}

static int take_line(const struct reading *reading, const json_t *values)
{
    static const struct {
        const char *word;
        void (*read)(struct line *, struct thaw_event *);
        unsigned char mark;
    } kinds[] = {
        {"import", read_import, 0},
        {"statement", read_statement, 0},
        {"definition", read_definition, 0},
        {"scanned", NULL, SCANNED},
        {"read", NULL, READ},
        {"failed", NULL, FAILED},
    };
    struct line line = {.values = values};
    const char *word = line_text(&line);

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].word, word) != 0)
            continue;
        if (kinds[i].read)
            return take_event(reading, &line, kinds[i].read);
        take_mark(reading, &line, kinds[i].mark);
    }
    if (strcmp(word, "end") == 0)
        reading->summary->whole = true;
    return 0;
}

static int read_line(const struct reading *reading, const char *bytes, size_t length)
{
    json_t *values;
    int result = 0;

    if (!length || length > LINE_BYTES_MAX)
        return 0;
    values = json_loadb(bytes, length, 0, NULL);
    if (json_is_array(values))
        result = take_line(reading, values);
    json_decref(values);
    return result;
}

static void count_unanswered(const struct reading *reading)
{
    for (size_t i = 0; i < reading->count; i++) {
        unsigned char wanted = reading->files[i].own ? SCANNED | READ : SCANNED;

        if ((reading->known[i] & wanted) == wanted && !(reading->known[i] & FAILED))
            continue;
        reading->summary->unanswered++;
        note_first(reading, i, "no answer");
    }
}

int thaw_source_answer_read(const char *bytes, size_t length, const struct thaw_source_file *files,
                            size_t count, thaw_source_take take, void *context,
                            struct thaw_source_summary *ret, struct thaw_error *error)
{
    struct reading reading = {.files = files,
                              .count = count,
                              .known = calloc(count + 1, 1),
                              .take = take,
                              .context = context,
                              .summary = ret,
                              .error = error};
    const char *line = length ? bytes : "", *end = line + length, *next;
    int result = 0;

    *ret = (struct thaw_source_summary){0};
    if (!reading.known)
        return thaw_error_memory(error);
    while (result == 0 && line < end && (next = memchr(line, '\n', (size_t)(end - line)))) {
        result = read_line(&reading, line, (size_t)(next - line));
        line = next + 1;
    }
    count_unanswered(&reading);
    free(reading.known);
    return result;
}
