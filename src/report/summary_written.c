/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "report/summary_parts.h"

void thaw_summary_begin_texts(struct thaw_summary *summary, const json_t *report, FILE *stream)
{
    thaw_summary_begin(summary, report, NULL, stream);
    summary->utf8 = true;
}

/* Writes the part to memory, no line of it broken; NULL: memory is short. */
static char *written(struct thaw_summary *summary, thaw_summary_part *write, const json_t *item)
{
    FILE *stream = summary->stream, *buffer;
    size_t width = summary->width, length = 0;
    bool color = summary->color;
    char *text = NULL;

    buffer = open_memstream(&text, &length);
    if (!buffer)
        return NULL;
    summary->stream = buffer;
    summary->width = SIZE_MAX / 2;
    summary->color = false;
    write(summary, item);
    summary->stream = stream;
    summary->width = width;
    summary->color = color;
    if (fclose(buffer) == 0)
        return text;
    free(text);
    return NULL;
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;

    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

const char *const *thaw_summary_written(struct thaw_summary *summary, thaw_summary_part *write,
                                        const json_t *item)
{
    static const char *const none[] = {NULL};
    char *text = written(summary, write, item), *rest = text;
    const char **lines = NULL;
    size_t used = 0;

    if (text)
        lines = thaw_arena_allocate(&summary->arena, (count_lines(text) + 1) * sizeof(*lines));
    for (char *end; lines && (end = strchr(rest, '\n')); rest = end + 1) {
        if (end > rest)
            lines[used++] = thaw_arena_text(&summary->arena, rest, (size_t)(end - rest));
        summary->failed |= used && !lines[used - 1];
    }
    summary->failed |= !lines;
    free(text);
    return lines ? lines : none;
}

const char *thaw_summary_unled(const char *line)
{
    bool led = strchr("-! ", line[0]) && line[0] && line[1] == ' ';

    return led ? line + 2 : line;
}
