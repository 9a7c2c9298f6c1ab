/* SPDX-License-Identifier: Apache-2.0 */
/* The schema of histories likewise (report/schema_text.S). */
    .section .rodata
    .balign 8
    .global thaw_trend_schema_text
    .hidden thaw_trend_schema_text
    .type thaw_trend_schema_text, %object
thaw_trend_schema_text:
    .incbin "reports/schema/thaw-history-1.schema.json"
    .global thaw_trend_schema_end
    .hidden thaw_trend_schema_end
    .type thaw_trend_schema_end, %object
thaw_trend_schema_end:
    .byte 0
    .size thaw_trend_schema_text, . - thaw_trend_schema_text
    .section .note.GNU-stack, "", %progbits
