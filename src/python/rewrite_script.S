/* SPDX-License-Identifier: Apache-2.0 */
/* The rewriter as one C string: behind the source helper, in one namespace. */
    .section .rodata
    .global thaw_rewrite_script
    .type thaw_rewrite_script, @object
thaw_rewrite_script:
    .incbin "src/python/import_scan.py"
    .incbin "src/python/source_scopes.py"
    .incbin "src/python/source_uses.py"
    .incbin "src/python/source_exports.py"
    .incbin "src/python/source_helper.py"
    .incbin "src/python/source_text.py"
    .incbin "src/python/source_moves.py"
    .incbin "src/python/source_edits.py"
    .incbin "src/python/source_check.py"
    .incbin "src/python/source_rewrite.py"
    .byte 0
    .size thaw_rewrite_script, . - thaw_rewrite_script
    .section .note.GNU-stack, "", @progbits
