/* SPDX-License-Identifier: Apache-2.0 */
/* The probe as one C string; a platform's text and the call of main() come behind it. */
    .section .rodata
    .global thaw_probe_script
    .type thaw_probe_script, @object
thaw_probe_script:
    .incbin "src/trial/probe.py"
    .byte 0
    .size thaw_probe_script, . - thaw_probe_script
    .section .note.GNU-stack, "", @progbits
