/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "report/markdown_page.h"
#include "report/markdown_text.h"

enum {
    name_columns = 240, /* as long as what a name may be for it to be read */
    line_columns = 600, /* a sentence */
    line_breaks = 4,    /* bytes around a section */
};

static const char left_out[] = "Left out, as GitHub shows no more characters of a comment than "
                               "65,536: ";

/* What write writes, to be freed; NULL: memory is short. */
static char *written(struct thaw_summary *summary, void (*write)(struct thaw_summary *summary),
                     size_t *ret_length)
{
    FILE *stream = summary->stream, *buffer;
    char *text = NULL;

    buffer = open_memstream(&text, ret_length);
    if (!buffer)
        return NULL;
    summary->stream = buffer;
    write(summary);
    summary->stream = stream;
    if (fclose(buffer) == 0)
        return text;
    free(text);
    return NULL;
}

static void add(struct thaw_markdown_page *page, struct thaw_summary *summary,
                struct thaw_markdown_section section)
{
    struct thaw_markdown_section *added = NULL;

    if (section.text && section.length) {
        added = thaw_array_add(&page->sections);
        summary->failed |= !added;
    }
    summary->failed |= !section.text;
    if (added)
        *added = section;
    else
        free(section.text);
}

void thaw_markdown_section(struct thaw_markdown_page *page, struct thaw_summary *summary,
                           const char *title, void (*write)(struct thaw_summary *summary))
{
    struct thaw_markdown_section section = {.title = title};

    section.text = written(summary, write, &section.length);
    add(page, summary, section);
}

/* The empty lines end the HTML, so that what is between is Markdown. */
void thaw_markdown_details(struct thaw_markdown_page *page, struct thaw_summary *summary,
                           const char *title, void (*write)(struct thaw_summary *summary))
{
    struct thaw_markdown_section section = {.title = title};
    char *text = written(summary, write, &section.length), *whole = NULL;
    int length = 0;

    if (text && section.length) {
        length =
            asprintf(&whole, "<details>\n<summary>%s</summary>\n\n%s\n</details>\n", title, text);
        section.text = length < 0 ? NULL : whole;
        section.length = length < 0 ? 0 : (size_t)length;
        free(text);
    } else {
        section.text = text;
    }
    add(page, summary, section);
}

/* Bytes that naming all sections would take: then there is room for those that are left out. */
static size_t note_length(const struct thaw_markdown_page *page)
{
    size_t length = sizeof(left_out) + line_breaks;

    for (size_t i = 0; i < page->sections.count; i++)
        length += strlen(page->sections.items[i].title) + sizeof(", ");
    return length;
}

void thaw_markdown_page_end(struct thaw_markdown_page *page, struct thaw_summary *summary)
{
    size_t used = note_length(page), left = 0;
    const char *titles = "";

    for (size_t i = 0; i < page->sections.count; i++) {
        struct thaw_markdown_section *section = &page->sections.items[i];

        if (used + section->length + 1 <= THAW_MARKDOWN_MOST) {
            fprintf(summary->stream, "%s%s", i - left ? "\n" : "", section->text);
            used += section->length + 1;
        } else {
            titles =
                thaw_summary_format(summary, "%s%s%s", titles, left++ ? ", " : "", section->title);
        }
        free(section->text);
    }
    if (left)
        fprintf(summary->stream, "\n%s%s.\n", left_out, titles);
    thaw_array_free(&page->sections);
}

static const char *kept(struct thaw_summary *summary, const char *text)
{
    summary->failed |= !text;
    return text ? text : "";
}

const char *thaw_markdown_name(struct thaw_summary *summary, const char *text)
{
    return kept(summary,
                thaw_markdown_code(&summary->arena, thaw_summary_fit(summary, text, name_columns),
                                   THAW_MARKDOWN_CELL));
}

const char *thaw_markdown_cell(struct thaw_summary *summary, const char *text)
{
    return kept(summary,
                thaw_markdown_prose(&summary->arena, thaw_summary_fit(summary, text, name_columns),
                                    THAW_MARKDOWN_CELL));
}

const char *thaw_markdown_line(struct thaw_summary *summary, const char *text)
{
    return kept(summary,
                thaw_markdown_prose(&summary->arena, thaw_summary_fit(summary, text, line_columns),
                                    THAW_MARKDOWN_LINE));
}
