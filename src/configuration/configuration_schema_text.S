/* SPDX-License-Identifier: Apache-2.0 */
/* The schema of thaw.json likewise (report/schema_text.S). */
    .section .rodata
    .balign 8
    .global thaw_configuration_schema_text
    .hidden thaw_configuration_schema_text
    .type thaw_configuration_schema_text, %object
thaw_configuration_schema_text:
    .incbin "reports/schema/thaw-configuration-1.schema.json"
    .global thaw_configuration_schema_end
    .hidden thaw_configuration_schema_end
    .type thaw_configuration_schema_end, %object
thaw_configuration_schema_end:
    .byte 0
    .size thaw_configuration_schema_text, . - thaw_configuration_schema_text
    .section .note.GNU-stack, "", %progbits
