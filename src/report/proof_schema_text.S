/* SPDX-License-Identifier: Apache-2.0 */
/* The schema of proofs likewise (schema_text.S). */
    .section .rodata
    .balign 8
    .global thaw_proof_schema_text
    .hidden thaw_proof_schema_text
    .type thaw_proof_schema_text, %object
thaw_proof_schema_text:
    .incbin "reports/schema/thaw-proof-1.schema.json"
    .global thaw_proof_schema_end
    .hidden thaw_proof_schema_end
    .type thaw_proof_schema_end, %object
thaw_proof_schema_end:
    .byte 0
    .size thaw_proof_schema_text, . - thaw_proof_schema_text
    .section .note.GNU-stack, "", %progbits
