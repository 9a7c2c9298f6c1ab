/* SPDX-License-Identifier: Apache-2.0 */
/* The facts in the read-only data of the program, each one C string; the paths are relative to the
 * repository. */
    .section .rodata

    .global thaw_facts_azure_functions
    .hidden thaw_facts_azure_functions
    .type thaw_facts_azure_functions, %object
thaw_facts_azure_functions:
    .incbin "src/lint/facts/azure_functions.json"
    .byte 0
    .size thaw_facts_azure_functions, . - thaw_facts_azure_functions

    .global thaw_facts_python_code
    .hidden thaw_facts_python_code
    .type thaw_facts_python_code, %object
thaw_facts_python_code:
    .incbin "src/lint/facts/python_code.json"
    .byte 0
    .size thaw_facts_python_code, . - thaw_facts_python_code

    .global thaw_facts_aws_lambda
    .hidden thaw_facts_aws_lambda
    .type thaw_facts_aws_lambda, %object
thaw_facts_aws_lambda:
    .incbin "src/lint/facts/aws_lambda.json"
    .byte 0
    .size thaw_facts_aws_lambda, . - thaw_facts_aws_lambda

    .section .note.GNU-stack, "", %progbits
