/* SPDX-License-Identifier: Apache-2.0 */
/* A function that begins as the probed ones do (push), to measure on what a probe costs here. */
    .text
    .globl thaw_trap_anchor
    .type thaw_trap_anchor, @function
thaw_trap_anchor:
    push %rbp
    pop %rbp
    ret
    .size thaw_trap_anchor, . - thaw_trap_anchor
    .section .note.GNU-stack, "", @progbits
