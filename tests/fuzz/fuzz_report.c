/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/diff.h"
#include "report/read_report.h"

/*
 * Two reports of any content, divided by a NUL (one: it is compared with itself). What is read can
 * be compared and shown, and nothing of it reaches the terminal as it is.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A DEL may stand in JSON. */
static void check_text(const char *text, size_t length, bool is_json)
{
    for (size_t i = 0; i < length; i++)
        if ((text[i] >= 0 && text[i] < ' ' && text[i] != '\n') || (text[i] == 0x7F && !is_json))
            abort();
}

static const struct thaw_report_format *cyclonedx(void)
{
    const struct thaw_report_format *row = thaw_report_formats();

    while (strcmp(row->name, "cyclonedx") != 0)
        row++;
    return row;
}

/* The comparison for a terminal, or a bill of materials of the report. */
static void write_one(const json_t *report, bool is_diff)
{
    struct thaw_report_options options = {.width = 80, .view = {.top = 5}};
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);

    if (!stream)
        return;
    if ((is_diff ? thaw_write_diff : cyclonedx()->write)(report, &options, stream, NULL) != 0)
        abort();
    fclose(stream);
    check_text(text, length, !is_diff);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data, *divided = size ? memchr(bytes, 0, size) : NULL;
    size_t first = divided ? (size_t)(divided - bytes) : size;
    json_t *before = NULL, *after = NULL, *diff = NULL;

    if (thaw_report_read("before", bytes, first, &before, NULL) == 0 &&
        (!divided || thaw_report_read("after", divided + 1, size - first - 1, &after, NULL) == 0)) {
        struct thaw_diff_side sides[2] = {{"before", before}, {"after", after ? after : before}};

        if (thaw_diff_build(&sides[0], &sides[1], &diff, NULL) != 0)
            abort();
        write_one(diff, true);
        write_one(before, false);
    }
    json_decref(diff);
    json_decref(before);
    json_decref(after);
    return 0;
}
