/* SPDX-License-Identifier: Apache-2.0 */
/* What starts the reader of an app's source, as a C string; and its bytecode, made by the build's
 * Python (app_code.py): nothing where there is none. */
    .section .rodata
    .global thaw_app_source_start_script
    .type thaw_app_source_start_script, @object
thaw_app_source_start_script:
    .incbin "src/project/source/app_start.py"
    .byte 0
    .size thaw_app_source_start_script, . - thaw_app_source_start_script

    .global thaw_app_source_code
    .type thaw_app_source_code, @object
thaw_app_source_code:
    .incbin "app_source_code"
    .size thaw_app_source_code, . - thaw_app_source_code

    .global thaw_app_source_code_end
    .type thaw_app_source_code_end, @object
thaw_app_source_code_end:
    .byte 0
    .size thaw_app_source_code_end, . - thaw_app_source_code_end
    .section .note.GNU-stack, "", @progbits
