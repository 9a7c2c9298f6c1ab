/* SPDX-License-Identifier: Apache-2.0 */
/* The schema of repeated runs likewise (schema_text.S). */
    .section .rodata
    .balign 8
    .global thaw_trials_schema_text
    .hidden thaw_trials_schema_text
    .type thaw_trials_schema_text, %object
thaw_trials_schema_text:
    .incbin "reports/schema/thaw-trials-1.schema.json"
    .global thaw_trials_schema_end
    .hidden thaw_trials_schema_end
    .type thaw_trials_schema_end, %object
thaw_trials_schema_end:
    .byte 0
    .size thaw_trials_schema_text, . - thaw_trials_schema_text
    .section .note.GNU-stack, "", %progbits
