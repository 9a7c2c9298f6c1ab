/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_TRAP_COST_H
#define THAW_CAPTURE_TRAP_COST_H

#include <stdint.h>

#include "capture/kernel.h"
#include "thaw/error.h"

/*
 * What a hit of a probe costs on this machine, its program left out (that has its own account), in
 * ns. Measured on a function of thaw's own that begins with a push, as CPython's do from 3.10 on;
 * where the kernel has to single-step it is 10 to 20 times as much.
 */
struct thaw_trap_cost {
    uint64_t entry_ns;  /* at an instruction */
    uint64_t return_ns; /* what a return probe adds */
};

/* Takes some 60 ms, most of it waiting for the kernel to detach. -ENOTSUP, or errno of bpf(2). */
int thaw_trap_cost_measure(enum thaw_uprobe_way way, struct thaw_trap_cost *ret);

/*
 * What a system call costs more on this machine while both tracepoints of system calls have a
 * program, the programs left out, in ns: the kernel takes another way then. Takes some ms;
 * errno of bpf(2).
 */
int thaw_call_cost_measure(uint64_t *ret);

#endif
