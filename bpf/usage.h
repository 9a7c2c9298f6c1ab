/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_USAGE_H
#define THAW_BPF_USAGE_H

/*
 * Where a thread's time goes while it does not run, and what else it has used, by the time of a
 * record. A thread leaves the CPU for one of three reasons; of the time until it is back, the
 * kernel's own count tells how much it was ready and waited for a CPU. That count is brought up to
 * date only when the thread runs again, so a time off the CPU is taken apart at the next look.
 */
#include "emit.h"

#define STATE_RUNNING 0
#define STATE_UNINTERRUPTIBLE 2
#define PAGE_BYTES 4096ULL

/* Nanoseconds that the task waited for a CPU so far, 0 where the kernel does not count that. */
static __always_inline __u64 delay_of(struct task_struct *task)
{
    return bpf_core_field_exists(task->sched_info.run_delay) ? task->sched_info.run_delay : 0;
}

/*
 * Takes apart the time that the thread was off the CPU last, if it was since the last look. A
 * probe's program may be preempted in the middle of this, and the switch looks, too: one of them
 * gets it.
 */
static __always_inline void usage_settle(struct usage *usage, struct task_struct *task)
{
    __u64 delay = delay_of(task), waited = delay - usage->delay_ns;
    __u64 absent = __sync_lock_test_and_set(&usage->absent_ns, 0);

    if (!usage->begun)
        waited = 0;
    usage->begun = 1;
    usage->delay_ns = delay;
    if (!absent)
        return;
    if (waited > absent || usage->reason == LEFT_PREEMPTED)
        waited = absent;
    usage->runqueue_ns += waited;
    if (usage->reason == LEFT_FOR_IO)
        usage->io_ns += absent - waited;
    else
        usage->sleep_ns += absent - waited;
}

/*
 * Uninterruptible sleep is for disks and file systems. Who starts a process by vfork waits so, too,
 * until that executes: the first such wait behind a fork.
 */
static __always_inline __u32 reason_of(struct usage *usage, struct task_struct *task,
                                       bool preempted, __u32 state)
{
    __u32 forked = usage->forked;

    if (preempted || state == STATE_RUNNING)
        return LEFT_PREEMPTED;
    usage->forked = 0;
    if (BPF_CORE_READ_BITFIELD_PROBED(task, in_iowait))
        return LEFT_FOR_IO;
    return state & STATE_UNINTERRUPTIBLE && !forked ? LEFT_FOR_IO : LEFT_TO_SLEEP;
}

/*
 * Bytes of anonymous memory that the process has, to within what each CPU has not yet handed in.
 * Pointers are read by a helper: for each one that a program loads from what the verifier trusts,
 * on every way through the program, newer kernels search all of their type information by name.
 */
static __always_inline __u64 memory_of(struct task_struct *task)
{
    struct mm_struct *mm = BPF_CORE_READ(task, mm);
    struct mm_struct___61 *old = (void *)mm;
    __s64 pages;

    if (!mm)
        return 0;
    if (bpf_core_field_exists(mm->rss_stat[PAGES_ANONYMOUS].count))
        pages = BPF_CORE_READ(mm, rss_stat[PAGES_ANONYMOUS].count);
    else
        pages = BPF_CORE_READ(old, rss_stat.count[PAGES_ANONYMOUS].counter);
    return pages > 0 ? pages * PAGE_BYTES : 0;
}

/* Of the thread that runs. */
static __always_inline void fill_usage(struct thaw_kernel_usage *ret, struct thread *thread)
{
    struct task_struct *task = bpf_get_current_task_btf();
    struct usage *usage = &thread->usage;

    usage_settle(usage, task);
    ret->io_ns = usage->io_ns;
    ret->runqueue_ns = usage->runqueue_ns;
    ret->sleep_ns = usage->sleep_ns;
    ret->disk_bytes = usage->disk_pages * PAGE_BYTES;
    ret->read_bytes = usage->read_bytes;
    ret->memory_bytes = memory_of(task);
    ret->minor_faults = task->min_flt;
    ret->major_faults = task->maj_flt;
}

/*
 * Sends a record of size bytes that begins with its header (filled here) and the thread's usage;
 * where nobody wants to know that, it is left out, and the header stands in the place of its end.
 */
static __always_inline void send_used(struct thread *thread, void *event, __u16 kind, __u32 size,
                                      __u64 pid_tgid)
{
    struct thaw_kernel_header *header = event;

    if (is_lean()) {
        header = event + sizeof(struct thaw_kernel_usage);
        size -= sizeof(struct thaw_kernel_usage);
        KEEP(size);
        size &= 1023; /* for the verifier: it is at most that of a body */
        fill_header(header, kind, size, pid_tgid);
        header->without = THAW_KERNEL_WITHOUT_USAGE;
    } else {
        fill_header(header, kind, size, pid_tgid);
        fill_usage(event + sizeof(*header), thread);
    }
    send(header, size, false);
}

#endif
