/* SPDX-License-Identifier: Apache-2.0 */
/* The schema in the read-only data of the program; the path is relative to the repository. */
    .section .rodata
    .balign 8
    .global thaw_schema_text
    .hidden thaw_schema_text
    .type thaw_schema_text, %object
thaw_schema_text:
    .incbin "reports/schema/thaw-report-1.schema.json"
    .global thaw_schema_end
    .hidden thaw_schema_end
    .type thaw_schema_end, %object
thaw_schema_end:
    .byte 0
    .size thaw_schema_text, . - thaw_schema_text
    .section .note.GNU-stack, "", %progbits
