/* SPDX-License-Identifier: Apache-2.0 */
/* interpreter_facts.py as a C string. */
    .section .rodata
    .global thaw_interpreter_script
    .type thaw_interpreter_script, @object
thaw_interpreter_script:
    .incbin "src/inventory/interpreter_facts.py"
    .byte 0
    .size thaw_interpreter_script, . - thaw_interpreter_script
    .section .note.GNU-stack, "", @progbits
