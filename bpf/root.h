/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_ROOT_H
#define THAW_BPF_ROOT_H

/*
 * In production: does a process see the files that the daemon sees? The kernel knows by comparing
 * two addresses; /proc would take four looks for each start.
 */
#include "emit.h"

/* A root folder, and the mounts that it is seen with; addresses in the kernel, which stay there. */
struct root {
    __u64 folder;
    __u64 mounts;
};

/* The daemon's. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct root);
} own_root SEC(".maps") WEAK;

static __always_inline struct root root_of(struct task_struct *task)
{
    return (struct root){
        .folder = (__u64)BPF_CORE_READ(task, fs, root.dentry),
        .mounts = (__u64)BPF_CORE_READ(task, nsproxy, mnt_ns),
    };
}

/* Whoever asks is the daemon. */
static __always_inline int root_learn(void)
{
    struct root root = root_of(bpf_get_current_task_btf());
    __u32 zero = 0;

    return bpf_map_update_elem(&own_root, &zero, &root, BPF_ANY);
}

static __always_inline enum thaw_kernel_root root_beside_own(struct task_struct *task)
{
    struct root root = root_of(task), *own;
    __u32 zero = 0;

    own = bpf_map_lookup_elem(&own_root, &zero);
    if (!own || !own->folder || !own->mounts || !root.folder || !root.mounts)
        return THAW_ROOT_UNKNOWN;
    return own->folder == root.folder && own->mounts == root.mounts ? THAW_ROOT_SAME
                                                                    : THAW_ROOT_OTHER;
}

#endif
