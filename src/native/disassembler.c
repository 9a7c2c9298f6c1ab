/* SPDX-License-Identifier: Apache-2.0 */
#include "native/calls.h"
#include "native/disassembler.h"

bool thaw_calls_are_readable(void)
{
    return thaw_capstone_load() == 0;
}

bool thaw_disassembler_open(struct thaw_disassembler *ret)
{
    if (thaw_capstone_load() < 0 || thaw_capstone.cs_open(CS_ARCH_X86, CS_MODE_64, &ret->handle))
        return false;
    if (!thaw_capstone.cs_option(ret->handle, CS_OPT_DETAIL, CS_OPT_ON) &&
        (ret->instruction = thaw_capstone.cs_malloc(ret->handle)))
        return true;
    thaw_capstone.cs_close(&ret->handle);
    return false;
}

void thaw_disassembler_close(struct thaw_disassembler *disassembler)
{
    thaw_capstone.cs_free(disassembler->instruction, 1);
    thaw_capstone.cs_close(&disassembler->handle);
}

bool thaw_disassembler_falls_through(const struct thaw_disassembler *disassembler)
{
    static const uint8_t leaving[] = {CS_GRP_JUMP, CS_GRP_CALL, CS_GRP_RET, CS_GRP_IRET,
                                      CS_GRP_INT};
    const cs_insn *instruction = disassembler->instruction;

    for (size_t i = 0; i < sizeof(leaving); i++)
        if (thaw_capstone.cs_insn_group(disassembler->handle, instruction, leaving[i]))
            return false;
    return instruction->id != X86_INS_HLT && instruction->id != X86_INS_UD2;
}
