/* SPDX-License-Identifier: Apache-2.0 */
/* The schema of the answers of an audit likewise (report/schema_text.S). */
    .section .rodata
    .balign 8
    .global thaw_fleet_schema_text
    .hidden thaw_fleet_schema_text
    .type thaw_fleet_schema_text, %object
thaw_fleet_schema_text:
    .incbin "reports/schema/thaw-audit-1.schema.json"
    .global thaw_fleet_schema_end
    .hidden thaw_fleet_schema_end
    .type thaw_fleet_schema_end, %object
thaw_fleet_schema_end:
    .byte 0
    .size thaw_fleet_schema_text, . - thaw_fleet_schema_text
    .section .note.GNU-stack, "", %progbits
