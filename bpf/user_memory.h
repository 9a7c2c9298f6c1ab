/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_USER_MEMORY_H
#define THAW_BPF_USER_MEMORY_H

/*
 * The traced program's memory. A page that is not there yet (a file's page that nobody touched, or
 * one that was swapped out) can only be fetched by a program that may sleep; what is there is read
 * the quick way.
 */
#include "kernel_types.h"

#include <bpf/bpf_helpers.h>

#define USER_PAGE_BYTES 4096ULL

/* Eight characters as the machine has them in a word. */
#define EIGHT(a, b, c, d, e, f, g, h)                                                              \
    ((__u64)(a) | (__u64)(b) << 8 | (__u64)(c) << 16 | (__u64)(d) << 24 | (__u64)(e) << 32 |       \
     (__u64)(f) << 40 | (__u64)(g) << 48 | (__u64)(h) << 56)

/* Reads what is there. */
static __always_inline bool read_user(void *to, __u32 size, __u64 address)
{
    return bpf_probe_read_user(to, size, (void *)address) == 0;
}

/* Reads, and fetches the page if need be: in sleepable programs only. */
static __always_inline bool fetch_user(void *to, __u32 size, __u64 address)
{
    return bpf_probe_read_user(to, size, (void *)address) == 0 ||
           bpf_copy_from_user(to, size, (void *)address) == 0;
}

/* Copies a C string of at most limit bytes, its NUL included; its length so, less than 0 failed. */
static __always_inline long fetch_user_string(char *to, __u32 limit, __u64 address)
{
    long bytes = bpf_probe_read_user_str(to, limit, (void *)address);
    __u64 next = (address + USER_PAGE_BYTES) & ~(USER_PAGE_BYTES - 1);
    char touched;

    if (bytes >= 0 || bpf_copy_from_user(&touched, 1, (void *)address))
        return bytes;
    if (next - address < limit) /* it may go on there */
        bpf_copy_from_user(&touched, 1, (void *)next);
    return bpf_probe_read_user_str(to, limit, (void *)address);
}

#endif
