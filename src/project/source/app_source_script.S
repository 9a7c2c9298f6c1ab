/* SPDX-License-Identifier: Apache-2.0 */
/* What reads an app's source, as one C string: its files share one namespace, in this order. Some
 * parts are texts in it, which are compiled only where they are needed: compiling takes its time. */
    .section .rodata
    .global thaw_app_source_script
    .type thaw_app_source_script, @object
thaw_app_source_script:
    .incbin "src/project/source/app_names.py"
    .incbin "src/project/source/app_calls.py"
    .incbin "src/project/source/app_functions.py"
    .ascii "PARTS = {'secrets': r'''"
    .incbin "src/project/source/app_secrets.py"
    .ascii "''', 'annotations': r'''"
    .incbin "src/project/source/app_annotations.py"
    .ascii "''', 'handlers': r'''"
    .incbin "src/project/source/app_handlers.py"
    .ascii "''', 'manifests': r'''"
    .incbin "src/project/source/app_manifests.py"
    .ascii "'''}\n"
    .incbin "src/project/source/app_source.py"
    .byte 0
    .size thaw_app_source_script, . - thaw_app_source_script
    .section .note.GNU-stack, "", @progbits
