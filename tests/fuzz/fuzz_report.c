/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/diff.h"
#include "report/read_report.h"

/*
 * Two reports of any content, divided by a NUL (one: it is compared with itself). What is read can
 * be compared, shown and written in other formats, and nothing of it reaches a terminal as it is.
 */
/* The other forms of a comparison: whatever is in it, they can be written. */
static void write_diff(const json_t *diff)
{
    for (const struct thaw_report_format *row = thaw_diff_formats(); row->name; row++) {
        char *text = NULL;
        size_t length = 0;
        FILE *stream = open_memstream(&text, &length);

        if (!stream)
            return;
        if (row->write(diff, NULL, stream, NULL) != 0)
            abort();
        fclose(stream);
        if (!strcmp(row->name, "markdown") && length > 65536)
            abort();
        free(text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A DEL may stand in JSON. */
static void check_text(const char *text, size_t length, bool is_json)
{
    for (size_t i = 0; i < length; i++)
        if ((text[i] >= 0 && text[i] < ' ' && text[i] != '\n') || (text[i] == 0x7F && !is_json))
            abort();
}

/* What reads reports from outside: NULL the comparison for a terminal, else a format's name. */
static const char *const outputs[] = {NULL, "cyclonedx", "sarif", "gitlab", "markdown", "junit"};

enum { JSON_FIRST = 1, JSON_LAST = 3 };

static int write_to(const json_t *report, const char *name, FILE *stream)
{
    struct thaw_report_options options = {.width = 80, .view = {.top = 5}};
    const struct thaw_report_format *row = thaw_report_formats();

    if (!name)
        return thaw_write_diff(report, &options, stream, NULL);
    while (strcmp(row->name, name) != 0)
        row++;
    return row->write(report, &options, stream, NULL);
}

static void write_one(const json_t *report, size_t output)
{
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);

    if (!stream)
        return;
    if (write_to(report, outputs[output], stream) != 0)
        abort();
    fclose(stream);
    check_text(text, length, output >= JSON_FIRST && output <= JSON_LAST);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data, *divided = size ? memchr(bytes, 0, size) : NULL;
    size_t first = divided ? (size_t)(divided - bytes) : size;
    json_t *before = NULL, *after = NULL, *diff = NULL;

    if (thaw_report_read("before", bytes, first, &before, NULL) == 0 &&
        (!divided || thaw_report_read("after", divided + 1, size - first - 1, &after, NULL) == 0)) {
        struct thaw_diff_side sides[2] = {{.name = "before", .report = before},
                                          {.name = "after", .report = after ? after : before}};

        if (thaw_diff_build(&sides[0], &sides[1], &diff, NULL) != 0)
            abort();
        write_one(diff, 0);
        write_diff(diff);
        for (size_t i = 1; i < sizeof(outputs) / sizeof(outputs[0]); i++)
            write_one(before, i);
    }
    json_decref(diff);
    json_decref(before);
    json_decref(after);
    return 0;
}
