/* SPDX-License-Identifier: Apache-2.0 */
#include "native/object.h"

/*
 * 0f 1f with ModRM.reg 0, the recommended nops of two and more bytes (Intel SDM volume 2, NOP);
 * the longer ones start with 66.
 */
static bool instruction_is_long_nop(const uint8_t *code, size_t length)
{
    size_t at = 0;

    while (at < length && at < 2 && code[at] == 0x66)
        at++;
    if (at > 0 && at < length && code[at] == 0x90)
        return true;
    return at + 2 < length && code[at] == 0x0f && code[at + 1] == 0x1f &&
           (code[at + 2] & 0x38) == 0;
}

enum thaw_instruction thaw_instruction_kind(const uint8_t *code, size_t length)
{
    uint8_t first;

    if (!length)
        return THAW_INSTRUCTION_UNKNOWN;
    first = code[0];
    if (first == 0x90 || first == 0xeb || first == 0xe9 || first == 0xe8) /* nop, jmp, call */
        return THAW_INSTRUCTION_EMULATED;
    if ((first >= 0x50 && first <= 0x57) || (first >= 0x70 && first <= 0x7f)) /* push, jcc */
        return THAW_INSTRUCTION_EMULATED;
    if (first == 0x41 && length > 1 && code[1] >= 0x50 && code[1] <= 0x57) /* push r8…r15 */
        return THAW_INSTRUCTION_EMULATED;
    if (first == 0x0f && length > 1 && code[1] >= 0x80 && code[1] <= 0x8f) /* jcc near */
        return THAW_INSTRUCTION_EMULATED;
    if (instruction_is_long_nop(code, length))
        return THAW_INSTRUCTION_EMULATED_LATELY;
    return THAW_INSTRUCTION_SINGLE_STEPPED;
}
