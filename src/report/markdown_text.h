/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_MARKDOWN_TEXT_H
#define THAW_REPORT_MARKDOWN_TEXT_H

#include "base/arena.h"

/*
 * Texts from outside in GitHub's Markdown (CommonMark 0.31 and GFM's tables): what is in them shows
 * as it is and means nothing: no markup, HTML, comment, link, @mention, #reference, emoji, formula.
 * What is not plain is escaped as for a terminal first, so that every result is one line; a text
 * that was escaped so already stays as it is. All return texts of the arena, NULL when memory is
 * short; NULL is taken as "".
 */

/* Where a text goes: within a row of a table a '|' would end the cell, also in a code span. */
enum thaw_markdown_place {
    THAW_MARKDOWN_LINE,
    THAW_MARKDOWN_CELL,
};

/* For a name, a path: a code span; "" of "". */
const char *thaw_markdown_code(struct thaw_arena *arena, const char *text,
                               enum thaw_markdown_place place);

/*
 * For a sentence with names in it: its words as they are, but those that Markdown could take for
 * something else as code spans. Spaces at its ends are left out, several in a row are one. It may
 * begin a line.
 */
const char *thaw_markdown_prose(struct thaw_arena *arena, const char *text,
                                enum thaw_markdown_place place);

#endif
