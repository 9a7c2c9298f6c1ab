/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_MARKDOWN_PAGE_H
#define THAW_REPORT_MARKDOWN_PAGE_H

#include "base/array.h"
#include "report/summary.h"

/*
 * A document in GitHub's Markdown that is as long as a comment there may be: sections that do not
 * fit are left out as a whole, and named at the end. The first ones are the last to go.
 */

enum { THAW_MARKDOWN_MOST = 65536 }; /* characters; counted are bytes */

struct thaw_markdown_section {
    const char *title; /* what it is called when it is left out: plain words, lives on */
    char *text;
    size_t length;
};

struct thaw_markdown_page {
    THAW_ARRAY(struct thaw_markdown_section) sections;
};

/* Adds a section: what write writes to summary->stream. Without any text there is none. */
void thaw_markdown_section(struct thaw_markdown_page *page, struct thaw_summary *summary,
                           const char *title, void (*write)(struct thaw_summary *summary));

/* The same, folded: the title is what is seen of it until it is opened. */
void thaw_markdown_details(struct thaw_markdown_page *page, struct thaw_summary *summary,
                           const char *title, void (*write)(struct thaw_summary *summary));

/* Writes what fits to summary->stream, and frees the page. */
void thaw_markdown_page_end(struct thaw_markdown_page *page, struct thaw_summary *summary);

/* --- cells and lines (markdown_text.h), cut to what can be read; "" when memory is short --- */

/* A name in a row of a table. */
const char *thaw_markdown_name(struct thaw_summary *summary, const char *text);

/* A sentence in a row of a table, and on a line. */
const char *thaw_markdown_cell(struct thaw_summary *summary, const char *text);
const char *thaw_markdown_line(struct thaw_summary *summary, const char *text);

#endif
