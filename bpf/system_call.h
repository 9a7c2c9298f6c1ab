/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_SYSTEM_CALL_H
#define THAW_BPF_SYSTEM_CALL_H

#include "emit.h"

/* More than one file looks at it; the other numbers stand in those that do. */
enum { CALL_CONNECT = 42 };

/*
 * A system call's number and first four arguments, taken out of the registers at once: the
 * compiler would otherwise share a load between registers and other memory, which the verifier
 * refuses ("same insn cannot be used with different pointers").
 */
struct system_call {
    __u64 number;
    __u64 first;
    __u64 second;
    __u64 third;
    __u64 fourth;
};

static __always_inline void system_call_read(struct system_call *system_call, struct pt_regs *regs,
                                             __u64 number)
{
    __u64 first = regs->di, second = regs->si, third = regs->dx, fourth = regs->r10;

    KEEP(number);
    KEEP(first);
    KEEP(second);
    KEEP(third);
    KEEP(fourth);
    system_call->number = number;
    system_call->first = first;
    system_call->second = second;
    system_call->third = third;
    system_call->fourth = fourth;
}

#endif
