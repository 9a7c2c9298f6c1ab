/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_VM_CALLS_H
#define THAW_BPF_VM_CALLS_H

/*
 * Virtual machine monitors, told by what they do: a traced process that opens /dev/kvm, and the
 * calls that lead from there to the first instruction of its guest.
 */
#include "descriptor.h"
#include "effects.h"
#include "vm.h"
#include "wire.h"

enum { CALL_IOCTL = 16 };

/* include/uapi/linux/kvm.h: requests are numbers 0xae00 and up, some with a direction and size. */
#define KVM_REQUEST_TYPE 0xae
#define KVM_CREATE_VM 0xae01
#define KVM_CREATE_VCPU 0xae41
#define KVM_SET_USER_MEMORY_REGION 0x4020ae46
#define KVM_SET_USER_MEMORY_REGION2 0x40a0ae49
#define KVM_RUN 0xae80

/* /dev/kvm: include/linux/miscdevice.h */
#define KVM_DEVICE (10 << 20 | 232)
#define MODE_CHARACTER_DEVICE 0020000

/* Both forms of the memory region begin so. */
struct user_memory_region {
    __u32 slot;
    __u32 flags;
    __u64 guest_address;
    __u64 size;
};

/* The monitor's entry, made when it is new: its descriptors may have been opened for it. */
static __always_inline struct thaw_kernel_vm *vm_begin(__u64 pid_tgid)
{
    struct thaw_kernel_vm fresh = {};
    __u32 tgid = pid_tgid >> 32;

    if (bpf_map_update_elem(&vms, &tgid, &fresh, BPF_NOEXIST) && !vm_of(pid_tgid))
        count(&losses, THAW_LOSS_VMS_FULL);
    return vm_of(pid_tgid);
}

static __always_inline void vm_step(struct thaw_kernel_vm *vm, __u64 pid_tgid, __u32 what,
                                    __u64 value)
{
    if (vm && __sync_fetch_and_add(&vm->steps, 1) < THAW_KERNEL_VM_STEPS)
        vm_tell(pid_tgid, what, value, 0);
}

static __always_inline bool is_vm_request(__u64 request)
{
    return (request >> 8 & 0xff) == KVM_REQUEST_TYPE;
}

/* Is it looked at when it begins? */
static __always_inline bool is_vm_run(const struct pt_regs *regs, __u64 number)
{
    return number == CALL_IOCTL && (__u32)regs->si == KVM_RUN;
}

/* Is it looked at when it is over? /dev/kvm is opened for writing, too. */
static __always_inline bool is_vm_call(const struct pt_regs *regs, __u64 number)
{
    switch (number) {
    case CALL_IOCTL:
        return is_vm_request(regs->si) && (__u32)regs->si != KVM_RUN;
    case FILE_CALL_OPEN:
        return regs->si & OPENED_FOR_WRITING;
    case FILE_CALL_OPENAT:
        return regs->dx & OPENED_FOR_WRITING;
    case FILE_CALL_OPENAT2:
        return true;
    default:
        return false;
    }
}

/* Two first runs at once, of two threads, are told twice: the earlier one counts. */
static __always_inline void vm_runs(__u64 pid_tgid)
{
    struct thaw_kernel_vm *vm = vm_of(pid_tgid);

    if (!vm || vm->ran)
        return;
    vm->ran = 1;
    vm_tell(pid_tgid, THAW_KERNEL_VM_RUN, 0, 0);
}

static __always_inline void vm_opened(__u64 descriptor, __u64 pid_tgid)
{
    struct file *file = file_of(descriptor);

    if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & MODE_MASK) != MODE_CHARACTER_DEVICE ||
        BPF_CORE_READ(file, f_inode, i_rdev) != KVM_DEVICE)
        return;
    vm_step(vm_begin(pid_tgid), pid_tgid, THAW_KERNEL_VM_OPEN, 0);
}

static __always_inline void vm_memory(__u64 from, __u64 pid_tgid)
{
    struct thaw_kernel_vm *vm = vm_of(pid_tgid);
    struct user_memory_region region;

    if (!vm || vm->ran || vm->memories++ >= THAW_KERNEL_VM_MEMORIES)
        return;
    if (!bpf_probe_read_user(&region, sizeof(region), (void *)from))
        vm_tell(pid_tgid, THAW_KERNEL_VM_MEMORY, region.slot, region.size);
}

static __always_inline void vm_exit(const struct system_call *system_call, __s64 result,
                                    __u64 pid_tgid)
{
    if (result < 0)
        return;
    if (system_call->number != CALL_IOCTL) {
        vm_opened(result, pid_tgid);
        return;
    }
    switch ((__u32)system_call->second) {
    case KVM_CREATE_VM:
        vm_step(vm_begin(pid_tgid), pid_tgid, THAW_KERNEL_VM_CREATE, 0);
        break;
    case KVM_CREATE_VCPU:
        vm_step(vm_of(pid_tgid), pid_tgid, THAW_KERNEL_VM_VCPU, system_call->third);
        break;
    case KVM_SET_USER_MEMORY_REGION:
    case KVM_SET_USER_MEMORY_REGION2:
        vm_memory(system_call->third, pid_tgid);
        break;
    default:
        break;
    }
}

#endif
