/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the guests of traced monitors do, as KVM tells it. Its tracepoints are there only where KVM
 * is built in, or its module is loaded: src/capture/vms.c knows. Strangers' guests leave at
 * the first look-up. (kvm_entry and kvm_exit are of no use: some ways of virtualisation have none.)
 */
#include "account.h"
#include "vm.h"

/* Ports that nothing but marks is written to: of firmware's progress, and of debugging. */
static __always_inline bool is_mark_port(__u32 port)
{
    return port == 0x80 || port == 0xe9 || port == 0x3f0;
}

static __always_inline void port_accessed(bool writes, __u32 port, __u32 size, void *from)
{
    struct thaw_kernel_vm_event event = {.what = THAW_KERNEL_VM_MARK};
    __u64 pid_tgid = bpf_get_current_pid_tgid();
    struct thaw_kernel_vm *vm = vm_of(pid_tgid);
    __u32 value = 0;

    if (!vm)
        return;
    __sync_fetch_and_add(&vm->ports, 1);
    if (!writes || !is_mark_port(port))
        return;
    __sync_fetch_and_add(&vm->marks, 1);
    if (vm->marks > THAW_KERNEL_VM_MARKS || size > sizeof(value) ||
        bpf_probe_read_kernel(&value, size & 7, from))
        return;
    event.value = value;
    event.size = size;
    event.port = port;
    vm_send(&event, pid_tgid);
}

/* (rw, port, size, count, data): arch/x86/kvm/trace.h */
SEC("?tp_btf/kvm_pio")
int vm_port(__u64 *ctx)
{
    ACCOUNTED(THAW_PROGRAM_VM, port_accessed(ctx[0], ctx[1], ctx[2], (void *)ctx[4]));
    return 0;
}

/* KVM_EXIT_…, include/uapi/linux/kvm.h: the guest halts, or goes no further. */
static __always_inline bool is_told_exit(__u32 reason)
{
    return reason == 5 || reason == 8 || reason == 9 || reason == 17 || reason == 24;
}

static __always_inline void guest_left(__u32 reason, __s32 error)
{
    __u64 pid_tgid = bpf_get_current_pid_tgid();
    struct thaw_kernel_vm *vm = vm_of(pid_tgid);

    if (!vm || error < 0) /* by a signal */
        return;
    __sync_fetch_and_add(&vm->exits, 1);
    if (!is_told_exit(reason))
        return;
    __sync_fetch_and_add(&vm->ends, 1);
    if (vm->ends <= THAW_KERNEL_VM_EXITS)
        vm_tell(pid_tgid, THAW_KERNEL_VM_EXIT, reason, 0);
}

/* (reason, errno): include/trace/events/kvm.h */
SEC("?tp_btf/kvm_userspace_exit")
int vm_left(__u64 *ctx)
{
    ACCOUNTED(THAW_PROGRAM_VM, guest_left(ctx[0], (__s32)ctx[1]));
    return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
