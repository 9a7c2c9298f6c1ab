/* SPDX-License-Identifier: Apache-2.0 */
/* The page of comparisons in the read-only data of the program; the path is relative to the repository. */
    .section .rodata
    .global thaw_diff_html_page
    .hidden thaw_diff_html_page
    .type thaw_diff_html_page, %object
thaw_diff_html_page:
    .incbin "reports/dist/diff.html"
    .global thaw_diff_html_page_end
    .hidden thaw_diff_html_page_end
    .type thaw_diff_html_page_end, %object
thaw_diff_html_page_end:
    .byte 0
    .size thaw_diff_html_page, . - thaw_diff_html_page
    .section .note.GNU-stack, "", %progbits
