/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_SPDX_H
#define THAW_REPORT_SPDX_H

/* What the text is that a distribution states as its licence. */
enum thaw_license_form {
    THAW_LICENSE_WORDS,      /* anything else: "BSD", "MIT License" */
    THAW_LICENSE_ID,         /* one id of SPDX's licence list: "MIT" */
    THAW_LICENSE_EXPRESSION, /* a valid expression of more: "MIT AND (0BSD OR Zlib)" */
};

/*
 * Told by the grammar of SPDX expressions and a table of the ids that Python's packages use; an id
 * that the table doesn't have makes it words, which says less, but nothing wrong. Source: SPDX
 * specification 2.3, annex D, and the SPDX licence list 3.28.
 */
enum thaw_license_form thaw_license_form(const char *text);

#endif
