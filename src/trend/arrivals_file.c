/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/read_whole.h"
#include "base/text.h"
#include "trend/arrivals_file.h"
#include "trend/request_time.h"

#define FIELDS_MAX 3
#define NAME_MAX_BYTES (1024 + sizeof("…") - 1) /* as long as the store has them */

struct reading {
    const char *at, *end;
    struct thaw_arrivals_file *file;
    struct thaw_error *error;
    uint64_t line, next_line; /* where the record begins; of what is read next */
    size_t columns;
    uint64_t busy_ns; /* of all requests */
    char text[THAW_ARRIVALS_FILE_LINE_MAX + FIELDS_MAX];
    size_t used;
    const char *fields[FIELDS_MAX];
    size_t count;
    int code;
};

__attribute__((format(printf, 2, 3))) static void wrong(struct reading *reading, const char *format,
                                                        ...)
{
    char words[320];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(words, sizeof(words), format, arguments);
    va_end(arguments);
    if (!reading->code)
        reading->code = thaw_error_set(reading->error, -EINVAL, "%.100s:%" PRIu64 ": %s",
                                       reading->file->name, reading->line, words);
}

__attribute__((format(printf, 2, 3))) static void too_much(struct reading *reading,
                                                           const char *format, ...)
{
    char words[200];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(words, sizeof(words), format, arguments);
    va_end(arguments);
    if (!reading->code)
        reading->code = thaw_error_set(reading->error, -E2BIG, "%.100s: %s; give it of less time",
                                       reading->file->name, words);
}

static void no_memory(struct reading *reading)
{
    if (!reading->code)
        reading->code = thaw_error_memory(reading->error);
}

/* --- a record --- */

static void put(struct reading *reading, char byte)
{
    if (!byte)
        wrong(reading, "a NUL byte: this is no text");
    else if (reading->used >= THAW_ARRIVALS_FILE_LINE_MAX)
        wrong(reading, "longer than 4 KiB");
    else
        reading->text[reading->used++] = byte;
}

static bool is_line_end(const struct reading *reading)
{
    const char *at = reading->at;

    if (at < reading->end && *at == '\r')
        at++;
    return at == reading->end || *at == '\n';
}

static void take_quoted(struct reading *reading)
{
    bool closed = false;

    reading->at++;
    while (!reading->code && !closed) {
        char byte = reading->at < reading->end ? *reading->at++ : '\0';

        if (byte == '"' && reading->at < reading->end && *reading->at == '"')
            put(reading, *reading->at++);
        else if (byte == '"')
            closed = true;
        else if (!byte && reading->at == reading->end)
            wrong(reading, "a quote that is not closed");
        else
            put(reading, byte);
        reading->next_line += byte == '\n';
    }
    if (closed && !is_line_end(reading) && *reading->at != ',')
        wrong(reading, "something behind a closed quote");
}

static void take_field(struct reading *reading)
{
    if (reading->count == FIELDS_MAX) {
        wrong(reading, "more than %d fields; there are time,app,seconds", FIELDS_MAX);
        return;
    }
    reading->fields[reading->count++] = reading->text + reading->used;
    if (reading->at < reading->end && *reading->at == '"')
        take_quoted(reading);
    while (!reading->code && !is_line_end(reading) && *reading->at != ',') {
        if (*reading->at == '"')
            wrong(reading, "a quote inside of a field that is not quoted");
        put(reading, *reading->at++);
    }
    reading->text[reading->used++] = '\0';
}

/* false: there is no further one. */
static bool take_record(struct reading *reading)
{
    if (reading->code || reading->at == reading->end)
        return false;
    reading->line = reading->next_line;
    reading->used = reading->count = 0;
    take_field(reading);
    while (!reading->code && reading->at < reading->end && *reading->at == ',') {
        reading->at++;
        take_field(reading);
    }
    if (reading->code)
        return false;
    reading->at += reading->at < reading->end && *reading->at == '\r';
    reading->at += reading->at < reading->end;
    reading->next_line++;
    return true;
}

/* --- what it says --- */

static struct thaw_arrivals_file_app *app_of(struct reading *reading, const char *name)
{
    struct thaw_arrivals_file *file = reading->file;
    struct thaw_arrivals_file_app *app = NULL;
    size_t length = strlen(name);

    HASH_FIND(hh, file->apps, name, length, app);
    if (app)
        return app;
    if (HASH_COUNT(file->apps) >= THAW_ARRIVALS_FILE_APPS_MAX) {
        wrong(reading, "this is the 10,001st app, and 10,000 are the most");
        return NULL;
    }
    app = thaw_arena_allocate(&file->arena, sizeof(*app));
    if (app)
        app->name = thaw_arena_text(&file->arena, name, length);
    if (app && app->name)
        HASH_ADD_KEYPTR(hh, file->apps, app->name, length, app);
    if (!app || !app->name || !app->hh.tbl) {
        no_memory(reading);
        return NULL;
    }
    return app;
}

/* What report/csv_text.h put before a text that a spreadsheet would take for a formula. */
static const char *without_guard(const char *name)
{
    return *name == '\'' && name[1] && strchr("=+-@'", name[1]) ? name + 1 : name;
}

static const char *take_name(struct reading *reading)
{
    const char *name = without_guard(reading->fields[1]);

    if (!*name)
        wrong(reading, "no app is named");
    else if (strlen(name) > NAME_MAX_BYTES)
        wrong(reading, "the app's name is longer than 1 KiB");
    else if (!thaw_text_is_utf8(name, strlen(name)))
        wrong(reading, "the app's name is not UTF-8: '%.60s'", name);
    return reading->code ? NULL : name;
}

static void take_times(struct reading *reading, struct thaw_arrivals_file_request *ret)
{
    const char *seconds = reading->count > 2 ? reading->fields[2] : "";

    ret->seconds_ns = -1;
    if (!thaw_request_time(reading->fields[0], &ret->unix_ns))
        wrong(reading,
              "'%.40s' is no time: UNIX time in seconds (1795930590.25), or with its zone "
              "(2026-11-29T05:36:30.25Z)",
              reading->fields[0]);
    else if (*seconds && !thaw_request_seconds(seconds, &ret->seconds_ns))
        wrong(reading, "'%.40s' is no duration: seconds (0.012), a day at most, or nothing",
              seconds);
}

static void take_request(struct reading *reading)
{
    struct thaw_arrivals_file_request request, *added;
    struct thaw_arrivals_file_app *app;
    const char *name;

    if (reading->count != reading->columns) {
        wrong(reading, "%zu fields, and the header has %zu", reading->count, reading->columns);
        return;
    }
    take_times(reading, &request);
    name = reading->code ? NULL : take_name(reading);
    if (reading->file->requests == THAW_ARRIVALS_FILE_REQUESTS_MAX)
        too_much(reading, "more than 5,000,000 requests");
    app = reading->code ? NULL : app_of(reading, name);
    if (!app)
        return;
    added = thaw_array_add(&app->in_progress);
    if (!added) {
        no_memory(reading);
        return;
    }
    *added = request;
    reading->file->requests++;
    app->requests++;
    app->timed += request.seconds_ns >= 0;
    reading->busy_ns += request.seconds_ns > 0 ? (uint64_t)request.seconds_ns : 0;
    if (reading->busy_ns > INT64_MAX)
        too_much(reading, "durations that add up to more than 292 years");
}

static bool is_utf16(const struct reading *reading)
{
    return reading->end - reading->at >= 2 &&
           (!memcmp(reading->at, "\xFF\xFE", 2) || !memcmp(reading->at, "\xFE\xFF", 2));
}

static void take_header(struct reading *reading)
{
    static const char *const names[FIELDS_MAX] = {"time", "app", "seconds"};

    if (is_utf16(reading)) {
        wrong(reading, "this is UTF-16; make UTF-8 of it first: iconv -f UTF-16 -t UTF-8");
        return;
    }
    if (reading->end - reading->at >= 3 && !memcmp(reading->at, "\xEF\xBB\xBF", 3))
        reading->at += 3;
    if (!take_record(reading)) {
        wrong(reading, "there is nothing in it; the header is time,app or time,app,seconds");
        return;
    }
    reading->columns = reading->count;
    for (size_t i = 0; i < reading->count; i++) {
        if (reading->count < 2 || strcmp(reading->fields[i], names[i]) != 0) {
            wrong(reading, "the header is time,app or time,app,seconds, not '%.40s'%s",
                  reading->fields[0], reading->count > 1 ? " and what follows" : "");
            return;
        }
    }
}

static bool is_empty_line(const struct reading *reading)
{
    return reading->count == 1 && !*reading->fields[0];
}

static void make_rows(struct reading *reading)
{
    struct thaw_arrivals_file_app *app, *next;
    size_t left = THAW_ARRIVALS_FILE_ROWS_MAX;

    HASH_ITER(hh, reading->file->apps, app, next)
    {
        int code = reading->code ? 0 : thaw_arrivals_file_rows(app, &left);

        if (code == -E2BIG)
            too_much(reading, "requests in more than 4,000,000 times of 10 s");
        else if (code)
            no_memory(reading);
    }
}

int thaw_arrivals_file_parse(const char *bytes, size_t length, const char *name,
                             struct thaw_arrivals_file *ret, struct thaw_error *error)
{
    struct reading reading = {
        .at = bytes, .end = bytes + length, .file = ret, .error = error, .next_line = 1, .line = 1};

    ret->name = name;
    take_header(&reading);
    while (take_record(&reading)) {
        if (!is_empty_line(&reading))
            take_request(&reading);
    }
    make_rows(&reading);
    return reading.code;
}

int thaw_arrivals_file_read(int fd, const char *name, struct thaw_arrivals_file *ret,
                            struct thaw_error *error)
{
    char *bytes = NULL;
    size_t length = 0;
    int code = thaw_read_at_most(fd, THAW_ARRIVALS_FILE_BYTES_MAX, &bytes, &length);

    if (code == -ENOMEM)
        return thaw_error_memory(error);
    if (code)
        return thaw_error_system(error, code, "%.100s", name);
    if (length > THAW_ARRIVALS_FILE_BYTES_MAX)
        code =
            thaw_error_set(error, -E2BIG, "%.100s: more than 256 MiB; give it of less time", name);
    else
        code = thaw_arrivals_file_parse(bytes, length, name, ret, error);
    free(bytes);
    return code;
}

void thaw_arrivals_file_free(struct thaw_arrivals_file *file)
{
    struct thaw_arrivals_file_app *app, *next;

    HASH_ITER(hh, file->apps, app, next)
    {
        thaw_array_free(&app->rows);
        thaw_array_free(&app->in_progress);
    }
    HASH_CLEAR(hh, file->apps);
    thaw_arena_free(&file->arena);
    *file = (struct thaw_arrivals_file){0};
}

const struct thaw_arrivals_file_app *thaw_arrivals_file_find(const struct thaw_arrivals_file *file,
                                                             const char *app)
{
    struct thaw_arrivals_file_app *found = NULL;

    HASH_FIND(hh, file->apps, app, strlen(app), found);
    return found;
}
