/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "report/markdown_page.h"
#include "trend/fleet.h"
#include "trend/fleet_view.h"

/* In GitHub's Markdown. It begins with a comment that is not shown, by which a step of a CI job
 * finds the comment that it wrote before. */
#define MARKER "<!-- thaw:audit -->\n"

/* The sections of a page are handed the summary alone, which is the page's first member. */
_Static_assert(offsetof(struct thaw_fleet_page, summary) == 0, "a summary is a page");

struct writing {
    struct thaw_fleet_page page;
    const struct thaw_fleet_section *section; /* that is written */
};

static void write_head(struct thaw_summary *summary)
{
    const struct thaw_fleet_page *page = (const struct thaw_fleet_page *)summary;

    fprintf(summary->stream, MARKER "## Cold starts\n\n%s\n",
            thaw_markdown_line(summary, page->head));
    for (size_t i = 0; i < page->notes.count; i++)
        fprintf(summary->stream, "%s- %s\n", i ? "" : "\n",
                thaw_markdown_line(summary, page->notes.items[i].text));
}

static void write_table(struct thaw_summary *summary, const struct thaw_fleet_section *section)
{
    for (size_t i = 0; i < section->column_count; i++)
        fprintf(summary->stream, "%s%s", i ? " | " : "| ",
                thaw_markdown_cell(summary, section->columns[i].name));
    fputs(" |\n", summary->stream);
    for (size_t i = 0; i < section->column_count; i++)
        fputs(section->columns[i].right ? "| --: " : "| :-- ", summary->stream);
    fputs("|\n", summary->stream);
    for (size_t i = 0; i < section->rows.count; i++) {
        for (size_t j = 0; j < section->column_count; j++)
            fprintf(summary->stream, "%s%s", j ? " | " : "| ",
                    thaw_markdown_cell(summary, section->rows.items[i].cells[j]));
        fputs(" |\n", summary->stream);
    }
}

static void write_section(struct thaw_summary *summary)
{
    const struct thaw_fleet_section *section = ((const struct writing *)summary)->section;

    if (!section->rows.count && !section->sentences.count)
        return;
    fprintf(summary->stream, "### %s\n\n", thaw_markdown_line(summary, section->title));
    if (section->rows.count)
        write_table(summary, section);
    for (size_t i = 0; i < section->sentences.count; i++) {
        const struct thaw_fleet_sentence *sentence = &section->sentences.items[i];
        bool plain = sentence->style == THAW_FLEET_FAINT;

        fprintf(summary->stream, "%s%s%s\n", plain || (section->rows.count && !i) ? "\n" : "",
                plain ? "" : "- ", thaw_markdown_line(summary, sentence->text));
    }
}

int thaw_write_fleet_markdown(const json_t *fleet, const struct thaw_report_options *options,
                              FILE *stream, struct thaw_error *error)
{
    struct writing writing = {0};
    struct thaw_markdown_page document = {0};

    (void)options;
    thaw_fleet_page_begin(&writing.page, fleet, NULL, stream);
    thaw_markdown_section(&document, &writing.page.summary, "Head", write_head);
    for (size_t i = 0; i < writing.page.sections.count; i++) {
        writing.section = &writing.page.sections.items[i];
        thaw_markdown_section(&document, &writing.page.summary, writing.section->title,
                              write_section);
    }
    thaw_markdown_page_end(&document, &writing.page.summary);
    return thaw_fleet_page_end(&writing.page, error);
}
