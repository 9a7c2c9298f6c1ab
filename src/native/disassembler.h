/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_DISASSEMBLER_H
#define THAW_NATIVE_DISASSEMBLER_H

#include "native/capstone.h"

/* capstone for x86-64, with room for one instruction and its operands. */
struct thaw_disassembler {
    csh handle;
    cs_insn *instruction;
};

/* False when there is no memory or capstone is not installed; then nothing is to be closed. */
bool thaw_disassembler_open(struct thaw_disassembler *ret);
void thaw_disassembler_close(struct thaw_disassembler *disassembler);

/* Does execution surely go on behind the instruction read last? */
bool thaw_disassembler_falls_through(const struct thaw_disassembler *disassembler);

#endif
