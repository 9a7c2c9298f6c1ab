/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <libsmartcols/libsmartcols.h>

#include "report/summary.h"

struct libscols_table *thaw_summary_table(struct thaw_summary *summary, bool headings)
{
    struct libscols_table *table = scols_new_table();

    summary->failed |= !table;
    if (!table)
        return NULL;
    scols_table_set_termforce(table, SCOLS_TERMFORCE_ALWAYS);
    scols_table_set_termwidth(table, summary->width);
    scols_table_enable_noheadings(table, !headings);
    scols_table_enable_colors(table, summary->color);
    /* texts are escaped already; a second time would break the first */
    scols_table_enable_noencoding(table, 1);
    summary->failed |= scols_table_set_column_separator(table, "  ") != 0;
    return table;
}

void thaw_summary_column(struct thaw_summary *summary, struct libscols_table *table,
                         const char *name, bool right)
{
    if (table && !scols_table_new_column(table, name, 0, right ? SCOLS_FL_RIGHT : 0))
        summary->failed = true;
}

static void set_cell(struct thaw_summary *summary, struct libscols_line *line, size_t number,
                     enum thaw_style style, const char *text)
{
    const char *sequence = thaw_summary_style(summary, style);

    summary->failed |= scols_line_set_data(line, number, text) != 0;
    if (*sequence && *text)
        summary->failed |= scols_cell_set_color(scols_line_get_cell(line, number), sequence) != 0;
}

void thaw_summary_row(struct thaw_summary *summary, struct libscols_table *table,
                      enum thaw_style style, enum thaw_style last_style, const char *const *cells,
                      size_t count)
{
    struct libscols_line *line = table ? scols_table_new_line(table, NULL) : NULL;

    summary->failed |= !line;
    for (size_t i = 0; line && i < count; i++)
        set_cell(summary, line, i, i + 1 < count ? style : last_style, cells[i]);
}

/* Without the blanks that stand for empty cells at the ends of lines. */
static void put_trimmed(struct thaw_summary *summary, const char *text)
{
    while (*text) {
        size_t whole = strcspn(text, "\n"), length = whole;

        while (length && text[length - 1] == ' ')
            length--;
        fprintf(summary->stream, "%.*s\n", (int)length, text);
        text += whole + (text[whole] == '\n');
    }
}

void thaw_summary_print(struct thaw_summary *summary, struct libscols_table *table)
{
    char *text = NULL;

    if (table && !summary->failed)
        summary->failed |= scols_print_table_to_string(table, &text) != 0;
    if (text)
        put_trimmed(summary, text);
    free(text);
    scols_unref_table(table);
}
