/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where threads that have an import open are, at the ticks of each CPU's clock. A program that
 * returns 0 here leaves no perf record: registers and stack are written for those threads alone,
 * and only where stacks are asked for.
 */
#include "account.h"
#include "files.h"

#define CS_USER 3 /* the privilege level in a code segment's low bits */

/* What a tick found: where the program was, or where it went into the kernel. */
static __always_inline void sample_place(struct user_registers *ctx,
                                         struct thaw_kernel_sample *event)
{
    __u64 segment = ctx->cs;
    struct task_struct *task;
    struct pt_regs *entry;

    event->in_kernel = !(segment & CS_USER);
    if (!event->in_kernel) {
        event->address = ctx->ip;
        event->stack = ctx->sp;
        return;
    }
    task = (void *)bpf_get_current_task_btf();
    entry = (void *)bpf_task_pt_regs((void *)task);
    event->address = BPF_CORE_READ(entry, ip);
    event->stack = BPF_CORE_READ(entry, sp);
}

/* 1: registers and stack are wanted, too. */
static __always_inline int tick(struct user_registers *ctx)
{
    __u64 pid_tgid = bpf_get_current_pid_tgid();
    struct thaw_kernel_sampling *settings;
    struct thaw_kernel_sample event = {};
    struct thread *thread;
    struct frame *top;
    __u32 zero = 0;

    if (!traced_process(pid_tgid >> 32))
        return 0;
    thread = bpf_map_lookup_elem(&threads, &pid_tgid);
    if (!thread)
        return 0;
    top = frame_top(thread);
    if (!top || top->program)
        return 0;
    sample_place(ctx, &event);
    event.strand = strand_of_call(thread, frame_of_call(thread, event.stack));
    fill_header(&event.header, THAW_KERNEL_SAMPLE, sizeof(event), pid_tgid);
    send(&event, sizeof(event), false);
    settings = bpf_map_lookup_elem(&sampling, &zero);
    return settings && settings->stacks;
}

/* struct bpf_perf_event_data begins with the registers, as user space knows them. */
SEC("perf_event")
int sample_tick(struct user_registers *ctx)
{
    int wanted = 0;

    ACCOUNTED(THAW_PROGRAM_SAMPLE, wanted = tick(ctx));
    return wanted;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
