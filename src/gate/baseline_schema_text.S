/* SPDX-License-Identifier: Apache-2.0 */
/* The schema of baselines, as report/schema_text.S has the report's. */
    .section .rodata
    .balign 8
    .global thaw_baseline_schema_text
    .hidden thaw_baseline_schema_text
    .type thaw_baseline_schema_text, %object
thaw_baseline_schema_text:
    .incbin "reports/schema/thaw-baseline-1.schema.json"
    .global thaw_baseline_schema_end
    .hidden thaw_baseline_schema_end
    .type thaw_baseline_schema_end, %object
thaw_baseline_schema_end:
    .byte 0
    .size thaw_baseline_schema_text, . - thaw_baseline_schema_text
    .section .note.GNU-stack, "", %progbits
