/* SPDX-License-Identifier: Apache-2.0 */
#include "native/calls.h"
#include "native/disassembler.h"

/* Instructions looked at behind a call; compilers test a result well within them. */
#define STEPS_MOST 12

/* Registers that keep their value over the instructions behind a call, and what we call them. */
static const struct {
    x86_reg name;
    enum thaw_register number;
} copies[] = {
    {X86_REG_RAX, THAW_REGISTER_RAX}, {X86_REG_RBX, THAW_REGISTER_RBX},
    {X86_REG_RBP, THAW_REGISTER_RBP}, {X86_REG_R12, THAW_REGISTER_R12},
    {X86_REG_R13, THAW_REGISTER_R13}, {X86_REG_R14, THAW_REGISTER_R14},
    {X86_REG_R15, THAW_REGISTER_R15},
};

#define COPIES (sizeof(copies) / sizeof(copies[0]))

/* The 64-bit registers of which parts are written, by the parts' names. */
static const x86_reg parts[][4] = {
    {X86_REG_EAX, X86_REG_AX, X86_REG_AL, X86_REG_AH},
    {X86_REG_EBX, X86_REG_BX, X86_REG_BL, X86_REG_BH},
    {X86_REG_EBP, X86_REG_BP, X86_REG_BPL, X86_REG_INVALID},
    {X86_REG_R12D, X86_REG_R12W, X86_REG_R12B, X86_REG_INVALID},
    {X86_REG_R13D, X86_REG_R13W, X86_REG_R13B, X86_REG_INVALID},
    {X86_REG_R14D, X86_REG_R14W, X86_REG_R14B, X86_REG_INVALID},
    {X86_REG_R15D, X86_REG_R15W, X86_REG_R15B, X86_REG_INVALID},
};

_Static_assert(sizeof(parts) / sizeof(parts[0]) == COPIES, "the parts of each register");

static bool is_register(size_t copy, uint16_t name)
{
    if (name == copies[copy].name)
        return true;
    for (size_t i = 0; i < 4; i++)
        if (parts[copy][i] != X86_REG_INVALID && name == parts[copy][i])
            return true;
    return false;
}

static bool is_stack_pointer(uint16_t name)
{
    return name == X86_REG_RSP || name == X86_REG_ESP || name == X86_REG_SP;
}

/* A copy of the result into another register: its index, COPIES none. */
static size_t copied_to(const cs_insn *instruction, const bool *holds)
{
    const cs_x86 *details = &instruction->detail->x86;
    size_t from, to;

    if (instruction->id != X86_INS_MOV || details->op_count != 2 ||
        details->operands[0].type != X86_OP_REG || details->operands[1].type != X86_OP_REG)
        return COPIES;
    for (from = 0; from < COPIES && details->operands[1].reg != copies[from].name; from++)
        continue;
    for (to = 0; to < COPIES && details->operands[0].reg != copies[to].name; to++)
        continue;
    return from < COPIES && holds[from] ? to : COPIES;
}

/* Follows the result through one instruction; false when the stack pointer changes. */
static bool follow(const struct thaw_disassembler *disassembler, bool *holds)
{
    size_t copy = copied_to(disassembler->instruction, holds);
    cs_regs read, written;
    uint8_t read_count, written_count;

    if (thaw_capstone.cs_regs_access(disassembler->handle, disassembler->instruction, read,
                                     &read_count, written, &written_count))
        return false;
    for (uint8_t i = 0; i < written_count; i++) {
        if (is_stack_pointer(written[i]))
            return false;
        for (size_t j = 0; j < COPIES; j++)
            holds[j] = holds[j] && !is_register(j, written[i]);
    }
    if (copy < COPIES)
        holds[copy] = true;
    return true;
}

static bool result_at(const bool *holds, enum thaw_register *ret)
{
    for (size_t i = 0; i < COPIES; i++) {
        if (holds[i]) {
            *ret = copies[i].number;
            return true;
        }
    }
    return false;
}

static struct thaw_call_step step_with(const struct thaw_disassembler *disassembler,
                                       const uint8_t *code, size_t length)
{
    static const struct thaw_call_step first = {.bytes = 0, .result = THAW_REGISTER_RAX};
    bool holds[COPIES] = {true};
    uint64_t address = 0;
    const uint8_t *at = code;

    for (int i = 0; i < STEPS_MOST; i++) {
        struct thaw_call_step step = {.bytes = (size_t)address};

        if (!result_at(holds, &step.result))
            return first;
        if (thaw_instruction_kind(at, length) == THAW_INSTRUCTION_EMULATED)
            return step;
        if (!thaw_capstone.cs_disasm_iter(disassembler->handle, &at, &length, &address,
                                          disassembler->instruction) ||
            !thaw_disassembler_falls_through(disassembler) || !follow(disassembler, holds))
            return first;
    }
    return first;
}

struct thaw_call_step thaw_call_step(const uint8_t *code, size_t length)
{
    struct thaw_call_step step = {.bytes = 0, .result = THAW_REGISTER_RAX};
    struct thaw_disassembler disassembler;

    if (thaw_disassembler_open(&disassembler)) {
        step = step_with(&disassembler, code, length);
        thaw_disassembler_close(&disassembler);
    }
    return step;
}
