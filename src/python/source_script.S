/* SPDX-License-Identifier: Apache-2.0 */
/* The source helper as one C string: its files share one namespace, in this order. */
    .section .rodata
    .global thaw_source_script
    .type thaw_source_script, @object
thaw_source_script:
    .incbin "src/python/import_scan.py"
    .incbin "src/python/source_scopes.py"
    .incbin "src/python/source_uses.py"
    .incbin "src/python/source_exports.py"
    .incbin "src/python/source_helper.py"
    .incbin "src/python/source_main.py"
    .byte 0
    .size thaw_source_script, . - thaw_source_script
    .section .note.GNU-stack, "", @progbits
