/* SPDX-License-Identifier: Apache-2.0 */
/* The schema of comparisons likewise (schema_text.S). */
    .section .rodata
    .balign 8
    .global thaw_diff_schema_text
    .hidden thaw_diff_schema_text
    .type thaw_diff_schema_text, %object
thaw_diff_schema_text:
    .incbin "reports/schema/thaw-diff-1.schema.json"
    .global thaw_diff_schema_end
    .hidden thaw_diff_schema_end
    .type thaw_diff_schema_end, %object
thaw_diff_schema_end:
    .byte 0
    .size thaw_diff_schema_text, . - thaw_diff_schema_text
    .section .note.GNU-stack, "", %progbits
