/* SPDX-License-Identifier: Apache-2.0 */
/* The schema of what `thaw lint` finds (report/schema_text.S has the report's). */
    .section .rodata
    .balign 8
    .global thaw_lint_schema_text
    .hidden thaw_lint_schema_text
    .type thaw_lint_schema_text, %object
thaw_lint_schema_text:
    .incbin "reports/schema/thaw-lint-1.schema.json"
    .global thaw_lint_schema_end
    .hidden thaw_lint_schema_end
    .type thaw_lint_schema_end, %object
thaw_lint_schema_end:
    .byte 0
    .size thaw_lint_schema_text, . - thaw_lint_schema_text
    .section .note.GNU-stack, "", %progbits
