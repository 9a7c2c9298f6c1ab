/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_ACCOUNT_H
#define THAW_BPF_ACCOUNT_H

/* What the programs themselves cost: their runs are counted, and one of some is timed. */
#include "emit.h"

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, THAW_PROGRAM_KINDS);
    __type(key, __u32);
    __type(value, struct thaw_kernel_account);
} accounts SEC(".maps") WEAK;

/* A run that is timed; begin_ns 0: it is not. */
struct timed_run {
    __u64 begin_ns;
    __u64 clock_ns; /* what reading the clock takes, which is not the program's */
};

/* A program that is preempted may count on another CPU's behalf: a run that is lost so does no
 * harm.
 */
static __always_inline void account_begin(struct thaw_kernel_account *account,
                                          struct timed_run *run)
{
    __u64 before_ns;

    if (!account || account->runs++ % THAW_KERNEL_TIMED_RUNS)
        return;
    before_ns = bpf_ktime_get_boot_ns();
    run->begin_ns = bpf_ktime_get_boot_ns();
    run->clock_ns = run->begin_ns - before_ns;
}

static __always_inline void account_end(struct thaw_kernel_account *account,
                                        const struct timed_run *run)
{
    __u64 ns;

    if (!account || !run->begin_ns)
        return;
    ns = bpf_ktime_get_boot_ns() - run->begin_ns;
    account->timed++;
    account->timed_ns += ns > run->clock_ns ? ns - run->clock_ns : 0;
}

static __always_inline struct thaw_kernel_account *account_of(__u32 program)
{
    return bpf_map_lookup_elem(&accounts, &program);
}

/* Does what is to be done as a run of that program. */
#define ACCOUNTED(program, run)                                                                    \
    do {                                                                                           \
        struct thaw_kernel_account *account_ = account_of(program);                                \
        struct timed_run run_ = {};                                                                \
                                                                                                   \
        account_begin(account_, &run_);                                                            \
        run;                                                                                       \
        account_end(account_, &run_);                                                              \
    } while (0)

#endif
