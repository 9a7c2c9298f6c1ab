/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/summary.h"

/* Room for words even where the lead is long. */
enum { least_columns = 20 };

static void put_line(struct thaw_summary *summary, enum thaw_style style, const char *text,
                     size_t length)
{
    const char *begin = thaw_summary_style(summary, style);

    fprintf(summary->stream, "%s%.*s%s\n", begin, (int)length, text, *begin ? "\033[0m" : "");
}

void thaw_summary_title(struct thaw_summary *summary, const char *title)
{
    fputc('\n', summary->stream);
    put_line(summary, THAW_STYLE_STRONG, title, strlen(title));
}

/* Bytes of text that go on a line of so many columns: up to a space where there is one. A word that
 * is longer is broken, unless it is to stay whole. */
static size_t line_length(const char *text, size_t columns, bool whole_words)
{
    size_t length = strlen(text), total = 0, last_space = 0, i = 0;

    while (i < length) {
        size_t wide, step = thaw_summary_step(text + i, length - i, &wide);

        if (text[i] == ' ')
            last_space = i;
        if (total + wide > columns && text[i] != ' ')
            return last_space ? last_space : whole_words ? i + strcspn(text + i, " ") : i;
        total += wide;
        i += step;
    }
    return length;
}

void thaw_summary_paragraph(struct thaw_summary *summary, enum thaw_style style, const char *lead,
                            const char *text)
{
    size_t indent = thaw_summary_columns(lead), columns = least_columns;

    if (summary->width > indent + least_columns)
        columns = summary->width - indent;
    fputs(lead, summary->stream);
    for (;;) {
        size_t length = line_length(text, columns, summary->whole_words);
        const char *next = text + length;

        while (length && text[length - 1] == ' ')
            length--;
        put_line(summary, style, text, length);
        while (*next == ' ')
            next++;
        if (!*next)
            return;
        text = next;
        fprintf(summary->stream, "%*s", (int)indent, "");
    }
}

void thaw_summary_bullet(struct thaw_summary *summary, enum thaw_style style, const char *text)
{
    if (*text)
        thaw_summary_paragraph(summary, style, "- ", text);
}
