/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_HOLD_H
#define THAW_BPF_HOLD_H

/*
 * Stops a process of the traced tree at the moment it starts an interpreter that thaw does not know
 * yet, so that probes can be attached before its first import. Only when asked for, only processes
 * that are traced (thaw never is), and each is written down first: src/capture/keeper.c continues
 * it should thaw not come to it.
 */
#include "emit.h"

#define SIGNAL_STOP 19

#define NS_PER_S 1000000000ULL
/* Linux 6.13 keeps a mark of its own in the nanoseconds (I_CTIME_QUERIED). */
#define CTIME_NS_MASK 0x7fffffff

static __always_inline __u64 inode_ctime_ns(struct inode *inode)
{
    struct inode___611 *newest = (void *)inode;
    struct inode___66 *newer = (void *)inode;
    struct inode___61 *older = (void *)inode;

    if (bpf_core_field_exists(newest->i_ctime_sec))
        return (__u64)BPF_CORE_READ(newest, i_ctime_sec) * NS_PER_S +
               (BPF_CORE_READ(newest, i_ctime_nsec) & CTIME_NS_MASK);
    if (bpf_core_field_exists(newer->__i_ctime))
        return (__u64)BPF_CORE_READ(newer, __i_ctime.tv_sec) * NS_PER_S +
               BPF_CORE_READ(newer, __i_ctime.tv_nsec);
    return (__u64)BPF_CORE_READ(older, i_ctime.tv_sec) * NS_PER_S +
           BPF_CORE_READ(older, i_ctime.tv_nsec);
}

static __always_inline void file_identity(struct file *file, struct thaw_kernel_file *ret)
{
    struct inode *inode = BPF_CORE_READ(file, f_inode);

    ret->inode = BPF_CORE_READ(inode, i_ino);
    ret->ctime_ns = inode_ctime_ns(inode);
    ret->size = BPF_CORE_READ(inode, i_size);
    ret->device = BPF_CORE_READ(inode, i_sb, s_dev);
    ret->reserved = 0;
}

static __always_inline bool file_is_known(const struct thaw_kernel_file *identity)
{
    return bpf_map_lookup_elem(&files, identity) != NULL;
}

/* True when the process was stopped. It was traced when it came here. */
static __always_inline bool hold_process(__u32 tgid)
{
    __u64 now = bpf_ktime_get_boot_ns();
    struct thaw_kernel_hold *settings;
    __u32 zero = 0;

    settings = bpf_map_lookup_elem(&hold, &zero);
    if (!settings || !settings->enabled)
        return false;
    if (bpf_map_update_elem(&held, &tgid, &now, BPF_ANY)) {
        count(&losses, THAW_LOSS_HELD_FULL);
        return false;
    }
    if (!bpf_send_signal(SIGNAL_STOP))
        return true;
    bpf_map_delete_elem(&held, &tgid);
    return false;
}

#endif
