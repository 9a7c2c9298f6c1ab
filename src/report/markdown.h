/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_MARKDOWN_H
#define THAW_REPORT_MARKDOWN_H

#include "report/issues.h"
#include "report/markdown_page.h"

/* A report being written as Markdown. Sections are handed its summary, which is its first member.
 */
struct thaw_markdown {
    struct thaw_summary summary;
    struct thaw_issues issues;
};

/* Lines as a list, without their leads. */
void thaw_markdown_bullets(struct thaw_summary *summary, const char *const *lines);

/* --- markdown_findings.c --- */

void thaw_markdown_first(struct thaw_summary *summary);    /* the one to begin with */
void thaw_markdown_findings(struct thaw_summary *summary); /* a table of all */
void thaw_markdown_advice(struct thaw_summary *summary);   /* what is to be said of each */

/* --- markdown_packages.c --- */

void thaw_markdown_target_head(struct thaw_summary *summary);
void thaw_markdown_kinds(struct thaw_summary *summary);
void thaw_markdown_costliest(struct thaw_summary *summary);
void thaw_markdown_packages(struct thaw_summary *summary);
void thaw_markdown_imports(struct thaw_summary *summary);

#endif
