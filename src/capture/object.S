/* SPDX-License-Identifier: Apache-2.0 */
/* The linked BPF object, as it was compiled; the Makefile says where it lies. */
    .section .rodata, "a", @progbits
    .balign 8
    .global thaw_bpf_object
    .hidden thaw_bpf_object
thaw_bpf_object:
    .incbin "thaw.bpf.o"
    .global thaw_bpf_object_end
    .hidden thaw_bpf_object_end
thaw_bpf_object_end:
    .byte 0
    .section .note.GNU-stack, "", @progbits
