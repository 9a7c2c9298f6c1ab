/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * When threads that import are off the CPU, and what they bring from the disk. Every switch of the
 * machine comes by here: strangers leave at a look-up (measured: 75 ns a switch, facts:
 * native-and-cost.md section 5), and nothing is sent.
 */
#include "account.h"
#include "usage.h"

static __always_inline struct thread *thread_of(struct task_struct *task)
{
    __u64 pid_tgid = (__u64)task->tgid << 32 | (__u32)task->pid;

    return task->pid ? bpf_map_lookup_elem(&threads, &pid_tgid) : NULL; /* 0: an idle CPU */
}

static __always_inline void switched(struct task_struct *previous, struct task_struct *next,
                                     bool preempted, __u32 state)
{
    struct thread *thread = thread_of(previous);
    __u64 now = bpf_ktime_get_boot_ns();

    if (thread) {
        usage_settle(&thread->usage, previous);
        thread->usage.reason = reason_of(&thread->usage, previous, preempted, state);
        thread->usage.left_ns = now;
    }
    thread = thread_of(next);
    if (thread && thread->usage.left_ns) {
        thread->usage.absent_ns = now - thread->usage.left_ns;
        thread->usage.left_ns = 0;
    }
}

/* Its arguments are those of Linux 5.18 and later. */
SEC("tp_btf/sched_switch")
int sched_switch(__u64 *ctx)
{
    ACCOUNTED(THAW_PROGRAM_SWITCH, switched((void *)ctx[1], (void *)ctx[2], ctx[0], ctx[3]));
    return 0;
}

static __always_inline __u64 pages_of(void *folio)
{
    struct folio___615 *newer = folio;
    struct folio___518 *older = folio;
    __u64 flags = 0;

    if (bpf_probe_read_kernel(&flags, sizeof(flags), folio) ||
        !(flags & 1ULL << bpf_core_enum_value(enum pageflags, PG_head)))
        return 1;
    if (bpf_core_field_exists(newer->_nr_pages))
        return BPF_CORE_READ(newer, _nr_pages);
    return bpf_core_field_exists(older->_folio_nr_pages) ? BPF_CORE_READ(older, _folio_nr_pages)
                                                         : 1;
}

static __always_inline void page_comes(void *folio)
{
    __u64 pid_tgid = bpf_get_current_pid_tgid();
    struct thread *thread = bpf_map_lookup_elem(&threads, &pid_tgid);

    if (thread && !thread->usage.writing) /* else it is a page to be written to the disk */
        thread->usage.disk_pages += pages_of(folio);
}

/* A page of a file comes to be in memory: read for the thread that needs it. */
SEC("tp_btf/mm_filemap_add_to_page_cache")
int sched_disk(__u64 *ctx)
{
    ACCOUNTED(THAW_PROGRAM_DISK, page_comes((void *)ctx[0]));
    return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
