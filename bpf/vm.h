/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_VM_H
#define THAW_BPF_VM_H

/* Virtual machine monitors among the traced processes. */
#include "emit.h"

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, THAW_KERNEL_VMS);
    __type(key, __u32);
    __type(value, struct thaw_kernel_vm);
} vms SEC(".maps") WEAK;

static __always_inline struct thaw_kernel_vm *vm_of(__u64 pid_tgid)
{
    __u32 tgid = pid_tgid >> 32;

    return bpf_map_lookup_elem(&vms, &tgid);
}

static __always_inline void vm_send(struct thaw_kernel_vm_event *event, __u64 pid_tgid)
{
    fill_header(&event->header, THAW_KERNEL_VM, sizeof(*event), pid_tgid);
    send(event, sizeof(*event), false);
}

static __always_inline void vm_tell(__u64 pid_tgid, __u32 what, __u64 value, __u64 size)
{
    struct thaw_kernel_vm_event event = {.what = what, .value = value, .size = size};

    vm_send(&event, pid_tgid);
}

#endif
