/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_COUNTS_H
#define THAW_BPF_COUNTS_H

/*
 * What traced processes do, counted: nothing is sent before they end. include/thaw/count_events.h
 * says what each count is; src/capture/call_counts.c counts the same without BPF.
 */
#include "descriptor.h"
#include "system_call.h"

#define NOT_THERE (-2)     /* ENOENT */
#define NOT_A_FOLDER (-20) /* ENOTDIR */
#define PROTECT_EXECUTE 4
#define MAP_OF_NO_FILE 0x20 /* MAP_ANONYMOUS */
#define COUNTED_KIND 0170000
#define COUNTED_REGULAR 0100000

/* System call numbers of x86-64. */
enum {
    COUNTED_READ = 0,
    COUNTED_OPEN = 2,
    COUNTED_STAT = 4,
    COUNTED_LSTAT = 6,
    COUNTED_MMAP = 9,
    COUNTED_PREAD64 = 17,
    COUNTED_READV = 19,
    COUNTED_ACCESS = 21,
    COUNTED_READLINK = 89,
    COUNTED_OPENAT = 257,
    COUNTED_NEWFSTATAT = 262,
    COUNTED_READLINKAT = 267,
    COUNTED_FACCESSAT = 269,
    COUNTED_PREADV = 295,
    COUNTED_PREADV2 = 327,
    COUNTED_STATX = 332,
    PROBES_RETURN = 335, /* uretprobe, uprobe: how newer kernels come to probes, thaw's own */
    PROBES_ENTRY = 336,
    COUNTED_OPENAT2 = 437,
    COUNTED_FACCESSAT2 = 439,
};

/* A file that a process has mapped since it began to be counted. */
struct mapped {
    __u64 since_ns;
    __u64 inode;
    __u32 device;
    __u32 tgid;
};

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, THAW_KERNEL_MAPPED);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, struct mapped);
    __type(value, __u8);
} mapped_files SEC(".maps") WEAK;

/* From now on. */
static __always_inline void counts_begin(struct thaw_kernel_counts *counts)
{
    counts->since_ns = bpf_ktime_get_boot_ns();
    counts->system_calls = 0;
    counts->files_opened = 0;
    counts->failed_lookups = 0;
    counts->read_bytes = 0;
    counts->threads = 1;
    counts->mapped_libraries = 0;
    counts->mapped_beyond = 0;
}

static __always_inline bool is_of_probes(__u64 number)
{
    return number == PROBES_RETURN || number == PROBES_ENTRY;
}

static __always_inline bool counts_as_read(__u64 number)
{
    return number == COUNTED_READ || number == COUNTED_PREAD64 || number == COUNTED_READV ||
           number == COUNTED_PREADV || number == COUNTED_PREADV2;
}

static __always_inline bool counts_as_open(__u64 number)
{
    return number == COUNTED_OPENAT || number == COUNTED_OPEN || number == COUNTED_OPENAT2;
}

static __always_inline bool counts_as_lookup(__u64 number)
{
    return number == COUNTED_NEWFSTATAT || number == COUNTED_STAT || number == COUNTED_LSTAT ||
           number == COUNTED_STATX || number == COUNTED_ACCESS || number == COUNTED_FACCESSAT ||
           number == COUNTED_FACCESSAT2 || number == COUNTED_READLINK ||
           number == COUNTED_READLINKAT;
}

static __always_inline bool maps_code(const struct pt_regs *regs)
{
    return regs->dx & PROTECT_EXECUTE && !(regs->r10 & MAP_OF_NO_FILE);
}

/* All calls of all processes come by here. */
static __always_inline bool is_counted_call(const struct pt_regs *regs, __u64 number, __s64 result)
{
    if (result < 0)
        return (result == NOT_THERE || result == NOT_A_FOLDER) &&
               (counts_as_open(number) || counts_as_lookup(number));
    if (number == COUNTED_MMAP)
        return maps_code(regs);
    return counts_as_open(number) || counts_as_read(number);
}

static __always_inline void count_mapped(struct thaw_kernel_counts *counts, __u64 pid_tgid)
{
    struct pt_regs *regs = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
    __u64 descriptor = regs->r8;
    struct mapped mapped = {};
    struct inode *inode;
    struct file *file;
    __u8 yes = 1;

    KEEP(descriptor);
    file = file_of((__u32)descriptor);
    inode = file ? BPF_CORE_READ(file, f_inode) : NULL;
    if (!inode || (BPF_CORE_READ(inode, i_mode) & COUNTED_KIND) != COUNTED_REGULAR)
        return;
    mapped.since_ns = counts->since_ns;
    mapped.inode = BPF_CORE_READ(inode, i_ino);
    mapped.device = BPF_CORE_READ(inode, i_sb, s_dev);
    mapped.tgid = pid_tgid >> 32;
    if (!bpf_map_update_elem(&mapped_files, &mapped, &yes, BPF_NOEXIST))
        __sync_fetch_and_add(&counts->mapped_libraries, 1);
    else if (!bpf_map_lookup_elem(&mapped_files, &mapped))
        __sync_fetch_and_add(&counts->mapped_beyond, 1);
}

/* Of a call that is_counted_call(). */
static __always_inline void counts_exit(const struct system_call *system_call, __s64 result,
                                        __u64 pid_tgid)
{
    struct thaw_kernel_process *process = traced_process(pid_tgid >> 32);

    if (!process)
        return;
    if (result < 0)
        __sync_fetch_and_add(&process->counts.failed_lookups, 1);
    else if (system_call->number == COUNTED_MMAP)
        count_mapped(&process->counts, pid_tgid);
    else if (counts_as_read(system_call->number))
        __sync_fetch_and_add(&process->counts.read_bytes, result);
    else
        __sync_fetch_and_add(&process->counts.files_opened, 1);
}

#endif
