/* SPDX-License-Identifier: Apache-2.0 */
#include <libsmartcols/libsmartcols.h>

#include "report/summary.h"

struct libscols_table *thaw_summary_table(struct thaw_summary *summary, bool headings)
{
    struct libscols_table *table = scols_new_table();

    summary->failed |= !table;
    if (!table)
        return NULL;
    scols_table_set_stream(table, summary->stream);
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

void thaw_summary_print(struct thaw_summary *summary, struct libscols_table *table)
{
    if (table && !summary->failed)
        summary->failed |= scols_print_table(table) != 0;
    scols_unref_table(table);
}
