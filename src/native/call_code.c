/* SPDX-License-Identifier: Apache-2.0 */
#include "native/calls.h"
#include "native/disassembler.h"

#define THUNK_STEPS_MOST 4
#define SET_BYTES_LEAST 5 /* of an instruction that sets a register to an address */

/* Reads the next instruction of the code. */
static bool next(const struct thaw_disassembler *disassembler, const uint8_t **code, size_t *length,
                 uint64_t *address)
{
    return thaw_capstone.cs_disasm_iter(disassembler->handle, code, length, address,
                                        disassembler->instruction);
}

/* Where the jump that was read last goes to; 0: it is none, or goes where a register says. */
static uint64_t jump_target(const struct thaw_disassembler *disassembler)
{
    const cs_insn *instruction = disassembler->instruction;
    const cs_x86_op *target = &instruction->detail->x86.operands[0];

    return thaw_capstone.cs_insn_group(disassembler->handle, instruction, CS_GRP_JUMP) &&
                   target->type == X86_OP_IMM
               ? (uint64_t)target->imm
               : 0;
}

static uint64_t thunk_with(const struct thaw_disassembler *disassembler, const uint8_t *code,
                           size_t length, uint64_t address)
{
    uint64_t begin = address, end = address + length;

    for (int i = 0; i < THUNK_STEPS_MOST; i++) {
        if (!length)
            return end;
        if (!next(disassembler, &code, &length, &address))
            return 0;
        if (disassembler->instruction->id == X86_INS_JMP) {
            uint64_t target = jump_target(disassembler);

            return target < begin || target >= end ? target : 0;
        }
        if (!thaw_disassembler_falls_through(disassembler))
            return 0;
    }
    return 0;
}

uint64_t thaw_call_thunk(const uint8_t *code, size_t length, uint64_t address)
{
    struct thaw_disassembler disassembler;
    uint64_t target;

    if (!thaw_disassembler_open(&disassembler))
        return 0;
    target = thunk_with(&disassembler, code, length, address);
    thaw_disassembler_close(&disassembler);
    return target;
}

/* A function goes on behind a return or jump if an earlier jump leads there. */
static bool goes_on(const struct thaw_disassembler *disassembler, uint64_t address, uint64_t end,
                    uint64_t *most)
{
    uint64_t target = jump_target(disassembler);
    bool call =
        thaw_capstone.cs_insn_group(disassembler->handle, disassembler->instruction, CS_GRP_CALL);
    bool conditional = target && disassembler->instruction->id != X86_INS_JMP;

    if (target > *most && target <= end)
        *most = target;
    return call || conditional || thaw_disassembler_falls_through(disassembler) || *most >= address;
}

static bool same_function_with(const struct thaw_disassembler *disassembler, const uint8_t *code,
                               size_t length)
{
    uint64_t address = 1, end = address + length, most = 0; /* address 0 would mean no jump */

    while (length) {
        if (!next(disassembler, &code, &length, &address) ||
            !goes_on(disassembler, address, end, &most))
            return false;
    }
    return true;
}

bool thaw_call_same_function(const uint8_t *code, size_t length)
{
    struct thaw_disassembler disassembler;
    bool same;

    if (!thaw_disassembler_open(&disassembler))
        return false;
    same = same_function_with(&disassembler, code, length);
    thaw_disassembler_close(&disassembler);
    return same;
}

static bool is_second_argument(x86_reg name)
{
    return name == X86_REG_RSI || name == X86_REG_ESI;
}

/* What the instruction read last puts into the second argument's register. */
static struct thaw_call_argument argument_set(const cs_insn *instruction)
{
    const cs_x86 *details = &instruction->detail->x86;
    const cs_x86_op *from = &details->operands[1];
    struct thaw_call_argument set = {0};

    if (details->op_count != 2 || details->operands[0].type != X86_OP_REG ||
        !is_second_argument(details->operands[0].reg))
        return set;
    if (instruction->id == X86_INS_MOV && from->type == X86_OP_IMM)
        set.value = (uint64_t)from->imm;
    if (instruction->id != X86_INS_LEA || from->mem.index)
        return set;
    set.relative = from->mem.base != X86_REG_RIP;
    set.value = (uint64_t)from->mem.disp;
    if (!set.relative)
        set.value += instruction->address + instruction->size;
    return set;
}

static bool changes_second_argument(const struct thaw_disassembler *disassembler)
{
    cs_regs read, written;
    uint8_t read_count, written_count;

    if (thaw_capstone.cs_regs_access(disassembler->handle, disassembler->instruction, read,
                                     &read_count, written, &written_count))
        return true;
    for (uint8_t i = 0; i < written_count; i++)
        if (is_second_argument(written[i]) || written[i] == X86_REG_SI || written[i] == X86_REG_SIL)
            return true;
    return false;
}

/* Of code that begins with the instruction that sets it. */
static struct thaw_call_argument argument_with(const struct thaw_disassembler *disassembler,
                                               const uint8_t *code, size_t length, uint64_t address)
{
    static const struct thaw_call_argument none = {0};
    struct thaw_call_argument found;

    if (!next(disassembler, &code, &length, &address))
        return none;
    found = argument_set(disassembler->instruction);
    while (found.value && length) {
        if (!next(disassembler, &code, &length, &address) ||
            !thaw_disassembler_falls_through(disassembler) || changes_second_argument(disassembler))
            return none;
    }
    return found;
}

/* May an instruction that sets it begin with this byte, whatever stands before? A prefix that
 * changes the register would. */
static bool may_set(const uint8_t *code, size_t at)
{
    bool prefixed = at && (code[at - 1] & 0xf0) == 0x40;

    return code[at] == 0x48 || code[at] == 0x49 || (code[at] == 0xbe && !prefixed);
}

struct thaw_call_argument thaw_call_argument(const uint8_t *code, size_t length, uint64_t address)
{
    struct thaw_disassembler disassembler;
    struct thaw_call_argument found = {0};

    if (length < SET_BYTES_LEAST || !thaw_disassembler_open(&disassembler))
        return found;
    for (size_t at = length - SET_BYTES_LEAST + 1; !found.value && at > 0; at--)
        if (may_set(code, at - 1))
            found = argument_with(&disassembler, code + at - 1, length - at + 1, address + at - 1);
    thaw_disassembler_close(&disassembler);
    return found;
}
