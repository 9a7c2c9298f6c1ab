/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_KERNEL_TYPES_H
#define THAW_BPF_KERNEL_TYPES_H

/*
 * The few members of kernel structs that thaw reads, found by name in the running kernel's BTF
 * (CO-RE) when the object is loaded. Nothing is taken from the machine that builds.
 * Member names are those of Linux 6.1 to 6.18; a member that is missing where it is loaded makes
 * the program that needs it fail there by name.
 */
typedef unsigned char __u8;
typedef short __s16;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

enum {
    BPF_ANY = 0,
    BPF_NOEXIST = 1,
    BPF_EXIST = 2,
};

enum bpf_map_type {
    BPF_MAP_TYPE_HASH = 1,
    BPF_MAP_TYPE_ARRAY = 2,
    BPF_MAP_TYPE_PERCPU_ARRAY = 6,
    BPF_MAP_TYPE_LRU_HASH = 9,
    BPF_MAP_TYPE_SK_STORAGE = 24,
    BPF_MAP_TYPE_RINGBUF = 27,
};

enum {
    BPF_F_NO_PREALLOC = 1,
};

enum {
    BPF_SK_STORAGE_GET_F_CREATE = 1,
};

enum {
    BPF_RB_NO_WAKEUP = 1,
    BPF_RB_FORCE_WAKEUP = 2,
};

enum {
    BPF_RB_AVAIL_DATA = 0,
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct pt_regs {
    unsigned long r15;
    unsigned long r14;
    unsigned long r13;
    unsigned long r12;
    unsigned long bp;
    unsigned long bx;
    unsigned long di;
    unsigned long si;
    unsigned long dx;
    unsigned long r10;
    unsigned long r8;
    unsigned long ax;
    unsigned long sp;
    unsigned long orig_ax;
    unsigned long ip;
};

typedef struct {
    int counter;
} atomic_t;

struct signal_struct {
    atomic_t live;
    int group_exit_code;
};

/* Pages a process has, by their kind: from Linux 6.2 on, and before. */
enum { PAGES_ANONYMOUS = 1 };

struct percpu_counter {
    long long count;
};

struct mm_struct {
    unsigned long arg_start;
    unsigned long arg_end;
    struct percpu_counter rss_stat[4];
};

typedef struct {
    long long counter;
} atomic_long_t;

struct mm_rss_stat {
    atomic_long_t count[4];
};

struct mm_struct___61 {
    struct mm_rss_stat rss_stat;
};

struct super_block {
    __u32 s_dev;
};

struct timespec64 {
    long long tv_sec;
    long tv_nsec;
};

struct inode {
    unsigned short i_mode;
    unsigned long i_ino;
    __u32 i_rdev; /* of a device: major << 20 | minor */
    long long i_size;
    struct super_block *i_sb;
};

/* When its metadata changed: from Linux 6.11 on, from 6.6 on, and before. */
struct inode___611 {
    long long i_ctime_sec;
    __u32 i_ctime_nsec;
};

struct inode___66 {
    struct timespec64 __i_ctime;
};

struct inode___61 {
    struct timespec64 i_ctime;
};

struct in6_addr {
    union {
        __be32 u6_addr32[4];
    } in6_u;
};

/* The addresses of IPv6 are there where the kernel was built with it. */
struct sock_common {
    __be32 skc_daddr;
    __be32 skc_rcv_saddr;
    unsigned short skc_family;
    __be16 skc_dport;
    __u16 skc_num;
    struct in6_addr skc_v6_daddr;
    struct in6_addr skc_v6_rcv_saddr;
};

struct sock;

struct socket {
    struct sock *sk;
};

struct sock {
    struct sock_common __sk_common;
    __u16 sk_type;
    struct socket *sk_socket;
};

struct inet_sock {
    struct sock sk;
    __be16 inet_sport;
};

struct socket_alloc {
    struct socket socket;
    struct inode vfs_inode;
};

struct qstr {
    __u32 len;
    const unsigned char *name;
};

struct dentry {
    struct dentry *d_parent;
    struct qstr d_name;
};

struct path {
    struct dentry *dentry;
};

struct fs_struct {
    struct path root;
    struct path pwd;
};

struct mnt_namespace;

struct nsproxy {
    struct mnt_namespace *mnt_ns;
};

struct file {
    struct inode *f_inode;
    struct path f_path;
    void *private_data;
};

struct fdtable {
    unsigned int max_fds;
    struct file **fd;
};

struct files_struct {
    struct fdtable *fdt;
};

/* How long a task waited for a CPU: where the kernel counts that (CONFIG_SCHED_INFO). */
struct sched_info {
    unsigned long long run_delay;
};

struct task_struct {
    int pid;
    int tgid;
    int exit_code;
    unsigned int flags;
    unsigned in_iowait : 1;
    unsigned long min_flt;
    unsigned long maj_flt;
    struct sched_info sched_info;
    struct mm_struct *mm;
    struct signal_struct *signal;
    struct fs_struct *fs;
    struct files_struct *files;
    struct nsproxy *nsproxy;
};

/* Pages of a file that are kept together: the number of those that are more than one. */
struct folio___615 {
    unsigned int _nr_pages;
};

struct folio___518 {
    unsigned int _folio_nr_pages;
};

enum pageflags {
    PG_head = 6,
};

struct linux_binprm {
    struct file *file;
    const char *interp; /* what runs: of a script, the program its first line names */
};

#pragma clang attribute pop

/* User-space ABI of x86-64, which never changes: read with bpf_probe_read_user, no CO-RE. */
struct user_registers {
    __u64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di;
    __u64 orig_ax, ip, cs, flags, sp, ss;
};

struct user_iovec {
    __u64 base;
    __u64 length;
};

struct user_message {
    __u64 name;
    __u32 name_length;
    __u32 reserved;
    __u64 iov;
    __u64 iov_count;
};

/* struct stat, arch/x86/include/uapi/asm/stat.h. */
struct user_status {
    __u64 device;
    __u64 inode;
    __u64 links;
    __u32 mode;
    __u32 owner[3];
    __u64 special_device;
    __u64 size;
    __u64 block_size;
    __u64 blocks;
    __u64 access[2];
    __u64 change_s;
};

struct user_socket_address {
    __u16 family;
    __be16 port;
    __u32 address;
};

#endif
