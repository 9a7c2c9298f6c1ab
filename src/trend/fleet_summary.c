/* SPDX-License-Identifier: Apache-2.0 */
#include "trend/fleet.h"
#include "trend/fleet_view.h"

static enum thaw_style style_of(enum thaw_fleet_row_style style)
{
    static const enum thaw_style styles[] = {THAW_STYLE_PLAIN, THAW_STYLE_BAD, THAW_STYLE_GOOD,
                                             THAW_STYLE_FAINT};

    return styles[style];
}

enum { wide_columns = 100 };

/* Columns in which no row has anything are left out. */
static bool is_used(const struct thaw_fleet_page *page, const struct thaw_fleet_section *section,
                    size_t column)
{
    if (section->columns[column].wide && page->summary.width < wide_columns)
        return false;
    for (size_t i = 0; i < section->rows.count; i++) {
        if (*section->rows.items[i].cells[column])
            return true;
    }
    return false;
}

static void write_row(struct thaw_fleet_page *page, struct libscols_table *table,
                      const struct thaw_fleet_section *section, const struct thaw_fleet_row *row)
{
    const char *cells[16];
    size_t used = 0;

    for (size_t i = 0; i < section->column_count && used < 16; i++) {
        const char *cell = row->cells[i];

        if (!is_used(page, section, i))
            continue;
        if (section->columns[i].fit)
            cell = thaw_summary_fit(&page->summary, cell, section->columns[i].fit);
        cells[used] = used ? cell : thaw_summary_format(&page->summary, "  %s", cell);
        used++;
    }
    thaw_summary_row(&page->summary, table, style_of(row->style), style_of(row->style), cells,
                     used);
}

static void write_table(struct thaw_fleet_page *page, const struct thaw_fleet_section *section)
{
    struct libscols_table *table = thaw_summary_table(&page->summary, true);
    size_t used = 0;

    for (size_t i = 0; i < section->column_count; i++) {
        const char *name = section->columns[i].name;

        if (is_used(page, section, i))
            thaw_summary_column(&page->summary, table,
                                used++ ? name : thaw_summary_format(&page->summary, "  %s", name),
                                section->columns[i].right);
    }
    for (size_t i = 0; i < section->rows.count; i++)
        write_row(page, table, section, &section->rows.items[i]);
    thaw_summary_print(&page->summary, table);
}

static void write_section(struct thaw_fleet_page *page, const struct thaw_fleet_section *section)
{
    if (!section->rows.count && !section->sentences.count)
        return;
    thaw_summary_title(&page->summary, section->title);
    if (section->rows.count)
        write_table(page, section);
    for (size_t i = 0; i < section->sentences.count; i++) {
        const struct thaw_fleet_sentence *sentence = &section->sentences.items[i];

        if (sentence->style == THAW_FLEET_FAINT)
            thaw_summary_paragraph(&page->summary, THAW_STYLE_FAINT, "  ", sentence->text);
        else
            thaw_summary_bullet(&page->summary, style_of(sentence->style), sentence->text);
    }
}

int thaw_write_fleet_summary(const json_t *fleet, const struct thaw_report_options *options,
                             FILE *stream, struct thaw_error *error)
{
    struct thaw_fleet_page page;

    thaw_fleet_page_begin(&page, fleet, options, stream);
    thaw_summary_paragraph(&page.summary, THAW_STYLE_STRONG, "", page.head);
    for (size_t i = 0; i < page.notes.count; i++)
        thaw_summary_bullet(&page.summary, style_of(page.notes.items[i].style),
                            page.notes.items[i].text);
    for (size_t i = 0; i < page.sections.count; i++)
        write_section(&page, &page.sections.items[i]);
    return thaw_fleet_page_end(&page, error);
}
