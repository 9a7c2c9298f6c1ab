/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The two system call tracepoints, attached once for everything that wants them: merely attached
 * they cost every system call of the machine 150-300 ns (facts: native-and-cost.md), so they are
 * detached as soon as the cold start is over. Strangers' calls leave at the first look-up.
 */
#include "account.h"
#include "console.h"
#include "counts.h"
#include "effects.h"
#include "server.h"
#include "vm_calls.h"
#include "wire.h"

/* System call numbers of x86-64. */
static __always_inline bool writes(__u64 number)
{
    return number == CALL_WRITE || number == CALL_WRITEV || number == CALL_PWRITE64;
}

/* So that pages that are to be written are not taken for pages that were read. */
static __always_inline void mark_writing(__u64 pid_tgid, bool begins)
{
    struct thread *thread = bpf_map_lookup_elem(&threads, &pid_tgid);

    if (thread)
        thread->usage.writing = begins;
}

static __always_inline void call_begins(struct pt_regs *regs, __u64 number)
{
    bool of_wire = is_wire_call_sent(number), of_effect = is_effect_call_begun(number);
    bool of_vm = is_vm_run(regs, number);
    __u64 pid_tgid = bpf_get_current_pid_tgid();
    struct thaw_kernel_process *process;
    struct system_call system_call;

    process = traced_process(pid_tgid >> 32);
    if (!process)
        return;
    if (!is_of_probes(number))
        __sync_fetch_and_add(&process->counts.system_calls, 1);
    if (!of_wire && !of_effect && !of_vm && !waits_for_events(number) && !writes(number))
        return;
    if (of_vm) {
        vm_runs(pid_tgid);
        return;
    }
    if (writes(number))
        mark_writing(pid_tgid, true);
    system_call_read(&system_call, regs, number);
    if (of_effect)
        effect_enter(&system_call, pid_tgid, regs->sp);
    if (settings.production) /* then sockets.bpf.c tells what follows */
        return;
    if (of_wire)
        wire_enter(&system_call, pid_tgid);
    if (server_wants(process, number))
        server_enter(&system_call, pid_tgid);
}

/*
 * What looks at a call that is over. Global functions: the verifier looks at each by itself, and
 * not once more for each way through those before it; and their stacks don't add up (512 bytes at
 * most, with the callbacks of bpf_loop()).
 */
#define LOOK_AT_EXIT(name, look)                                                                   \
    __attribute__((noinline)) int name(__s64 result, __u64 pid_tgid)                               \
    {                                                                                              \
        struct pt_regs *regs = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());               \
        struct system_call system_call;                                                            \
        __u64 stack;                                                                               \
                                                                                                   \
        system_call_read(&system_call, regs, regs->orig_ax);                                       \
        stack = regs->sp;                                                                          \
        KEEP(stack);                                                                               \
        return look;                                                                               \
    }

LOOK_AT_EXIT(files_at_exit, file_exit(&system_call, result, pid_tgid, stack))
LOOK_AT_EXIT(effects_at_exit, (effect_exit(&system_call, result, pid_tgid, stack), 0))
LOOK_AT_EXIT(wire_at_exit, (wire_exit(&system_call, result, pid_tgid), 0))
LOOK_AT_EXIT(server_at_exit, (server_exit(&system_call, result, pid_tgid), 0))
LOOK_AT_EXIT(vm_at_exit, (vm_exit(&system_call, result, pid_tgid), 0))
LOOK_AT_EXIT(counts_at_exit, (counts_exit(&system_call, result, pid_tgid), 0))
LOOK_AT_EXIT(console_at_exit, (console_exit(&system_call, result, pid_tgid), 0))

/* Threads that import are known by themselves; calls on files are the most frequent. */
static __always_inline void call_ends(struct pt_regs *regs, __s64 result)
{
    __u64 number = regs->orig_ax, pid_tgid;
    bool of_file, of_effect, of_wire, of_server, of_vm;
    struct thaw_kernel_process *process;

    KEEP(number);
    /* First, so that nothing need be kept meanwhile: the stack is full (Linux 6.1). */
    if (is_counted_call(regs, number, result))
        counts_at_exit(result, bpf_get_current_pid_tgid());
    of_file = is_file_call(regs, number);
    of_effect = is_effect_call(regs, number);
    of_wire = is_wire_call(number);
    of_server = of_wire || is_server_call(number);
    of_vm = is_vm_call(regs, number);
    if (!of_file && !of_effect && !of_server && !of_vm && !writes(number))
        return;
    pid_tgid = bpf_get_current_pid_tgid();
    if (writes(number))
        mark_writing(pid_tgid, false);
    if ((of_effect || of_vm) && !traced_process(pid_tgid >> 32))
        return;
    if (of_vm)
        vm_at_exit(result, pid_tgid);
    if (of_file && files_at_exit(result, pid_tgid))
        return;
    if (of_effect)
        effects_at_exit(result, pid_tgid);
    if (settings.production) /* the same */
        return;
    process = of_server ? traced_process(pid_tgid >> 32) : NULL;
    if (!process)
        return;
    if (call_sends(number))
        console_at_exit(result, pid_tgid);
    if (of_wire)
        wire_at_exit(result, pid_tgid);
    if (server_wants(process, number))
        server_at_exit(result, pid_tgid);
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
