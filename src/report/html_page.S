/* SPDX-License-Identifier: Apache-2.0 */
/* The page in the read-only data of the program; the path is relative to the repository. */
    .section .rodata
    .global thaw_html_page
    .hidden thaw_html_page
    .type thaw_html_page, %object
thaw_html_page:
    .incbin "reports/dist/report.html"
    .global thaw_html_page_end
    .hidden thaw_html_page_end
    .type thaw_html_page_end, %object
thaw_html_page_end:
    .byte 0
    .size thaw_html_page, . - thaw_html_page
    .section .note.GNU-stack, "", %progbits
