/* SPDX-License-Identifier: Apache-2.0 */
/* The schema of verdicts (report/schema_text.S has the report's). */
    .section .rodata
    .balign 8
    .global thaw_gate_schema_text
    .hidden thaw_gate_schema_text
    .type thaw_gate_schema_text, %object
thaw_gate_schema_text:
    .incbin "reports/schema/thaw-gate-1.schema.json"
    .global thaw_gate_schema_end
    .hidden thaw_gate_schema_end
    .type thaw_gate_schema_end, %object
thaw_gate_schema_end:
    .byte 0
    .size thaw_gate_schema_text, . - thaw_gate_schema_text
    .section .note.GNU-stack, "", %progbits
