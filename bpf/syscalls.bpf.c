/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The two system call tracepoints, attached once for everything that wants them: merely attached
 * they cost every system call of the machine 150-300 ns (facts: native-and-cost.md), so they are
 * detached as soon as the cold start is over. Strangers' calls leave at the first look-up.
 */
#include "account.h"
#include "files.h"
#include "wire.h"

static __always_inline void call_begins(struct pt_regs *regs, __u64 number)
{
    __u64 pid_tgid = bpf_get_current_pid_tgid();
    struct system_call system_call;

    if (!is_wire_call_sent(number) || !traced_process(pid_tgid >> 32))
        return;
    system_call_read(&system_call, regs, number);
    wire_enter(&system_call, pid_tgid);
}

/* Threads that import are known by themselves; calls on files are the most frequent. */
static __always_inline void call_ends(struct pt_regs *regs, __s64 result)
{
    __u64 number = regs->orig_ax, stack, pid_tgid;
    bool of_file = is_file_call(regs, number), of_wire = is_wire_call(number);
    struct system_call system_call;

    if (!of_file && !of_wire)
        return;
    pid_tgid = bpf_get_current_pid_tgid();
    if ((of_wire || is_open(number)) && !traced_process(pid_tgid >> 32))
        return;
    system_call_read(&system_call, regs, number);
    stack = regs->sp;
    KEEP(stack);
    if (of_file)
        file_exit(&system_call, result, pid_tgid, stack);
    if (of_wire)
        wire_exit(&system_call, result, pid_tgid);
}

SEC("tp_btf/sys_enter")
int syscalls_enter(__u64 *ctx)
{
    ACCOUNTED(THAW_PROGRAM_CALL_BEGIN, call_begins((void *)ctx[0], ctx[1]));
    return 0;
}

SEC("tp_btf/sys_exit")
int syscalls_exit(__u64 *ctx)
{
    ACCOUNTED(THAW_PROGRAM_CALL_END, call_ends((void *)ctx[0], (__s64)ctx[1]));
    return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
