/* SPDX-License-Identifier: Apache-2.0 */
/* What describes an app's functions, as one C string. */
    .section .rodata
    .global thaw_azure_describe_script
    .type thaw_azure_describe_script, @object
thaw_azure_describe_script:
    .incbin "src/platform/azure_describe.py"
    .byte 0
    .size thaw_azure_describe_script, . - thaw_azure_describe_script
    .section .note.GNU-stack, "", @progbits
