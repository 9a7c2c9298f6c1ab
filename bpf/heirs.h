/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_HEIRS_H
#define THAW_BPF_HEIRS_H

/*
 * Threads and processes that are started for an import. Seen where they are made, as with vfork
 * the call itself returns only when the child has long acted.
 */
#include "effects.h"

static __always_inline void heir_started(struct task_struct *parent, struct task_struct *child)
{
    __u64 pid_tgid = (__u64)parent->tgid << 32 | (__u32)parent->pid;
    __u64 heir = (__u64)child->tgid << 32 | (__u32)child->pid;
    struct effect effect = {};
    struct pt_regs *regs;
    __u8 yes = 1;

    regs = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
    if (!acts_for_import(pid_tgid, regs->sp))
        return;
    effect.what =
        child->tgid == parent->tgid ? THAW_KERNEL_EFFECT_THREAD : THAW_KERNEL_EFFECT_PROCESS;
    effect.value = (__u32)child->pid;
    if (effect_send(&effect, 0, pid_tgid, regs->sp) && /* whose heir is known then */
        bpf_map_update_elem(&heirs, &heir, &yes, BPF_ANY))
        count(&losses, THAW_LOSS_THREADS_FULL);
}

/* An exec by a thread other than the first: it becomes the first. */
static __always_inline void heir_executes(__u64 old, __u64 pid_tgid)
{
    __u8 yes = 1;

    if (old == pid_tgid)
        return;
    if (bpf_map_lookup_elem(&heirs, &old))
        bpf_map_update_elem(&heirs, &pid_tgid, &yes, BPF_ANY);
    else
        bpf_map_delete_elem(&heirs, &pid_tgid);
    bpf_map_delete_elem(&heirs, &old);
}

#endif
