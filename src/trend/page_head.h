/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TREND_PAGE_HEAD_H
#define THAW_TREND_PAGE_HEAD_H

#include <stdio.h>

/* What a page is (HTML), and its only style with that one's digest. */
struct thaw_page_head {
    const char *title; /* behind "thaw: " */
    const char *heading;
    const char *style;
    const char *digest; /* "sha256-…" */
};

/*
 * Begins a page that loads nothing and runs nothing, up to its title in <main>: its policy allows
 * no script at all, and of styles only the one. What fails is the stream's error.
 */
void thaw_page_head_write(FILE *stream, const struct thaw_page_head *head);

#endif
