/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_FILTER_H
#define THAW_BPF_FILTER_H

/*
 * In production: which of the programs that the machine executes are looked at. Most are known to
 * be nothing, and leave with one look-up; nobody is woken for more than so many a second.
 */
#include "hold.h"
#include "user_memory.h"

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, THAW_BUCKETS);
    __type(key, __u32);
    __type(value, __u64);
} buckets SEC(".maps") WEAK;

/* Is there one more this second? Two CPUs that ask at once may get one that is not there. */
static __always_inline bool bucket_take(__u32 bucket, __u64 a_second)
{
    __u64 now = bpf_ktime_get_boot_ns(), step = NS_PER_S / a_second, *next;

    next = bpf_map_lookup_elem(&buckets, &bucket);
    if (!next || *next > now)
        return false;
    if (*next + NS_PER_S < now)
        *next = now - NS_PER_S;
    *next += step;
    return true;
}

/* Names of what runs Python or a platform's host: they don't wait behind a compiler's tests. */
static __always_inline bool has_name(struct file *file)
{
    const unsigned char *name = BPF_CORE_READ(file, f_path.dentry, d_name.name);
    __u64 begin = 0;

    if (bpf_probe_read_kernel(&begin, 6, name))
        return false;
    return begin == EIGHT('p', 'y', 't', 'h', 'o', 'n', 0, 0) ||
           begin == EIGHT('d', 'o', 't', 'n', 'e', 't', 0, 0);
}

/* file_identity() of what a program was handed, so that the kernel lets it load by itself: a third
 * of the time, and most of what strangers cost. */
static __always_inline void executed_identity(struct file *file, struct thaw_kernel_file *ret)
{
    struct inode *inode = file->f_inode;
    struct inode___611 *newest = (void *)inode;
    struct inode___66 *newer = (void *)inode;
    struct inode___61 *older = (void *)inode;

    ret->inode = inode->i_ino;
    ret->size = inode->i_size;
    ret->device = inode->i_sb->s_dev;
    ret->reserved = 0;
    if (bpf_core_field_exists(newest->i_ctime_sec))
        ret->ctime_ns =
            (__u64)newest->i_ctime_sec * NS_PER_S + (newest->i_ctime_nsec & CTIME_NS_MASK);
    else if (bpf_core_field_exists(newer->__i_ctime))
        ret->ctime_ns = (__u64)newer->__i_ctime.tv_sec * NS_PER_S + newer->__i_ctime.tv_nsec;
    else
        ret->ctime_ns = (__u64)older->i_ctime.tv_sec * NS_PER_S + older->i_ctime.tv_nsec;
}

static __always_inline __u32 file_class(const struct thaw_kernel_file *identity)
{
    __u8 *class = bpf_map_lookup_elem(&files, identity);

    return class ? *class : THAW_EXECUTABLE_UNKNOWN;
}

/* May a file be told that nobody knows? What may not is counted; of what may, all executions are.
 */
static __always_inline bool unknown_passes(struct file *file,
                                           const struct thaw_kernel_file *identity)
{
    __u8 told = THAW_EXECUTABLE_TOLD;

    if (!bucket_take(has_name(file) ? THAW_BUCKET_NAMED : THAW_BUCKET_UNKNOWN,
                     THAW_KERNEL_UNKNOWN_FILES)) {
        count(&losses, THAW_LOSS_UNKNOWN_FILES);
        return false;
    }
    bpf_map_update_elem(&files, identity, &told, BPF_NOEXIST);
    return true;
}

/* Whoever reads is to look at the process while it is there. */
static __always_inline bool execution_wakes(__u32 class)
{
    return class != THAW_EXECUTABLE_NOTHING && bucket_take(THAW_BUCKET_WAKES, THAW_KERNEL_WAKES);
}

#endif
