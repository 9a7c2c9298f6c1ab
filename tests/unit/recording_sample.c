/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "recording_sample.h"

/* Every byte but NUL, once. */
static const char *every_byte(void)
{
    static char text[256];

    for (int i = 1; i < 256; i++)
        text[i - 1] = (char)i;
    return text;
}

/* Plain, quoted, beyond ASCII, invisible, cut in the middle of a character. */
static const char *odd_items[] = {
    "plain",   "",           "a \"quoted\" \\ one", "\n\t\r\b\f\x1b[31m\x7f",
    "naïve 🐍", "\u202eevil", "\U000e0041",          "\xe2\x82",
};
static const char *small_items[] = {"one", "two"};
static const char *empty_items[] = {"", ""};

static struct thaw_texts sample_texts(enum sample_values values)
{
    switch (values) {
    case SAMPLE_SMALL:
        return (struct thaw_texts){small_items, 2};
    case SAMPLE_LARGEST:
        return (struct thaw_texts){odd_items, sizeof(odd_items) / sizeof(odd_items[0])};
    case SAMPLE_LEAST:
        return (struct thaw_texts){empty_items, 2};
    default:
        return (struct thaw_texts){0};
    }
}

static void fill_field(const struct thaw_field *field, size_t index, enum sample_values values,
                       struct thaw_event *event)
{
    static const uint64_t unsigned_values[] = {0, 100, UINT64_MAX, 1};
    static const int64_t signed_values[] = {0, -2, INT64_MAX, INT64_MIN};
    const char *text_values[] = {"", field->name, every_byte(), "\xff"};

    switch (field->type) {
    case THAW_FIELD_U64:
        *thaw_field_u64(field, event) =
            unsigned_values[values] + (values == SAMPLE_SMALL ? index : 0);
        break;
    case THAW_FIELD_I64:
        *thaw_field_i64(field, event) = signed_values[values];
        break;
    case THAW_FIELD_TEXT:
        *thaw_field_text(field, event) = text_values[values];
        break;
    case THAW_FIELD_TEXTS:
        *thaw_field_texts(field, event) = sample_texts(values);
        break;
    }
}

struct thaw_event sample_event(const struct thaw_kind *kind, enum sample_values values,
                               uint64_t time_ns)
{
    static const uint32_t pids[] = {0, 1234, UINT32_MAX, UINT32_MAX};
    static const uint32_t tids[] = {0, 1235, UINT32_MAX, 0};
    struct thaw_event event = {
        .kind = kind->number, .time_ns = time_ns, .pid = pids[values], .tid = tids[values]};

    for (size_t i = 0; i < kind->count; i++)
        fill_field(&kind->fields[i], i, values, &event);
    return event;
}

static const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

static void assert_texts_equal(const struct thaw_texts *left, const struct thaw_texts *right)
{
    assert_int_equal(left->count, right->count);
    for (uint64_t i = 0; i < left->count; i++)
        assert_string_equal(text_or_empty(left->items[i]), text_or_empty(right->items[i]));
}

void sample_assert_equal(const struct thaw_event *left, const struct thaw_event *right)
{
    const struct thaw_kind *kind = thaw_kinds_by_number(left->kind);

    assert_int_equal(left->kind, right->kind);
    assert_non_null(kind);
    assert_true(left->time_ns == right->time_ns);
    assert_int_equal(left->pid, right->pid);
    assert_int_equal(left->tid, right->tid);
    for (size_t i = 0; i < kind->count; i++) {
        const struct thaw_field *field = &kind->fields[i];

        if (field->type == THAW_FIELD_TEXT)
            assert_string_equal(text_or_empty(*thaw_field_text(field, left)),
                                text_or_empty(*thaw_field_text(field, right)));
        else if (field->type == THAW_FIELD_TEXTS)
            assert_texts_equal(thaw_field_texts(field, left), thaw_field_texts(field, right));
        else
            assert_true(*thaw_field_u64(field, left) == *thaw_field_u64(field, right));
    }
}

static void write_events(const char *path, const struct sample_file *file, size_t chunk_events)
{
    struct thaw_recording_writer *writer = NULL;
    struct thaw_error error = {0};

    assert_int_equal(thaw_recording_writer_open(path, &writer, &error), 0);
    for (size_t i = 0; i < file->count; i++) {
        assert_int_equal(thaw_recording_writer_append(writer, &file->events[i], &error), 0);
        if (i % chunk_events == chunk_events - 1)
            assert_int_equal(thaw_recording_writer_flush(writer, &error), 0);
    }
    assert_int_equal(thaw_recording_writer_close(writer, &error), 0);
}

/* A session's begin comes first, once: the loader would put further ones there too. */
static void make_events(struct sample_file *file)
{
    size_t count;
    const struct thaw_kind *kinds = thaw_kinds_all(&count);

    assert_int_equal(kinds[0].number, THAW_EVENT_SESSION_BEGIN);
    file->events = calloc(count * SAMPLE_COUNT, sizeof(*file->events));
    assert_non_null(file->events);
    file->events[file->count++] = sample_event(&kinds[0], SAMPLE_SMALL, 500);
    for (size_t i = 1; i < count; i++)
        for (int values = 0; values < SAMPLE_COUNT; values++, file->count++)
            file->events[file->count] = sample_event(&kinds[i], values, 1000 * file->count);
}

struct sample_file sample_file_make(size_t chunk_events)
{
    struct sample_file file = {0};
    char folder[256], path[300];

    make_events(&file);
    sample_folder_make(folder, sizeof(folder));
    snprintf(path, sizeof(path), "%s/sample.thaw", folder);
    write_events(path, &file, chunk_events);
    file.bytes = sample_read(path, &file.length);
    sample_folder_remove(folder);
    return file;
}

void sample_file_free(struct sample_file *file)
{
    free(file->bytes);
    free(file->events);
    *file = (struct sample_file){0};
}

struct thaw_event sample_numbered(uint64_t number)
{
    return (struct thaw_event){
        .kind = THAW_EVENT_IMPORT_BEGIN,
        .time_ns = 1000 + number * 10,
        .pid = 77,
        .tid = 77 + number % 3,
        .import_begin = {.name = "some.module.of_usual.length", .stack = number},
    };
}

struct thaw_recording *sample_load_numbered(const char *path, size_t least, bool finished)
{
    struct thaw_recording *recording = NULL;
    struct thaw_error error = {0};

    if (thaw_recording_load(path, &recording, &error) < 0)
        fail_msg("%s", error.message);
    assert_true(recording->count >= least);
    for (size_t i = 0; i < recording->count; i++) {
        struct thaw_event event = sample_numbered(i);

        sample_assert_equal(&recording->events[i], &event);
    }
    assert_int_equal(recording->finished, finished);
    assert_int_equal(recording->defect[0] == '\0', finished);
    return recording;
}

void sample_folder_make(char *path, size_t size)
{
    const char *parent = getenv("TMPDIR");

    snprintf(path, size, "%s/thaw-test-XXXXXX", parent && *parent ? parent : "/tmp");
    assert_non_null(mkdtemp(path));
}

void sample_folder_remove(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;

    assert_non_null(folder);
    while ((entry = readdir(folder)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            assert_int_equal(unlinkat(dirfd(folder), entry->d_name, 0), 0);
    closedir(folder);
    assert_int_equal(rmdir(path), 0);
}

unsigned char *sample_read(const char *path, size_t *length)
{
    FILE *stream = fopen(path, "rb");
    unsigned char *bytes;
    long size;

    assert_non_null(stream);
    assert_int_equal(fseek(stream, 0, SEEK_END), 0);
    size = ftell(stream);
    assert_true(size >= 0);
    rewind(stream);
    bytes = malloc((size_t)size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)size, stream), size);
    fclose(stream);
    *length = (size_t)size;
    return bytes;
}

void sample_write(const char *path, const void *bytes, size_t length)
{
    FILE *stream = fopen(path, "wb");

    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, length, stream), length);
    assert_int_equal(fclose(stream), 0);
}

int sample_parse(const void *bytes, size_t length, struct thaw_recording **ret,
                 struct thaw_error *error)
{
    unsigned char *copy = malloc(length ? length : 1);
    int result;

    assert_non_null(copy);
    memcpy(copy, bytes, length);
    result = thaw_recording_parse(copy, length, ret, error);
    free(copy);
    return result;
}

void sample_assert_one_line(const char *message)
{
    assert_true(strlen(message) > 10);
    assert_null(strchr(message, '\n'));
}
