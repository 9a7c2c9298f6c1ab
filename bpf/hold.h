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

static __always_inline struct thaw_kernel_file file_identity(struct file *file)
{
    struct thaw_kernel_file identity = {};

    identity.inode = BPF_CORE_READ(file, f_inode, i_ino);
    identity.device = BPF_CORE_READ(file, f_inode, i_sb, s_dev);
    return identity;
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
