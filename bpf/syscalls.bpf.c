/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The two system call tracepoints, attached once for everything that wants them: merely attached
 * they cost every system call of the machine 150-300 ns (facts: native-and-cost.md), so they are
 * detached as soon as the cold start is over. Strangers' calls leave at the first look-up.
 */
#include "files.h"
#include "wire.h"

SEC("tp_btf/sys_enter")
int syscalls_enter(__u64 *ctx)
{
    __u64 pid_tgid = bpf_get_current_pid_tgid();
    struct system_call system_call;

    if (!traced_process(pid_tgid >> 32))
        return 0;
    system_call_read(&system_call, (void *)ctx[0], ctx[1]);
    wire_enter(&system_call, pid_tgid);
    return 0;
}

SEC("tp_btf/sys_exit")
int syscalls_exit(__u64 *ctx)
{
    struct pt_regs *regs = (void *)ctx[0];
    __s64 result = (__s64)ctx[1];
    __u64 pid_tgid = bpf_get_current_pid_tgid();
    struct system_call system_call;
    __u64 stack;

    if (!traced_process(pid_tgid >> 32))
        return 0;
    system_call_read(&system_call, regs, regs->orig_ax);
    stack = regs->sp;
    KEEP(stack);
    file_open_exit(&system_call, result, pid_tgid, stack);
    wire_exit(&system_call, result, pid_tgid);
    return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
